// The examples of the documents, run in Chromium: against the simulator, and gadgets in the container. What is changed of them is the
// addresses alone.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { until } from '../../scripts/lib/wait.mjs';
import { example, read } from './blocks.mjs';

const AGENT = '1001';
const README = 'pkg/README.md';
const RECIPES = 'docs/recipes.md';
/** So long an example may be. */
const SHORT = 20;
/** For a slow machine: milliseconds. */
const PATIENCE = 30_000;

let browser;
let installed;

export async function open(folder) {
  installed = folder;
  browser = await launchBrowser();
}

export const close = () => browser.close();

/** Runs with a pair of its own and a page whose errors are told with whatever fails. */
async function withPair(options, act) {
  const sim = await startSimulator({ name: 'docs', ...options });
  const page = await browser.newPage();
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  try {
    await act({ sim, page });
  } catch (error) {
    error.message = `${error.message}\n${said.join('\n')}`;
    throw error;
  } finally {
    await page.close();
    await sim.stop();
  }
}

/** With the simulator's addresses for the example's. */
const local = (text, sim) => text.replaceAll('https://fin-a.example.com:8445', `${sim.a}/as/${AGENT}`).replaceAll('https://fin-b.example.com:8445', `${sim.b}/as/${AGENT}`);

async function served(serving, act) {
  const server = await startStatic(serving);
  await act(server.url).finally(server.stop);
}

const textOf = (place, selector) => place.locator(selector).evaluate((element) => element.value || element.textContent);
/** A place shows what matches, sooner or later; else what it shows instead is told. */
const shows = (place, selector, wanted) => until(`${wanted} in ${selector}`, async () => {
  const text = await textOf(place, selector);
  if (wanted.test(text)) return true;
  throw new Error(text);
}, PATIENCE);
const READY = /^READY$/;
const NOT_READY = /^NOT_READY$/;
const agentOf = async (sim) => (await sim.world()).agents.find(({ id }) => id === AGENT);
const becomes = (sim, state) => until(`${AGENT} to be ${state}`, async () => (await agentOf(sim)).state === state, PATIENCE);

function short({ text }) {
  const lines = text.split('\n').length;
  if (lines > SHORT) throw new Error(`it has ${lines} lines, not ${SHORT}`);
}

/** The page that the README begins with with: a wrong password first, double clicks, and one session in the end. */
const desktop = () => withPair({ args: ['--signed-out'] }, async ({ sim, page }) => {
  const block = example(README, `A desktop in ${SHORT} lines`, 'html');
  short(block);
  const texts = { '/desktop.html': local(block.text, sim) };
  await served({ texts, folders: { '/finesse-keeper/': installed } }, async (url) => {
    await page.goto(`${url}/desktop.html`);
    const enter = async (password) => {
      for (const [name, value] of [['user', AGENT], ['password', password], ['extension', `2${AGENT}`]]) await page.fill(`input[name=${name}]`, value);
      await page.dblclick('button[name=enter]:enabled');
    };
    await enter('wrong');
    await shows(page, 'output[name=trouble]', /\S/);
    await enter(`pw-${AGENT}`);
    await page.fill('input[name=password]', ''); // what counts is what it was
    await shows(page, 'output[name=state]', /All is well/);
    await shows(page, 'output[name=agent]', NOT_READY);
    await enter(`pw-${AGENT}`); // once more, as somebody might
    await page.waitForSelector('button[name=enter]:enabled');
    const sessions = (await sim.world()).sessions.filter(({ agent }) => agent === AGENT).length;
    if (sessions !== 1) throw new Error(`${sessions} sessions of one agent`);
    await shows(page, 'output[name=trouble]', /^$/);
    await page.click('button[name=ready]');
    await shows(page, 'output[name=agent]', READY);
    await becomes(sim, 'READY');
  });
});

/** Opens gadget XML in the container, beside the package's classic script; `act` gets its frame. */
const inContainer = (xml, act) => withPair({}, async ({ sim, page }) => {
  const texts = { '/gadget.xml': local(xml, sim) };
  // as from a web server of one's own
  const serving = { texts, folders: { '/': join(installed, 'dist') }, headers: { 'access-control-allow-origin': '*' } };
  await served(serving, async (url) => {
    await page.goto(`${sim.control}/container/?${new URLSearchParams({ agent: AGENT, gadget: `${url}/gadget.xml` })}`);
    const gadget = await until('the gadget', () => page.frames().find((frame) => frame.url().includes('mid=')), PATIENCE);
    await act({ sim, page, gadget });
  });
});

/** The gadget that the README begins with: what the desktop around it says is what it shows. */
async function gadget() {
  const block = example(README, `A gadget in ${SHORT} lines`, 'xml');
  short(block);
  await inContainer(block.text, async ({ sim, page, gadget: it }) => {
    await shows(it, '#agent', NOT_READY);
    await shows(it, '#keeper', /All is well/);
    await sim.agent(AGENT, 'ready');
    await shows(it, '#agent', READY);
    await page.evaluate(() => window.container.fail());
    await shows(it, '#keeper', /the connection of the desktop around this gadget/);
    await page.evaluate(() => window.container.recover());
    await shows(it, '#keeper', /Connected to/);
  });
  // one that cannot begin says why
  await inContainer(block.text.replace("transport: 'auto'", "transport: 'none'"), ({ gadget: it }) => shows(it, '#keeper', /transport/));
}

/** The element in a gadget: shown by a keeper of the plain script, and as high as it is. */
async function elementInGadget() {
  const { text } = example(RECIPES, 'A gadget', 'html');
  const script = `gadgets.HubSettings.onConnect = async () => {
    const keeper = await FinesseKeeper.Keeper.connect({ transport: 'auto' });
    await customElements.whenDefined('finesse-status');
    document.querySelector('finesse-status').keeper = keeper;
  };`;
  const xml = around(script).replace('<p></p>', () => text);
  await inContainer(xml, async ({ gadget: it }) => {
    await it.locator('finesse-status >> text=/in service/i').first().waitFor({ timeout: PATIENCE });
    const frame = await it.frameElement();
    const height = async () => (await frame.boundingBox()).height;
    const before = await height();
    await it.evaluate(() => { document.querySelector('finesse-status').open = true; });
    await until('a higher frame', async () => await height() > before, PATIENCE);
  });
}

async function teamGadget() {
  const block = example(RECIPES, 'A gadget', 'xml');
  await inContainer(block.text, async ({ sim, page, gadget: it }) => {
    await shows(it, '#team', /1002: NOT_READY/);
    await it.click('#ready');
    await shows(it, '#agent', READY);
    await page.evaluate(() => window.container.fail());
    await shows(it, '#keeper', /Not in service/);
    if (!await it.locator('#ready').isDisabled()) throw new Error('it can be asked for READY while the desktop fails');
    await sim.agent('1002', 'ready');
    await page.evaluate(() => window.container.recover());
    await shows(it, '#team', /1002: READY/);
  });
}

/** A gadget that is this script and no more; what it shows, it shows in its body. */
const around = (script) => `<Module><ModulePrefs title="Example"/><Content type="html"><![CDATA[
  <p></p><script src="finesse-keeper.iife.js"></script>
  <script>const show = (text) => { document.querySelector('p').textContent = text; };</script>
  <script>${script}</script>]]></Content></Module>`;

async function ownConnection() {
  const { text } = example(RECIPES, 'A gadget with a connection of its own', 'js');
  await inContainer(around(text), async ({ sim, gadget: it }) => {
    await shows(it, 'p', /Connected to/);
    const resources = (await sim.world()).sessions.filter(({ agent }) => agent === AGENT).map(({ resource }) => resource);
    if (resources.length !== 2 || new Set(resources).size !== 2 || !resources.includes('desktop')) throw new Error(`the sessions are ${resources}`);
  });
}

async function withoutKeeper() {
  const { text } = example(RECIPES, 'A gadget without a keeper', 'js');
  await inContainer(around(`gadgets.HubSettings.onConnect = async () => {${text}; show('listens'); };`), async ({ sim, gadget: it }) => {
    await shows(it, 'p', /listens/);
    await sim.agent(AGENT, 'ready');
    await shows(it, 'p', READY);
  });
}

/** With a wrong password first, and a call. */
const plainPage = () => withPair({ args: ['--signed-out'] }, async ({ sim, page }) => {
  const { text } = example(RECIPES, 'A plain page', 'html');
  await served({ texts: { '/': local(text, sim) }, folders: { '/dist/': join(installed, 'dist') } }, async (url) => {
    await page.goto(url);
    for (const password of ['wrong', `pw-${AGENT}`]) {
      await page.fill('dialog input', password);
      await page.click('dialog button');
    }
    await shows(page, '#agent', NOT_READY);
    await page.click('#ready');
    await becomes(sim, 'READY');
    await sim.call(AGENT, 'ring');
    await shows(page, '#calls', /ALERTING/);
    await sim.call(AGENT, 'answer');
    await sim.call(AGENT, 'end');
    await shows(page, '#agent', READY);
    await page.waitForFunction(() => document.getElementById('calls').textContent === '');
  });
});

/** The files of the recipe, bundled with React, under StrictMode, which mounts twice. */
const react = () => withPair({ args: ['--signed-out'] }, async ({ sim, page }) => {
  const files = read(RECIPES).blocks.filter(({ heading }) => heading === 'React').map(({ text }) => [/^\/\/ (\S+)\n/.exec(text)[1], text]);
  const main = `
    import { StrictMode, createElement } from 'react';
    import { createRoot } from 'react-dom/client';
    import { Desktop } from './use-agent.jsx';
    const options = { hosts: ['https://fin-a.example.com:8445', 'https://fin-b.example.com:8445'], user: '${AGENT}', credentials: () => ({ password: 'pw-${AGENT}' }), expectedAgents: 1 };
    window.root = createRoot(document.getElementById('root'));
    root.render(createElement(StrictMode, null, createElement(Desktop, { options, extension: '2${AGENT}' })));`;
  const { outputFiles } = await build({
    stdin: { contents: local(main, sim), resolveDir: at() }, bundle: true, write: false, format: 'esm', jsx: 'automatic', define: { 'process.env.NODE_ENV': '"development"' },
    plugins: [inMemory(Object.fromEntries(files))],
  });
  const texts = { '/': '<!doctype html><title>React</title><div id="root"></div><script type="module" src="/main.js"></script>', '/main.js': outputFiles[0].text };
  await served({ texts }, async (url) => {
    await page.goto(url);
    await page.click('button:enabled >> text=Sign in', { timeout: PATIENCE });
    await shows(page, 'main', /NOT_READY/);
    await page.click('button >> text="Ready"');
    await becomes(sim, 'READY');
    await sim.call(AGENT, 'ring');
    await shows(page, 'ul', /ALERTING/);
    const present = async () => (await sim.world()).sessions.filter(({ agent, available }) => agent === AGENT && available).length;
    if (await present() !== 1) throw new Error(`${await present()} sessions for one mounted component`);
    await page.evaluate(() => window.root.unmount());
    await until('the goodbye', async () => await present() === 0);
  });
});

/** The recipe's files by their names, and the package as it was packed. */
const inMemory = (files) => ({
  name: 'documents',
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\// }, ({ path, importer }) => (importer === '<stdin>' || importer in files ? { path: path.slice(2), namespace: 'documents' } : undefined));
    bundler.onResolve({ filter: /^finesse-keeper$/ }, () => ({ path: join(installed, 'dist', 'finesse-keeper.js') }));
    bundler.onLoad({ filter: /.*/, namespace: 'documents' }, ({ path }) => ({ contents: files[path], loader: 'jsx', resolveDir: at() }));
  },
});

/** What is said to the simulator, by Node. */
const control = () => withPair({}, async ({ sim }) => {
  const { text } = example(RECIPES, 'Testing without Finesse', 'js');
  const file = join(installed, '..', '..', 'control.mjs');
  writeFileSync(file, `${text.replace('http://127.0.0.1:8400', sim.control)}\nconsole.log(JSON.stringify([agents, sessions]));`);
  const { output } = await run(process.execPath, [file], { quiet: true });
  const [agents] = JSON.parse(output);
  const states = agents.map(({ id, state, dialogs }) => `${id} ${state} ${dialogs.length}`).join();
  if (states !== '1001 RESERVED 1,1002 READY 0') throw new Error(states);
  const faults = (await sim.faults()).map(({ fault }) => fault).join();
  if (faults !== 'network-lost') throw new Error(`still broken: ${faults}`);
});

/** The line of a scenario is one that the simulator takes. */
async function scenario() {
  const file = join(installed, '..', '..', 'scenario.txt');
  writeFileSync(file, example(RECIPES, 'Testing without Finesse', 'json').text);
  await withPair({ args: ['--scenario', file, '--time-scale', '20'] }, ({ sim }) => until('the fault', async () => (await sim.faults()).some(({ fault }) => fault === 'cti-lost')));
}

export const examples = [
  { name: `run: ${README}, a desktop in ${SHORT} lines`, run: desktop },
  { name: `run: ${README}, a gadget in ${SHORT} lines`, run: gadget },
  { name: `run: ${RECIPES}, a gadget`, run: teamGadget },
  { name: `run: ${RECIPES}, the status element in a gadget`, run: elementInGadget },
  { name: `run: ${RECIPES}, a gadget with a connection of its own`, run: ownConnection },
  { name: `run: ${RECIPES}, a gadget without a keeper`, run: withoutKeeper },
  { name: `run: ${RECIPES}, a plain page`, run: plainPage },
  { name: `run: ${RECIPES}, React`, run: react },
  { name: `run: ${RECIPES}, the control API`, run: control },
  { name: `run: ${RECIPES}, a scenario`, run: scenario },
];
