// One agent in one browser, beside a simulated pair of its own.

import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { sleep, until } from '../../scripts/lib/wait.mjs';

const html = `<!doctype html><title>finesse-keeper under test</title>
<script type="importmap">{ "imports": { "finesse-keeper": "/finesse-keeper/dist/finesse-keeper.js" } }</script>
<script type="module" src="/tests/page.js"></script>`;

/** Serves the page, a gadget and the installed package; to the page of a container, too. */
export const serveApp = (installed) =>
  startStatic({ folders: { '/finesse-keeper/': installed, '/tests/': at('tests', 'browser') }, texts: { '/': html }, headers: { 'access-control-allow-origin': '*' } });

/**
 * Starts a pair, a browser and a keeper in it, runs a scenario with them, and tidies up. What goes wrong is told with the
 * keeper's own timeline.
 */
export async function withClient(engine, app, { options, simulator = [], run: act }) {
  const sim = await startSimulator({ name: `browser-${engine}`, args: simulator });
  const browser = await launchBrowser(engine);
  const client = new Client(sim, await browser.newPage());
  try {
    await client.open(app.url);
    await client.start(typeof options === 'function' ? await options(sim) : options);
    const value = await act(client, sim);
    await client.checkSecrets();
    return value;
  } catch (error) {
    error.stack = `${error.stack}\n${await client.story()}`;
    throw error;
  } finally {
    await browser.close();
    await sim.stop();
  }
}

export class Client {
  agent = '1001';
  /** The page was left: there is nothing to ask any more. */
  gone = false;

  constructor(sim, page) {
    this.sim = sim;
    this.page = page;
  }

  async open(url) {
    await this.page.goto(`${url}/`);
    await this.page.waitForFunction(() => typeof window.start === 'function');
  }

  /** Connects; by default both sides, as the only agent of the site. */
  async start({ hosts = [this.sim.a, this.sim.b], password = `pw-${this.agent}`, ...options } = {}) {
    this.startedAt = Date.now();
    const rest = hosts.map((host) => `${host}/as/${this.agent}`);
    await this.page.evaluate((all) => window.start(all), { hosts: rest, user: this.agent, password, expectedAgents: 1, ...options });
  }

  picture() {
    return this.page.evaluate(() => window.picture());
  }

  status() {
    return this.page.evaluate(() => window.app.keeper.status);
  }

  /** Waits for a picture that `test` likes. */
  async until(what, test, ms = 30_000) {
    return until(what, async () => {
      const picture = await this.picture();
      return test(picture) && picture;
    }, ms);
  }

  inService(side, ms) {
    return this.until(`in service on ${side}`, ({ status }) => status.state === 'in-service' && status.side === side, ms);
  }

  /** The first status after `at` that `test` likes, as milliseconds since `at`. */
  async sinceUntil(at, what, test, ms) {
    const first = ({ statuses }) => statuses.find((status) => status.at >= at && test(status));
    const picture = await this.until(what, first, ms);
    return first(picture).at - at;
  }

  /** Stays as `test` wants it for `ms`. */
  async holds(what, test, ms) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(250)) {
      const status = await this.status();
      if (!test(status)) throw new Error(`${what} did not hold: ${JSON.stringify(status)}`);
    }
  }

  call(name, ...args) {
    return this.page.evaluate(([method, given]) => window.app.keeper[method](...given), [name, args]);
  }

  setPassword(password) {
    return this.page.evaluate((given) => (window.app.password = given), password);
  }

  /** What the agent does by the application's own REST requests. */
  async change(state, side = 'a') {
    const body = `<User><state>${state}</state>${state === 'LOGIN' ? `<extension>5${this.agent}</extension>` : ''}</User>`;
    const headers = { authorization: `Basic ${btoa(`${this.agent}:pw-${this.agent}`)}`, 'content-type': 'application/xml' };
    const answer = await fetch(`${this.sim[side]}/finesse/api/User/${this.agent}`, { method: 'PUT', headers, body });
    if (answer.status !== 202) throw new Error(`PUT ${state}: ${answer.status} ${await answer.text()}`);
    const expected = state === 'LOGIN' ? 'NOT_READY' : state;
    await until(`the agent to be ${expected}`, async () => (await this.truth()).agent.state === expected, 2_000, 20); // 202 is a promise
  }

  /** Waits until the application shows what is true. */
  async untilTrue(ms = 5_000) {
    return until('the picture to be true', async () => {
      const [picture, world] = [await this.picture(), await this.sim.world()];
      const agent = world.agents.find(({ id }) => id === this.agent);
      const calls = (list) => list.map(({ id, state }) => `${id} ${state}`).sort().join(', ');
      const differences = [
        picture.user?.state !== agent.state && `state ${picture.user?.state}, truly ${agent.state}`,
        picture.user?.since !== agent.stateChangeTime && `since ${picture.user?.since}, truly ${agent.stateChangeTime}`,
        calls(picture.dialogs) !== calls(agent.dialogs) && `calls ${calls(picture.dialogs)}, truly ${calls(agent.dialogs)}`,
      ].filter(Boolean);
      if (differences.length) throw new Error(differences.join('; '));
      return picture;
    }, ms);
  }

  async truth() {
    const world = await this.sim.world();
    return { world, agent: world.agents.find(({ id }) => id === this.agent) };
  }

  /** How the session ended, once the simulator has seen it: a goodbye is on its way when the keeper is done with it. */
  async ending() {
    const endings = await until('the session to end', async () => {
      const { world } = await this.truth();
      return world.sessions.length === 0 && world.endings;
    });
    check(endings.length === 1, JSON.stringify(endings));
    return endings[0];
  }

  /** Nothing that can be read or logged holds the password; nothing was thrown at the page. */
  async checkSecrets() {
    if (this.gone) return;
    const told = await this.page.evaluate(() => {
      const { keeper, log, errors, statuses } = window.app;
      return JSON.stringify([keeper.timeline(), keeper.explain(), keeper.status, log, errors, statuses]);
    });
    const secrets = [`pw-${this.agent}`, btoa(`${this.agent}:pw-${this.agent}`), btoa(`\0${this.agent}\0pw-${this.agent}`)];
    const leaked = secrets.find((secret) => told.includes(secret));
    if (leaked) throw new Error(`a secret was told: ${leaked}`);
    const thrown = await this.page.evaluate(() => window.thrown);
    if (thrown.length) throw new Error(`thrown at the page: ${thrown.join('; ')}`);
  }

  /** The keeper's own account, for a failed test. */
  async story() {
    try {
      return await this.page.evaluate(() => {
        const keeper = window.app?.keeper;
        if (!keeper) return 'no keeper';
        const line = ({ at, side, kind, text }) => `${new Date(at).toISOString().slice(11, 23)} ${side ?? '-'} ${kind} ${text}`;
        return [...window.thrown, ...keeper.timeline().slice(-60).map(line), keeper.explain(), JSON.stringify(keeper.status)].join('\n');
      });
    } catch (error) {
      return `(no timeline: ${error.message})`;
    }
  }
}

/** Fails with `what` unless `good`. */
export function check(good, what) {
  if (!good) throw new Error(what);
}
