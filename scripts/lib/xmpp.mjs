// A small XMPP client over WebSocket (RFC 7395) that shares nothing with ours: it plays whoever a test needs beside the
// keeper. Frames are strings; answers are found by their id.

import WebSocket from 'ws';
import { until } from './wait.mjs';

/** Signs `user` in and resolves with the session; rejects with the server's words. */
export async function signIn({ ws, user, password = `pw-${user}`, resource = 'test', presence, domain = 'localhost' }) {
  const session = new Session(new WebSocket(ws, 'xmpp', { rejectUnauthorized: false }));
  await session.opened;
  const open = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`;
  session.send(open);
  await session.next(/features/);
  const plain = Buffer.from(`\0${user}\0${password}`).toString('base64');
  session.send(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${plain}</auth>`);
  const answer = await session.next(/<success|<failure/);
  if (answer.includes('<failure')) throw new Error(`${user} is refused: ${answer}`);
  session.send(open);
  await session.next(/features/);
  await session.iq('set', '', `<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><resource>${resource}</resource></bind>`);
  await session.iq('set', '', '<session xmlns="urn:ietf:params:xml:ns:xmpp-session"/>');
  if (presence) session.send(presence);
  return session;
}

class Session {
  #socket;
  #waiting = [];
  #count = 0;

  constructor(socket) {
    this.#socket = socket;
    this.closed = false;
    this.opened = new Promise((done, fail) => socket.once('open', done).once('error', fail));
    socket.on('message', (data) => this.#take(data.toString()));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      for (const { fail } of this.#waiting.splice(0)) fail(new Error('the socket closed'));
    });
  }

  /** Every frame is a document of its own, with its namespace (RFC 7395 3.3.3): Openfire does without, others do not. */
  send(frame) {
    this.#socket.send(frame.replace(/^<(iq|presence|message)\b(?![^>]*\sxmlns=)/, '<$1 xmlns="jabber:client"'));
  }

  /** The next frame that matches. */
  next(pattern, ms = 30_000) {
    return new Promise((done, fail) => {
      const entry = { pattern, done, fail };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((each) => each !== entry);
        fail(new Error(`no frame matched ${pattern} in ${ms} ms`));
      }, ms);
      entry.done = (frame) => { clearTimeout(timer); done(frame); };
      entry.fail = (error) => { clearTimeout(timer); fail(error); };
      this.#waiting.push(entry);
    });
  }

  /** Asks, and resolves with the answer's frame, an error being an answer too. */
  iq(kind, to, payload) {
    const id = `t${++this.#count}`;
    const answer = this.next(new RegExp(`<iq[^>]*id=["']${id}["']`));
    this.send(`<iq type="${kind}" id="${id}"${to && ` to="${to}"`}>${payload}</iq>`);
    return answer;
  }

  /**
   * Makes a node to which anyone may subscribe, and that keeps nothing (Prosody would write every item to disk); that it
   * exists already is fine. ejabberd makes one node at a time, and asks others to wait.
   */
  async createNode(node, domain = 'localhost') {
    const fields = { FORM_TYPE: 'http://jabber.org/protocol/pubsub#node_config', 'pubsub#persist_items': 0, 'pubsub#send_last_published_item': 'never' };
    const form = Object.entries(fields).map(([name, value]) => `<field var="${name}"><value>${value}</value></field>`).join('');
    const payload = `<pubsub xmlns="http://jabber.org/protocol/pubsub"><create node="${node}"/><configure><x xmlns="jabber:x:data" type="submit">${form}</x></configure></pubsub>`;
    await until(`the node ${node}`, async () => {
      const answer = await this.iq('set', `pubsub.${domain}`, payload);
      if (/<iq[^>]*type=["']result/.test(answer) || answer.includes('<conflict')) return true;
      throw new Error(answer);
    });
  }

  /** Publishes an update as Finesse does, escaped. Resolves with the answer; do not wait for it to send many. */
  publish(node, update, domain = 'localhost') {
    const escaped = update.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const item = `<item><notification xmlns="http://jabber.org/protocol/pubsub">${escaped}</notification></item>`;
    return this.iq('set', `pubsub.${domain}`, `<pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="${node}">${item}</publish></pubsub>`);
  }

  close() {
    this.#socket.terminate();
  }

  #take(frame) {
    const index = this.#waiting.findIndex(({ pattern }) => pattern.test(frame));
    if (index >= 0) this.#waiting.splice(index, 1)[0].done(frame);
  }
}
