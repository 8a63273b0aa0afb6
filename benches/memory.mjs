// A million notifications through the package, as a page gets them: whether memory grows.

import { launchBrowser } from '../scripts/lib/browser.mjs';
import { at } from '../scripts/lib/paths.mjs';
import { startStatic } from '../scripts/lib/static.mjs';
import { table } from '../scripts/lib/table.mjs';

const TOTAL = 1_000_000;
/** Looked at so often. */
const STEPS = 10;

/** Chromium alone tells how much its heap holds after a collection. */
export async function memory() {
  const page = '<!doctype html><title>bench</title><script type="module" src="/memory.js"></script>';
  const pages = await startStatic({ folders: { '/dist/': at('pkg', 'dist'), '/': at('benches') }, texts: { '/': page } });
  const browser = await launchBrowser('chromium');
  const tab = await browser.newPage();
  await tab.goto(`${pages.url}/`);
  await tab.waitForFunction(() => window.readMany);
  const session = await tab.context().newCDPSession(tab);
  const rows = [];
  for (let step = 0; step <= STEPS; step += 1) {
    if (step) await tab.evaluate(([from, to]) => window.readMany(from, to), [((step - 1) * TOTAL) / STEPS, (step * TOTAL) / STEPS]);
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const wasm = await tab.evaluate(() => window.wasmBytes());
    rows.push([String((step * TOTAL) / STEPS), `${(usedSize / 1e6).toFixed(2)} MB`, `${(wasm / 1e6).toFixed(2)} MB`]);
  }
  await browser.close();
  await pages.stop();
  return table([['notifications read', 'heap', 'wasm memory'], ...rows]);
}
