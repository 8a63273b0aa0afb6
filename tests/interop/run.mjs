// The packed package in Chromium against two real Openfires, over plain WebSocket and over TLS:  npm run test:interop
// The two modes have servers of their own and run at the same time.

import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { packPackage } from '../../scripts/lib/package.mjs';
import { runScenarios, sumUp } from '../../scripts/lib/scenarios.mjs';
import { table } from '../../scripts/lib/table.mjs';
import { startPair } from './pair.mjs';
import { scenarios } from './scenarios.mjs';

const modes = ['plain', 'TLS'];
const { installed } = await packPackage();
const browser = await launchBrowser('chromium');
const agents = scenarios.map(({ agent }) => agent);
const pairs = await Promise.all(modes.map((mode) => startPair({ mode, browser, installed, agents })));

const perMode = await Promise.all(pairs.map(runPair));
await Promise.all(pairs.map((pair) => pair.stop()));
await browser.close();

console.log(`\n${table([['Openfire 4.2.0', ...modes], ...scenarios.map(({ name }) => [name, ...perMode.map((results) => cell(results, name))])])}\n`);
sumUp(perMode.flat());

/** What needs healthy servers first, all together; then what breaks side A, one by one. Side B is left alone. */
async function runPair(pair) {
  const lane = (name) => scenarios.filter((scenario) => scenario.lane === name)
    .map(({ name: title, agent, run, seconds }) => ({ name: `${title} (${pair.mode})`, seconds, run: () => run(pair, agent) }));
  const onB = runScenarios(lane('b'));
  const results = await runScenarios(lane('together'), { atOnce: 3 });
  results.push(...await runScenarios(lane('alone')));
  return [...results, ...await onB];
}

function cell(results, name) {
  const result = results.find((each) => each.name.startsWith(`${name} (`));
  if (!result) return '';
  return result.ok ? `ok ${result.value ?? ''}`.trim() : 'FAILED';
}
