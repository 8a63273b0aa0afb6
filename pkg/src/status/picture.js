// @ts-check
// The timeline as a picture: swim lanes (side A, side B where there is one, the agent) over one time axis. The thick line is
// the agent's connection: it lies in the lane of the side it is connected to, breaks where it broke and crosses over where it
// moved. Above it stands what the page has noted, below it what the keeper saw; the last lane shows what state the keeper made
// of it.

import { html, setAttributes, setText, svg } from './dom.js';
import { episodes, SIDES } from './history.js';
import { Tools, View, Viewport } from './view.js';
import { lookUp } from './words.js';

/** @typedef {import('../../index.js').Side} Side */
/** @typedef {import('../../index.js').Status} Status */
/** @typedef {import('../../index.js').TimelineEntry} TimelineEntry */
/** @typedef {import('../../status.js').StatusNote} StatusNote */
/** @typedef {import('./history.js').History} History */
/** @typedef {import('./history.js').StateSpan} StateSpan */
/** @typedef {import('./words.js').Words} Words */
/** @typedef {{ note: StatusNote, x0: number, x1: number, labelX: number, inside: boolean, row: number }} Bar */
/** @typedef {{ y: number, height: number, bars: Bar[], body: number }} Lane  `body`: where the lane goes on below its bars */

const GUTTER = 76;
const AXIS = 24;
const BAR_ROW = 23;
const SIDE_BODY = 46;
const AGENT_BODY = 68;

export class Picture {
  #history = /** @type {History} */ (/** @type {unknown} */ (null));
  /** @type {TimelineEntry[]} */ #entries = [];
  /** @type {readonly StatusNote[]} */ #notes = [];
  /** @type {readonly Side[]} */ #sides = SIDES;
  #words = /** @type {Words} */ (/** @type {unknown} */ (null));
  #ruler = document.createElement('canvas').getContext('2d');
  #picture = svg('svg', { 'aria-hidden': 'true' });
  // a slider's keys reach us whatever a screen reader is used with, and its value is read out when it changes
  #chart = html('div', { part: 'chart', role: 'slider', tabindex: 0, 'aria-valuenow': 100 });
  #readout = html('p', { part: 'readout', class: 'quiet' });
  #legend = html('ul', { part: 'legend', class: 'quiet' });
  #noteKey = html('li');
  element = html('div', {}, this.#chart, this.#readout, this.#legend);

  /** @param {() => void} changed Called when something else is to be seen. */
  constructor(changed) {
    this.viewport = new Viewport(changed);
    this.tools = new Tools(this.viewport);
    this.#chart.append(this.#picture);
    this.viewport.listen(this.#chart, GUTTER);
  }

  /** @param {Words} words */
  label(words) {
    this.tools.show(words);
    setAttributes(this.#chart, { 'aria-label': `${words.texts.happened}. ${words.texts.hint}` });
    if (words !== this.#words) this.#fillLegend(words);
    this.#words = words;
  }

  clear() {
    this.#picture.replaceChildren();
  }

  /**
   * Draws, in the words of the last label.
   * @param {History} history
   * @param {TimelineEntry[]} entries
   * @param {readonly StatusNote[]} notes
   * @param {Status} status
   */
  draw(history, entries, notes, { sides, nextTryAt }) {
    if (history !== this.#history) this.viewport.restart(history.start);
    this.#history = history;
    this.#entries = entries;
    this.#notes = notes;
    this.#sides = sides[1] ? SIDES : ['A'];
    setAttributes(this.#noteKey, { hidden: notes.every(({ until }) => until === undefined) });
    const total = this.#chart.clientWidth;
    if (total <= GUTTER) return;
    if (this.#ruler) this.#ruler.font = `600 12px ${getComputedStyle(this.#chart).fontFamily}`;
    const view = this.viewport.view(total - GUTTER);
    const lanes = this.#lanes(view);
    const bottom = lanes.agent.y + lanes.agent.height;
    setAttributes(this.#picture, { width: total, height: bottom + AXIS });
    // An inner svg clips what lies outside the window.
    const plot = svg('svg', { x: GUTTER, width: view.width, height: bottom + AXIS });
    plot.append(
      ...this.#grid(view, bottom),
      ...this.#sides.flatMap((side) => this.#side(view, lanes[side], side)),
      ...this.#connection(view, lanes),
      ...this.#agent(view, lanes.agent),
      ...this.#marks(view, lanes),
      ...this.#now(view, bottom, nextTryAt),
    );
    this.#picture.replaceChildren(this.#titles(lanes, total), plot);
    this.#tellMoment(view);
  }

  /** Says what was true at the moment that is read, or else what is true now; without seconds that count. @param {View} view */
  #tellMoment(view) {
    const at = this.viewport.moment(view);
    const read = at !== null && at <= view.now ? this.#momentWords(view, at) : '';
    setText(this.#readout, read || this.#words.texts.hint);
    const said = (this.viewport.keyed && read) || this.#stateWords(this.#history.states.at(-1));
    if (said === this.#chart.getAttribute('aria-valuetext')) return;
    const percent = (((at ?? view.now) - this.#history.start) / (view.now - this.#history.start)) * 100;
    setAttributes(this.#chart, { 'aria-valuenow': Math.round(percent) || 0, 'aria-valuetext': said });
  }

  /**
   * @param {View} view
   * @param {number} at
   */
  #momentWords(view, at) {
    const going = this.#notes.filter(({ at: from, until }) => until !== undefined && from <= at && (until ?? view.now) >= at);
    const near = (8 / view.width) * this.viewport.span;
    const said = this.#entries.filter((entry) => Math.abs(entry.at - at) < near).map((entry) => entry.text);
    return [
      this.#words.clock(at),
      this.#stateWords(this.#history.states.findLast((span) => span.at <= at)),
      ...going.map(({ text, side }) => `⚡ ${side ? this.#words.texts.on(text, side) : text}`),
      ...new Set(said.slice(0, 3)),
    ].filter(Boolean).join(' · ');
  }

  /** @param {StateSpan | undefined} span */
  #stateWords(span) {
    return span ? this.#words.state(span) + (span.reason ? ` (${this.#words.reason(span.reason)})` : '') : '';
  }

  // ---- lanes ----

  /** @param {View} view @returns {Record<Side | 'agent', Lane>} */
  #lanes(view) {
    let y = 0;
    const lane = (/** @type {Side | null} */ side, /** @type {number} */ body) => {
      const bars = this.#bars(view, side);
      const rows = Math.max(side ? 1 : 0, ...bars.map((bar) => bar.row + 1));
      const made = { y, height: 6 + rows * BAR_ROW + body, bars, body: y + 6 + rows * BAR_ROW };
      y += made.height;
      return made;
    };
    return {
      A: lane('A', SIDE_BODY),
      B: this.#sides[1] ? lane('B', SIDE_BODY) : { y, height: 0, bars: [], body: y },
      agent: lane(null, AGENT_BODY),
    };
  }

  /**
   * What lasts of the notes of one lane, in as few rows as they fit in without overlap, labels included.
   * @param {View} view
   * @param {Side | null} side
   * @returns {Bar[]}
   */
  #bars(view, side) {
    /** @type {number[]} */
    const free = [];
    return this.#notes
      .filter((note) => note.until !== undefined && (note.side ?? null) === side)
      .filter(({ at, until }) => (until ?? view.now) >= view.from && at <= view.to)
      .map((note) => {
        const x0 = Math.max(view.x(note.at), 0);
        const x1 = Math.max(view.x(note.until ?? view.now), x0 + 4);
        const label = this.#measure(note.text) + 14;
        const inside = label <= x1 - x0;
        const outsideX = x1 + label > view.width ? Math.max(x0 - label + 7, 0) : x1 + 5;
        const labelX = inside ? x0 + 7 : outsideX;
        const row = free.findIndex((until) => until <= Math.min(x0, labelX));
        const used = row < 0 ? free.length : row;
        free[used] = Math.max(x1, labelX + label);
        return { note, x0, x1, labelX, inside, row: used };
      });
  }

  /** The width of a bold text. @param {string} text */
  #measure(text) {
    return this.#ruler ? this.#ruler.measureText(text).width : text.length * 7;
  }

  /**
   * @param {Record<Side | 'agent', Lane>} lanes
   * @param {number} width
   */
  #titles(lanes, width) {
    const title = (/** @type {Lane} */ lane, /** @type {string} */ name, /** @type {string} */ hint) => [
      line('edge', 0, lane.y + lane.height, width, lane.y + lane.height),
      text('title', 4, lane.y + 22, name),
      text('quiet', 4, lane.y + 38, hint),
    ];
    const { lane, laneHint, agent, agentHint } = this.#words.texts;
    const sides = this.#sides.flatMap((side) => title(lanes[side], lane(side), laneHint));
    return svg('g', {}, ...sides, ...title(lanes.agent, agent, agentHint));
  }

  // ---- what is drawn ----

  /** @param {View} view @param {number} bottom */
  #grid(view, bottom) {
    const room = this.#measure(this.#words.clock(view.now)) + 16;
    const step = this.viewport.span / ([6, 4, 3].find((steps) => view.width / steps > room) ?? 2);
    const shapes = [];
    for (let at = Math.ceil(view.from / step) * step; at < view.to; at += step) {
      const x = view.x(at);
      shapes.push(line('grid', x, 0, x, bottom));
      if (x > room / 2 && x < view.width - room / 2) shapes.push(text('quiet axis', x, bottom + 16, this.#words.clock(at)));
    }
    return shapes;
  }

  /** @param {View} view @param {Lane} lane @param {Side} side */
  #side(view, lane, side) {
    const y = lane.body + 33;
    const health = view.spans(this.#history.sides[side]).map((span) =>
      rect(`reading ${span.reading}`, ...extent(view, span), lane.y, lane.height, 0),
    );
    const reads = view.points(this.#history.reads)
      .filter((read) => read.side === side)
      .map((read) => glyph(read.reading, view.x(read.at), y));
    const said = view.points(this.#entries)
      .filter((entry) => entry.side === side && ['presence', 'notice', 'error'].includes(entry.kind))
      .map((entry) => glyph(entry.kind === 'error' ? 'error' : 'said', view.x(entry.at), y));
    return [...health, ...this.#bands(lane), ...reads, ...said];
  }

  /** @param {Lane} lane */
  #bands({ bars, y }) {
    return bars.flatMap(({ note, x0, x1, labelX, inside, row }) => {
      const top = y + 5 + row * BAR_ROW;
      return [
        rect('band error', x0, x1 - x0, top, BAR_ROW - 4),
        text(inside ? 'label' : 'outside label', labelX, top + 14, note.text),
      ];
    });
  }

  /** @param {View} view @param {Record<Side | 'agent', Lane>} lanes */
  #connection(view, lanes) {
    const up = SIDES.flatMap((side) => {
      const spans = view.spans(this.#history.sides[side], -Infinity).filter((span) => span.connected);
      return spans.map(({ at, end }) => ({ at, end, y: lanes[side].body + 12 }));
    }).sort((a, b) => a.at - b.at);
    const lines = up.flatMap(({ at, end, y }, i) => {
      const next = up[i + 1] ?? { at: view.now, y };
      const whole = line('connection', view.x(at), y, Math.max(view.x(end), view.x(at) + 1), y);
      return next.at - end > 50 ? [whole, gap(view.x(end), y, view.x(next.at), next.y)] : [whole];
    });
    const told = view.points(this.#entries).flatMap(({ at, side, kind }) =>
      side && kind === 'notification' ? [circle('notification', view.x(at), lanes[side].body + 12, 2)] : [],
    );
    return [...lines, ...told];
  }

  /** @param {View} view @param {Lane} lane */
  #agent(view, lane) {
    const states = view.spans(episodes(this.#history.states)).flatMap((span) => {
      const kind = span.suspect ? 'suspect' : span.state;
      return this.#band(view, span, lane.body, 32, kind, bandLabels(span, this.#words));
    });
    const agent = view.spans(this.#history.agent).flatMap((span) =>
      this.#band(view, span, lane.body + 36, 20, span.state, [lookUp(this.#words.texts.agentStates, span.state)]),
    );
    const attempts = view.points(this.#history.states)
      .filter((span) => span.state === 'connecting')
      .map((span) => circle('attempt', view.x(span.at), lane.body + 28, 1.5));
    return [...this.#bands(lane), ...states, ...attempts, ...agent];
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
    const [x, width] = extent(view, span);
    const visible = width + Math.min(x, 0);
    const label = labels.find((words) => this.#measure(words) + 12 < visible);
    const parts = [rect(`band ${kind}`, x, width, y, height)];
    // a thick line of short dashes: stripes
    if (kind === 'suspect') parts.push(line('stripes', x, y + height / 2, x + width, y + height / 2));
    if (label) parts.push(text('label', Math.max(x, 0) + 7, y + height / 2 + 4, label));
    return parts;
  }

  /** @param {View} view @param {Record<Side | 'agent', Lane>} lanes */
  #marks(view, lanes) {
    return view.points(this.#history.marks).flatMap(({ at, to }) => {
      const x = view.x(at);
      if (!to) return [glyph('resynced', x, lanes.agent.body)];
      const moved = this.#words.texts.moved(to);
      const width = this.#measure(moved) + 14;
      const left = Math.min(Math.max(x - width / 2, 0), view.width - width);
      const y = lanes.B.y - 9;
      return [
        line('gap moving', x, lanes.A.y, x, lanes.agent.body + 32),
        rect('band moving', left, width, y, 19, 9.5),
        text('label', left + 7, y + 14, moved),
      ];
    });
  }

  /** @param {View} view @param {number} bottom @param {number | null} nextTryAt */
  #now(view, bottom, nextTryAt) {
    const upright = (/** @type {string} */ kind, /** @type {number | null} */ at) =>
      at === null ? [] : [line(kind, view.x(at), 0, view.x(at), bottom)];
    const next = nextTryAt && nextTryAt > view.now ? nextTryAt : null;
    return [...upright('now', view.now), ...upright('gap', next), ...upright('edge', this.viewport.moment(view))];
  }

  /** @param {Words} words */
  #fillLegend(words) {
    const { legend, readings } = words.texts;
    const key = (/** @type {string} */ text, /** @type {Element[]} */ ...shapes) =>
      html('li', {}, svg('svg', { width: 22, height: 14, 'aria-hidden': 'true' }, ...shapes), text);
    const dots = [6, 11, 16].map((x) => circle('attempt', x, 9, 1.5));
    const glyphs = { in: legend.in, out: readings.out, unreachable: readings.unreachable, unclear: readings.unclear, said: legend.said, resynced: legend.resynced };
    this.#noteKey = key(legend.note, rect('band error', 1, 20, 1, 12));
    this.#legend.replaceChildren(
      key(legend.connection, line('connection', 3, 7, 19, 7)),
      this.#noteKey,
      key(legend.attempt, rect('band reconnecting', 1, 20, 1, 12), ...dots),
      ...Object.entries(glyphs).map(([kind, text]) => key(text, glyph(kind, 11, 7))),
    );
  }
}

/**
 * @param {string} kind
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
const line = (kind, x1, y1, x2, y2) => svg('line', { class: kind, x1, y1, x2, y2 });

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} width
 * @param {number} y
 * @param {number} height
 */
const rect = (kind, x, width, y, height, rx = 3) => svg('rect', { class: kind, x, width, y, height, rx });

/**
 * @param {string} kind
 * @param {number} cx
 * @param {number} cy
 * @param {number} r
 */
const circle = (kind, cx, cy, r) => svg('circle', { class: kind, cx, cy, r });

/**
 * @param {string} kind
 * @param {number} x
 * @param {number} y
 * @param {string} words
 */
const text = (kind, x, y, words) => svg('text', { class: kind, x, y }, words);

/**
 * Where a span begins, and its width.
 * @param {View} view
 * @param {{ at: number, end: number }} span
 */
function extent(view, { at, end }) {
  const x = Math.max(view.x(at), -8);
  return /** @type {const} */ ([x, Math.max(view.x(end) - x, 1)]);
}

/**
 * From the fullest to the tersest.
 * @param {StateSpan} span
 * @param {Words} words
 */
function bandLabels(span, words) {
  const { silent, states, short } = words.texts;
  const state = words.state(span);
  if (span.suspect) return [silent(state), lookUp(short, 'suspect'), '?'];
  const why = span.reason ? [`${state} · ${words.reason(span.reason)}`] : [];
  return [...why, state, lookUp(states, span.state), lookUp(short, span.state, '')];
}

/**
 * From the end of one connection to the start of the next, on whichever side.
 * @param {number} x
 * @param {number} y
 * @param {number} nextX
 * @param {number} nextY
 */
function gap(x, y, nextX, nextY) {
  return svg('path', { class: 'gap', d: `M${x} ${y}H${Math.max(nextX - 14, x)}L${nextX} ${nextY}` });
}

/** Shapes as well as colours, for those who cannot tell the colours apart. */
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
function glyph(kind, x, y) {
  return svg('path', { class: `glyph ${kind}`, d: lookUp(GLYPHS, kind, GLYPHS.unclear), transform: `translate(${x} ${y})` });
}
