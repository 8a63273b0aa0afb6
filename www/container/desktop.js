// @ts-check
// What the stock desktop does with its one connection (facts 2.4, 4.2): signs in, notices failures, stays where that recovers,
// and is loaded again on the other side where it does not.

import { child, childText, parseXml } from './forms.js';
import { own, readSystemInfo, signIn } from './rest.js';
import { Stream } from './stream.js';

/** @typedef {import('./parameters.js').Settings} Settings */
/** @typedef {import('../simulator.js').Side} Side */
/** @typedef {import('./rest.js').SystemInfo} SystemInfo */
/**
 * @typedef {object} Listener
 * @property {(status: string, resourceID: string | null) => void} word A word of `finesse.info.connection`.
 * @property {(from: string, type: string) => void} presence
 * @property {(node: string, payload: string) => void} notification
 * @property {(text: string) => void} note For whoever looks at the page.
 * @property {() => void} lost The session ended: what was asked of it will not be answered.
 * @property {(system: SystemInfo) => void} system What this side said of itself.
 * @property {(side: Side, why: string) => void} move Loads the page again, there.
 */

/** Reserved for the stock desktop (facts 2.2), which this stands in for. */
const RESOURCE = 'desktop';
/** When the notification service fails, so many attempts come before the failover (facts 4.2). */
const ATTEMPTS = 3;

/** @param {number} ms */
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Desktop {
  /** @type {Stream | null} */ stream = null;
  /** Whether `finesse` is present, as far as this session was told. */
  finesse = false;
  /** @type {string | null} Null until the first connection: it means nothing before (facts 6). */ resourceID = null;
  status = '';
  /** Looking for a server, and not to be disturbed by what else fails meanwhile. */
  busy = false;
  failing = false;
  /** Nothing is done any more, until the page is loaded again. */
  ended = false;
  /** @type {SystemInfo | null} What this side said last. */ system = null;
  /** @type {(() => void)[]} */ #waiting = [];

  /**
   * @param {Settings} settings
   * @param {Record<Side, string>} hosts
   * @param {string} password
   * @param {Listener} on
   */
  constructor(settings, hosts, password, on) {
    this.settings = settings;
    this.hosts = hosts;
    this.password = password;
    this.on = on;
  }

  get side() {
    return this.settings.side;
  }

  get host() {
    return own(this.hosts[this.side], this.settings.agent);
  }

  /** Connects, and signs the agent in. Resolves when that is done, or will not be. */
  async begin() {
    this.say('connecting');
    if (!(await this.#settle(0))) return;
    this.say('connected');
    await this.#signIn();
  }

  /**
   * Tells a word on the hub. By the page's buttons any word can be told, whatever the connection does.
   * @param {string} status
   */
  say(status) {
    this.status = status;
    this.on.word(status, this.resourceID);
  }

  /** Lets go of everything, as on leaving the page. */
  leave() {
    this.#finish();
    this.stream?.close();
    this.stream = null;
    this.on.lost();
  }

  #finish() {
    this.ended = true;
    this.#wake();
  }

  async #signIn() {
    const { agent, times } = this.settings;
    try {
      await signIn(this.host, agent, this.password, times.timeout);
      this.on.note(`signed in as ${agent}`);
    } catch (error) {
      this.on.note(`not signed in: ${error instanceof Error ? error.message : error}`);
    }
  }

  // ---- failures ----

  /** @param {import('./stream.js').Ending} how */
  #streamEnded(how) {
    this.stream = null;
    this.finesse = false;
    this.on.lost();
    if (how === 'lost') {
      this.#wake();
      if (!this.busy) this.#reconnect();
      return;
    }
    // signed in elsewhere, or refused: another attempt would only do harm
    this.#finish();
    this.say(how);
  }

  /** The notification service is gone: three attempts, and only then does the desktop call itself disconnected. */
  async #reconnect() {
    this.busy = true;
    this.say('reconnecting');
    for (let attempt = 1; attempt <= ATTEMPTS && !this.ended; attempt += 1) {
      if (attempt > 1) await sleep(this.settings.times.retry);
      if (await this.#isServed()) {
        this.busy = false;
        return this.say('connected');
      }
    }
    if (this.ended) return;
    this.say('disconnected');
    await this.#failover('the notification service does not answer');
  }

  /** @param {string} why */
  async #failover(why) {
    this.busy = this.failing = true;
    this.on.note(`failover begins: ${why}`);
    this.say('failing');
    const before = this.stream;
    if (!(await this.#settle(this.settings.times.poll))) return;
    this.busy = this.failing = false;
    if (this.stream !== before) this.say('connected');
    this.say('recovered');
  }

  /**
   * Looks for a server until this one is whole, or the other is to be gone to. Whatever the trigger was, the desktop asks
   * again and again (facts 4.2); it prefers to stay.
   * @param {number} pause How long to wait before the first look.
   * @returns {Promise<boolean>} Whether this side is whole; else nothing more is to be done here.
   */
  async #settle(pause) {
    this.busy = true;
    await sleep(pause);
    while (!this.ended) {
      if (await this.#isWhole()) return this.#settled();
      const other = this.#other();
      if (other && (await this.isIn(other)) && !this.ended) {
        if (await this.#isWhole()) return this.#settled();
        if (!this.ended) this.on.move(other, 'failover');
        return false;
      }
      await sleep(this.settings.times.poll);
    }
    return false;
  }

  #settled() {
    this.busy = false;
    return true;
  }

  #other() {
    const other = this.side === 'A' ? 'B' : 'A';
    return this.hosts[other] ? other : null;
  }

  /**
   * Whether a side says that it is in service.
   * @param {Side} side
   */
  async isIn(side) {
    const { agent, times } = this.settings;
    return (await readSystemInfo(own(this.hosts[side], agent), times.timeout))?.inService ?? false;
  }

  /** SystemInfo first, the notification service then; each that fails makes the next moot (facts 4.1). */
  async #isWhole() {
    const system = await readSystemInfo(this.host, this.settings.times.timeout);
    if (system) {
      this.system = system;
      this.on.system(system);
    }
    return !this.ended && Boolean(system?.inService) && this.#isServed();
  }

  /** Connects where that is needed. Only the presence of `finesse` says that the session is of use (facts 2.4). */
  async #isServed() {
    const { times } = this.settings;
    if (!this.stream && this.system) this.#connect(this.system.domain);
    const end = performance.now() + times.timeout;
    while (this.stream && !(this.stream.bound && this.finesse) && performance.now() < end) {
      await this.#change(end - performance.now());
    }
    const served = Boolean(this.stream?.bound && this.finesse);
    if (served) this.resourceID = RESOURCE;
    return served;
  }

  /** @param {string} domain */
  #connect(domain) {
    const { agent, times } = this.settings;
    const url = `${this.host.replace(/^http/, 'ws')}/ws/`;
    const address = { url, domain, user: agent.toLowerCase(), password: this.password, resource: RESOURCE, ping: times.ping, timeout: times.timeout };
    this.stream = new Stream(address, {
      bound: () => this.#wake(),
      presence: (from, type) => this.#notePresence(from, type),
      notification: (node, payload, stored) => this.#noteNotification(node, payload, stored),
      ended: (how) => this.#streamEnded(how),
    });
  }

  /**
   * Resolves when something happens, or after so long.
   * @param {number} ms
   */
  #change(ms) {
    return new Promise((done) => {
      const timer = setTimeout(() => this.#wake(), ms);
      this.#waiting.push(() => {
        clearTimeout(timer);
        done(null);
      });
    });
  }

  /** Something happened that may be waited for. */
  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  // ---- what comes ----

  /**
   * @param {string} from
   * @param {string} type
   */
  #notePresence(from, type) {
    this.on.presence(from, type);
    // by the name alone: its resource is not known
    if (from.split('@')[0] !== 'finesse') return;
    this.finesse = type === '';
    this.#wake();
    if (type === 'unavailable' && !this.busy) this.#failover('finesse is unavailable');
  }

  /**
   * @param {string} node
   * @param {string} payload
   * @param {boolean} stored Of an outage that was: SystemInfo has been read since.
   */
  #noteNotification(node, payload, stored) {
    this.on.notification(node, payload);
    if (stored || !node.endsWith('/SystemInfo')) return;
    const data = child(parseXml(payload), 'data');
    const status = childText(data?.firstElementChild, 'status');
    if (status === 'OUT_OF_SERVICE' && !this.busy) this.#failover('SystemInfo says OUT_OF_SERVICE');
  }
}
