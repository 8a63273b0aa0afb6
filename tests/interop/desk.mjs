// An agent at a page with a keeper in it.

import { gate, until } from '../../scripts/lib/wait.mjs';

/** A new page and a module to compile are half a second of work: many at once would keep each other from connecting. */
const fewAtOnce = gate(2);

/** A page of its own, whose keeper is not yet in service. */
export async function openDesk({ pair, agent, transport }, { hosts, password = `pw-${agent}`, ...options }) {
  return fewAtOnce(async () => {
    const context = await pair.browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${pair.pages.url}/`);
    await page.evaluate(startKeeper, { hosts, user: agent, password, options: { expectedAgents: 1, transport, ...options } });
    return new Desk(pair, agent, context, page);
  });
}

/** Runs in the page: a keeper, and everything that it tells kept for the test. */
async function startKeeper({ hosts, user, password, options }) {
  const { Keeper } = await import('/dist/finesse-keeper.js');
  const told = { notifications: [], moved: [], resynced: [], errors: [] };
  const story = [];
  const log = (entry) => entry.kind !== 'notification' && story.push(entry);
  const keeper = await Keeper.connect({ hosts, user, credentials: async () => ({ password }), log, ...options });
  keeper.addEventListener('notification', ({ detail }) => told.notifications.push(detail));
  for (const kind of ['moved', 'resynced']) keeper.addEventListener(kind, ({ detail }) => told[kind].push(detail));
  keeper.addEventListener('error', ({ detail }) => told.errors.push(`${detail.code}: ${detail.message}`));
  Object.assign(window, { keeper, told, story });
}

class Desk {
  constructor(pair, user, context, page) {
    Object.assign(this, { pair, user, context, page });
  }

  status() {
    return this.page.evaluate(() => window.keeper.status);
  }

  /** Everything it told so far: notifications, moved, resynced, errors. */
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
    const [status, entries] = await this.page.evaluate(() => [window.keeper.status, window.story.slice(-40)]);
    const line = ({ at, side, kind, text }) => `${new Date(at).toISOString().slice(11, 23)} ${side ?? '-'} ${kind} ${text}`;
    return `${status.state} ${status.side} ${status.reason}\n${entries.map(line).join('\n')}`;
  }

  /** A REST request as a gadget makes it. */
  async put(state, more = '') {
    const authorization = `Basic ${Buffer.from(`${this.user}:pw-${this.user}`).toString('base64')}`;
    const answer = await this.context.request.put(`${this.pair.simulator.a}/finesse/api/User/${this.user}`, {
      headers: { authorization, 'content-type': 'application/xml' }, data: `<User><state>${state}</state>${more}</User>`,
    });
    if (answer.status() !== 202) throw new Error(`PUT ${state}: ${answer.status()} ${await answer.text()}`);
  }

  /** Signed in to Finesse, whatever it was before, and not ready. */
  async signInToFinesse() {
    if ((await this.pair.agent(this.user)).state === 'LOGOUT') await this.put('LOGIN', `<extension>10${this.user}</extension>`);
    await until(`${this.user} signed in`, async () => (await this.pair.agent(this.user)).state !== 'LOGOUT');
  }

  /** Closes the keeper, which says goodbye. */
  close() {
    return this.page.evaluate(() => window.keeper.close());
  }

  async leave() {
    await this.close().catch(() => {});
    await this.context.close();
  }
}
