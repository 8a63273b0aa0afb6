// An agent's place in a scenario. Agents that come by different ways take part in the same scenario at the same time;
// what is done to the servers is done once for all of them.

import { startProxy } from '../../scripts/lib/proxy.mjs';
import { until } from '../../scripts/lib/wait.mjs';
import { signIn } from '../../scripts/lib/xmpp.mjs';
import { openDesk } from './desk.mjs';

/** How an agent may come: each is the name of an address of a server. */
export const ways = [
  { way: 'ws', transport: 'websocket', tls: false },
  { way: 'wss', transport: 'websocket', tls: true },
  { way: 'bosh', transport: 'bosh', tls: false },
  { way: 'boshs', transport: 'bosh', tls: true },
];

export class Seat {
  #closers = [];

  /** `group` is shared by the seats of one scenario. */
  constructor({ pair, agent, group, way }) {
    Object.assign(this, { pair, agent, group, ...way });
  }

  /** Waits for all seats; then `act` is done once, and everyone gets its answer. */
  meet(act) {
    return this.group.meet(act);
  }

  /** The addresses of a side; `proxy` stands before its notification service. */
  host(side, proxy) {
    const address = new URL(this.pair.server(side)[this.way]);
    if (proxy) address.port = proxy.port;
    const rest = side === 'A' ? this.pair.simulator.a : this.pair.simulator.b;
    return { rest, [this.transport]: address.href };
  }

  /** A proxy before the notification service of a side. */
  async proxy(side) {
    const server = this.pair.server(side);
    const proxy = await startProxy(this.tls ? server.tlsPort : server.port);
    this.#closers.unshift(() => proxy.stop());
    return proxy;
  }

  /** A page with a keeper in it, not yet in service. */
  async desk({ hosts = [this.host('A'), this.host('B')], ...options } = {}) {
    const desk = await openDesk(this, { hosts, ...options });
    this.#closers.unshift(() => desk.leave());
    return desk;
  }

  /** `finesse` itself on A, on a second resource and without presence: the owner of all nodes. */
  finesse() {
    return this.session({ user: 'finesse', resource: `test-${Math.random().toString(36).slice(2)}` });
  }

  /** A plain client on A. */
  async session(options) {
    const session = await signIn({ ws: this.pair.a.ws, ...options });
    this.#closers.unshift(() => session.close());
    return session;
  }

  /** What the simulator knows of the agent. */
  known() {
    return this.pair.agent(this.agent);
  }

  /** Waits until `finesse` sees the agent on this side, or nowhere. */
  async seenOn(side, ms = 10_000) {
    const seen = async () => (await this.known()).presentOn;
    await until(`finesse to see ${this.agent} ${side ? `on ${side}` : 'gone'}`, async () => {
      const sides = await seen();
      return side ? sides.includes(side) : !sides.length;
    }, ms);
  }

  /** Lets go of everything that was made for it; the others need not wait for it any more. */
  async leave() {
    this.group.leave();
    for (const close of this.#closers) await close();
  }
}

/** The seats of one scenario. One that fails leaves, so that nobody waits for it in vain. */
export class Group {
  #size;
  #waiting = [];
  #act;

  constructor(size) {
    this.#size = size;
  }

  meet(act) {
    this.#act = act;
    return new Promise((done, fail) => {
      this.#waiting.push({ done, fail });
      this.#goOn();
    });
  }

  leave() {
    this.#size -= 1;
    this.#goOn();
  }

  async #goOn() {
    if (!this.#waiting.length || this.#waiting.length < this.#size) return;
    const met = this.#waiting;
    this.#waiting = [];
    try {
      const answer = await this.#act();
      met.forEach(({ done }) => done(answer));
    } catch (error) {
      met.forEach(({ fail }) => fail(error));
    }
  }
}
