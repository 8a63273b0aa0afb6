// @ts-check
// The row at the top: side A, the agent, side B, and the wires between them.

import { html, keepFocus, setAttributes, setText } from './dom.js';
import { agentWords, callWords, duration, readingWords } from './words.js';
import { faultLabel } from './simulator.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').Status} Status */
/** @typedef {import('/pkg/dist/finesse-keeper.js').SideHealth} SideHealth */
/** @typedef {import('./simulator.js').Side} Side */
/** @typedef {import('./session.js').Session} Session */
/** @typedef {'good' | 'bad' | 'doubt' | 'none'} Verdict */

/** What must hold for a server to be usable, in Cisco's order. */
class Check {
  #value = html('b');

  /** @param {string} label */
  constructor(label) {
    this.element = html('li', {}, html('span', {}, label), this.#value);
  }

  /**
   * @param {Verdict} verdict
   * @param {string} value
   */
  show(verdict, value) {
    setAttributes(this.element, { class: verdict });
    setText(this.#value, value);
  }
}

export class SideCard {
  #host = html('p', { class: 'host' });
  #read = new Check('SystemInfo');
  #session = new Check('XMPP connection');
  #finesse = new Check('finesse user');
  #detail = html('p', { class: 'detail' });
  #faults = html('p', { class: 'broken' });
  #here = html('span', { class: 'here' });

  /**
   * @param {Side} side
   * @param {HTMLElement} card
   * @param {HTMLElement} wire
   */
  constructor(side, card, wire) {
    this.side = side;
    this.card = card;
    this.wire = wire;
    const checks = html('ul', { class: 'checks' }, this.#read.element, this.#session.element, this.#finesse.element);
    card.append(html('h2', {}, `Side ${side}`, this.#here), this.#host, checks, this.#detail, this.#faults);
    wire.append(html('span', { class: 'line', 'aria-hidden': 'true' }), html('span', { class: 'word' }));
  }

  /**
   * @param {Status} status
   * @param {SideHealth} health
   * @param {string[]} broken Names of the faults that are active here.
   */
  show(status, health, broken) {
    const here = status.side === this.side;
    const read = health.readAt ? ` · read ${duration(Date.now() - health.readAt)} ago` : '';
    setText(this.#host, hostName(health.host) + read);
    this.#read.show(READ_VERDICT[health.reading], readingWords(health.reading));
    const up = `up${status.transport && here ? ` · ${TRANSPORTS[status.transport]}` : ''}`;
    this.#session.show(health.connected ? 'good' : here ? 'bad' : 'none', health.connected ? up : here ? 'lost' : 'not needed');
    this.#finesse.show(PRESENCE_VERDICT[health.finesse], health.finesse);
    const detail = health.detail === readingWords(health.reading) ? '' : health.detail;
    setText(this.#detail, health.usable ? detail : `Could not be used if needed. ${detail}`);
    setText(this.#faults, broken.map((fault) => `⚡ ${faultLabel(fault)}`).join('  '));
    this.#here.hidden = !here;
    setText(this.#here, health.connected ? 'agent is here' : 'agent’s side');
    setAttributes(this.card, { 'data-here': here, 'data-reading': health.reading });
    this.#showWire(here, health.connected, status);
  }

  /** @param {boolean} here @param {boolean} connected @param {Status} status */
  #showWire(here, connected, { state, suspect }) {
    const wire = connected ? (suspect ? 'doubt' : 'up') : here && state !== 'stopped' ? 'lost' : 'idle';
    setAttributes(this.wire, { 'data-wire': wire });
    const word = this.wire.querySelector('.word');
    if (word) setText(word, { up: 'connected', doubt: 'silent?', lost: 'broken', idle: state === 'stopped' ? 'let go' : 'watched' }[wire]);
  }
}

/** @type {Record<SideHealth['reading'], Verdict>} */
const READ_VERDICT = { unknown: 'none', in: 'good', out: 'bad', unreachable: 'bad', unclear: 'doubt' };

const TRANSPORTS = { websocket: 'WebSocket', bosh: 'BOSH', hub: 'the desktop' };

/** @type {Record<SideHealth['finesse'], Verdict>} */
const PRESENCE_VERDICT = { unknown: 'none', present: 'good', absent: 'bad' };

/** @param {string} url */
function hostName(url) {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** @typedef {Record<'ring' | 'answer' | 'end' | 'ready' | 'notReady' | 'signIn' | 'signOut', () => void>} AgentActions */

export class AgentCard {
  #name = html('h2');
  #state = html('p', { class: 'agent-state-word' });
  #reason = html('p', { class: 'detail' });
  #call = html('p', { class: 'call' });
  #buttons;

  /**
   * @param {HTMLElement} card
   * @param {AgentActions} actions
   */
  constructor(card, actions) {
    const button = (/** @type {string} */ text, /** @type {() => void} */ click) => html('button', { type: 'button', click }, text);
    this.#buttons = {
      ready: button('Ready', actions.ready),
      notReady: button('Not ready', actions.notReady),
      signIn: button('Sign in', actions.signIn),
      signOut: button('Sign out', actions.signOut),
      ring: button('Ring the agent', actions.ring),
      answer: button('Answer', actions.answer),
      end: button('End call', actions.end),
    };
    const { ready, notReady, signIn, signOut, ring, answer, end } = this.#buttons;
    card.append(
      this.#name,
      this.#state,
      this.#reason,
      html('div', { class: 'buttons', role: 'group', 'aria-label': 'Agent state' }, ready, notReady, signIn, signOut),
      this.#call,
      html('div', { class: 'buttons', role: 'group', 'aria-label': 'Calls' }, ring, answer, end),
    );
    this.card = card;
  }

  /** @param {Session} session */
  show({ agent, user, calls }) {
    const state = user?.state ?? '';
    const focused = document.activeElement;
    const signedIn = state !== '' && state !== 'LOGOUT';
    const [call] = calls.values();
    const name = [user?.firstName, user?.lastName].filter(Boolean).join(' ');
    setText(this.#name, name.includes(agent) ? name : `Agent ${agent} ${name}`);
    setText(this.#state, state ? agentWords(state) : 'State not known yet');
    setText(this.#reason, user?.ReasonCode?.label ?? '');
    setText(this.#call, call ? `Caller ${call.fromAddress ?? 'unknown'} ${callWords(call.state ?? '')}` : 'No call');
    setAttributes(this.card, { 'data-agent': state });
    const { ready, notReady, signIn, signOut, ring, answer, end } = this.#buttons;
    signIn.hidden = signedIn;
    ready.hidden = notReady.hidden = !signedIn;
    // Finesse signs out only agents who are not ready.
    signOut.hidden = state !== 'NOT_READY';
    setAttributes(ready, { 'aria-pressed': String(state === 'READY') });
    setAttributes(notReady, { 'aria-pressed': String(state === 'NOT_READY') });
    ring.hidden = Boolean(call) || !signedIn;
    answer.hidden = call?.state !== 'ALERTING';
    end.hidden = !call;
    keepFocus(focused, focused?.parentElement);
  }
}
