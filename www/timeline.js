// @ts-check
// The timeline as a picture: three swim lanes (side A, side B, the agent) over one time axis. The thick line is the agent's
// connection: it lies in the lane of the side it is connected to, breaks where it broke and crosses over where it moved.
// Above it stands what is broken in truth, below it what the keeper saw; the last lane shows what state the keeper made of it.

import { html, setAttributes, setText, svg } from './dom.js';
import { between, episodes, History, SIDES } from './history.js';
import { faultLabel } from './simulator.js';
import { agentWords, clock, duration, readingWords, reasonWords, shortStateWords, stateWords } from './words.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').TimelineEntry} TimelineEntry */
/** @typedef {import('./history.js').FaultSpan} FaultSpan */
/** @typedef {import('./history.js').Side} Side */
/** @typedef {{ from: number, to: number, now: number, width: number, x: (at: number) => number }} View */
/** @typedef {{ span: FaultSpan, x0: number, x1: number, labelX: number, inside: boolean, row: number }} Bar */
/** @typedef {{ y: number, height: number, bars: Bar[], body: number }} Lane  `body`: where the lane goes on below its faults */

const SPANS = [60_000, 120_000, 300_000];
const GUTTER = 76;
const AXIS = 24;
const FAULT_ROW = 23;
const SIDE_BODY = 46;
const AGENT_BODY = 68;
/** So many presses of an arrow key go through the window. */
const STEPS = 60;
/** Room kept to the right of now, for the next try. */
const AHEAD = 0.07;

export class Timeline {
  #span = SPANS[0] ?? 60_000;
  /** @type {number | null} The end of the window; null while it follows the clock. */
  #end = null;
  #history = new History();
  /** @type {TimelineEntry[]} */ #entries = [];
  /** @type {number | null} */ #nextTryAt = null;
  #ruler = document.createElement('canvas').getContext('2d');
  #picture = svg('svg', { role: 'img' });
  #readout;
  /** @type {number | null} Where the pointer is, in pixels. */ #pointer = null;
  /** @type {number | null} The time that the arrow keys have come to. */ #cursor = null;
  /** @type {View | null} */ #view = null;

  /**
   * @param {{ chart: HTMLElement, tools: HTMLElement, readout: HTMLElement }} parts
   */
  constructor({ chart, tools, readout }) {
    this.#readout = readout;
    chart.append(this.#picture);
    this.#addTools(tools);
    this.#listen(chart);
  }

  /** @param {History} history Another agent's. */
  restart(history) {
    this.#history = history;
    this.#end = this.#cursor = null;
  }

  /** @param {string} label What the picture shows, in words. */
  describe(label) {
    setAttributes(this.#picture, { 'aria-label': label });
  }

  /**
   * @param {TimelineEntry[]} entries
   * @param {number | null} nextTryAt
   */
  draw(entries, nextTryAt) {
    this.#entries = entries;
    this.#nextTryAt = nextTryAt;
    const total = this.#picture.parentElement?.clientWidth ?? 0;
    if (total <= GUTTER) return;
    const view = (this.#view = this.#window(total - GUTTER));
    const lanes = this.#lanes(view);
    const bottom = lanes.agent.y + lanes.agent.height;
    setAttributes(this.#picture, { width: total, height: bottom + AXIS });
    // An inner svg clips what lies outside the window.
    const plot = svg('svg', { x: GUTTER, width: view.width, height: bottom + AXIS });
    plot.append(
      this.#grid(view, bottom),
      ...SIDES.flatMap((side) => this.#side(view, lanes[side], side)),
      this.#connection(view, lanes),
      ...this.#agent(view, lanes.agent),
      ...this.#marks(view, lanes),
      this.#now(view, bottom),
    );
    this.#picture.replaceChildren(hatches(), this.#titles(lanes, total), plot);
    this.#tellMoment(view);
  }

  // ---- window and controls ----

  /** @param {number} width @returns {View} */
  #window(width) {
    const now = Date.now();
    const to = this.#end ?? this.#newest();
    const from = to - this.#span;
    return { from, to, now, width, x: (at) => ((at - from) / this.#span) * width };
  }

  /** Where the window ends that follows the clock: young stories start at the left and grow to the right. */
  #newest() {
    return Math.max(Date.now() + this.#span * AHEAD, this.#history.start + this.#span * (1 - AHEAD / 4));
  }

  /** @param {number} spans How many windows to go; negative is back. */
  #scroll(spans) {
    const first = this.#history.start + this.#span * (1 - AHEAD / 4);
    const end = Math.max((this.#end ?? this.#newest()) + spans * this.#span, first);
    this.#end = end >= this.#newest() ? null : end;
    this.#showTools();
  }

  /** @param {number} span */
  #zoom(span) {
    this.#span = span;
    this.#showTools();
  }

  /** @type {(() => void)[]} */ #tools = [];

  #showTools() {
    for (const show of this.#tools) show();
  }

  /** @param {HTMLElement} tools */
  #addTools(tools) {
    const zooms = SPANS.map((span) => {
      const button = html('button', { type: 'button', click: () => this.#zoom(span) }, `${span / 60_000} min`);
      this.#tools.push(() => setAttributes(button, { 'aria-pressed': String(span === this.#span) }));
      return button;
    });
    const earlier = html('button', { type: 'button', click: () => this.#scroll(-0.5), 'aria-label': 'Earlier' }, '◀');
    const later = html('button', { type: 'button', click: () => this.#scroll(0.5), 'aria-label': 'Later' }, '▶');
    const now = html('button', { type: 'button', click: () => this.#scroll(Infinity) }, 'Now');
    this.#tools.push(() => setAttributes(now, { 'aria-pressed': String(this.#end === null) }));
    tools.append(
      html('span', { class: 'segmented', role: 'group', 'aria-label': 'Time shown' }, ...zooms),
      html('span', { class: 'segmented', role: 'group', 'aria-label': 'Scroll' }, earlier, later, now),
    );
    this.#showTools();
  }

  /** @param {HTMLElement} chart */
  #listen(chart) {
    const zoomBy = (/** @type {number} */ step) => this.#zoom(SPANS[SPANS.indexOf(this.#span) + step] ?? this.#span);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.#step(-1),
      ArrowRight: () => this.#step(1),
      PageUp: () => this.#scroll(-0.5),
      PageDown: () => this.#scroll(0.5),
      End: () => this.#scroll(Infinity),
      Home: () => this.#scroll(-Infinity),
      '+': () => zoomBy(-1),
      '-': () => zoomBy(1),
    };
    chart.addEventListener('keydown', (event) => {
      const act = keys[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
    chart.addEventListener('pointermove', (event) => {
      const left = chart.getBoundingClientRect().left + GUTTER;
      if (event.buttons === 1 && this.#view) this.#scroll(-event.movementX / this.#view.width);
      this.#pointer = event.clientX - left;
      this.#cursor = null;
    });
    chart.addEventListener('pointerleave', () => (this.#pointer = null));
    chart.addEventListener('blur', () => (this.#cursor = null));
  }

  /** Moves the keys' cursor, and the window after it. @param {number} steps Negative is back. */
  #step(steps) {
    if (!this.#view) return;
    const { from, to, now } = this.#window(this.#view.width);
    const at = (this.#cursor ?? Math.min(now, to)) + steps * (this.#span / STEPS);
    this.#cursor = Math.min(Math.max(at, this.#history.start), now);
    if (this.#cursor < from) this.#scroll((this.#cursor - from) / this.#span - 0.25);
    if (this.#cursor > to) this.#scroll((this.#cursor - to) / this.#span + 0.25);
  }

  /** The moment that is read: under the keys' cursor, or under the pointer. @param {View} view */
  #moment(view) {
    if (this.#cursor !== null) return this.#cursor;
    if (this.#pointer === null || this.#pointer < 0) return null;
    return view.from + (this.#pointer / view.width) * this.#span;
  }

  /** Says what was true at the moment that is read; aloud only for the keys, whose moment stands still. @param {View} view */
  #tellMoment(view) {
    setAttributes(this.#readout, { 'aria-live': this.#cursor === null ? 'off' : 'polite' });
    const at = this.#moment(view);
    if (at === null || at > view.now) {
      return setText(this.#readout, 'Point at the picture or use the arrow keys to read a moment; drag it or use the page keys to go back.');
    }
    const state = this.#history.states.findLast((span) => span.at <= at);
    const broken = this.#history.faults.filter((span) => span.from <= at && (span.to ?? view.now) >= at);
    const near = (8 / view.width) * this.#span;
    const said = this.#entries.filter((entry) => Math.abs(entry.at - at) < near).map((entry) => entry.text);
    const words = [
      clock(at),
      state ? stateWords(state) + (state.reason ? ` (${reasonWords(state.reason)})` : '') : '',
      ...broken.map((span) => `⚡ ${faultLabel(span.fault)}${span.side ? ` on ${span.side}` : ''}`),
      ...new Set(said.slice(0, 3)),
    ];
    setText(this.#readout, words.filter(Boolean).join(' · '));
  }

  // ---- lanes ----

  /** @param {View} view @returns {Record<Side | 'agent', Lane>} */
  #lanes(view) {
    let y = 0;
    const lane = (/** @type {Side | null} */ side, /** @type {number} */ body) => {
      const bars = this.#bars(view, side);
      const rows = Math.max(side ? 1 : 0, ...bars.map((bar) => bar.row + 1));
      const made = { y, height: 6 + rows * FAULT_ROW + body, bars, body: y + 6 + rows * FAULT_ROW };
      y += made.height;
      return made;
    };
    return { A: lane('A', SIDE_BODY), B: lane('B', SIDE_BODY), agent: lane(null, AGENT_BODY) };
  }

  /**
   * Faults of one lane in as few rows as they fit in without overlap, labels included.
   * @param {View} view
   * @param {Side | null} side
   * @returns {Bar[]}
   */
  #bars(view, side) {
    /** @type {number[]} */
    const free = [];
    return this.#history.faults
      .filter((span) => span.side === side && (span.to ?? view.now) >= view.from && span.from <= view.to)
      .map((span) => {
        const x0 = Math.max(view.x(span.from), 0);
        const x1 = Math.max(view.x(span.to ?? view.now), x0 + 4);
        const label = this.#measure(faultLabel(span.fault)) + 14;
        const inside = label <= x1 - x0;
        const before = !inside && x1 + label > view.width;
        const labelX = inside ? x0 + 7 : before ? x0 - label + 7 : x1 + 5;
        const row = free.findIndex((until) => until <= Math.min(x0, labelX));
        const used = row < 0 ? free.length : row;
        free[used] = Math.max(x1, labelX + label);
        return { span, x0, x1, labelX, inside, row: used };
      });
  }

  /** @param {string} text */
  #measure(text, font = '600 12px system-ui, sans-serif') {
    if (!this.#ruler) return text.length * 7;
    this.#ruler.font = font;
    return this.#ruler.measureText(text).width;
  }

  /**
   * @param {Record<Side | 'agent', Lane>} lanes
   * @param {number} width
   */
  #titles(lanes, width) {
    const title = (/** @type {Lane} */ lane, /** @type {string} */ text, /** @type {string} */ small) => [
      svg('line', { class: 'lane-edge', x1: 0, x2: width, y1: lane.y + lane.height, y2: lane.y + lane.height }),
      svg('text', { class: 'lane-title', x: 4, y: lane.y + 22 }, text),
      svg('text', { class: 'lane-hint', x: 4, y: lane.y + 38 }, small),
    ];
    return svg(
      'g',
      {},
      ...SIDES.flatMap((side) => title(lanes[side], `Side ${side}`, 'server')),
      ...title(lanes.agent, 'Agent', 'our state'),
    );
  }

  // ---- what is drawn ----

  /** @param {View} view @param {number} bottom */
  #grid(view, bottom) {
    const step = this.#span / (view.width > 480 ? 6 : 4);
    const group = svg('g', {});
    for (let at = Math.ceil(view.from / step) * step; at < view.to; at += step) {
      const x = view.x(at);
      group.append(svg('line', { class: 'grid', x1: x, x2: x, y1: 0, y2: bottom }));
      if (x < 28 || x > view.width - 28) continue;
      group.append(svg('text', { class: 'axis', x, y: bottom + 16, 'text-anchor': 'middle' }, clock(at)));
    }
    return group;
  }

  /** @param {View} view @param {Lane} lane @param {Side} side */
  #side(view, lane, side) {
    const health = between(this.#history.sides[side], view.from, view.now, view.now).map((span) =>
      svg('rect', { class: `reading ${span.reading}`, ...extent(view, span.at, span.end), y: lane.y, height: lane.height }),
    );
    const y = lane.body + 33;
    const reads = this.#history.reads
      .filter((read) => read.side === side && read.at >= view.from && read.at <= view.to)
      .map((read) => glyph(read.reading, view.x(read.at), y));
    const said = this.#entries
      .filter((entry) => entry.side === side && ['presence', 'notice', 'error'].includes(entry.kind) && entry.at >= view.from)
      .map((entry) => glyph(entry.kind === 'error' ? 'error' : 'said', view.x(entry.at), y));
    return [...health, ...this.#faults(lane), ...reads, ...said];
  }

  /** @param {Lane} lane */
  #faults({ bars, y }) {
    return bars.flatMap(({ span, x0, x1, labelX, inside, row }) => {
      const top = y + 5 + row * FAULT_ROW;
      const open = span.to === null ? ' open' : '';
      return [
        svg('rect', { class: `fault${open}`, x: x0, width: x1 - x0, y: top, height: FAULT_ROW - 4, rx: 3 }),
        svg('text', { class: inside ? 'fault-label' : 'fault-label outside', x: labelX, y: top + 14 }, faultLabel(span.fault)),
      ];
    });
  }

  /** @param {View} view @param {Record<Side | 'agent', Lane>} lanes */
  #connection(view, lanes) {
    const group = svg('g', {});
    const up = SIDES.flatMap((side) =>
      between(this.#history.sides[side], -Infinity, view.now, view.now)
        .filter((span) => span.connected)
        .map((span) => ({ side, at: span.at, end: span.end, y: lanes[side].body + 12 })),
    ).sort((a, b) => a.at - b.at);
    up.forEach((part, i) => {
      const next = up[i + 1];
      const [x, end] = [view.x(part.at), view.x(part.end)];
      group.append(svg('line', { class: 'connection', x1: x, x2: Math.max(end, x + 1), y1: part.y, y2: part.y }));
      if (next && next.at - part.end > 50) group.append(gap(end, part.y, view.x(next.at), next.y));
      if (!next && view.now - part.end > 50) group.append(gap(end, part.y, view.x(view.now), part.y));
    });
    const dots = this.#entries.filter((entry) => entry.kind === 'notification' && entry.side && entry.at >= view.from);
    for (const { at, side } of dots) {
      if (side) group.append(svg('circle', { class: 'notification', cx: view.x(at), cy: lanes[side].body + 12, r: 2 }));
    }
    return group;
  }

  /** @param {View} view @param {Lane} lane */
  #agent(view, lane) {
    const states = between(episodes(this.#history.states), view.from, view.now, view.now).flatMap((span) => {
      const kind = span.suspect ? 'suspect' : span.state;
      return this.#band(view, span, lane.body, 32, `state ${kind}`, bandLabels(span));
    });
    const agent = between(this.#history.agent, view.from, view.now, view.now).flatMap((span) =>
      this.#band(view, span, lane.body + 36, 20, `agent-state ${span.state}`, [agentWords(span.state)]),
    );
    const attempts = this.#history.states
      .filter((span) => span.state === 'connecting' && span.at >= view.from)
      .map((span) => svg('circle', { class: 'attempt', cx: view.x(span.at), cy: lane.body + 28, r: 1.5 }));
    return [...this.#faults(lane), ...states, ...attempts, ...agent];
  }

  /**
   * A band with the longest of its labels that fits.
   * @param {View} view
   * @param {{ at: number, end: number }} span
   * @param {number} y
   * @param {number} height
   * @param {string} kind
   * @param {string[]} labels
   */
  #band(view, span, y, height, kind, labels) {
    const { x, width } = extent(view, span.at, span.end);
    const visible = width + Math.min(x, 0);
    const text = labels.find((label) => this.#measure(label) + 12 < visible);
    const middle = y + height / 2 + 4;
    const parts = [svg('rect', { class: `band ${kind}`, x, width, y, height, rx: 3 })];
    if (kind.includes('suspect')) parts.push(svg('rect', { fill: 'url(#hatch)', x, width, y, height, rx: 3 }));
    if (text) parts.push(svg('text', { class: `band-label ${kind}`, x: Math.max(x, 0) + 7, y: middle }, text));
    return parts;
  }

  /** @param {View} view @param {Record<Side | 'agent', Lane>} lanes */
  #marks(view, lanes) {
    const visible = this.#history.marks.filter((mark) => mark.at >= view.from && mark.at <= view.to);
    return visible.flatMap((mark) => {
      const x = view.x(mark.at);
      if (mark.kind === 'resynced') return [glyph('resynced', x, lanes.agent.body)];
      const width = this.#measure(mark.text) + 14;
      const left = Math.min(Math.max(x - width / 2, 0), view.width - width);
      const y = lanes.B.y - 9;
      return [
        svg('line', { class: 'move', x1: x, x2: x, y1: lanes.A.y, y2: lanes.agent.body + 32 }),
        svg('rect', { class: 'move', x: left, y, width, height: 19, rx: 9.5 }),
        svg('text', { class: 'move-label', x: left + 7, y: y + 14 }, mark.text),
      ];
    });
  }

  /** @param {View} view @param {number} bottom */
  #now(view, bottom) {
    const x = view.x(view.now);
    const group = svg('g', {}, svg('line', { class: 'now', x1: x, x2: x, y1: 0, y2: bottom }));
    if (this.#nextTryAt && this.#nextTryAt > view.now) {
      const next = view.x(this.#nextTryAt);
      group.append(svg('line', { class: 'next', x1: next, x2: next, y1: 0, y2: bottom }));
    }
    const read = this.#moment(view);
    if (read !== null) group.append(svg('line', { class: 'pointer', x1: view.x(read), x2: view.x(read), y1: 0, y2: bottom }));
    return group;
  }
}

/**
 * @param {View} view
 * @param {number} at
 * @param {number} end
 */
function extent(view, at, end) {
  const x = Math.max(view.x(at), -8);
  return { x, width: Math.max(view.x(end) - x, 1) };
}

/**
 * From the fullest to the tersest.
 * @param {import('./history.js').StateSpan} span
 */
function bandLabels(span) {
  const words = stateWords(span);
  if (span.suspect) return [`${words}, but silent`, 'Silent?', '?'];
  const why = span.reason ? [`${words} · ${reasonWords(span.reason)}`] : [];
  return [...why, words, words.replace(/ (on|to) .$/, ''), shortStateWords(span.state)];
}

/**
 * From the end of one connection to the start of the next: dotted within a side, an arc from side to side.
 * @param {number} x
 * @param {number} y
 * @param {number} nextX
 * @param {number} nextY
 */
function gap(x, y, nextX, nextY) {
  if (y === nextY) return svg('line', { class: 'gap', x1: x, x2: nextX, y1: y, y2: y });
  const bend = Math.max(nextX - 14, x);
  return svg('path', { class: 'gap', d: `M${x} ${y} H${bend} C${nextX} ${y} ${bend} ${nextY} ${nextX} ${nextY}` });
}

/** Shapes as well as colours, for those who cannot tell the colours apart. */
/** @type {Record<string, string>} */
const GLYPHS = {
  in: 'M0 -5V5',
  out: 'M-4 -4L4 4M-4 4L4 -4',
  unreachable: 'M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0',
  unclear: 'M-4 4L0 -4L4 4Z',
  said: 'M-4 -5V5M-4 -5L4 -2L-4 1',
  error: 'M0 -6V2M0 4V6',
  resynced: 'M0 -6L6 0L0 6L-6 0Z',
};

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 */
export function glyph(kind, x, y) {
  return svg('path', { class: `glyph ${kind}`, d: GLYPHS[kind] ?? GLYPHS.in, transform: `translate(${x} ${y})` });
}

function hatches() {
  const stripe = svg('path', { d: 'M-2 2L2 -2M0 8L8 0M6 10L10 6', class: 'stripe' });
  return svg('defs', {}, svg('pattern', { id: 'hatch', width: 8, height: 8, patternUnits: 'userSpaceOnUse' }, stripe));
}

/**
 * The legend below the picture.
 * @param {HTMLElement} list
 */
export function fillLegend(list) {
  /** @type {[string, string][]} */
  const reads = [
    ['in', `read: ${readingWords('in')}`],
    ['out', readingWords('out')],
    ['unreachable', readingWords('unreachable')],
    ['unclear', readingWords('unclear')],
    ['said', 'the server said'],
    ['resynced', 'caught up: re-read what was missed'],
  ];
  const sample = (/** @type {Element} */ shape) => svg('svg', { width: 22, height: 14, 'aria-hidden': 'true' }, shape);
  const band = svg('rect', { class: 'band reconnecting', x: 1, y: 1, width: 20, height: 12, rx: 3 });
  const dotted = sample(svg('g', {}, band, ...[6, 11, 16].map((cx) => svg('circle', { class: 'attempt', cx, cy: 9, r: 1.5 }))));
  list.append(
    html('li', {}, sample(svg('line', { class: 'connection', x1: 3, x2: 19, y1: 7, y2: 7 })), 'the agent’s connection'),
    html('li', {}, sample(svg('rect', { class: 'fault', x: 1, y: 2, width: 20, height: 11, rx: 3 })), 'broken by you'),
    html('li', {}, dotted, 'attempt to connect'),
    ...reads.map(([kind, text]) => html('li', {}, sample(glyph(kind, 11, 7)), text)),
  );
}

/**
 * One sentence for those who do not see the picture.
 * @param {History} history
 */
export function pictureWords(history) {
  const state = history.states.at(-1);
  const broken = history.faults.filter((span) => span.to === null).map((span) => faultLabel(span.fault));
  const since = state ? ` for ${duration(Date.now() - state.at)}` : '';
  return `Timeline. ${state ? stateWords(state) : 'Starting'}${since}. ${broken.length ? `Broken: ${broken.join(', ')}.` : 'Nothing is broken.'}`;
}
