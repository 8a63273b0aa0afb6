// @ts-check
// Which part of the story the picture shows, and which moment of it is read: by keys, by pointer, by buttons.

import { html, setAttributes, setText } from './dom.js';

/** @typedef {import('./words.js').Words} Words */

const SPANS = [60_000, 120_000, 300_000];
/** So many presses of an arrow key go through the window. */
const STEPS = 60;
/** Room kept to the right of now, for the next try. */
const AHEAD = 0.07;

/** The part that is shown, on so many pixels. */
export class View {
  now = Date.now();

  /** @param {number} from @param {number} to @param {number} width */
  constructor(from, to, width) {
    this.from = from;
    this.to = to;
    this.width = width;
  }

  /** @param {number} at */
  x(at) {
    return ((at - this.from) / (this.to - this.from)) * this.width;
  }

  /**
   * What of it is shown.
   * @template {{ at: number }} T
   * @param {T[]} list
   */
  points(list) {
    return list.filter(({ at }) => at >= this.from && at <= this.to);
  }

  /**
   * The same of spans, each with its end: where the next one begins.
   * @template {{ at: number }} T
   * @param {T[]} list
   * @returns {(T & { end: number })[]}
   */
  spans(list, from = this.from) {
    return list.map((span, i) => ({ ...span, end: list[i + 1]?.at ?? this.now })).filter(({ end }) => end >= from);
  }
}

export class Viewport {
  /** Where the story begins. */
  start = Date.now();
  span = SPANS[0] ?? 60_000;
  /** @type {number | null} The end of the window; null while it follows the clock. */
  #end = null;
  /** @type {number | null} Where the pointer is, in pixels. */ #pointer = null;
  /** @type {number | null} The time that the arrow keys have come to. */ #cursor = null;
  #changed;

  /** @param {() => void} changed Called whenever something else is to be seen. */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {number} width In pixels. */
  view(width) {
    const to = this.#end ?? this.#newest();
    return new View(to - this.span, to, width);
  }

  get follows() {
    return this.#end === null;
  }

  /** Whether it is by keys that a moment is read: it stands still then. */
  get keyed() {
    return this.#cursor !== null;
  }

  /** The moment that is read, if one is. @param {View} view */
  moment(view) {
    if (this.#cursor !== null) return this.#cursor;
    if (this.#pointer === null || this.#pointer < 0) return null;
    return view.from + (this.#pointer / view.width) * this.span;
  }

  /** Where the window ends that follows the clock: young stories start at the left and grow to the right. */
  #newest() {
    return Math.max(Date.now() + this.span * AHEAD, this.#first());
  }

  #first() {
    return this.start + this.span * (1 - AHEAD / 4);
  }

  /** Another story. @param {number} start */
  restart(start) {
    this.start = start;
    this.#end = this.#cursor = null;
  }

  /** @param {number} spans How many windows to go; negative is back. */
  scroll(spans) {
    const end = Math.max((this.#end ?? this.#newest()) + spans * this.span, this.#first());
    this.#end = end >= this.#newest() ? null : end;
    this.#changed();
  }

  /** @param {number} span */
  zoom(span) {
    this.span = span;
    this.#changed();
  }

  /** @param {number} step */
  zoomBy(step) {
    this.zoom(SPANS[SPANS.indexOf(this.span) + step] ?? this.span);
  }

  /** Moves the keys' cursor, and the window after it. @param {number} steps Negative is back. */
  step(steps) {
    const { from, to, now } = this.view(1);
    const at = (this.#cursor ?? Math.min(now, to)) + steps * (this.span / STEPS);
    this.#cursor = Math.min(Math.max(at, this.start), now);
    if (this.#cursor < from) this.scroll((this.#cursor - from) / this.span - 0.25);
    if (this.#cursor > to) this.scroll((this.#cursor - to) / this.span + 0.25);
    this.#changed();
  }

  /**
   * @param {HTMLElement} chart
   * @param {number} gutter What is left of the picture, in pixels.
   */
  listen(chart, gutter) {
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => this.step(-1),
      ArrowDown: () => this.step(-1),
      ArrowRight: () => this.step(1),
      ArrowUp: () => this.step(1),
      PageUp: () => this.scroll(-0.5),
      PageDown: () => this.scroll(0.5),
      End: () => this.scroll(Infinity),
      Home: () => this.scroll(-Infinity),
      '+': () => this.zoomBy(-1),
      '-': () => this.zoomBy(1),
    };
    const leave = () => {
      this.#pointer = this.#cursor = null;
      this.#changed();
    };
    setAttributes(chart, {
      keydown: (/** @type {KeyboardEvent} */ event) => {
        const act = keys[event.key];
        if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        act();
      },
      pointermove: (/** @type {PointerEvent} */ event) => {
        const { left, width } = chart.getBoundingClientRect();
        if (event.buttons === 1) this.scroll(-event.movementX / (width - gutter));
        this.#pointer = event.clientX - left - gutter;
        this.#cursor = null;
        this.#changed();
      },
      pointerleave: leave,
      blur: leave,
    });
  }
}

/** The buttons above the picture. */
export class Tools {
  /** @type {((words: Words) => void)[]} */ #shows = [];

  /** @param {Viewport} viewport */
  constructor(viewport) {
    const button = (/** @type {() => void} */ click, /** @type {(words: Words) => unknown[]} */ look) => {
      const made = html('button', { type: 'button', part: 'button', click });
      this.#shows.push((words) => {
        const [text, label, pressed] = look(words);
        setText(made, String(text));
        setAttributes(made, { 'aria-label': label, 'aria-pressed': pressed });
      });
      return made;
    };
    const zooms = SPANS.map((span) => button(() => viewport.zoom(span), (words) => [words.duration(span), null, String(span === viewport.span)]));
    const earlier = button(() => viewport.scroll(-0.5), ({ texts }) => ['◀', texts.earlier]);
    const later = button(() => viewport.scroll(0.5), ({ texts }) => ['▶', texts.later]);
    const now = button(() => viewport.scroll(Infinity), ({ texts }) => [texts.now, null, String(viewport.follows)]);
    this.element = html('div', { part: 'tools' }, html('span', {}, ...zooms), html('span', {}, earlier, later, now));
  }

  /** @param {Words} words */
  show(words) {
    for (const show of this.#shows) show(words);
  }
}
