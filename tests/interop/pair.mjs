// A pair as an agent meets it: two real notification services, and before them the simulator as Finesse's web app.

import { join } from 'node:path';
import { signIn } from '../../scripts/lib/xmpp.mjs';
import { startProxy } from '../../scripts/lib/proxy.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { until } from '../../scripts/lib/wait.mjs';
import { startOpenfire } from '../openfire/openfire.mjs';

/**
 * Starts everything for one mode, 'plain' or 'TLS'. `browser` is playwright's, `installed` the unpacked package.
 */
export async function startPair({ mode, browser, installed, agents }) {
  const [a, b] = await Promise.all(['a', 'b'].map((side) => startOpenfire({ name: `${mode}-${side}`, users: agents })));
  const args = ['--notification-service-a', a.ws, '--notification-service-b', b.ws];
  const simulator = await startSimulator({ plain: mode === 'plain', agents, args, name: `interop-${mode}` });
  const pages = await startStatic({
    folders: { '/dist/': join(installed, 'dist') },
    texts: { '/': '<!doctype html><meta charset="utf-8"><title>interop</title>' },
  });
  const pair = new Pair({ mode, browser, a, b, simulator, pages });
  await until('finesse on both sides', async () => (await simulator.world()).sides.every(({ finesse }) => finesse), 20_000);
  return pair;
}

class Pair {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** REST and WebSocket addresses of a side; `port` is a proxy's before the notification service. */
  host(side, port) {
    const openfire = side === 'A' ? this.a : this.b;
    const rest = side === 'A' ? this.simulator.a : this.simulator.b;
    const tls = this.mode === 'TLS';
    const address = port ? `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/ws/` : tls ? openfire.wss : openfire.ws;
    return { rest, websocket: address };
  }

  /** A proxy before the notification service of a side. */
  proxy(side) {
    const openfire = side === 'A' ? this.a : this.b;
    return startProxy(this.mode === 'TLS' ? openfire.tlsPort : openfire.port);
  }

  /** What the simulator knows of an agent. */
  async agent(id) {
    return (await this.simulator.world()).agents.find((agent) => agent.id === id);
  }

  /** `finesse` itself, on a second resource and without presence: the owner of all nodes. */
  finesse(side = 'A') {
    return signIn({ ws: (side === 'A' ? this.a : this.b).ws, user: 'finesse', resource: `test-${Math.random().toString(36).slice(2)}` });
  }

  /** A page of its own with a keeper in it, not yet in service. */
  async desk(user, { hosts = [this.host('A'), this.host('B')], password = `pw-${user}`, ...options } = {}) {
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${this.pages.url}/`);
    await page.evaluate(startKeeper, { hosts, user, password, options: { expectedAgents: 1, ...options } });
    return new Desk(this, user, context, page);
  }

  async stop() {
    await Promise.all([this.simulator.stop(), this.a.stop(), this.b.stop(), this.pages.stop()]);
  }
}

/** Runs in the page: a keeper, and everything that it tells kept for the test. */
async function startKeeper({ hosts, user, password, options }) {
  const { Keeper } = await import('/dist/finesse-keeper.js');
  const told = { statuses: [], notifications: [], moved: [], resynced: [] };
  const keeper = await Keeper.connect({ hosts, user, credentials: async () => ({ password }), ...options });
  keeper.addEventListener('status', ({ detail }) => told.statuses.push({ at: Date.now(), ...detail }));
  keeper.addEventListener('notification', ({ detail }) => told.notifications.push(detail));
  for (const kind of ['moved', 'resynced']) keeper.addEventListener(kind, ({ detail }) => told[kind].push(detail));
  Object.assign(window, { keeper, told });
}

/** An agent at a page. */
class Desk {
  constructor(pair, user, context, page) {
    Object.assign(this, { pair, user, context, page });
  }

  status() {
    return this.page.evaluate(() => window.keeper.status);
  }

  /** Everything it told since `from`: statuses, notifications, moved, resynced. */
  told() {
    return this.page.evaluate(() => window.told);
  }

  /** Waits until the state (and the side) is this; returns the milliseconds it took. */
  async reaches(state, { side, ms = 15_000 } = {}) {
    const start = performance.now();
    const wanted = ({ state: now, side: where }) => now === state && (!side || where === side);
    try {
      await until(`${this.user} to be ${state}${side ? ` on ${side}` : ''}`, async () => wanted(await this.status()), ms, 50);
    } catch (error) {
      throw new Error(`${error.message}\n${await this.story()}`);
    }
    return performance.now() - start;
  }

  /** The timeline, for an error's text. */
  async story() {
    const [status, entries] = await this.page.evaluate(() => [window.keeper.status, window.keeper.timeline().slice(-40)]);
    const line = ({ at, side, kind, text }) => `${new Date(at).toISOString().slice(11, 23)} ${side ?? '-'} ${kind} ${text}`;
    return `${status.state} ${status.side} ${status.reason}\n${entries.map(line).join('\n')}`;
  }

  /** A REST request as a gadget makes it. */
  async put(state, more = '') {
    const { rest } = this.pair.host('A');
    const authorization = `Basic ${Buffer.from(`${this.user}:pw-${this.user}`).toString('base64')}`;
    const answer = await this.context.request.put(`${rest}/finesse/api/User/${this.user}`, {
      headers: { authorization, 'content-type': 'application/xml' }, data: `<User><state>${state}</state>${more}</User>`,
    });
    if (answer.status() !== 202) throw new Error(`PUT ${state}: ${answer.status()} ${await answer.text()}`);
  }

  /** Signed in to Finesse, whatever it was before, and not ready. */
  async signInToFinesse() {
    if ((await this.pair.agent(this.user)).state === 'LOGOUT') await this.put('LOGIN', `<extension>10${this.user}</extension>`);
    await until(`${this.user} signed in`, async () => (await this.pair.agent(this.user)).state !== 'LOGOUT');
  }

  async leave() {
    await this.page.evaluate(() => window.keeper.close()).catch(() => {});
    await this.context.close();
  }
}
