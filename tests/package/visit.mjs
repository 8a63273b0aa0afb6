// Opens pages in real browsers, beside one simulated pair for all of them; each page is an agent of its own.

import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { check } from './project.mjs';

const AGENTS = Array.from({ length: 60 }, (_, index) => `${1001 + index}`);
const free = [...AGENTS];
const browsers = new Map();
let sim;

export async function open() {
  sim = await startSimulator({ name: 'package', agents: AGENTS, args: ['--signed-out'] });
}

export async function close() {
  for (const browser of browsers.values()) await (await browser).close();
  await sim.stop();
}

/** One browser of each engine, for all; each page has a context of its own. */
function browserOf(engine) {
  if (!browsers.has(engine)) browsers.set(engine, launchBrowser(engine));
  return browsers.get(engine);
}

/** Opens a page, waits until it has told its outcome, and hands that, the tab and the agent to `look`. */
export async function visit(engine, url, look) {
  const user = free.shift();
  check(user, 'there are more pages than agents');
  const tab = await (await browserOf(engine)).newPage();
  const said = [];
  tab.on('console', (message) => said.push(message.text()));
  tab.on('pageerror', (error) => said.push(String(error)));
  try {
    const hosts = [sim.a, sim.b].map((host) => `${host}/as/${user}`).join();
    await tab.goto(`${url}?${new URLSearchParams({ hosts, user })}`);
    await tab.waitForFunction(() => window.outcome, undefined, { timeout: 30_000 });
    await look(await tab.evaluate(() => window.outcome), { tab, user });
  } catch (error) {
    error.message = `${error.message}\n${said.join('\n')}`;
    throw error;
  } finally {
    await tab.close();
  }
}

/** The page says so, and Finesse too. */
export async function signedIn(outcome, { user }) {
  const { loginId, extension } = outcome;
  check(outcome.outcome === 'applied' && loginId === user && extension === `2${user}`, JSON.stringify(outcome));
  const agent = (await sim.world()).agents.find(({ id }) => id === user);
  check(agent.state === 'NOT_READY', `the simulator has ${JSON.stringify(agent)}`);
}

/** The page was told what is wrong, and what to do. */
export const fails = (code, words = '') => ({ name, code: told, message, nextStep }) => {
  check(name === 'KeeperError' && told === code && `${message} ${nextStep}`.includes(words), `${name} ${told}: ${message} ${nextStep}`);
};

/** Serves what a bundler or a user has put together, and visits it. */
export async function serveAndVisit(engine, path, serving, look = signedIn) {
  const server = await startStatic(serving);
  await visit(engine, server.url + path, look).finally(server.stop);
}
