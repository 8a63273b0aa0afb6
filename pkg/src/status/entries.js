// @ts-check
// The same story as text: the keeper's timeline with what was noted beside it, newest first.

import { html, setAttributes, setText } from './dom.js';
import { lookUp } from './words.js';

/** @typedef {import('../../index.js').TimelineEntry} TimelineEntry */
/** @typedef {import('../../status.js').StatusNote} StatusNote */
/** @typedef {import('./words.js').Words} Words */
/** @typedef {Omit<TimelineEntry, 'kind'> & { kind: TimelineEntry['kind'] | 'own' | 'own-bar' }} Entry */

/** What is routine; shown when all is asked for. */
const ROUTINE = ['read', 'notification', 'page', 'note'];

export class Entries {
  #title = html('b');
  #all;
  #label = html('span');
  #list = html('ol', { part: 'list', tabindex: 0 });
  /** @type {Map<string, HTMLElement>} */ #items = new Map();
  /** @type {Words | undefined} */ #words;

  /** @param {() => void} changed Called when more or less is asked for. */
  constructor(changed) {
    this.#all = html('input', { type: 'checkbox', change: changed });
    this.element = html(
      'div',
      { part: 'words' },
      html('div', { class: 'bar' }, this.#title, html('label', {}, this.#all, this.#label)),
      this.#list,
    );
  }

  /**
   * @param {TimelineEntry[]} told
   * @param {readonly StatusNote[]} notes
   * @param {Words} words
   */
  show(told, notes, words) {
    setText(this.#title, words.texts.words);
    setAttributes(this.#list, { 'aria-label': words.texts.words });
    setText(this.#label, words.texts.all);
    if (words !== this.#words) this.#fill([], words);
    this.#words = words;
    const all = this.#all.checked;
    /** @type {Entry[]} */
    const entries = [...told, ...notes.flatMap((note) => linesOf(note, words))]
      .reverse() // newest first, within one moment too
      .filter((entry) => all || !ROUTINE.includes(entry.kind))
      .sort((a, b) => b.at - a.at);
    this.#fill(entries, words);
  }

  /**
   * Touches nothing that stays: who reads or marks a line is not to lose it.
   * @param {Entry[]} entries
   * @param {Words} words
   */
  #fill(entries, words) {
    const former = this.#items;
    this.#items = new Map();
    for (const entry of entries) {
      let key = `${entry.at} ${entry.kind} ${entry.side} ${entry.text}`;
      while (this.#items.has(key)) key += '+';
      this.#items.set(key, former.get(key) ?? item(entry, words));
    }
    for (const [key, old] of former) if (!this.#items.has(key)) old.remove();
    let next = this.#list.firstElementChild;
    for (const line of this.#items.values()) {
      if (line === next) next = next.nextElementSibling;
      else this.#list.insertBefore(line, next);
    }
  }
}

/**
 * What lasts has two lines.
 * @param {StatusNote} note
 * @param {Words} words
 * @returns {Entry[]}
 */
function linesOf({ at, until, side = null, text }, { texts }) {
  if (until === undefined) return [{ at, side, kind: 'own', text }];
  const began = /** @type {const} */ ({ at, side, kind: 'own-bar', text: texts.noteBegan(text) });
  return until === null ? [began] : [began, { at: until, side, kind: 'own-bar', text: texts.noteEnded(text) }];
}

/**
 * @param {Entry} entry
 * @param {Words} words
 */
function item({ at, side, kind, text }, words) {
  const own = kind.startsWith('own');
  return html(
    'li',
    { class: kind },
    html('span', { class: 'quiet' }, words.clock(at)),
    html('span', { class: 'quiet' }, lookUp(words.texts.kinds, own ? 'own' : kind)),
    html('b', {}, side ?? ''),
    // the keeper's own words are English, whatever the page is
    html('span', { class: 'text', lang: !own && 'en' }, text),
  );
}
