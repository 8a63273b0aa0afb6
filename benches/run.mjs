// Sizes, and seconds from a fault to its notice and to the return, beside strophe.js and @xmpp/client: all three in one
// Chromium page, on one Openfire, struck by the same fault at the same time.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { launchBrowser } from '../scripts/lib/browser.mjs';
import { at, out } from '../scripts/lib/paths.mjs';
import { startProxy } from '../scripts/lib/proxy.mjs';
import { startSimulator } from '../scripts/lib/simulator.mjs';
import { startStatic } from '../scripts/lib/static.mjs';
import { kb, table } from '../scripts/lib/table.mjs';
import { sleep, until } from '../scripts/lib/wait.mjs';
import { startOpenfire } from '../tests/openfire/openfire.mjs';

const us = 'finesse-keeper';
/** Under this no one waits, and a ratio is noise: milliseconds. */
const AT_ONCE = 100;
const xmppBundle = at('node_modules', '@xmpp', 'client', 'dist', 'xmpp.min.js');
const users = { [us]: '1001', 'strophe.js': '1002', '@xmpp/client': '1003' };
const names = Object.keys(users);

/** What is done to all of them at once, and how long they are watched after it. */
const faults = {
  'socket cut': { seconds: 20, strike: ({ proxies }) => proxies.forEach((proxy) => proxy.cut()) },
  'server killed for 10 s': {
    seconds: 40,
    async strike({ openfire }) {
      const start = performance.now();
      await openfire.kill();
      // two seconds for its start
      await sleep(8_000 - (performance.now() - start));
      await openfire.start();
    },
  },
  'half-open link': { seconds: 60, strike: ({ proxies }) => proxies.forEach((proxy) => proxy.halfOpen()) },
};

const page = '<!doctype html><title>bench</title><script src="/xmpp.js"></script><script src="/clients.js"></script>';
const folder = join(out, 'bench');
mkdirSync(folder, { recursive: true });
console.log(`${await sizes()}\n`);
console.log(await times());

async function sizes() {
  const rows = [['size', 'minified', 'min + gzip', 'x ours']];
  const files = [at('pkg', 'dist', 'finesse-keeper.js'), await bundled('strophe.js'), xmppBundle];
  const zipped = files.map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
  files.forEach((file, index) => rows.push([names[index], kb(readFileSync(file).length), kb(zipped[index]), ratio(zipped[index], zipped[0])]));
  return table(rows);
}

async function bundled(name) {
  const outfile = join(folder, `bundled-${name}`);
  await esbuild({ stdin: { contents: `export * from '${name}'`, resolveDir: at() }, bundle: true, minify: true, format: 'esm', platform: 'browser', legalComments: 'none', outfile, logLevel: 'warning' });
  return outfile;
}

async function times() {
  await esbuild({
    entryPoints: [at('benches', 'clients.js')], bundle: true, format: 'iife', platform: 'browser', external: ['/dist/*'],
    outfile: join(folder, 'clients.js'), logLevel: 'warning',
  });
  const openfire = await startOpenfire({ name: 'bench', users: Object.values(users) });
  const simulator = await startSimulator({ agents: Object.values(users), name: 'bench', args: ['--single-node', '--notification-service-a', openfire.ws] });
  await until('finesse', async () => (await simulator.world()).sides[0].finesse, 20_000);
  const proxies = await Promise.all(names.map(() => startProxy(openfire.port)));
  const pages = await startStatic({
    folders: { '/dist/': at('pkg', 'dist'), '/': folder }, texts: { '/': page, '/xmpp.js': readFileSync(xmppBundle) },
  });
  const browser = await launchBrowser('chromium');
  const rows = [['fault', 'client', 'noticed', 'back', 'noticed, x ours', 'back, x ours']];
  for (const [fault, { seconds, strike }] of Object.entries(faults)) {
    const answers = await oneFault({ browser, pages, simulator, openfire, proxies, strike, seconds });
    for (const name of names) {
      const { noticed, back } = answers[name];
      const cells = [shown(noticed, seconds), shown(back, seconds), multiple(noticed, answers[us].noticed, seconds), multiple(back, answers[us].back, seconds)];
      rows.push([name === us ? fault : '', name, ...cells]);
    }
  }
  await browser.close();
  await Promise.all([simulator.stop(), openfire.stop(), pages.stop(), ...proxies.map((proxy) => proxy.stop())]);
  return table(rows);
}

async function oneFault({ browser, pages, simulator, openfire, proxies, strike, seconds }) {
  const tab = await browser.newPage();
  await tab.goto(`${pages.url}/`);
  const options = Object.fromEntries(names.map((name, index) => [name, {
    rest: simulator.a, websocket: `ws://127.0.0.1:${proxies[index].port}/ws/`, user: users[name], password: `pw-${users[name]}`,
  }]));
  await tab.evaluate((given) => window.start(given), options);
  await sleep(8_000);
  const since = await tab.evaluate(() => performance.now());
  const end = performance.now() + seconds * 1000;
  await strike({ openfire, proxies });
  await sleep(end - performance.now());
  const answers = await tab.evaluate((then) => window.answer(then), since);
  await tab.close();
  proxies.forEach((proxy) => proxy.heal());
  return answers;
}

function shown(ms, limit) {
  if (ms === null) return `not in ${limit} s`;
  return ms < AT_ONCE ? 'at once' : `${(ms / 1000).toFixed(1)} s`;
}

function ratio(theirs, ours) {
  return (theirs / ours).toFixed(theirs / ours < 10 ? 2 : 0);
}

/** Seconds as a multiple of ours; "> n" where it had not by the end. */
function multiple(theirs, ours, limit) {
  if (ours === null || (theirs ?? limit) < AT_ONCE && ours < AT_ONCE) return '-';
  return theirs === null ? `> ${ratio(limit * 1000, ours)}` : ratio(theirs, ours);
}
