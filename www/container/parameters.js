// @ts-check
// What the page's address chooses: which agent, which gadgets, and how the stand-in behaves.

/** @typedef {import('../simulator.js').Side} Side */
/** @typedef {'authorization' | 'password' | 'token'} Generation */
/** @typedef {'object' | 'text'} Form */
/** @typedef {{ poll: number, ping: number, timeout: number, retry: number, warn: number }} Times */
/**
 * @typedef {{
 *   agent: string, side: Side, gadgets: string[], config: Generation, form: Form, counted: boolean, why: string, times: Times,
 * }} Settings
 */

/**
 * Milliseconds. The first three are the stock desktop's: how often it reads SystemInfo in a failover (facts 4.2), how often it
 * pings, and how long it waits for an answer (2.4). The pause between attempts to reconnect is ours. The last is Cisco's (4.4).
 * @type {Times}
 */
const USUAL = { poll: 20_000, ping: 10_000, timeout: 10_000, retry: 2_000, warn: 15_000 };
const SHORTEST_MS = 50;
const LONGEST_MS = 600_000;

/** More frames than these make a page that nobody reads. */
export const MOST_GADGETS = 6;
const SAMPLE = 'gadget.xml';

/**
 * Reads them all. What is unknown is left as usual and complained of, never guessed at.
 * @param {URL} address
 * @param {string[]} agents Those that the simulator has; the first is chosen if none is named.
 * @returns {{ settings: Settings, complaints: string[] }}
 */
export function readSettings(address, agents) {
  /** @type {string[]} */
  const complaints = [];
  const given = address.searchParams;
  /** @template {string} T @param {string} name @param {T[]} known @returns {T} */
  const choice = (name, known) => {
    const value = given.get(name);
    const found = known.find((each) => each === value);
    if (value && !found) complaints.push(`${name}=${value} is not known; there are ${known.join(', ')}.`);
    return found ?? /** @type {T} */ (known[0]);
  };
  const agent = given.get('agent') || agents[0] || '1001';
  if (!agents.includes(agent)) complaints.push(`The simulator has no agent ${agent}; it has ${agents.join(', ')}.`);
  const wished = given.getAll('gadget').filter(Boolean);
  const addresses = (wished.length ? wished : [SAMPLE, SAMPLE]).slice(0, MOST_GADGETS);
  const settings = {
    agent,
    side: choice('side', ['A', 'B']),
    gadgets: addresses.flatMap((each) => gadgetAddress(each, address) ?? (complaints.push(`${each} is no address of a gadget.`), [])),
    config: choice('config', ['authorization', 'password', 'token']),
    form: choice('form', ['object', 'text']),
    counted: given.has('counted'),
    why: given.get('why') ?? '',
    times: readTimes(given, complaints),
  };
  return { settings, complaints };
}

/**
 * @param {URLSearchParams} given
 * @param {string[]} complaints
 * @returns {Times}
 */
function readTimes(given, complaints) {
  const times = { ...USUAL };
  for (const name of /** @type {(keyof Times)[]} */ (Object.keys(USUAL))) {
    const value = given.get(name);
    if (!value) continue;
    const ms = Number(value);
    if (ms >= SHORTEST_MS && ms <= LONGEST_MS) times[name] = ms;
    else complaints.push(`${name}=${value} is not between ${SHORTEST_MS} and ${LONGEST_MS} milliseconds.`);
  }
  return times;
}

/**
 * The whole address of a gadget, if it can be fetched at all.
 * @param {string} text
 * @param {URL} base
 */
export function gadgetAddress(text, base) {
  try {
    const { protocol, href } = new URL(text, base);
    return protocol === 'http:' || protocol === 'https:' ? href : null;
  } catch {
    return null;
  }
}

/**
 * The same page on another side, and why it came there.
 * @param {URL} address
 * @param {Side} side
 * @param {string} why
 */
export function onSide(address, side, why) {
  const next = new URL(address);
  next.searchParams.set('side', side);
  next.searchParams.set('why', why);
  return next;
}
