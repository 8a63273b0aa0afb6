// @ts-check
// The desktop, its hub and its gadgets put together: what is told to whom, in which form, and what can be played.

import * as simulator from '../simulator.js';
import { byId, setAttributes, setText } from '../dom.js';
import { configOf } from './config.js';
import { Desktop } from './desktop.js';
import { notificationOf, presenceOf, topicOf } from './forms.js';
import { Gadgets } from './gadgets.js';
import { Hub } from './hub.js';
import { onSide } from './parameters.js';
import { REQUESTS, Requests } from './requests.js';
import { basic, makeRequest, named, own } from './rest.js';

/** @typedef {import('../simulator.js').Side} Side */
/** @typedef {import('./entries.js').Entries} Entries */
/** @typedef {import('./parameters.js').Settings} Settings */

const CONNECTION = 'finesse.info.connection';
const PRESENCE = 'finesse.info.presence';
/** The facts name the event, not the topic that carries it: this one is ours. */
const MAINTENANCE = 'finesse.containerservices.FINESSE_MAINTENANCE_MODE_EVENT';
/** How many requests of gadgets may be under way at once. */
const MOST_REQUESTS = 50;

export class Container {
  /** How much was published since the page was loaded. */
  published = 0;
  #requests = 0;
  #gadgetsLoaded = false;
  #maintained = false;

  /**
   * @param {Settings} settings
   * @param {Record<Side, string>} hosts
   * @param {Entries} entries
   * @param {(error: unknown) => void} complain Shown to whoever looks at the page.
   */
  constructor(settings, hosts, entries, complain) {
    this.settings = settings;
    this.hosts = hosts;
    this.entries = entries;
    this.complain = complain;
    const { agent } = settings;
    this.secrets = { password: `pw-${agent}`, token: `token-${agent}` };
    entries.hide([this.secrets.password, this.secrets.token, basic(agent, this.secrets.password)]);
    this.desktop = new Desktop(settings, hosts, this.secrets.password, {
      word: (status, resourceID) => this.#tell(CONNECTION, { status, resourceID }),
      presence: (from, type) => this.#tell(PRESENCE, presenceOf(from, type)),
      notification: (node, payload) => this.#notify(node, payload),
      note: (text) => this.#note('desktop', text),
      lost: () => this.show(),
      system: () => this.#loadGadgets(),
      move: (side, why) => this.move(side, why),
    });
    this.requests = new Requests({
      stream: () => (this.desktop.stream?.bound ? this.desktop.stream : null),
      counted: settings.counted,
      connectionInfo: (invokeID) => this.#repeat(invokeID),
      publish: (topic, data) => this.#tell(topic, data),
      note: (gadget, text) => this.#note('request', text, gadget),
    });
    this.hub = new Hub({
      published: (gadget, topic, json) => topic !== REQUESTS && this.#note('gadget', `published ${topic} ${json}`, gadget),
      refused: (gadget, why) => this.#note('gadget', `refused: ${why}`, gadget),
    });
    this.hub.listen(REQUESTS, (_, data, gadget) => this.requests.take(fromText(data), gadget));
    this.gadgets = new Gadgets(byId('gadgets'), {
      given: () => this.#given(),
      loading: ({ id, frame }) => this.hub.attach(id, (message) => frame.contentWindow?.postMessage(message, location.origin)),
      removed: ({ id }) => this.hub.detach(id),
      message: (gadget, message) => (message.kind === 'request' ? void this.#request(gadget, message) : this.hub.take(gadget, message)),
    });
  }

  // ---- the desktop, to its gadgets ----

  /**
   * Publishes as Finesse's desktop does, in the form that was chosen. Without data: empty.
   * @param {string} topic
   * @param {object} [data]
   */
  #tell(topic, data) {
    const json = data === undefined ? '' : JSON.stringify(data);
    this.published += 1;
    this.#note('published', `${topic} ${json}`);
    this.hub.publish(topic, this.settings.form === 'text' ? JSON.stringify(json) : json || 'null');
    this.show();
  }

  /**
   * The last word again, to everyone, as whoever asks for it gets it. Before the first there is none.
   * @param {string | number | undefined} invokeID
   */
  #repeat(invokeID) {
    const { status, resourceID } = this.desktop;
    if (status) this.#tell(CONNECTION, { status, resourceID, ...(invokeID !== undefined && { invokeID }) });
  }

  /**
   * @param {string} node
   * @param {string} payload
   */
  #notify(node, payload) {
    const notification = notificationOf(node, payload);
    if (notification) this.#tell(topicOf(node), notification);
    else this.#note('desktop', `cannot be published, neither XML nor JSON: ${node}`);
  }

  /**
   * From each side's addresses to where the agent's requests go; the same for WebSockets.
   * @returns {[string, string][]}
   */
  get routes() {
    const hosts = Object.values(this.hosts).filter(Boolean);
    // by the address that is known here, by the name that SystemInfo has, and as the server itself reaches it
    const names = (/** @type {string} */ host) => [host, named(host, this.desktop.system), host.replace(new URL(host).hostname, 'localhost')];
    const ways = hosts.flatMap((host) => names(host).map((from) => [from, own(host, this.settings.agent)]));
    return ways.flatMap(([from = '', to = '']) => [[from, to], [from.replace(/^http/, 'ws'), to.replace(/^http/, 'ws')]]);
  }

  #given() {
    const { system, side } = this.desktop;
    if (!system) throw new Error('No side has told its domain yet; gadgets are loaded then.');
    return { config: configOf(this.settings, named(this.hosts[side], system), system, this.secrets), routes: this.routes };
  }

  /** Once, when the side is known: a gadget is given its domain. */
  async #loadGadgets() {
    if (this.#gadgetsLoaded) return;
    this.#gadgetsLoaded = true;
    await Promise.all(this.settings.gadgets.map((url) => this.gadgets.add(url).catch(this.complain)));
  }

  // ---- gadgets, to the desktop ----

  /**
   * `gadgets.io.makeRequest`: by this page, over the agent's network.
   * @param {string} gadget
   * @param {Record<string, unknown>} message
   */
  async #request(gadget, message) {
    const { id } = message;
    const to = this.gadgets.all.get(gadget)?.frame.contentWindow;
    const route = (/** @type {string} */ url) => {
      const way = this.routes.find(([from]) => url.startsWith(`${from}/`) && !url.startsWith(`${from}/as/`));
      return way ? way[1] + url.slice(way[0].length) : url;
    };
    this.#requests += 1;
    const tooMany = this.#requests > MOST_REQUESTS;
    const answer = tooMany ? { rc: 503, text: '', headers: {} } : await makeRequest(message, route, this.settings.times.timeout);
    this.#requests -= 1;
    this.#note('gadget', `makeRequest ${String(message.method).slice(0, 10)} ${String(message.url).split('?')[0]} → ${answer.rc}`, gadget);
    if (typeof id === 'string') to?.postMessage({ kind: 'answer', id, answer }, location.origin);
  }

  // ---- what can be played ----

  /**
   * Loads the page on another side, after the words that go with it.
   * @param {Side} side
   * @param {string} why
   */
  move(side, why) {
    this.#note('desktop', `to side ${side}: ${why}`);
    location.replace(onSide(new URL(location.href), side, why));
  }

  /** Gadgets are told ahead, then the page is loaded on the other side (facts 4.4), if that is in service. */
  async maintenance() {
    if (this.#maintained) return;
    this.#maintained = true;
    this.#tell(MAINTENANCE, {});
    await new Promise((done) => setTimeout(done, this.settings.times.warn));
    const other = this.settings.side === 'A' ? 'B' : 'A';
    if (this.hosts[other] && (await this.desktop.isIn(other))) this.move(other, 'maintenance');
    else this.#note('desktop', 'the maintenance fails: the other side is not in service');
    this.#maintained = false;
  }

  /** Leaves as a page does that is left, and stays to be looked at. */
  unload() {
    this.desktop.say('unloading');
    this.leave();
  }

  leave() {
    this.requests.end();
    this.desktop.leave();
    this.show();
  }

  /** Someone signs in with the same address, for a moment: the real thing, by the simulator. */
  async conflict() {
    const { agent, side } = this.settings;
    await simulator.breakIt({ fault: 'conflict', agent, side, .../** @type {object} */ ({ for: 3_000 }) });
  }

  // ---- what is shown ----

  /**
   * @param {'desktop' | 'published' | 'gadget' | 'request'} kind
   * @param {string} text
   * @param {string} [who]
   */
  #note(kind, text, who = '') {
    this.entries.add(kind, who, text);
  }

  show() {
    const { desktop, requests, settings } = this;
    const connected = Boolean(desktop.stream?.bound);
    const tone = desktop.failing || desktop.ended ? 'bad' : connected && desktop.finesse ? 'good' : 'doubt';
    setAttributes(byId('verdict'), { 'data-tone': tone });
    setText(byId('state'), `Side ${settings.side}`);
    setText(byId('reason'), `said last: ${desktop.status || 'nothing'}`);
    const nodes = Object.keys(requests.nodes()).length;
    const facts = [connected ? 'session up' : 'no session', desktop.finesse ? 'finesse present' : 'finesse not seen', `nodes subscribed: ${nodes}`];
    setText(byId('facts'), facts.join(' · '));
    setText(byId('why'), desktop.ended ? 'It does nothing more until the page is loaded again.' : '');
  }

  /** The same for tests, as data. */
  state() {
    const { status, resourceID, finesse, failing, busy, ended } = this.desktop;
    const { agent, side, config, form, counted } = this.settings;
    const gadgets = [...this.gadgets.all.values()].map(({ id, url, title }) => ({ id, url, title, topics: this.hub.topicsOf(id) }));
    const connected = Boolean(this.desktop.stream?.bound);
    return { agent, side, config, form, counted, status, resourceID, connected, finesse, failing, busy, ended, gadgets, nodes: this.requests.nodes(), published: this.published, entries: [...this.entries.all] };
  }
}

/**
 * Gadgets may publish their requests as text, too.
 * @param {unknown} data
 */
function fromText(data) {
  try {
    return typeof data === 'string' ? JSON.parse(data) : data;
  } catch {
    return null;
  }
}
