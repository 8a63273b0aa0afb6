// From a fault to its notice and to the return: all clients are struck at the same time.
//
// Noticed is what a client tells its application. Back is when it tells that it is up again, after it has told that it
// was down: by itself where it knows how, as stanza and xmpp.js do, else because its application tries again a second
// later (clients.js). Ours says it later in its way up than the peers: in service, it has seen `finesse` as well.

import { table } from '../scripts/lib/table.mjs';
import { sleep } from '../scripts/lib/wait.mjs';
import { LIMIT, contestants, ours, ratio } from './stage.mjs';

/** Under this no one waits, and a ratio is noise: milliseconds. */
const AT_ONCE = 100;
/** So long the clients are left in peace, and keep-alives begin, before anything happens to them. */
const PEACE = 8_000;

/** Whom it concerns, how many seconds they are watched, and what is done to them, with how long that lasted. */
const kinds = {
  'socket cut': {
    // a BOSH session outlives its connections
    concerns: ({ transport }) => transport === 'websocket',
    seconds: 20,
    strike: ({ proxies }) => proxies.forEach((proxy) => proxy.cut()),
  },
  'server killed': {
    concerns: () => true,
    seconds: LIMIT / 1000,
    async strike({ openfire }) {
      const start = performance.now();
      await openfire.kill();
      // two seconds for its start, to be back after ten
      await sleep(8_000 - (performance.now() - start));
      await openfire.start();
      return performance.now() - start;
    },
  },
  'half-open link': {
    concerns: () => true,
    seconds: LIMIT / 1000,
    strike: ({ proxies }) => proxies.forEach((proxy) => proxy.halfOpen()),
  },
};

export async function faults(stage) {
  const rows = [['fault', 'client', 'noticed', 'back', 'noticed, x ours', 'back, x ours']];
  for (const [fault, { concerns, seconds, strike }] of Object.entries(kinds)) {
    const struck = contestants.filter(concerns);
    const { lasted, answers } = await oneFault(stage, struck, strike, seconds);
    const title = lasted ? `${fault} for ${shown(lasted)}` : fault;
    struck.forEach((contestant, index) => {
      const [{ noticed, back }, own] = [answers[contestant.name], answers[ours(contestant).name]];
      rows.push([
        index ? '' : title, contestant.name, shown(noticed, seconds), shown(back, seconds),
        multiple(noticed, own.noticed, seconds), multiple(back, own.back, seconds),
      ]);
    });
  }
  return table(rows);
}

async function oneFault(stage, struck, strike, seconds) {
  const tab = await stage.newPage();
  await tab.evaluate((given) => window.start(...given), [stage.optionsOf(struck), LIMIT]);
  await sleep(PEACE);
  const since = await tab.evaluate(() => performance.now());
  const end = performance.now() + seconds * 1000;
  const lasted = await strike(stage);
  await sleep(end - performance.now());
  const answers = await tab.evaluate((then) => window.answer(then), since);
  await tab.close();
  stage.proxies.forEach((proxy) => proxy.heal());
  return { lasted, answers };
}

function shown(ms, limit) {
  if (ms === null) return `not in ${limit} s`;
  return ms < AT_ONCE ? 'at once' : `${(ms / 1000).toFixed(1)} s`;
}

/** Seconds as a multiple of ours; "> n" where it had not by the end. */
function multiple(theirs, own, limit) {
  if (own === null || (theirs ?? limit) < AT_ONCE && own < AT_ONCE) return '-';
  return theirs === null ? `> ${ratio(limit * 1000, own)}` : ratio(theirs, own);
}
