// The package's front door. It validates, loads and translates; what happens and when is decided in the core.
import { examine } from './doctor/doctor.js';
import { KeeperError, failure, told } from './error.js';
import { byContainer, Hub } from './gadget.js';
import { Host } from './host.js';
import { Memory } from './memory.js';
import { load } from './module.js';
import { check, normalise, only } from './options.js';
import { settle } from './outcome.js';
import { Queue } from './queue.js';

export { loadParsers } from './parsers.js';
export { KeeperError };

/** Held for a slow reader of `notifications()`, unless it says otherwise. */
const QUEUE = 1000;

const BROKEN = 'finesse-keeper has failed inside and has closed its connections.';

/** Only `Keeper.connect` makes keepers: a constructor cannot wait for the module. */
const INSIDE = Symbol('inside');

export class Keeper extends EventTarget {
  #core;
  #host;
  #user;
  #log;
  #signal;
  #queues = new Set();
  /** Who waits for what was asked of Finesse, by number. */
  #asked = new Map();
  #count = 0;
  #closing;
  // Whoever calls close() is told what went wrong in it; here there is no one.
  #abort = () => this.close().catch(() => {});
  /** What the credentials provider threw at the last question: it stays out here, for it may hold anything. */
  #thrown;
  #last;
  /** The last state there is once the core has failed: it can be asked no more. */
  #broken;

  /** Resolves once the options and the module are good. Nothing is told before the next macrotask. */
  static async connect(options) {
    const { core, credentials, container, signal, log } = normalise(options);
    signal?.throwIfAborted();
    const { Core } = await load();
    signal?.throwIfAborted();
    return new Keeper(INSIDE, { Core, core, credentials, container, signal, log });
  }

  /** Why a page cannot connect, before there is a keeper. */
  static doctor(options) {
    return examine(options, load);
  }

  constructor(inside, { Core, core, credentials, container, signal, log } = {}) {
    if (inside !== INSIDE) throw new TypeError('Use Keeper.connect(options).');
    super();
    this.#user = core.user;
    this.#log = log;
    this.#signal = signal;
    this.#core = told(() => new Core(core));
    const memory = new Memory(core);
    memory.recall(this.#core);
    this.#last = this.status;
    const tell = (kind, detail) => this.#tell(kind, detail);
    const around = { openHub: (hear) => new Hub(hear), makeRequest: container && byContainer(container.base) };
    this.#host = new Host(this.#core, (question) => this.#ask(credentials, question), tell, memory, around);
    signal?.addEventListener('abort', this.#abort);
    setTimeout(() => this.#host.start());
  }

  get user() {
    return this.#user;
  }

  get status() {
    return this.#broken ?? this.#core.status();
  }

  timeline() {
    return this.#broken ? [] : this.#core.timeline();
  }

  explain() {
    return this.#broken ? BROKEN : this.#core.explain(new Date().getTimezoneOffset());
  }

  /** Resolves in service; rejects when stopped, unless by leaving the page: one that comes back goes on by itself. */
  async ready({ signal } = {}) {
    await null; // in a listener, a resume() before us is taken in only after it
    return this.#when(({ state, reason }) => {
      if (state === 'stopped' && reason !== 'page-left') throw stopped(reason, this.explain());
      return state === 'in-service';
    }, signal);
  }

  notifications({ signal, limit = QUEUE } = {}) {
    check(Number.isInteger(limit) && limit > 0, 'limit', 'give a whole number above 0');
    const stop = () => queue.end();
    const queue = new Queue(limit, () => {
      this.#queues.delete(queue);
      signal?.removeEventListener('abort', stop);
    });
    if (signal?.aborted || this.#closing) {
      queue.end();
    } else {
      this.#queues.add(queue);
      signal?.addEventListener('abort', stop);
    }
    return queue;
  }

  subscribe(node) {
    if (typeof node !== 'string') {
      const nextStep = "give a node such as '/finesse/api/Team/5/Users'";
      throw new KeeperError('bad-node', 'The node cannot be used.', nextStep);
    }
    let subscribed = true;
    this.#host.feed((core) => core.subscribe(node));
    return () => {
      if (subscribed) this.#host.feed((core) => core.unsubscribe(node));
      subscribed = false;
    };
  }

  async signIn(options) {
    const { extension, activeDeviceId, mobileAgent, signal } = only(options, 'extension', 'activeDeviceId', 'mobileAgent', 'signal');
    only(mobileAgent, 'mode', 'dialNumber');
    const fields = { extension, activeDeviceId, ...mobileAgent };
    for (const [field, given] of Object.entries(fields)) check(given === undefined || isText(given), field, 'give a string');
    check(extension, 'extension', "give the number of the agent's telephone");
    check(!mobileAgent || (mobileAgent.mode && mobileAgent.dialNumber), 'mobileAgent', 'give { mode, dialNumber }');
    return this.#request(fields, signal);
  }

  async setState(state, options) {
    check(state === 'READY' || state === 'NOT_READY', 'state', "give 'READY' or 'NOT_READY'");
    return this.#change(state, options);
  }

  async signOut(options) {
    return this.#change('LOGOUT', options);
  }

  #change(state, options) {
    const { reasonCode, signal } = only(options, 'reasonCode', 'signal');
    check(reasonCode === undefined || isText(reasonCode), 'reasonCode', "give the reason's id, a string");
    return this.#request({ state, reasonCode }, signal);
  }

  async request(method, path, body, options) {
    const { signal } = only(options, 'signal');
    check(['GET', 'PUT', 'POST', 'DELETE'].includes(method), 'method', "give 'GET', 'PUT', 'POST' or 'DELETE'");
    check(isText(path), 'path', "give a path such as '/finesse/api/Dialog/16777217'");
    check(body === undefined || (isText(body) && method !== 'GET'), 'body', 'give XML of at most a megabyte, and none to GET');
    return this.#request({ method, path, body }, signal);
  }

  #request(what, signal) {
    if (signal?.aborted) {
      throw new KeeperError('aborted', 'It was given up, and not sent.', 'Ask again if it is still wanted.', { cause: signal.reason });
    }
    return new Promise((resolve, reject) => {
      const number = (this.#count += 1);
      const abort = () => this.#host.feed((core) => core.ask(number));
      const end = (settle, value) => {
        signal?.removeEventListener('abort', abort);
        this.#asked.delete(number);
        settle(value);
      };
      this.#asked.set(number, { resolve: (value) => end(resolve, value), reject: (error) => end(reject, error) });
      signal?.addEventListener('abort', abort);
      if (!this.#host.feed((core) => core.ask(number, what))) {
        end(reject, new KeeperError('not-connected', 'It was not sent: the keeper is closed.', 'Connect a new keeper.'));
      }
    });
  }

  signInAgain() {
    this.#host.feed((core) => core.signInAgain());
  }

  resume() {
    this.#host.feed((core) => core.resume());
  }

  move(when) {
    const { within = 600_000 } = only(when, 'within');
    check(typeof within === 'number' && within >= 0 && within < 2 ** 32, 'within', 'give milliseconds from 0 on');
    this.#host.feed((core) => (when ? core.moveWithin(within) : core.move()));
  }

  /** Says goodbye; resolves when it is said. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close() {
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#host.feed((core) => core.close());
    this.#host.start(); // closed within the macrotask of `connect`: the goodbye need not wait for it
    await this.#when(({ state }) => state === 'stopped');
    this.#host.detach();
    await this.#host.said();
    for (const queue of [...this.#queues]) queue.end();
  }

  async #ask(credentials, question) {
    this.#thrown = undefined;
    try {
      return await credentials(question);
    } catch (error) {
      if (!question.signal.aborted) this.#thrown = error;
      throw error;
    }
  }

  #tell(kind, detail) {
    if (kind === 'log') return this.#write(detail);
    if (kind === 'broken') return this.#break(detail);
    if (kind === 'settled') {
      const { resolve, reject } = this.#asked.get(detail.number);
      return settle(detail, resolve, reject);
    }
    if (kind === 'status') this.#last = detail;
    // a provider that threw is the cause of there being no credentials
    if (kind === 'error') detail = failure(detail, { cause: detail.code === 'no-credentials' ? this.#thrown : undefined });
    this.dispatchEvent(new CustomEvent(kind, { detail }));
    if (kind !== 'notification') return;
    // told by its own name too; what has no type of its own has been already
    const name = { dialogs: 'dialog', queues: 'queue' }[detail.kind] ?? detail.kind;
    if (name !== kind) this.dispatchEvent(new CustomEvent(name, { detail }));
    for (const queue of this.#queues) queue.push(detail);
  }

  #break(cause) {
    this.#broken = { ...this.#last, state: 'stopped', reason: 'internal', cause: 'internal', since: Date.now() };
    const error = new KeeperError('internal', BROKEN, 'Connect a new keeper, and report this error with its cause.', { cause });
    for (const { reject } of [...this.#asked.values()]) reject(error);
    this.dispatchEvent(new CustomEvent('error', { detail: error }));
    this.dispatchEvent(new CustomEvent('status', { detail: this.#broken }));
  }

  #write(entry) {
    try {
      this.#log?.(entry);
    } catch (error) {
      queueMicrotask(() => {
        throw error; // the application's, and to be seen as such
      });
    }
  }

  /** Resolves when `test` accepts a status, now or later; rejects when it throws, or by `signal`. */
  #when(test, signal) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        this.removeEventListener('status', look);
        signal?.removeEventListener('abort', abort);
        settle(value);
      };
      const abort = () => end(reject, signal.reason);
      const look = () => {
        try {
          if (test(this.status)) end(resolve);
        } catch (error) {
          end(reject, error);
        }
      };
      this.addEventListener('status', look);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted) abort();
      else look();
    });
  }
}

/** No more than the core takes into its memory. */
const isText = (given) => typeof given === 'string' && given.length <= 2 ** 20;

function stopped(reason, explanation) {
  const next = {
    'credentials-refused': 'Ask the user for credentials, then call resume(). Five wrong ones lock an agent out for five minutes.',
    conflict: 'The agent signed in elsewhere. Ask the user before you call resume().',
    closed: 'Connect a new keeper.',
  };
  return new KeeperError('stopped', explanation, next[reason] ?? 'Call resume() to try again.', { reason });
}
