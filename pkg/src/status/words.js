// @ts-check
// The element's texts, and numbers and times in its language.

import { english } from './english.js';

/** @typedef {import('../../index.js').Side} Side */
/** @typedef {import('../../status.js').StatusTexts} StatusTexts */

/** The keeper's states that lead to a side, and those that have none. */
const LEADING = ['connecting', 'reconnecting', 'moving'];
const NOWHERE = ['locating', 'stopped'];

/**
 * English with some texts replaced. What cannot be is refused at once: shown, it would fail again and again.
 * @param {unknown} some
 * @returns {StatusTexts}
 */
export function merge(some) {
  if (typeof some !== 'object' || !some) refuse('texts', 'an object');
  /** @type {any} */
  const all = { ...english };
  for (const [name, given] of Object.entries(some)) {
    if (typeof given !== typeof all[name]) refuse(`texts.${name}`, `what is of the type ${typeof all[name]}`);
    all[name] = typeof given === 'object' ? { ...all[name], ...given } : given;
  }
  return all;
}

/**
 * @param {string} name
 * @param {string} instead
 * @returns {never}
 */
export function refuse(name, instead) {
  throw new TypeError(`finesse-status: ${name} cannot be used, give ${instead}`);
}

/**
 * What a table has for a word. By default that is the word itself, where it is newer than this package.
 * @param {Readonly<Record<string, string>>} table
 * @param {string} word
 */
export const lookUp = (table, word, otherwise = word) => (Object.hasOwn(table, word) ? String(table[word]) : otherwise);

export class Words {
  /**
   * @param {StatusTexts} texts
   * @param {string} lang A language as HTML's `lang` names it; English where it names none.
   */
  constructor(texts, lang) {
    this.texts = texts;
    this.lang = lang;
    const known = canonical(lang);
    const unit = (/** @type {string} */ name) => new Intl.NumberFormat(known, { style: 'unit', unit: name, unitDisplay: 'short' });
    this.units = /** @type {const} */ ([unit('hour'), unit('minute'), unit('second')]);
    this.time = new Intl.DateTimeFormat(known, { timeStyle: 'medium' });
  }

  /** @param {number} at */
  clock(at) {
    return this.time.format(at);
  }

  /** To the second up to ten minutes, to the minute from there on. @param {number} ms */
  duration(ms) {
    const [hour, minute, second] = this.units;
    const seconds = Math.max(0, Math.round(ms / 1000));
    const minutes = Math.floor(seconds / 60);
    const parts = minutes < 10 ? [minutes && minute.format(minutes), seconds % 60 && second.format(seconds % 60)]
      : [minutes >= 60 && hour.format(Math.floor(minutes / 60)), minutes % 60 && minute.format(minutes % 60)];
    return parts.filter(Boolean).join(' ') || second.format(0);
  }

  /** @param {{ state: string, side: Side | null }} status */
  state({ state, side }) {
    const { states, on, to } = this.texts;
    const words = lookUp(states, state);
    if (!side || NOWHERE.includes(state)) return words;
    return LEADING.includes(state) ? to(words, side) : on(words, side);
  }

  /** @param {string | null} reason */
  reason(reason) {
    return reason ? lookUp(this.texts.reasons, reason) : '';
  }
}

/** @param {string} lang */
function canonical(lang) {
  try {
    return Intl.getCanonicalLocales(lang)[0];
  } catch {
    return 'en';
  }
}

/**
 * The language in which an element stands: the closest `lang`, out of shadow trees too.
 * @param {Element} element
 */
export function languageOf(element) {
  /** @type {any} A shadow root has a host, a document has none. */
  let at = element;
  for (; at; at = at.getRootNode().host) {
    const lang = at.closest('[lang]')?.lang;
    if (lang) return lang;
  }
  return '';
}
