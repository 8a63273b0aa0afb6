// One Openfire, a simulated Finesse in front, a browser, and a proxy for each client: a link of its own, to be broken.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { launchBrowser } from '../scripts/lib/browser.mjs';
import { at, out } from '../scripts/lib/paths.mjs';
import { startProxy } from '../scripts/lib/proxy.mjs';
import { startSimulator } from '../scripts/lib/simulator.mjs';
import { startStatic } from '../scripts/lib/static.mjs';
import { until } from '../scripts/lib/wait.mjs';
import { startOpenfire } from '../tests/servers/openfire/openfire.mjs';

/** Whoever has not made it by then has not made it: milliseconds. */
export const LIMIT = 60_000;
export const us = 'finesse-keeper';
/** Who is measured, over what. */
export const contestants = [
  [us, 'websocket'], ['strophe.js', 'websocket'], ['@xmpp/client', 'websocket'],
  [us, 'bosh'], ['strophe.js', 'bosh'], ['stanza', 'bosh'],
].map(([client, transport], index) => ({
  client, transport, name: `${client} (${transport})`, user: String(1001 + index),
}));
/** The peers' bundles go here. */
export const folder = join(out, 'bench');
export const xmppBundle = at('node_modules', '@xmpp', 'client', 'dist', 'xmpp.min.js');

/** Ours that speaks as this one does. */
export const ours = ({ transport }) => contestants.find((each) => each.client === us && each.transport === transport);

const page = '<!doctype html><title>bench</title><script src="/clients.js"></script><script src="/xmpp.js"></script>';

/** Resolves with { openfire, proxies, optionsOf(contestants), newPage(), close() }. */
export async function openStage() {
  mkdirSync(folder, { recursive: true });
  await esbuild({
    entryPoints: [at('benches', 'clients.js')], bundle: true, format: 'iife', platform: 'browser', external: ['/dist/*'],
    outfile: join(folder, 'clients.js'), logLevel: 'warning',
  });
  const users = contestants.map(({ user }) => user);
  const openfire = await startOpenfire({ name: 'bench', users });
  const args = ['--single-node', '--notification-service-a', openfire.ws];
  const simulator = await startSimulator({ agents: users, name: 'bench', args });
  await until('finesse', async () => (await simulator.world()).sides[0].finesse, 20_000);
  const proxies = await Promise.all(contestants.map(() => startProxy(openfire.port)));
  const pages = await startStatic({
    folders: { '/dist/': at('pkg', 'dist'), '/': folder }, texts: { '/': page, '/xmpp.js': readFileSync(xmppBundle) },
  });
  const browser = await launchBrowser('chromium');
  return {
    openfire,
    proxies,
    /** What the page is told of them, by their names. */
    optionsOf: (some) => Object.fromEntries(some.map((contestant) => {
      const { name, client, transport, user } = contestant;
      const { port } = proxies[contestants.indexOf(contestant)];
      const [websocket, bosh] = [`ws://127.0.0.1:${port}/ws/`, `http://127.0.0.1:${port}/http-bind/`];
      return [name, { client, transport, user, password: `pw-${user}`, rest: simulator.a, websocket, bosh }];
    })),
    async newPage() {
      const tab = await browser.newPage();
      await tab.goto(`${pages.url}/`);
      return tab;
    },
    async close() {
      await browser.close();
      await Promise.all([simulator.stop(), openfire.stop(), pages.stop(), ...proxies.map((proxy) => proxy.stop())]);
    },
  };
}

/** As a multiple of ours; neither may be known. */
export function ratio(theirs, own) {
  if (!Number.isFinite(theirs / own)) return '-';
  return (theirs / own).toFixed(theirs / own < 10 ? 2 : 0);
}
