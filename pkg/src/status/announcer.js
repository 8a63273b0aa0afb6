// @ts-check
// What a screen reader is told: each change that matters once, and no counting of seconds. What a person has to act upon
// interrupts; all else waits until there is a pause.

import { html, setText } from './dom.js';
import { plainState } from './history.js';
import { canResume, warning } from './summary.js';
import { lookUp } from './words.js';

/** @typedef {import('./summary.js').Now} Now */
/** @typedef {[topic: string, words: string, urgent: boolean]} News  The topic changes when there is something to tell. */

/** Steps on the way, not worth a word. */
const BETWEEN = ['locating', 'connecting', 'settling'];

export class Announcer {
  #polite = html('div', { class: 'aloud', role: 'status' });
  #urgent = html('div', { class: 'aloud', role: 'alert' });
  elements = [this.#polite, this.#urgent];
  /** @type {string[] | null} What was told last, by subject; null before the first look, which tells nothing. */
  #topics = null;

  /** Whether the regions can be heard: not where the page hides them. */
  get speaks() {
    return this.#polite.getClientRects().length > 0;
  }

  /** Another keeper: how that one is, is not news. */
  restart() {
    this.#topics = null;
  }

  /**
   * @param {Now} now
   * @param {boolean} aloud Another element speaks for the keeper, if not.
   */
  tell(now, aloud) {
    const former = this.#topics;
    const news = [stateNews(now, former?.[0] ?? ''), agentNews(now)];
    this.#topics = news.map(([topic]) => topic);
    if (!aloud || !former || String(former) === String(this.#topics)) return;
    const fresh = news.filter(([topic], i) => topic && topic !== former[i]);
    const say = (/** @type {boolean} */ wanted) => fresh.map(([, words, urgent]) => (urgent === wanted ? words : '')).join(' ').trim();
    // emptied where there is nothing to say: the same words again later are news again
    setText(this.#urgent, say(true));
    setText(this.#polite, say(false));
  }
}

/**
 * An outage is one piece of news, however its reason unfolds and whatever is tried in it.
 * @param {Now} now
 * @param {string} former
 * @returns {News}
 */
function stateNews({ status, explained, words }, former) {
  const state = plainState(status);
  const { side, reason } = status;
  const urgent = state === 'stopped' && reason !== 'closed' && reason !== 'page-left';
  const why = reason ? `: ${words.reason(reason)}` : '';
  const advice = urgent ? ` ${words.texts.why(status, explained)}` : '';
  const topics = { 'in-service': `in-service ${side}`, stopped: `stopped ${reason}`, waiting: 'lost', reconnecting: 'lost' };
  const before = former.startsWith('stopped') ? '' : former;
  return [BETWEEN.includes(state) ? before : lookUp(topics, state), `${words.state({ state, side })}${why}.${advice}`, urgent];
}

/**
 * The agent may be signed out, or is. Not for an answer that is merely overdue.
 * @param {Now} now
 * @returns {News}
 */
function agentNews(now) {
  const { status: { state, suspect, forcedLogout }, signedOut } = now;
  const due = suspect && state === 'in-service' ? null : forcedLogout;
  return [String(signedOut?.at ?? due?.side ?? ''), warning(now), Boolean(signedOut) || canResume(now.status)];
}
