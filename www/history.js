// @ts-check
// What happened since the page opened, kept as data for the picture and the list: who was in which state from when to when.

/** @typedef {import('/pkg/dist/finesse-keeper.js').Status} Status */
/** @typedef {import('/pkg/dist/finesse-keeper.js').SideHealth} SideHealth */
/** @typedef {import('./simulator.js').Side} Side */
/** @typedef {import('./simulator.js').ActiveFault} ActiveFault */
/** @typedef {{ at: number, state: Status['state'], side: Side | null, reason: Status['reason'], suspect: boolean }} StateSpan */
/** @typedef {{ at: number, reading: SideHealth['reading'], connected: boolean }} SideSpan */
/** @typedef {{ at: number, side: Side, reading: SideHealth['reading'] }} Read */
/** @typedef {{ from: number, to: number | null, id: number, fault: string, side: Side | null }} FaultSpan */
/** @typedef {{ at: number, kind: 'moved' | 'resynced', from: Side | null, to: Side | null, text: string }} Mark */
/** @typedef {{ at: number, side: Side | null, kind: 'fault' | 'agent', text: string }} Note */

/** Half an hour at the pace of an outage; the oldest goes first. */
const MOST = 4000;

export const SIDES = /** @type {const} */ (['A', 'B']);

/**
 * @template {{ at: number }} T
 * @param {T[]} spans
 * @param {T} next
 */
function push(spans, next) {
  const last = spans.at(-1);
  if (last && sameBesidesTime(last, next)) return;
  spans.push({ ...next, at: Math.max(next.at, last?.at ?? next.at) });
  if (spans.length > MOST) spans.shift();
}

/**
 * @param {object} left
 * @param {object} right
 */
function sameBesidesTime(left, right) {
  const known = new Map(Object.entries(left));
  return Object.entries(right).every(([name, value]) => name === 'at' || known.get(name) === value);
}

export class History {
  start = Date.now();
  /** @type {StateSpan[]} */ states = [];
  /** @type {Record<Side, SideSpan[]>} */ sides = { A: [], B: [] };
  /** @type {Read[]} */ reads = [];
  /** @type {FaultSpan[]} */ faults = [];
  /** @type {{ at: number, state: string }[]} */ agent = [];
  /** @type {Mark[]} */ marks = [];
  /** @type {Note[]} */ notes = [];

  /** @param {Status} status */
  noteStatus(status) {
    const { state, side, reason, suspect } = status;
    const last = this.states.at(-1);
    // `since` tells when the state began; a change within it (its reason, a suspicion) begins now.
    const at = last && last.state === state && last.side === side ? Date.now() : status.since;
    push(this.states, { at, state, side, reason, suspect });
    status.sides.forEach((health, i) => this.#noteSide(SIDES[i] ?? 'A', health));
  }

  /**
   * @param {Side} side
   * @param {SideHealth} health
   */
  #noteSide(side, { reading, readAt, connected }) {
    push(this.sides[side], { at: Date.now(), reading, connected });
    const last = this.reads.findLast((read) => read.side === side);
    if (readAt && readAt > (last?.at ?? 0)) {
      this.reads.push({ at: readAt, side, reading });
      if (this.reads.length > MOST) this.reads.shift();
    }
  }

  /**
   * What the simulator says is broken now. A fault no longer listed has healed.
   * @param {ActiveFault[]} active
   */
  noteFaults(active) {
    const now = Date.now();
    const ids = new Set(active.map((fault) => fault.id));
    for (const span of this.faults) if (span.to === null && !ids.has(span.id)) span.to = now;
    const known = new Set(this.faults.map((span) => span.id));
    for (const { id, fault, side } of active) {
      if (!known.has(id)) this.faults.push({ from: now, to: null, id, fault, side: side ?? null });
    }
  }

  /** @param {string} state */
  noteAgent(state) {
    push(this.agent, { at: Date.now(), state });
  }

  /** @param {Omit<Mark, 'at'>} mark */
  mark(mark) {
    this.marks.push({ at: Date.now(), ...mark });
  }

  /**
   * @param {Note['kind']} kind
   * @param {Side | null} side
   * @param {string} text
   */
  note(kind, side, text) {
    this.notes.push({ at: Date.now(), side, kind, text });
    if (this.notes.length > MOST) this.notes.shift();
  }
}

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
 * @param {{ state: Status['state'], reason: Status['reason'] }} status
 * @returns {Status['state']}
 */
export function plainState({ state, reason }) {
  if (state !== 'connecting' && state !== 'reconnecting') return state;
  return reason === null || reason === 'starting' ? 'connecting' : 'reconnecting';
}

/**
 * The spans that touch a window, each with its end.
 * @template {{ at: number }} T
 * @param {T[]} spans
 * @param {number} from
 * @param {number} to
 * @param {number} now
 * @returns {(T & { end: number })[]}
 */
export function between(spans, from, to, now) {
  return spans
    .map((span, i) => ({ ...span, end: spans[i + 1]?.at ?? now }))
    .filter((span) => span.end >= from && span.at <= to);
}
