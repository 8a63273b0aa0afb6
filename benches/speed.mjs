// How long a login takes, and how long a reconnection over a long way. Both end when the client is bound and a ping is
// answered that it sent after its presence (clients.js).

import { table } from '../scripts/lib/table.mjs';
import { sleep } from '../scripts/lib/wait.mjs';
import { LIMIT, contestants, ours, ratio, us } from './stage.mjs';

/** Logins of each client; one before them warms up. */
const LOGINS = 9;
const RECONNECTIONS = 5;
/** The long way, there and back: milliseconds. */
const ROUND_TRIP = 200;
/** Between two cuts, for those who came back to be at rest. */
const PEACE = 4_000;

/** On loopback, in turn, from the first request: a new client each time. */
export async function logins(stage) {
  const tab = await stage.newPage();
  const took = new Map(contestants.map((each) => [each, []]));
  for (let round = 0; round <= LOGINS; round += 1) {
    for (const each of contestants) {
      const options = stage.optionsOf([each])[each.name];
      const ms = await tab.evaluate((given) => window.login(...given), [each.name, options, LIMIT]);
      if (round) took.get(each).push(ms ?? Infinity);
    }
  }
  await tab.close();
  const rows = contestants.map((each) => {
    const ms = median(took.get(each));
    return [each.name, shown(ms), ratio(ms, median(took.get(ours(each))))];
  });
  return table([['login', `median of ${LOGINS}`, 'x ours'], ...rows]);
}

/**
 * Over a link of 200 ms, all at once, from the socket's opening, or over BOSH from the first request of the new session.
 * The same without the way tells what machines take, and the difference how often the way was gone there and back.
 * A cut alone does not end a BOSH session: the server is told in its client's name that it is over, and the client, back
 * from the cut, finds it gone. The browser asked for permission (CORS) when it connected, and Openfire lets it keep the
 * answer for a day. The proxy takes a connection at once: TCP's own round trip, and TLS's, come on top for everyone.
 */
export async function reconnections(stage) {
  const racers = contestants.filter(({ client }) => client === us || client === 'strophe.js');
  const near = await medians(stage, racers, 0);
  const far = await medians(stage, racers, ROUND_TRIP);
  const rows = racers.map((each) => {
    const [here, there] = [near.get(each), far.get(each)];
    const trips = Number.isFinite(there) ? ((there - here) / ROUND_TRIP).toFixed(2) : '-';
    return [each.name, shown(there), shown(here), trips, ratio(there, far.get(ours(each)))];
  });
  const head = [`reconnection, ${ROUND_TRIP} ms away`, `median of ${RECONNECTIONS}`, 'at 0 ms', 'round trips', 'x ours'];
  return table([head, ...rows]);
}

/** The median of each, with every byte so long on its way there and back. */
async function medians(stage, racers, roundTrip) {
  const tab = await stage.newPage();
  stage.proxies.forEach((proxy) => proxy.latency(roundTrip / 2));
  await tab.evaluate((given) => window.start(...given), [stage.optionsOf(racers), LIMIT]);
  const took = new Map(racers.map((each) => [each, []]));
  for (let round = 0; round < RECONNECTIONS; round += 1) {
    await sleep(PEACE);
    const next = racers.map((each) => tab.evaluate((given) => window.next(...given), [each.name, LIMIT]));
    await Promise.all(racers.filter(({ transport }) => transport === 'bosh').map((each) => forget(stage, tab, each)));
    stage.proxies.forEach((proxy) => proxy.cut());
    (await Promise.all(next)).forEach((answer, index) => took.get(racers[index]).push(answer?.sinceOpened ?? Infinity));
  }
  await tab.close();
  stage.proxies.forEach((proxy) => proxy.latency(0));
  return new Map(racers.map((each) => [each, median(took.get(each))]));
}

/** Ends a BOSH session behind its client's back, who may have a request under way: this one waits for it. */
async function forget({ openfire }, tab, { name }) {
  const { sid, rid } = await tab.evaluate((each) => window.session(each), name);
  const body = `<body xmlns="http://jabber.org/protocol/httpbind" sid="${sid}" rid="${rid + 1}" type="terminate"/>`;
  const request = { method: 'POST', headers: { 'content-type': 'text/xml' }, body };
  const answer = await fetch(`http://127.0.0.1:${openfire.port}/http-bind/`, request);
  if (!(await answer.text()).includes('terminate')) throw new Error(`the session of ${name} did not end: ${answer.status}`);
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const shown = (ms) => (Number.isFinite(ms) ? `${Math.round(ms)} ms` : `not in ${LIMIT / 1000} s`);
