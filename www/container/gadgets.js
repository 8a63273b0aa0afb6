// @ts-check
// Gadgets: their XML, and the frames they live in.

import { html } from '../dom.js';
import { child } from './forms.js';
import { MOST_GADGETS } from './parameters.js';

/** @typedef {{ title: string, height: number, prefs: Record<string, string>, messages: Record<string, string>, content: string }} Module */
/** @typedef {{ id: string, url: string, title: string, frame: HTMLIFrameElement, place: HTMLElement }} Gadget */
/**
 * @typedef {object} Host
 * @property {() => { config: Record<string, string | number>, routes: [string, string][] }} given What every gadget is given.
 * @property {(gadget: Gadget) => void} loading Before its frame is loaded.
 * @property {(gadget: Gadget) => void} removed
 * @property {(gadget: string, message: Record<string, unknown>) => void} message
 */

const MOST_TEXT = 2 << 20;
const USUAL_HEIGHT = 200;
const LEAST_HEIGHT = 20;
const MOST_HEIGHT = 3000;

/**
 * Reads `<Module><ModulePrefs/><UserPref/><Content/></Module>`.
 * @param {string} text
 * @returns {Module}
 */
export function readModule(text) {
  if (text.length > MOST_TEXT) throw new Error('it is longer than 2 MiB');
  const { documentElement: root } = new DOMParser().parseFromString(text.trim(), 'text/xml');
  const broken = root.localName === 'parsererror' ? root : root.querySelector('parsererror');
  if (broken) throw new Error(`it is no XML: ${broken.textContent?.trim().slice(0, 200)}`);
  const content = [...root.children].find((each) => each.localName === 'Content' && (each.getAttribute('type') ?? 'html') === 'html');
  if (root.localName !== 'Module' || !content) throw new Error('it has no <Module> with a <Content type="html">');
  const about = child(root, 'ModulePrefs');
  const named = (/** @type {Element[]} */ elements, /** @type {(each: Element) => string} */ value) =>
    Object.fromEntries(elements.map((each) => [each.getAttribute('name') ?? '', value(each)]));
  return {
    title: about?.getAttribute('title') ?? '',
    height: heightOf(about?.getAttribute('height')),
    prefs: named([...root.children].filter(({ localName }) => localName === 'UserPref'), (each) => each.getAttribute('default_value') ?? ''),
    // of bundles only those that stand in the file, for every language
    messages: named([...(about?.querySelectorAll('Locale:not([lang]):not([messages]) > msg') ?? [])], (each) => each.textContent ?? ''),
    content: content.textContent ?? '',
  };
}

/** @param {unknown} given */
const heightOf = (given) => Math.min(Math.max(Number(given) || USUAL_HEIGHT, LEAST_HEIGHT), MOST_HEIGHT);

export class Gadgets {
  /** @type {Map<string, Gadget>} */ all = new Map();
  #count = 0;

  /**
   * @param {HTMLElement} root
   * @param {Host} host
   */
  constructor(root, host) {
    this.root = root;
    this.host = host;
    addEventListener('message', (event) => this.#take(event));
  }

  /**
   * Loads a gadget into a new frame. Rejects with words for whoever asked for it.
   * @param {string} url
   */
  async add(url) {
    if (this.all.size >= MOST_GADGETS) throw new Error(`There are ${MOST_GADGETS} gadgets already.`);
    const id = String(++this.#count);
    const title = html('h2', {}, `Gadget ${id}`);
    const again = html('button', { type: 'button', 'aria-label': `Load again: gadget ${id}` }, 'Load again');
    const away = html('button', { type: 'button', 'aria-label': `Remove: gadget ${id}` }, 'Remove');
    const frame = html('iframe', { title: `Gadget ${id}` });
    const place = html('article', { class: 'gadget', 'aria-label': `Gadget ${id}` }, html('div', { class: 'bar' }, title, html('span', { class: 'buttons' }, again, away)), frame);
    const gadget = { id, url, title: '', frame, place };
    again.addEventListener('click', () => this.#load(gadget).catch((error) => reportError(error)));
    away.addEventListener('click', () => this.remove(gadget));
    this.all.set(id, gadget);
    this.root.append(place);
    await this.#load(gadget).catch((error) => {
      this.remove(gadget);
      throw error;
    });
  }

  /** @param {Gadget} gadget */
  remove(gadget) {
    const focused = gadget.place.contains(document.activeElement);
    gadget.place.remove();
    this.all.delete(gadget.id);
    this.host.removed(gadget);
    if (focused) this.root.focus();
  }

  /** @param {Gadget} gadget */
  async #load(gadget) {
    const { id, url, frame, place } = gadget;
    const module = await fetchModule(url);
    if (!place.isConnected) return;
    gadget.title = module.title || `Gadget ${id}`;
    const { config, routes } = this.host.given();
    // what the desktop gives comes before what the gadget declares
    const prefs = { ...module.prefs, ...Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])) };
    const heading = place.querySelector('h2');
    if (heading) heading.textContent = `${id} · ${gadget.title}`;
    frame.title = `Gadget ${id}: ${gadget.title}`;
    frame.style.height = `${module.height}px`;
    Object.assign(frame, { gadget: { url, title: gadget.title, content: module.content, messages: module.messages, prefs, config, routes } });
    this.host.loading(gadget);
    frame.src = `frame.html?mid=${id}&url=${encodeURIComponent(url)}&load=${Date.now()}`;
  }

  /**
   * Only from the frames themselves, from whatever script of theirs.
   * @param {MessageEvent} event
   */
  #take({ source, origin, data }) {
    const gadget = origin === location.origin && [...this.all.values()].find(({ frame }) => frame.contentWindow === source);
    if (!gadget) return;
    const message = /** @type {Record<string, unknown>} */ (data && typeof data === 'object' ? data : {});
    if (message.kind === 'height') gadget.frame.style.height = `${heightOf(message.height)}px`;
    else this.host.message(gadget.id, message);
  }
}

/** @param {string} url */
async function fetchModule(url) {
  const refused = (/** @type {unknown} */ error) => new Error(`${url} is not loaded: ${error instanceof Error ? error.message : error}.`);
  try {
    const response = await fetch(url, { cache: 'no-store' });
    if (!response.ok) throw new Error(`it is answered ${response.status}`);
    return readModule(await response.text());
  } catch (error) {
    throw refused(error);
  }
}
