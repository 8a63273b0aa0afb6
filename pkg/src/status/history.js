// @ts-check
// What a keeper did, kept as data for the picture: who was in which state from when to when. It is written while anyone
// watches; what came before, or meanwhile, is read from the keeper's timeline, as far as that tells it.

/** @typedef {import('../../index.js').Keeper} Keeper */
/** @typedef {import('../../index.js').Side} Side */
/** @typedef {import('../../index.js').SideHealth} SideHealth */
/** @typedef {import('../../index.js').SignedOut} SignedOut */
/** @typedef {import('../../index.js').Status} Status */
/** @typedef {import('../../index.js').TimelineEntry} TimelineEntry */
/** @typedef {import('../../index.js').User} User */
/** @typedef {{ at: number, state: string, side: Side | null, reason: string | null, suspect: boolean }} StateSpan */
/** @typedef {{ at: number, reading: string, connected: boolean }} SideSpan */
/** @typedef {{ at: number, side: Side, reading: string }} Read */
/** @typedef {{ at: number, to: Side | null }} Mark  A move to a side; without one, that what was missed was read. */
/** @typedef {{ changed: () => void, speaks: () => boolean }} Watcher */

/** Half an hour at the pace of an outage; the oldest goes first. */
const MOST = 4000;

export const SIDES = /** @type {const} */ (['A', 'B']);

/** The states in which there is a session. */
const CONNECTED = ['settling', 'in-service', 'waiting'];

/**
 * @template {{ at: number }} T
 * @param {T[]} list
 * @param {T} next
 */
function push(list, next) {
  list.push({ ...next, at: Math.max(next.at, list.at(-1)?.at ?? next.at) });
  if (list.length > MOST) list.shift();
}

/**
 * The same for spans: each lasts until something else is the case.
 * @template {{ at: number }} T
 * @param {T[]} spans
 * @param {T} next
 */
function turn(spans, next) {
  const last = spans.at(-1);
  if (!last || String(Object.values({ ...last, at: 0 })) !== String(Object.values({ ...last, ...next, at: 0 }))) push(spans, next);
}

/** @type {WeakMap<Keeper, History>} */
const known = new WeakMap();

export class History {
  /** @type {StateSpan[]} */ states = [];
  /** @type {Record<Side, SideSpan[]>} */ sides = { A: [], B: [] };
  /** @type {Read[]} */ reads = [];
  /** @type {{ at: number, state: string }[]} */ agent = [];
  /** @type {Mark[]} */ marks = [];
  /** @type {SignedOut | null} How the agent was signed out against their will, until they are in again. */ signedOut = null;
  #keeper;
  /** @type {Set<Watcher>} */ #watchers = new Set();
  /** Since when nobody watches. */
  #left = -Infinity;

  /** Of one keeper there is one history, for all that show it. @param {Keeper} keeper */
  static of(keeper) {
    const history = known.get(keeper) ?? new History(keeper);
    known.set(keeper, history);
    return history;
  }

  /** @param {Keeper} keeper */
  constructor(keeper) {
    this.#keeper = keeper;
    this.start = keeper.timeline()[0]?.at ?? Date.now();
  }

  /** @param {Watcher} watcher */
  watch(watcher) {
    this.#watchers.add(watcher);
    if (this.#watchers.size > 1) return;
    for (const entry of this.#keeper.timeline()) if (entry.at >= this.#left) this.#recall(entry);
    this.#noteStatus(this.#keeper.status);
    for (const name of EVENTS) this.#keeper.addEventListener(name, this.#hear);
  }

  /** The last one to leave lets go of the keeper. @param {Watcher} watcher */
  unwatch(watcher) {
    if (!this.#watchers.delete(watcher) || this.#watchers.size > 0) return;
    for (const name of EVENTS) this.#keeper.removeEventListener(name, this.#hear);
    this.#left = Date.now();
  }

  /** Whether it is this watcher who speaks for all: nobody wants to hear the same twice. @param {Watcher} watcher */
  isSpeaker(watcher) {
    return [...this.#watchers].find((each) => each.speaks()) === watcher;
  }

  /** When the state as a person tells it began. */
  get began() {
    return episodes(this.states).at(-1)?.at ?? this.start;
  }

  #hear = (/** @type {Event} */ event) => {
    const { type, detail } = /** @type {CustomEvent} */ (event);
    if (type === 'status') this.#noteStatus(detail);
    else if (type === 'user') this.#noteUser(detail.data);
    else if (type === 'signedout') this.signedOut = detail;
    else if (type === 'signedin') this.signedOut = null;
    else push(this.marks, { at: Date.now(), to: type === 'moved' ? detail.to : null });
    for (const watcher of this.#watchers) watcher.changed();
  };

  /** @param {Status} status */
  #noteStatus({ state, side, reason, suspect, since, sides }) {
    const last = this.states.at(-1);
    // `since` tells when the state began; a change within it (its reason, a suspicion, one more attempt) begins now
    const begins = !last || ((last.state !== state || last.side !== side) && since > last.at);
    turn(this.states, { at: begins ? since : Date.now(), state, side, reason, suspect });
    SIDES.forEach((name, i) => sides[i] && this.#noteSide(name, sides[i]));
  }

  /**
   * @param {Side} side
   * @param {SideHealth} health
   */
  #noteSide(side, { reading, readAt, connected }) {
    turn(this.sides[side], { at: Date.now(), reading, connected });
    const last = this.reads.findLast((read) => read.side === side);
    if (readAt && readAt > (last?.at ?? 0)) push(this.reads, { at: readAt, side, reading });
  }

  /**
   * The keeper's own agent, not one of those that a supervisor follows.
   * @param {Pick<User, 'loginId' | 'state'>} user
   */
  #noteUser({ loginId, state }, at = Date.now()) {
    const own = this.#keeper.user ?? loginId;
    if (!state || loginId?.toLowerCase() !== own?.toLowerCase()) return;
    turn(this.agent, { at, state });
    if (state !== this.signedOut?.state) this.signedOut = null;
  }

  /** What a line of the timeline tells. @param {TimelineEntry} entry */
  #recall({ at, side, kind, text }) {
    const [word = '', rest = null] = text.split(': ');
    if (kind === 'state') {
      turn(this.states, { at, state: word, side, reason: rest, suspect: false });
      for (const each of SIDES) this.#recallSide(each, { at, connected: each === side && CONNECTED.includes(word) });
    } else if (kind === 'read' && side) {
      push(this.reads, { at, side, reading: word });
      this.#recallSide(side, { at, reading: word });
    } else if (kind === 'notification') {
      const [, loginId = '', state = ''] = /\/User\/([^/ ]+) ([A-Z_]+)/.exec(text) ?? [];
      this.#noteUser({ loginId, state }, at);
    }
  }

  /**
   * @param {Side} side
   * @param {Partial<SideSpan> & { at: number }} what
   */
  #recallSide(side, what) {
    const { reading = 'unknown', connected = false } = this.sides[side].at(-1) ?? {};
    turn(this.sides[side], { reading, connected, ...what });
  }
}

const EVENTS = ['status', 'user', 'signedout', 'signedin', 'moved', 'resynced'];

/**
 * The states as a person tells them: attempt after attempt to connect to a side is one outage, not many states.
 * @param {StateSpan[]} states
 * @returns {StateSpan[]}
 */
export function episodes(states) {
  /** @type {StateSpan[]} */
  const told = [];
  for (const span of states) {
    const state = plainState(span);
    const last = told.at(-1);
    if (last?.state === 'reconnecting' && state === 'reconnecting' && last.side === span.side) last.reason = span.reason ?? last.reason;
    else told.push({ ...span, state });
  }
  return told;
}

/**
 * `connecting` and `reconnecting` take turns while a side is out; the first time it is connecting, from then on reconnecting.
 * @param {{ state: string, reason: string | null }} status
 */
export function plainState({ state, reason }) {
  if (state !== 'connecting' && state !== 'reconnecting') return state;
  return reason === null || reason === 'starting' ? 'connecting' : 'reconnecting';
}
