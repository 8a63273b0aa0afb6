// The packed package in Chromium against real servers: kinds of servers × transports × plain and TLS × scenarios, one
// table. Each kind has one pair, and agents that come by all ways are at it at the same time:  npm run test:interop

import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { packPackage } from '../../scripts/lib/package.mjs';
import { isChosen, runOne, sumUp } from '../../scripts/lib/scenarios.mjs';
import { seconds, table } from '../../scripts/lib/table.mjs';
import { gate } from '../../scripts/lib/wait.mjs';
import { kinds } from '../servers/kinds.mjs';
import { breaking } from './breaking.mjs';
import { healthy } from './healthy.mjs';
import { startPair } from './pair.mjs';
import { Group, Seat, ways } from './seat.mjs';

const columns = Object.entries(kinds).flatMap(([kind, { name }]) => ways
  .map((way, index) => ({ kind, way, index, head: `${name} ${way.way}` })));
const scenarios = [...healthy, ...breaking].map((scenario, number) => ({ ...scenario, number: number + 1 }));
const START = 'start';
/** Six servers start at once, and a dozen pages with them: what takes 3 s alone may take a minute. */
const SECONDS = 150;

const title = (scenario, column) => `${scenario.name} (${column.head})`;
/** Every scenario has an agent of its own in every column of a kind. */
const agentOf = (scenario, column) => `${column.index + 1}${String(scenario.number).padStart(3, '0')}`;

const { installed } = await packPackage();
const browser = await launchBrowser('chromium');
const started = await Promise.all(Object.keys(kinds).map(start));
/** Of all kinds. */
const fewAtOnce = gate(3);
/** Others begin when all that comes first is done. */
const calm = new Group(started.filter(({ pair }) => pair).length);
/** Nothing is broken while others still load the machine: how long a server takes to start would be anyone's guess. */
const quiet = new Group(started.filter(({ pair }) => pair).length);
const results = (await Promise.all(started.map(runKind))).flat(2);
await browser.close();

const rows = [{ name: START }, ...scenarios].filter((row) => columns.some((column) => cell(row, column)));
const shown = columns.filter((column) => rows.some((row) => cell(row, column)));
console.log(`\n${table([['', ...shown.map(({ head }) => head)], ...rows.map((row) => [row.name, ...shown.map((column) => cell(row, column))])])}\n`);
sumUp(results);

/** The pair of a kind, for the scenarios that are chosen there; one that does not start is a failure. */
async function start(kind) {
  const mine = columns.filter((column) => column.kind === kind);
  const chosen = scenarios.filter((scenario) => mine.some((column) => isChosen(title(scenario, column))));
  if (!chosen.length) return { results: [] };
  const agents = chosen.flatMap((scenario) => mine.map((column) => agentOf(scenario, column)));
  let pair;
  const result = await runOne({
    name: `${START} (${kinds[kind].name})`, seconds: 120,
    async run() {
      const begin = performance.now();
      pair = await startPair({ kind, agents, browser, installed });
      return seconds(performance.now() - begin);
    },
  });
  return { pair, mine, chosen, results: [result] };
}

/** The scenarios of one kind: what wants a calm machine, what needs healthy servers, what breaks side A. */
async function runKind({ pair, mine, chosen, results: begun }) {
  if (!pair) return begun;
  const lane = (name) => chosen.filter((scenario) => scenario.lane === name);
  const first = await Promise.all(lane('first').map((scenario) => play(pair, scenario, mine)));
  await calm.meet(() => {});
  const onB = Promise.all(lane('b').map((scenario) => play(pair, scenario, mine)));
  const done = [begun, ...first, ...await Promise.all(lane('together').map((scenario) => fewAtOnce(() => play(pair, scenario, mine))))];
  await quiet.meet(() => {});
  for (const scenario of lane('alone')) {
    done.push(await play(pair, scenario, mine));
    await pair.mend();
  }
  done.push(...await onB);
  await pair.stop();
  return done;
}

/** One scenario, all ways at the same time. */
function play(pair, scenario, mine) {
  const seated = mine.filter((column) => isChosen(title(scenario, column)));
  const group = new Group(seated.length);
  return Promise.all(seated.map((column) => {
    const seat = new Seat({ pair, agent: agentOf(scenario, column), group, way: column.way });
    return runOne({
      name: title(scenario, column), seconds: scenario.seconds ?? SECONDS,
      run: () => scenario.run(seat).finally(() => seat.leave()),
    });
  }));
}

/** A kind that did not start has failed in all of its columns. */
function cell(row, column) {
  const name = row.name === START ? `${START} (${kinds[column.kind].name})` : title(row, column);
  const result = results.find((each) => each.name === name);
  if (!result) return '';
  return result.ok ? `ok ${result.value ?? ''}`.trim() : 'FAILED';
}
