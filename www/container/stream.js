// @ts-check
// One XMPP session over one WebSocket (RFC 7395, 6120, 6121, XEP-0060, XEP-0199), by itself: it shares nothing with
// finesse-keeper, so that the two cannot agree in a mistake.

import { asText, child, childText, escapeXml, parseXml } from './forms.js';

/** @typedef {'lost' | 'conflict' | 'unauthorized'} Ending */
/**
 * @typedef {object} Address
 * @property {string} url
 * @property {string} domain
 * @property {string} user
 * @property {string} password
 * @property {string} resource
 * @property {number} ping How often to ping, in milliseconds.
 * @property {number} timeout How long to sign in may take.
 */
/**
 * @typedef {object} Listener
 * @property {() => void} bound Signed in, and present.
 * @property {(from: string, type: string) => void} presence
 * @property {(node: string, payload: string, stored: boolean) => void} notification Kept for an absent agent, if stored (XEP-0203).
 * @property {(how: Ending) => void} ended Once, unless we closed it.
 */

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const SESSION = 'urn:ietf:params:xml:ns:xmpp-session';
const PING = 'urn:xmpp:ping';
const ROSTER = 'jabber:iq:roster';
const PUBSUB = 'http://jabber.org/protocol/pubsub';

/** So many pings in a row without an answer mean that the connection is gone (facts 2.4). */
const MOST_UNANSWERED = 2;

/** What the service answered instead of a result. */
export class IqError extends Error {
  /** @param {Element} iq */
  constructor(iq) {
    super(child(iq, 'error')?.firstElementChild?.localName ?? 'error');
    this.iq = iq;
  }
}

export class Stream {
  #socket;
  #signedIn = false;
  #bound = false;
  #ended = false;
  #count = 0;
  #unanswered = 0;
  /** @type {number | undefined} */ #pinging;
  #deadline;
  /** @type {Map<string, { done: (iq: Element) => void, fail: (error: Error) => void }>} */ #asked = new Map();

  /**
   * Connects and signs in.
   * @param {Address} address
   * @param {Listener} on
   */
  constructor(address, on) {
    this.address = address;
    this.on = on;
    this.jid = '';
    this.#socket = new WebSocket(address.url, 'xmpp');
    this.#socket.onopen = () => this.#sendOpen();
    this.#socket.onmessage = ({ data }) => this.#take(data);
    this.#socket.onclose = () => this.#end('lost');
    this.#deadline = setTimeout(() => this.#end('lost'), address.timeout);
  }

  get bound() {
    return this.#bound && !this.#ended;
  }

  /**
   * Asks; resolves with the result, rejects with an `IqError`, or when the session ends first.
   * @param {'get' | 'set'} type
   * @param {string} to
   * @param {string} payload
   * @returns {Promise<Element>}
   */
  iq(type, to, payload) {
    const id = `desktop-${++this.#count}`;
    return new Promise((done, fail) => {
      if (this.#ended) return fail(new Error('Disconnected'));
      this.#asked.set(id, { done, fail });
      const address = to && ` to="${escapeXml(to)}"`;
      this.#send(`<iq xmlns="jabber:client" type="${type}" id="${id}"${address}>${payload}</iq>`);
    });
  }

  /**
   * Resolves with the subscription's own id, where the service gives one: it has to be named again if there are several.
   * @param {string} node
   */
  async subscribe(node) {
    const result = await this.#pubsub(`<subscribe node="${escapeXml(node)}" jid="${escapeXml(this.jid)}"/>`);
    return child(child(result, 'pubsub'), 'subscription')?.getAttribute('subid') ?? '';
  }

  /**
   * @param {string} node
   * @param {string} subid
   */
  async unsubscribe(node, subid) {
    const named = subid && ` subid="${escapeXml(subid)}"`;
    await this.#pubsub(`<unsubscribe node="${escapeXml(node)}" jid="${escapeXml(this.jid)}"${named}/>`);
  }

  /** Says goodbye; nothing is told any more. */
  close() {
    if (this.#ended) return;
    this.#send('<presence xmlns="jabber:client" type="unavailable"/>');
    this.#send(`<close xmlns="${FRAMING}"/>`);
    this.#letGo();
  }

  /** @param {string} request */
  #pubsub(request) {
    return this.iq('set', `pubsub.${this.address.domain}`, `<pubsub xmlns="${PUBSUB}">${request}</pubsub>`);
  }

  #sendOpen() {
    this.#send(`<open xmlns="${FRAMING}" to="${escapeXml(this.address.domain)}" version="1.0"/>`);
  }

  /** @param {string} frame */
  #send(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** @param {unknown} data */
  #take(data) {
    const element = typeof data === 'string' ? parseXml(data) : null;
    // what is no XML is passed over: one bad frame must not cost the session
    if (!element || this.#ended) return;
    switch (element.localName) {
      case 'features':
        return this.#signedIn ? void this.#bind(element) : this.#authenticate();
      case 'success':
        this.#signedIn = true;
        return this.#sendOpen();
      case 'failure':
        return this.#end(child(element, 'not-authorized') ? 'unauthorized' : 'lost');
      case 'error':
        return this.#end(child(element, 'conflict') ? 'conflict' : 'lost');
      case 'iq':
        return this.#answer(element);
      case 'presence':
        return this.on.presence(element.getAttribute('from') ?? '', element.getAttribute('type') ?? '');
      case 'message':
        return this.#notify(element);
    }
  }

  /** SASL PLAIN: the service takes no other (facts 2.3). */
  #authenticate() {
    const { user, password } = this.address;
    const bytes = new TextEncoder().encode(`\0${user}\0${password}`);
    this.#send(`<auth xmlns="${SASL}" mechanism="PLAIN">${btoa(String.fromCharCode(...bytes))}</auth>`);
  }

  /** @param {Element} features */
  async #bind(features) {
    try {
      const wish = `<bind xmlns="${BIND}"><resource>${escapeXml(this.address.resource)}</resource></bind>`;
      this.jid = childText(child(await this.iq('set', '', wish), 'bind'), 'jid');
      if (child(features, 'session')) await this.iq('set', '', `<session xmlns="${SESSION}"/>`);
    } catch {
      return this.#end('lost');
    }
    clearTimeout(this.#deadline);
    this.#bound = true;
    this.#pinging = setInterval(() => this.#ping(), this.address.ping);
    this.#send('<presence xmlns="jabber:client"><priority>0</priority></presence>');
    // nobody here reads the roster; asking for it is part of a usual login
    this.iq('get', '', `<query xmlns="${ROSTER}"/>`).catch(() => {});
    this.on.bound();
  }

  /** Counted when sent and forgotten when answered, as the stock desktop does: the second tick after a loss notices it. */
  #ping() {
    this.#unanswered += 1;
    if (this.#unanswered >= MOST_UNANSWERED) return this.#end('lost');
    const answered = () => (this.#unanswered = 0);
    this.iq('get', this.address.domain, `<ping xmlns="${PING}"/>`).then(answered, (error) => error instanceof IqError && answered());
  }

  /** @param {Element} iq */
  #answer(iq) {
    const id = iq.getAttribute('id') ?? '';
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (iq.getAttribute('type') === 'result') asked?.done(iq);
    else asked?.fail(new IqError(iq));
  }

  /**
   * The payload is the text of `<notification>`, or its child (facts 3.3). A message is never answered (12.3).
   * @param {Element} message
   */
  #notify(message) {
    const items = child(child(message, 'event'), 'items');
    for (const item of items?.children ?? []) {
      const notification = child(item, 'notification');
      const inside = notification?.firstElementChild;
      const payload = inside ? asText(inside) : notification?.textContent;
      if (payload) this.on.notification(items?.getAttribute('node') ?? '', payload, Boolean(child(message, 'delay')));
    }
  }

  /** @param {Ending} how */
  #end(how) {
    if (this.#ended) return;
    this.#letGo();
    this.on.ended(how);
  }

  #letGo() {
    this.#ended = true;
    clearTimeout(this.#deadline);
    clearInterval(this.#pinging);
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    for (const { fail } of this.#asked.values()) fail(new Error('Disconnected'));
    this.#asked.clear();
  }
}
