// @ts-check
// What is to be seen at a glance: state and side, why, since when, what comes next, and the buttons for what a person can do.

import { html, keepFocus, setAttributes, setText } from './dom.js';
import { plainState } from './history.js';
import { english } from './english.js';
import { lookUp } from './words.js';

/** @typedef {import('../../index.js').Keeper} Keeper */
/** @typedef {import('../../index.js').SignedOut} SignedOut */
/** @typedef {import('../../index.js').Status} Status */
/** @typedef {import('./words.js').Words} Words */
/**
 * @typedef {object} Now  What is shown.
 * @property {Status} status
 * @property {string} explained
 * @property {SignedOut | null} signedOut
 * @property {number} began When the state began, as a person tells it.
 * @property {Words} words
 */

/** Stopped for one of these, a keeper cannot be resumed: it is over, or goes on by itself. */
const FINAL = ['closed', 'internal', 'page-left'];

/** @param {Status} status */
export const canResume = ({ state, reason }) => state === 'stopped' && !FINAL.includes(String(reason));

export class Summary {
  #state = html('b', { part: 'state' });
  #reason = html('span', { part: 'reason' });
  #facts = html('p', { part: 'facts', class: 'quiet' });
  #why = html('p', { part: 'why' });
  #warning = html('p', { part: 'warning' });
  #resume;
  #again;

  /** @param {(act: (keeper: Keeper) => void) => void} ask What a button does to the keeper. */
  constructor(ask) {
    this.#resume = html('button', { type: 'button', part: 'button', click: () => ask((keeper) => keeper.resume()) });
    this.#again = html('button', { type: 'button', part: 'button', click: () => ask((keeper) => keeper.signInAgain()) });
    const verdict = html('p', { class: 'verdict' }, this.#state, ' ', this.#reason);
    this.element = html(
      'div',
      { part: 'summary', role: 'group', tabindex: -1 },
      html('div', { class: 'head' }, verdict, this.#facts, this.#resume, this.#again),
      this.#why,
      this.#warning,
    );
  }

  /**
   * @param {Words} words
   * @param {Now | null} now
   * @param {Element | null} focused
   */
  show(words, now, focused) {
    const { texts } = words;
    const tone = now && (now.status.suspect ? 'suspect' : plainState(now.status));
    setAttributes(this.element, { 'aria-label': texts.label, class: `summary ${tone ?? ''}` });
    setText(this.#state, now ? words.state({ ...now.status, state: plainState(now.status) }) : texts.none);
    setText(this.#reason, words.reason(now && now.status.reason));
    setText(this.#facts, now ? facts(now) : '');
    setText(this.#why, now ? texts.why(now.status, now.explained) : '');
    setAttributes(this.#why, { lang: texts.why === english.why && 'en' });
    setText(this.#warning, now ? warning(now) : '');
    setText(this.#resume, texts.resume);
    setText(this.#again, texts.again);
    this.#resume.hidden = !now || !canResume(now.status);
    this.#again.hidden = !now?.signedOut?.resumable;
    keepFocus(focused, this.element);
  }
}

/** @param {Now} now */
function facts({ status, began, words }) {
  const { texts } = words;
  const { state, suspect, nextTryAt, transport } = status;
  const now = Date.now();
  const next = state === 'stopped' ? texts.resumeIn : texts.nextTry;
  return [
    texts.since(words.duration(now - began)),
    transport && lookUp(texts.transports, transport),
    state === 'connecting' && texts.trying,
    suspect && texts.suspect,
    nextTryAt && nextTryAt > now && next(words.duration(nextTryAt - now)),
  ].filter(Boolean).join(' · ');
}

/** That the agent is signed out, or may be. @param {Now} now */
export function warning({ status: { forcedLogout }, signedOut, words }) {
  const { texts } = words;
  if (signedOut) return texts.signedOut({ ...signedOut, code: String(signedOut.code), at: words.clock(signedOut.at) });
  if (!forcedLogout) return '';
  const { side, earliest, latest } = forcedLogout;
  const now = Date.now();
  return texts.forcedLogout({
    side,
    wait: earliest > now ? words.duration(earliest - now) : '',
    until: latest ? words.clock(latest) : '',
    left: latest ? words.duration(latest - now) : '',
  });
}
