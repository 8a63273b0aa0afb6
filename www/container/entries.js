// @ts-check
// What the page published and was asked, newest first, and no more than can be read.

import { html } from '../dom.js';
import { clock } from '../words.js';

/** @typedef {{ at: number, kind: 'desktop' | 'published' | 'gadget' | 'request', who: string, text: string }} Entry */

const MOST = 200;
const MOST_TEXT = 300;

export class Entries {
  /** @type {Entry[]} */ all = [];
  /** @type {string[]} */ #secrets = [];
  #drawn = true;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
  }

  /**
   * What is never shown, whoever says it.
   * @param {string[]} secrets
   */
  hide(secrets) {
    this.#secrets = secrets.filter(Boolean);
  }

  /**
   * @param {Entry['kind']} kind
   * @param {string} who
   * @param {string} text
   */
  add(kind, who, text) {
    // of a long text only so much is looked at: a secret that the cut would halve is gone before it
    const hidden = this.#secrets.reduce((safe, secret) => safe.replaceAll(secret, '•••'), text.slice(0, 4 * MOST_TEXT));
    const shown = hidden.length > MOST_TEXT ? `${hidden.slice(0, MOST_TEXT)}…` : hidden;
    this.all.unshift({ at: Date.now(), kind, who, text: shown });
    this.all.length = Math.min(this.all.length, MOST);
    if (!this.#drawn) return;
    this.#drawn = false;
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#drawn = true;
    this.list.replaceChildren(...this.all.map(item));
  }
}

/** @param {Entry} entry */
function item({ at, kind, who, text }) {
  return html(
    'li',
    { class: kind },
    html('time', { datetime: new Date(at).toISOString() }, clock(at)),
    html('span', { class: 'kind' }, kind),
    html('span', { class: 'at' }, who),
    html('span', { class: 'text' }, text),
  );
}
