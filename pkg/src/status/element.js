// @ts-check
// The element itself: properties, attributes, its life on the page, and when what is drawn.

import { Announcer } from './announcer.js';
import dark from './dark.css';
import { html, keepFocus, setAttributes, setText } from './dom.js';
import { english } from './english.js';
import { Entries } from './entries.js';
import { History } from './history.js';
import light from './light.css';
import { Picture } from './picture.js';
import style from './style.css';
import { Summary } from './summary.js';
import { languageOf, merge, refuse, Words } from './words.js';

/** @typedef {import('../../index.js').Keeper} Keeper */
/** @typedef {import('../../index.js').Status} Status */
/** @typedef {import('../../index.js').TimelineEntry} TimelineEntry */
/** @typedef {import('../../status.js').StatusNote} StatusNote */
/** @typedef {import('../../status.js').SomeStatusTexts} SomeStatusTexts */

/** The keeper is looked at so often without news of it: all that it tells is converted each time. */
const LOOK_MS = 500;
const FRAME_MS = 200;
/** So long after a failure the picture still moves smoothly. */
const CALM_MS = 10_000;
/** From this age on only minutes are told. */
const OLD_MS = 600_000;

/** What may have been set before the element was registered. */
const PROPERTIES = /** @type {const} */ (['keeper', 'texts', 'notes', 'open']);

/** @param {string} css */
function sheet(css, media = '') {
  const made = new CSSStyleSheet({ media });
  made.replaceSync(css);
  return made;
}

/** Made when the first element is: for all, and by theme. @type {CSSStyleSheet[] | undefined} */
let sheets;

/** @param {string | null} theme */
function sheetsFor(theme) {
  sheets ??= [sheet(style), sheet(light), sheet(dark), sheet(dark, '(prefers-color-scheme: dark)')];
  const [base, day, night, preferred] = /** @type {[CSSStyleSheet, CSSStyleSheet, CSSStyleSheet, CSSStyleSheet]} */ (sheets);
  return theme === 'light' ? [base, day] : [base, day, theme === 'dark' ? night : preferred];
}

// in Node there is nothing to extend, and nothing is made
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class StatusElement extends Base {
  static observedAttributes = ['open', 'theme', 'lang'];

  /** @type {Keeper | null} */ #keeper = null;
  /** @type {History | null} */ #history = null;
  /** @type {readonly StatusNote[]} */ #notes = [];
  #words = new Words(english, '');
  #asked = false;
  /** However much changes at once, it is drawn once. */
  #ask = () => {
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => this.#render());
  };
  #root = this.attachShadow({ mode: 'open' });
  #announcer = new Announcer();
  #summary = new Summary((act) => this.#keeper && act(this.#keeper));
  #picture = new Picture(this.#ask);
  #entries = new Entries(this.#ask);
  #arrow = html('span', { 'aria-hidden': 'true' });
  #label = html('span');
  #toggle = html(
    'button',
    { type: 'button', part: 'toggle', click: () => this.toggleAttribute('open') },
    this.#arrow,
    ' ',
    this.#label,
  );
  #timeline = html(
    'div',
    { part: 'timeline' },
    html('div', { class: 'bar' }, this.#toggle, this.#picture.tools.element),
    this.#picture.element,
  );
  #watcher = { changed: () => this.#askAnew(), speaks: () => this.#announcer.speaks };
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  // not the element: a page may give it no box of its own
  #parts = [this.#summary.element, this.#timeline, this.#entries.element];
  /** @type {Set<Element>} Those that are on the screen, or nearly. */ #onScreen = new Set();
  #observer = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) this.#onScreen[isIntersecting ? 'add' : 'delete'](target);
    this.#ask();
  }, { rootMargin: '100%' });
  /** @type {{ status: Status, explained: string, entries: TimelineEntry[] } | null} What the keeper said last. */ #told = null;
  #lookedAt = -Infinity;

  constructor() {
    super();
    this.#root.append(this.#summary.element, html('slot'), this.#timeline, this.#entries.element, ...this.#announcer.elements);
    this.#dress();
    this.#unfold();
  }

  // ---- properties ----

  get keeper() {
    return this.#keeper;
  }

  set keeper(given) {
    const keeper = given ?? null;
    if (keeper && !(typeof keeper.addEventListener === 'function' && typeof keeper.timeline === 'function')) refuse('keeper', 'a Keeper, or null');
    if (keeper === this.#keeper) return;
    this.#letGo();
    this.#keeper = keeper;
    this.#history = keeper && History.of(keeper);
    this.#announcer.restart();
    this.#hold();
    this.#askAnew();
  }

  /** @returns {import('../../status.js').StatusTexts} */
  get texts() {
    return this.#words.texts;
  }

  /** @param {SomeStatusTexts} some */
  set texts(some) {
    this.#words = new Words(merge(some), this.#words.lang);
    this.#ask();
  }

  get notes() {
    return this.#notes;
  }

  set notes(given) {
    const good = Array.isArray(given) && given.every((note) => Number.isFinite(note?.at) && Number.isFinite(note.until ?? 0));
    if (!good) refuse('notes', 'an array of { at, until, side, text }');
    this.#notes = [...given];
    this.#ask();
  }

  get open() {
    return this.hasAttribute('open');
  }

  set open(open) {
    this.toggleAttribute('open', Boolean(open));
  }

  // ---- life ----

  connectedCallback() {
    for (const name of PROPERTIES) this.#upgrade(name);
    document.addEventListener('visibilitychange', this.#ask);
    this.#onScreen = new Set(this.#parts);
    for (const part of this.#parts) this.#observer.observe(part);
    this.#hold();
    this.#render();
  }

  disconnectedCallback() {
    document.removeEventListener('visibilitychange', this.#ask);
    this.#observer.disconnect();
    clearTimeout(this.#timer);
    this.#letGo();
  }

  /**
   * @param {string} name
   * @param {string | null} old
   * @param {string | null} now
   */
  attributeChangedCallback(name, old, now) {
    if (name === 'theme') this.#dress();
    if (name === 'open' && (old === null) !== (now === null)) {
      this.#unfold();
      this.dispatchEvent(new Event('toggle'));
    }
    this.#askAnew();
  }

  /** What was set on the bare element hides the property. @param {typeof PROPERTIES[number]} name */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete (/** @type {Partial<StatusElement>} */ (this)[name]);
    Object.assign(this, { [name]: value });
  }

  #dress() {
    this.#root.adoptedStyleSheets = sheetsFor(this.getAttribute('theme'));
  }

  #unfold() {
    const focused = this.#root.activeElement;
    setText(this.#arrow, this.open ? '▾' : '▸');
    setAttributes(this.#toggle, { 'aria-expanded': String(this.open) });
    for (const part of [this.#picture, this.#picture.tools, this.#entries]) part.element.hidden = !this.open;
    keepFocus(focused, this.#timeline);
  }

  #hold() {
    if (this.isConnected) this.#history?.watch(this.#watcher);
  }

  #letGo() {
    this.#history?.unwatch(this.#watcher);
  }

  // ---- drawing ----

  /** There is news of the keeper. */
  #askAnew() {
    this.#lookedAt = -Infinity;
    this.#ask();
  }

  /** Off the screen changes are still announced; in a hidden page nothing is done. */
  #render() {
    this.#asked = false;
    clearTimeout(this.#timer);
    if (!this.isConnected || document.hidden) return;
    this.#look();
    const [history, told, words] = [this.#history, this.#told, this.#spoken()];
    const now = told && history && { ...told, signedOut: history.signedOut, began: history.began, words };
    if (now) this.#announcer.tell(now, history.isSpeaker(this.#watcher));
    if (this.#onScreen.size === 0) return;
    this.#summary.show(words, now, this.#root.activeElement);
    setText(this.#label, words.texts.happened);
    if (this.#shows(this.#timeline)) {
      this.#picture.label(words);
      if (now) this.#picture.draw(history, now.entries, this.#notes, now.status);
      else this.#picture.clear();
    }
    if (this.#shows(this.#entries.element)) this.#entries.show(told?.entries ?? [], this.#notes, words);
    if (now) this.#timer = setTimeout(this.#ask, this.#rest(now.status, now.began));
  }

  /** Whether a part that opens is open and on the screen. @param {Element} part */
  #shows(part) {
    return this.open && this.#onScreen.has(part);
  }

  #look() {
    const [keeper, at] = [this.#keeper, performance.now()];
    if (at - this.#lookedAt < LOOK_MS) return;
    this.#told = keeper && { status: keeper.status, explained: keeper.explain(), entries: this.open ? keeper.timeline() : [] };
    this.#lookedAt = at;
  }

  /**
   * How long nothing changes by the clock alone that is worth drawing, in milliseconds. The picture moves smoothly in
   * unrest, for those who like motion; each drawing of it costs milliseconds.
   * @param {Status} status
   * @param {number} began
   */
  #rest({ state, suspect, nextTryAt, forcedLogout }, began) {
    const age = Date.now() - began;
    const calm = (state === 'in-service' && !suspect && age > CALM_MS) || matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (this.#shows(this.#timeline) && !calm) return FRAME_MS;
    const step = this.open || nextTryAt || forcedLogout || age < OLD_MS ? 1000 : 60_000;
    return step - (Math.max(age, 0) % step);
  }

  /** The words in the language of now. */
  #spoken() {
    const lang = languageOf(this);
    if (lang !== this.#words.lang) this.#words = new Words(this.#words.texts, lang);
    return this.#words;
  }
}
