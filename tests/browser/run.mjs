// The packed and installed package, in Chromium and Firefox, beside the simulator:  npm run test:browser [WORD...]
// A WORD runs only the scenarios whose name contains it; names begin with the engine.

import { engines } from '../../scripts/lib/browser.mjs';
import { packPackage } from '../../scripts/lib/package.mjs';
import { runScenarios, sumUp } from '../../scripts/lib/scenarios.mjs';
import { table } from '../../scripts/lib/table.mjs';
import { access, withAccess } from './access.mjs';
import { api } from './api.mjs';
import { serveApp, withClient } from './client.mjs';
import { container, withContainer } from './container.mjs';
import { credentials } from './credentials.mjs';
import { doctors } from './doctor.mjs';
import { gadgets } from './gadgets.mjs';
import { garbage } from './garbage.mjs';
import { parsers } from './parsers.mjs';
import { requests } from './requests.mjs';
import { rooms } from './room.mjs';
import { scenarios } from './scenarios.mjs';
import { serveStatus, status, withStatus } from './status.mjs';
import { transports } from './transports.mjs';

/** The times of design section 8, with one agent: scenario, what was measured, and the budget in milliseconds. */
const budgets = [
  ['half-open, the host answers', 'noticed', 14_000],
  ['half-open, the host is silent', 'noticed', 20_000],
  ['server back after 10 s', 'back', 1_500],
  ['node down', 'moved', 10_000],
  ['node silent', 'moved', 22_000],
  ['BOSH, half-open', 'noticed', 14_000],
  ['BOSH, node down', 'moved', 10_000],
  ...['refused', 'stripped', 'silent'].map((as) => [`WebSocket ${as} by a proxy`, 'ready', 5_000]),
];

const { installed } = await packPackage();
const [app, statusPage] = [await serveApp(installed), await serveStatus(installed)];
const enter = Object.fromEntries(engines.map((engine) => [engine, rooms(engine, installed)]));
/**
 * What is run, and in what: an agent beside a pair, gadgets in a container, the status element alone, pages that axe looks at, a
 * doctor where it finds something.
 */
const lists = [
  [[...scenarios, ...credentials, ...transports, ...garbage, ...api, ...parsers, ...requests], (engine, scenario) => withClient(engine, app, scenario)],
  [[...container, ...gadgets(app)], withContainer],
  [status, (engine, scenario) => withStatus(engine, statusPage, scenario)],
  [access, (engine, scenario) => withAccess(engine, statusPage, scenario)],
  [doctors, (engine, scenario) => enter[engine](scenario)],
];
const all = engines.flatMap((engine) => lists.flatMap(([list, runIn]) => list.map(({ name, seconds = 60, ...scenario }) => ({
  name: `${engine}: ${name}`,
  seconds: seconds + 20,
  run: () => runIn(engine, scenario),
}))));
const results = await runScenarios(all, { atOnce: 3 });
await app.stop();
await statusPage.stop();
for (const { name, value } of results) if (value?.told) console.log(`${name} -> ${value.told}`);
console.log(`\n${table(times(results))}\n`);
sumUp(results);
process.exit();

function times(done) {
  const head = ['from fault or healing to …, in seconds', 'budget', ...engines];
  const measured = (engine, begin, what) => done.find(({ name }) => name.startsWith(`${engine}: ${begin}`))?.value?.[what];
  const text = (ms) => (ms === undefined ? '-' : (ms / 1000).toFixed(1));
  const rows = budgets.map(([begin, what, budget]) => [
    `${begin}: ${what}`, `≤ ${text(budget)}`, ...engines.map((engine) => text(measured(engine, begin, what))),
  ]);
  return [head, ...rows];
}
