// @ts-check
// The same story as text: the keeper's timeline with what was broken and pressed on this page, newest first.

import { html } from './dom.js';
import { clock } from './words.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').TimelineEntry} TimelineEntry */
/** @typedef {import('./history.js').Note} Note */
/** @typedef {TimelineEntry | Note} Entry */

/** What is routine; shown when all is asked for. */
const ROUTINE = new Set(['read', 'notification', 'page', 'note']);
const MOST_SHOWN = 200;

/** @type {Record<string, string>} */
const KIND_WORDS = { fault: 'you', agent: 'you', read: 'read', link: 'link', move: 'move', error: 'error' };

export class Entries {
  #shown = '';

  /**
   * @param {HTMLElement} list
   * @param {HTMLInputElement} all Checked: show the routine as well.
   */
  constructor(list, all) {
    this.list = list;
    this.all = all;
  }

  /**
   * @param {TimelineEntry[]} told
   * @param {Note[]} done
   */
  show(told, done) {
    /** @type {Entry[]} */
    const both = [...told, ...done];
    const entries = both
      .reverse() // newest first, within one moment too
      .filter((entry) => this.all.checked || !ROUTINE.has(entry.kind))
      .sort((a, b) => b.at - a.at)
      .slice(0, MOST_SHOWN);
    const newest = entries[0];
    const shown = `${entries.length} ${newest?.at} ${newest?.text} ${this.all.checked}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.list.replaceChildren(...entries.map(item));
  }
}

/** @param {Entry} entry */
function item({ at, side, kind, text }) {
  return html(
    'li',
    { class: kind },
    html('time', { datetime: new Date(at).toISOString() }, clock(at)),
    html('span', { class: 'kind' }, KIND_WORDS[kind] ?? kind),
    html('span', { class: 'at' }, side ?? ''),
    html('span', { class: 'text' }, text),
  );
}
