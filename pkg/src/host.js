/**
 * Performs a core's effects with what a window or a worker has: WebSocket, fetch, timers, the page's life. It decides
 * nothing. One input goes in, its effects and events come out, the one timer is set; only then the next input.
 * Whatever arrives meanwhile (a callback that calls back in, a constructor that fails at once) waits its turn.
 *
 * What is under way is kept by the effect's number. Whatever was given up is detached first and cannot speak any more.
 */
export class Host {
  #core;
  #memory;
  #credentials;
  #tell;
  #around;
  #steps = [];
  #started = false;
  #busy = true; // until started
  #over = false;
  #timer;
  #sockets = new Map();
  #hubs = new Map();
  #requests = new Map(); // requests and questions, by their AbortController
  #goodbyes = [];
  #page = new AbortController();

  /** `around` is what a gadget has around it: `openHub`, and `makeRequest` where that makes its requests. */
  constructor(core, credentials, tell, memory, around = {}) {
    this.#core = core;
    this.#memory = memory;
    this.#credentials = credentials;
    this.#tell = tell;
    this.#around = around;
  }

  /** Begins, with whatever was asked for before. */
  start() {
    if (this.#started || this.#over) return;
    this.#started = true;
    this.#steps.unshift((core) => core.start());
    this.#attach();
    this.#busy = false;
    this.#run();
  }

  /** Hands the core one input, a function of it, now or after the one that is being taken in. */
  feed(input) {
    // Only a callback that calls in without end can fill the queue; what it says last is lost.
    if (this.#over || this.#steps.length >= QUEUE) return false;
    this.#steps.push(input);
    this.#run();
    return true;
  }

  /** Stops for good and lets go of everything. The core still answers questions. */
  detach() {
    this.#over = true;
    this.#steps.length = 0;
    this.#page.abort();
    clearTimeout(this.#timer);
    for (const number of [...this.#sockets.keys()]) this.closeSocket({ number });
    for (const number of [...this.#hubs.keys()]) this.leaveHub({ number });
    for (const number of [...this.#requests.keys()]) this.#give(number)?.abort();
  }

  #run() {
    if (this.#busy || this.#over) return;
    this.#busy = true;
    try {
      for (let step; (step = this.#steps.shift()); ) {
        step(this.#core);
        this.#drain();
      }
      this.#memory?.keep(this.#core);
      this.#busy = false;
      this.#arm();
    } catch (cause) {
      this.#broken(cause);
    }
  }

  /** Effects first: a goodbye must leave before the application hears of it and may close the page. */
  #drain() {
    for (let effect; (effect = this.#core.effect()); ) this[effect.do](effect);
    for (let event; (event = this.#core.event()) && !this.#over; ) {
      this.#memory?.hear(...event);
      this.#tell(...event);
    }
  }

  #arm() {
    clearTimeout(this.#timer);
    if (this.#over) return;
    const wait = this.#core.wait();
    // setTimeout counts to 2^31 - 1; a needless wake-up after 24 days is harmless
    if (wait !== undefined) this.#timer = setTimeout(() => this.feed((core) => core.timeout()), Math.min(wait, 2 ** 31 - 1));
  }

  /** Nothing but a defect of ours traps. The sockets are closed, so that the server knows as much as the application. */
  #broken(cause) {
    this.detach();
    this.#tell('broken', cause);
  }

  #attach() {
    const listen = (target, names, word = ({ type }) => type) => {
      const heard = (event) => {
        const said = word(event);
        if (said) this.feed((core) => core.page(said));
      };
      for (const name of names) target.addEventListener(name, heard, { signal: this.#page.signal });
    };
    const visibility = () => (document.hidden ? 'hidden' : 'visible');
    if (globalThis.addEventListener) listen(globalThis, ['online', 'offline']);
    if (globalThis.navigator?.onLine === false) this.#steps.push((core) => core.page('offline'));
    if (typeof document === 'undefined') return;
    const told = (event) => this.#memory?.isMine(event) && this.feed((core) => core.recall(event.newValue ?? ''));
    globalThis.addEventListener('storage', told, { signal: this.#page.signal });
    // Every page is shown once; only one that comes back from the back/forward cache has lost its connections.
    listen(globalThis, ['pagehide', 'pageshow'], ({ type, persisted }) => (type === 'pagehide' || persisted) && type);
    listen(document, ['freeze', 'resume']);
    listen(document, ['visibilitychange'], visibility);
    if (document.hidden) this.#steps.push((core) => core.page('hidden'));
  }

  /** Tells once that a person is at the page. Events that scripts make are no person. */
  awaitTouch() {
    const ears = new AbortController();
    const heard = ({ isTrusted }) => {
      if (!isTrusted) return;
      ears.abort();
      this.feed((core) => core.page('touched'));
    };
    for (const name of ['pointerdown', 'keydown']) globalThis.addEventListener?.(name, heard, { capture: true, signal: ears.signal });
  }

  /** One keeper in one page holds its own link. */
  acquireLease() {
    this.feed((core) => core.leaseGranted());
  }

  openSocket({ number, url, protocol, maxFrame }) {
    const closed = (code) => this.feed((core) => core.socketClosed(number, code));
    let socket;
    try {
      socket = new WebSocket(url, protocol);
    } catch {
      return closed(ABNORMAL); // a browser refuses at once what it dislikes: a URL, CSP, mixed content
    }
    const ears = new AbortController();
    const hear = (name, heard) => socket.addEventListener(name, heard, { signal: ears.signal });
    socket.binaryType = 'arraybuffer'; // a Blob would have to be asked for its size
    hear('open', () => this.feed((core) => core.socketOpened(number)));
    hear('message', ({ data }) => this.feed((core) => {
      // measured before it is copied: each UTF-16 unit becomes at least one byte
      if (typeof data === 'string' && data.length <= maxFrame) core.socketText(number, data);
      else core.socketFrameRefused(number, data.length ?? data.byteLength);
    }));
    // "error" says nothing, and "close" always follows it
    hear('close', ({ code }) => {
      this.#sockets.delete(number);
      closed(code);
    });
    this.#sockets.set(number, { socket, ears });
  }

  /** On a socket that is not open yet, which throws, or that is going down the frame is lost, as it would be on the way. */
  sendText({ number, text }) {
    try {
      this.#sockets.get(number)?.socket.send(text);
    } catch {
      // said above
    }
  }

  closeSocket({ number }) {
    const { socket, ears } = this.#sockets.get(number) ?? {};
    this.#sockets.delete(number);
    ears?.abort();
    socket?.close(1000);
  }

  listenToHub({ number, topic }) {
    if (!this.#hubs.has(number)) this.#hubs.set(number, this.#around.openHub((from, text) => this.feed((core) => core.hubSaid(number, from, text))));
    this.#hubs.get(number).listen(topic);
  }

  forgetTopic({ number, topic }) {
    this.#hubs.get(number)?.forget(topic);
  }

  askHub({ number, id, type, node }) {
    this.#hubs.get(number)?.ask(id, type, node);
  }

  leaveHub({ number }) {
    this.#hubs.get(number)?.leave();
    this.#hubs.delete(number);
  }

  async sendRequest({ number, ...asked }) {
    const signal = this.#begin(number);
    let answer;
    try {
      const { status, text, after } = await (this.#around.makeRequest?.(asked) ?? request(asked, signal));
      const large = text === undefined || text.length > asked.maxBody;
      answer = (core) => (large ? core.requestFailed(number, true) : core.responded(number, status, text, after));
      if (!status) answer = (core) => (text ? core.respondedOpaquely(number) : core.requestFailed(number, false));
    } catch {
      answer = (core) => core.requestFailed(number, false);
    }
    const controller = this.#give(number);
    if (!controller) return;
    controller.abort(); // stops what is left of a body that is too large
    this.feed(answer);
  }

  /** Outlives the page; what becomes of it is nobody's concern. */
  sendGoodbye({ method, url, headers, body }) {
    const said = fetch(url, { method, headers, body, keepalive: true, credentials: 'omit', redirect: 'error' }).catch(() => {});
    this.#goodbyes.push(said);
  }

  /** Resolves when every goodbye has arrived, or has had its time. */
  said() {
    return Promise.race([Promise.all(this.#goodbyes), new Promise((done) => setTimeout(done, PATIENCE))]);
  }

  abortRequest({ number }) {
    this.#give(number)?.abort();
  }

  /** What the provider throws, and what is no credential, is a failure; silence lasts until dropped. */
  async askCredentials({ number, reason, side }) {
    const signal = this.#begin(number);
    let given;
    try {
      given = await this.#credentials({ reason, side, signal });
    } catch {
      // the package's own function: it keeps what an application throws
    }
    const text = (value) => (typeof value === 'string' ? value : undefined);
    const { password, token, expiresIn } = given ?? {};
    // what is no number, or none that can be, is not known
    const life = expiresIn >= 0 ? Math.min(expiresIn, 2 ** 32 - 1) : undefined;
    if (this.#give(number)) this.feed((core) => core.credentialsGiven(number, text(password), text(token), life));
  }

  dropQuestion({ number }) {
    this.#give(number)?.abort();
  }

  #begin(number) {
    const controller = new AbortController();
    this.#requests.set(number, controller);
    return controller.signal;
  }

  /** Takes what is under way off the list. */
  #give(number) {
    const controller = this.#requests.get(number);
    this.#requests.delete(number);
    return controller;
  }
}

/**
 * No cookies, no cache, no redirects, no more than asked for. A POST is never answered from a cache, and to say so all
 * the same would have browsers ask for permission (CORS preflight) before each one.
 */
async function request({ url, method, opaque, headers, body, maxBody }, signal) {
  // Fetch refuses `no-cors` with any other redirect mode; nothing secret goes along.
  const how = opaque ? { mode: 'no-cors', redirect: 'follow' } : { redirect: 'error', headers, body };
  const cache = method === 'POST' ? 'default' : 'no-store';
  const response = await fetch(url, { method, credentials: 'omit', cache, signal, ...how });
  if (response.type === 'opaque') return { status: 0, text: 'hidden' };
  return { status: response.status, text: await read(response, maxBody), after: response.headers.get('Retry-After') ?? undefined };
}

/** Reads a body as text, chunk by chunk; nothing if it is larger than it may be. */
export async function read(response, maxBody) {
  if (response.headers.get('Content-Length') > maxBody) return undefined;
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > maxBody) return undefined;
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/** A goodbye over HTTP has so many milliseconds to arrive. */
const PATIENCE = 1_000;

/** Steps that wait. */
const QUEUE = 20_000;

/** How a browser reports an end without a close frame (RFC 6455 7.1.5). */
const ABNORMAL = 1006;
