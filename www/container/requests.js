// @ts-check
// What gadgets ask of the desktop on `finesse.info.requests`, and the answers on `finesse.info.responses.<invokeID>` (facts 6).

import { asObject, asText } from './forms.js';
import { isTopic } from './hub.js';
import { IqError } from './stream.js';

/** @typedef {import('./stream.js').Stream} Stream */
/** @typedef {{ count: number, subid: string, turn: Promise<unknown> }} Node */
/**
 * @typedef {object} Desk
 * @property {() => Stream | null} stream The session, while it is up.
 * @property {boolean} counted Whether a node ends with the last of those who subscribed it; else with the first who ends it.
 * @property {(invokeID: string | number | undefined) => void} connectionInfo Tells everyone the last word again.
 * @property {(topic: string, data?: object) => void} publish
 * @property {(gadget: string, text: string) => void} note
 */

export const REQUESTS = 'finesse.info.requests';
export const RESPONSES = 'finesse.info.responses';

const MOST_NODES = 200;
const MOST_NODE = 400;
const MOST_ID = 200;

/**
 * The words of Cisco's library come first, so that they are found in either field.
 * @param {string} errorType
 * @param {string} errorMessage
 */
const failure = (errorType, errorMessage) => ({ error: { errorType, errorMessage } });
const NOT_CONNECTED = failure('Not connected', 'Not connected to the notification service.');
const DISCONNECTED = failure('Disconnected', 'Disconnected before the notification service answered.');
/** The documented request of a gadget that connects; the code refuses it to all but the desktop, by this number. */
const REFUSED = failure('F403', 'Only the desktop itself connects.');

export class Requests {
  /** @type {Map<string, Node>} Those that are subscribed, or were. */ #nodes = new Map();

  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
  }

  /** How often each node is subscribed, of those that are. */
  nodes() {
    return Object.fromEntries([...this.#nodes].filter(([, { count }]) => count > 0).map(([node, { count }]) => [node, count]));
  }

  /**
   * One request. What is no request is passed over, as the desktop does.
   * @param {unknown} data
   * @param {string} gadget
   */
  take(data, gadget) {
    const { type, data: inside, invokeID } = fields(data);
    const answer = this.#answerTo(invokeID);
    const asked = typeof type === 'string' ? type.slice(0, 60) : '';
    if (!asked || !inside || typeof inside !== 'object') return this.desk.note(gadget, 'no request: type and data are missing');
    const { node } = fields(inside);
    switch (asked) {
      case 'ConnectionInfoReq':
        this.desk.note(gadget, asked);
        return this.desk.connectionInfo(isId(invokeID) ? invokeID : undefined);
      case 'ConnectionReq':
        // it has a password in it: only that it came is told
        this.desk.note(gadget, `${asked}: refused`);
        return answer(REFUSED);
      case 'SubscribeNodeReq':
      case 'UnsubscribeNodeReq':
        if (typeof node !== 'string' || !node.startsWith('/') || node.length > MOST_NODE) return this.desk.note(gadget, `${asked} of what is no node`);
        this.desk.note(gadget, `${asked} ${node}`);
        return void this.#change(node, asked === 'SubscribeNodeReq').then(answer);
      default:
        return this.desk.note(gadget, `unknown request ${asked}`);
    }
  }

  /** As on leaving: everything is unsubscribed before the session ends (facts 2.4), and nobody waits for an answer. */
  end() {
    for (const [node, { count, subid }] of this.#nodes) {
      if (count > 0) this.desk.stream()?.unsubscribe(node, subid).catch(() => {});
    }
    this.#nodes.clear();
  }

  /** @param {unknown} invokeID */
  #answerTo(invokeID) {
    const topic = `${RESPONSES}.${invokeID}`;
    const wanted = isId(invokeID) && isTopic(topic);
    return /** @param {object} [data] */ (data) => (wanted ? this.desk.publish(topic, data) : undefined);
  }

  /**
   * One change of a node after the other. Resolves with what is to be answered.
   * @param {string} name
   * @param {boolean} subscribes
   * @returns {Promise<object | undefined>}
   */
  async #change(name, subscribes) {
    const known = this.#nodes.get(name) ?? { count: 0, subid: '', turn: Promise.resolve() };
    if (!this.#nodes.has(name)) {
      this.#forgetEnded();
      if (this.#nodes.size >= MOST_NODES) return failure('Too many', `More than ${MOST_NODES} nodes are subscribed.`);
      this.#nodes.set(name, known);
    }
    const change = known.turn.then(() => (subscribes ? this.#subscribe(name, known) : this.#unsubscribe(name, known)));
    known.turn = change.catch(() => {});
    return change.then(() => undefined, failureOf);
  }

  #forgetEnded() {
    if (this.#nodes.size < MOST_NODES) return;
    for (const [name, { count }] of this.#nodes) if (!count) this.#nodes.delete(name);
  }

  /**
   * A node that is subscribed already is only counted: it stays so over failures of this side (facts 3.1).
   * @param {string} name
   * @param {Node} node
   */
  async #subscribe(name, node) {
    if (!node.count) node.subid = await this.#session().subscribe(name);
    else this.#session();
    node.count += 1;
  }

  /**
   * @param {string} name
   * @param {Node} node
   */
  async #unsubscribe(name, node) {
    const stream = this.#session();
    if (!node.count) return;
    const left = this.desk.counted ? node.count - 1 : 0;
    if (!left) await stream.unsubscribe(name, node.subid);
    node.count = left;
  }

  #session() {
    const stream = this.desk.stream();
    if (!stream) throw NOT_CONNECTED;
    return stream;
  }
}

/**
 * @param {unknown} invokeID
 * @returns {invokeID is string | number}
 */
const isId = (invokeID) => typeof invokeID === 'number' || (typeof invokeID === 'string' && invokeID.length <= MOST_ID);

/**
 * Why a change failed, as the gadget is told it.
 * @param {unknown} error
 */
function failureOf(error) {
  if (error === NOT_CONNECTED) return NOT_CONNECTED;
  if (!(error instanceof IqError)) return DISCONNECTED;
  return { subscribe: { content: asText(error.iq), object: asObject(error.iq) } };
}

/**
 * The fields of what may be no object at all.
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
const fields = (value) => (value && typeof value === 'object' ? /** @type {Record<string, unknown>} */ (value) : {});
