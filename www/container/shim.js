// @ts-check
// What a gadget finds in its frame: `gadgets.*` as Shindig gives it, and `finesse.gadget.Config`. The page behind it is asked by
// postMessage; all that crosses is JSON.
'use strict';

{
  /**
   * @typedef {{ pattern: string, tell: (topic: string, data: unknown, subscriberData: unknown) => void, scope: unknown, subscriberData: unknown }} Heard
   * @typedef {{ rc: number, text: string, headers: Record<string, string[]> }} Answer
   * @typedef {Answer & { errors: string[], data?: unknown }} Result
   */
  /** @type {{ config: Record<string, any>, prefs: Record<string, string>, messages: Record<string, string>, routes: [string, string][] } | undefined} */
  const given = /** @type {any} */ (window.frameElement)?.gadget;
  /** @type {any} */
  const page = window;
  const gadgets = (page.gadgets = /** @type {any} */ ({}));

  /** @param {object} message */
  const post = (message) => parent.postMessage(message, location.origin);

  // ---- gadgets.Hub ----

  /** @type {Map<string, Heard>} */
  const heard = new Map();
  let count = 0;

  /**
   * Words between dots; `*` for one of them and `**` for all that follow may be subscribed, not published.
   * @param {unknown} topic
   * @param {boolean} stars
   */
  const check = (topic, stars) => {
    const words = typeof topic === 'string' ? topic.split('.') : [''];
    const good = words.every((word, index) => word && (!word.includes('*') || (stars && (word === '*' || (word === '**' && index === words.length - 1)))));
    if (!good) throw new Error('OpenAjax.hub.Error.BadParameters');
  };

  gadgets.Hub = {
    /**
     * @param {string} topic
     * @param {unknown} callback Called with the topic, the data and `subscriberData`; a string names a method of `scope`.
     * @param {unknown} [scope]
     * @param {(id: string, success: boolean) => void} [onComplete]
     * @param {unknown} [subscriberData]
     */
    subscribe(topic, callback, scope, onComplete, subscriberData) {
      check(topic, true);
      const tell = typeof callback === 'string' ? /** @type {any} */ (scope)?.[callback] : callback;
      if (typeof tell !== 'function') throw new Error('OpenAjax.hub.Error.BadParameters');
      const id = `s${++count}`;
      heard.set(id, { pattern: topic, tell, scope, subscriberData });
      post({ kind: 'subscribe', sid: id, topic });
      if (onComplete) queueMicrotask(() => onComplete(id, true));
      return id;
    },
    /**
     * @param {string} id
     * @param {(id: string, success: boolean) => void} [onComplete]
     */
    unsubscribe(id, onComplete) {
      if (!heard.delete(id)) throw new Error('OpenAjax.hub.Error.NoSubscription');
      post({ kind: 'unsubscribe', sid: id });
      if (onComplete) queueMicrotask(() => onComplete(id, true));
    },
    /**
     * @param {string} topic
     * @param {unknown} [data]
     */
    publish(topic, data) {
      check(topic, false);
      post({ kind: 'publish', topic, json: JSON.stringify(data ?? null) });
    },
  };
  /** A gadget sets `onConnect`, and begins in it. */
  gadgets.HubSettings = {};

  // ---- gadgets.io ----

  const names = (/** @type {string[]} */ ...words) => Object.freeze(Object.fromEntries(words.map((word) => [word, word])));
  /** @type {Map<string, (answer: Answer) => void>} */
  const asked = new Map();

  gadgets.io = {
    RequestParameters: names('METHOD', 'CONTENT_TYPE', 'POST_DATA', 'HEADERS', 'AUTHORIZATION', 'GET_FULL_HEADERS', 'REFRESH_INTERVAL', 'NUM_ENTRIES', 'GET_SUMMARIES'),
    MethodType: names('GET', 'POST', 'PUT', 'DELETE', 'HEAD'),
    ContentType: names('TEXT', 'DOM', 'JSON', 'FEED'),
    AuthorizationType: names('NONE', 'SIGNED', 'OAUTH', 'OAUTH2'),
    /**
     * @param {string} url
     * @param {(result: Result) => void} callback
     * @param {Record<string, any>} [parameters]
     */
    makeRequest(url, callback, parameters = {}) {
      const id = `r${++count}`;
      const headers = Object.fromEntries(Object.entries(parameters.HEADERS ?? {}).map(([name, value]) => [name, String(value)]));
      const body = parameters.POST_DATA === undefined ? undefined : String(parameters.POST_DATA);
      asked.set(id, (answer) => callback(resultOf(answer, parameters.CONTENT_TYPE)));
      post({ kind: 'request', id, url: new URL(url, document.baseURI).href, method: parameters.METHOD ?? 'GET', headers, body, full: Boolean(parameters.GET_FULL_HEADERS) });
    },
    /** @param {string} url Nothing stands between: it is its own proxy. */
    getProxyUrl: (url) => new URL(url, document.baseURI).href,
    /** @param {Record<string, unknown>} fields */
    encodeValues: (fields) => Object.entries(fields).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join('&'),
  };

  /**
   * @param {Answer} answer
   * @param {string} [type]
   * @returns {Result}
   */
  const resultOf = (answer, type) => {
    const { rc, text } = answer;
    if (rc < 200 || rc >= 400) return { ...answer, errors: [`${rc} Error`] };
    if (type === 'JSON') {
      try {
        return { ...answer, errors: [], data: text ? JSON.parse(text) : null };
      } catch {
        return { ...answer, rc: 500, errors: ['500 Failed to parse JSON'], data: null };
      }
    }
    if (type !== 'DOM') return { ...answer, errors: [], data: text };
    const data = new DOMParser().parseFromString(text, 'text/xml');
    return data.querySelector('parsererror') ? { ...answer, rc: 500, errors: ['500 Failed to parse XML'] } : { ...answer, errors: [], data };
  };

  // ---- gadgets.window, gadgets.util, gadgets.json, gadgets.Prefs, finesse.gadget.Config ----

  gadgets.window = {
    /** @param {number | string} [height] In pixels; the height of the content if left out. */
    adjustHeight(height) {
      // not the root's scrollHeight: that never shrinks below the frame
      const content = Math.max(document.documentElement.getBoundingClientRect().height, document.body?.scrollHeight ?? 0);
      const wished = Number(height);
      post({ kind: 'height', height: Math.ceil(wished > 0 ? wished : content) });
    },
    getViewportDimensions: () => ({ width: window.innerWidth, height: window.innerHeight }),
  };

  /** @type {(() => void)[]} */
  let onLoad = [];
  let loaded = false;
  gadgets.util = {
    /** @param {() => void} handler */
    registerOnLoadHandler: (handler) => void (loaded ? queueMicrotask(handler) : onLoad.push(handler)),
    getUrlParameters: () => Object.fromEntries(new URLSearchParams(location.search)),
  };
  gadgets.json = { parse: JSON.parse, stringify: JSON.stringify };

  const prefs = given?.prefs ?? {};
  gadgets.Prefs = class {
    /** @param {string} name */
    getString = (name) => prefs[name] ?? '';
    /** @param {string} name */
    getInt = (name) => Number.parseInt(this.getString(name), 10) || 0;
    /** @param {string} name */
    getBool = (name) => this.getString(name) === 'true' || this.getInt(name) !== 0;
    /** @param {string} name */
    getMsg = (name) => given?.messages[name] ?? '';
  };
  page.finesse = { gadget: { Config: { ...given?.config } } };

  // ---- what the page says ----

  addEventListener('message', ({ source, origin, data }) => {
    if (source !== parent || origin !== location.origin || !data) return;
    if (data.kind === 'hub') {
      const one = heard.get(data.sid);
      one?.tell.call(one.scope ?? window, data.topic, JSON.parse(data.json), one.subscriberData);
    }
    if (data.kind === 'answer') {
      const answer = asked.get(data.id);
      asked.delete(data.id);
      answer?.(data.answer);
    }
  });

  addEventListener('load', () => {
    loaded = true;
    const handlers = onLoad;
    onLoad = [];
    for (const handler of handlers) queueMicrotask(handler);
    queueMicrotask(() => gadgets.HubSettings.onConnect?.(gadgets.Hub, true));
  });
}
