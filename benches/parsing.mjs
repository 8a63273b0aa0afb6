// How long it takes to make an object of a notification, in each browser.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build as esbuild } from 'esbuild';
import { engines, launchBrowser } from '../scripts/lib/browser.mjs';
import { at } from '../scripts/lib/paths.mjs';
import { startStatic } from '../scripts/lib/static.mjs';
import { table } from '../scripts/lib/table.mjs';
import { folder } from './stage.mjs';

/** What is read, and how often: a call of 2.5 kB, a team of 300 agents. */
const kinds = { call: { batches: 60, size: 100 }, team: { batches: 20, size: 4 } };

export async function parsing() {
  mkdirSync(folder, { recursive: true });
  await esbuild({
    entryPoints: [at('benches', 'parsers.js')], bundle: true, format: 'esm', platform: 'browser', external: ['/dist/*'], target: 'es2022',
    outfile: join(folder, 'parsers.js'), logLevel: 'warning',
  });
  // isolated pages have finer clocks
  const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
  const page = '<!doctype html><title>bench</title><script type="module" src="/parsers.js"></script>';
  const pages = await startStatic({ folders: { '/dist/': at('pkg', 'dist'), '/': folder }, texts: { '/': page }, headers });
  const rows = [];
  for (const engine of engines) {
    const browser = await launchBrowser(engine);
    const tab = await browser.newPage();
    await tab.goto(`${pages.url}/`);
    await tab.waitForFunction(() => window.measure);
    for (const [kind, how] of Object.entries(kinds)) {
      const took = await tab.evaluate(([each, given]) => window.measure(each, given), [kind, how]);
      const [[, own]] = took;
      for (const [name, us] of took) rows.push([`${kind} in ${engine}`, name, `${us.toFixed(us < 100 ? 1 : 0)} µs`, `${(us / own).toFixed(1)}`]);
    }
    await browser.close();
  }
  await pages.stop();
  return table([['notification', 'parser', 'one takes', 'x ours'], ...rows]);
}
