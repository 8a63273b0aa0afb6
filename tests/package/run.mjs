// The package as a user gets it: packed, installed, built by every bundler and signed in with, in plain pages, under a strict policy,
// in Node, and under those who judge packages and types:  npm run test:package [-- WORD...]

import { gzipSync } from 'node:zlib';
import { engines } from '../../scripts/lib/browser.mjs';
import { runScenarios, sumUp } from '../../scripts/lib/scenarios.mjs';
import { kb, table } from '../../scripts/lib/table.mjs';
import { bundlers } from './bundlers.mjs';
import { check, dist, file, filesIn, install } from './project.mjs';
import { pages } from './pages.mjs';
import { server } from './server.mjs';
import { shrinking } from './shrink.mjs';
import { close, open } from './visit.mjs';

/** Minified and gzipped; the default entry with everything inside. */
const LIMITS = [['default entry', 'finesse-keeper.js', 110_000], ['status element', 'status.js', 12_000]];

const tarball = await install();
await open();
const results = await runScenarios([
  { name: LIMITS.map(([what, , limit]) => `${what} no larger than ${limit / 1000} kB`).join(', '), run: size },
  ...shrinking,
  ...server(tarball),
  ...bundlers,
  ...engines.flatMap(pages),
], { atOnce: 2 });
await close();
sumUp(results);
process.exit();

/** What a page loads of each, as it is and gzipped. */
async function size() {
  const sizes = filesIn(dist).map((name) => [name, file(name).length, gzipSync(file(name), { level: 9 }).length]);
  console.log(table([['file', 'raw', 'gzip -9'], ...sizes.map(([name, raw, zipped]) => [name, kb(raw), kb(zipped)])]));
  for (const [what, wanted, limit] of LIMITS) {
    const [, , zipped] = sizes.find(([name]) => name === wanted);
    check(zipped <= limit, `${what}: ${zipped} bytes`);
  }
}
