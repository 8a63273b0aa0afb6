// @ts-check
// The hub that gadgets talk over, as OpenAjax's is: whoever subscribes a topic is told what anyone publishes there, the
// publisher included. Gadgets reach it by postMessage (shim.js); what goes over it is JSON, as with Shindig.

/** @typedef {(topic: string, data: unknown, gadget: string) => void} Handler */
/** @typedef {{ gadget: string, pattern: string }} Subscription */
/**
 * @typedef {object} Listener
 * @property {(gadget: string, topic: string, json: string) => void} published By a gadget.
 * @property {(gadget: string, why: string) => void} refused What a gadget sent and cannot be.
 */

/** A gadget is anyone's: what it sends is bounded. */
export const MOST_JSON = 1 << 20;
const MOST_TOPIC = 512;
const MOST_SUBSCRIPTIONS = 500;

/**
 * Whether a topic may be published: words between dots. With stars, it may be subscribed alone.
 * @param {unknown} topic
 * @returns {topic is string}
 */
export function isTopic(topic) {
  return typeof topic === 'string' && topic.length <= MOST_TOPIC && topic.split('.').every((word) => word && word !== '*' && word !== '**');
}

/**
 * @param {unknown} pattern
 * @returns {pattern is string}
 */
function isPattern(pattern) {
  return typeof pattern === 'string' && isTopic(pattern.replace(/(^|\.)\*\*$/, '$1x').replace(/(?<=^|\.)\*(?=\.|$)/g, 'x'));
}

/**
 * `*` stands for one word, `**` at the end for one or more.
 * @param {string} pattern
 * @param {string} topic
 */
function matches(pattern, topic) {
  const [wanted, words] = [pattern.split('.'), topic.split('.')];
  const open = wanted.at(-1) === '**';
  if (open ? words.length < wanted.length : words.length !== wanted.length) return false;
  return wanted.every((word, index) => word === words[index] || word === '*' || word === '**');
}

export class Hub {
  /** @type {Map<string, Subscription>} */ #subscriptions = new Map();
  /** @type {Map<string, (message: object) => void>} */ #gadgets = new Map();
  /** @type {{ topic: string, handler: Handler }[]} */ #own = [];

  /** @param {Listener} on */
  constructor(on) {
    this.on = on;
  }

  /**
   * Lets a gadget in. What it had subscribed before, as it was loaded earlier, is forgotten.
   * @param {string} gadget
   * @param {(message: object) => void} post
   */
  attach(gadget, post) {
    this.detach(gadget);
    this.#gadgets.set(gadget, post);
  }

  /** @param {string} gadget */
  detach(gadget) {
    this.#gadgets.delete(gadget);
    for (const [key, subscription] of this.#subscriptions) if (subscription.gadget === gadget) this.#subscriptions.delete(key);
  }

  /**
   * The page itself listens.
   * @param {string} topic
   * @param {Handler} handler
   */
  listen(topic, handler) {
    this.#own.push({ topic, handler });
  }

  /** @param {string} gadget */
  topicsOf(gadget) {
    return [...this.#subscriptions.values()].filter((each) => each.gadget === gadget).map(({ pattern }) => pattern);
  }

  /**
   * Tells everyone who subscribed.
   * @param {string} topic
   * @param {string} json
   */
  publish(topic, json) {
    for (const [key, { gadget, pattern }] of this.#subscriptions) {
      if (matches(pattern, topic)) this.#gadgets.get(gadget)?.({ kind: 'hub', sid: key.slice(gadget.length + 1), topic, json });
    }
  }

  /**
   * What a gadget's shim sent, or whatever else the gadget posted.
   * @param {string} gadget
   * @param {Record<string, unknown>} message
   */
  take(gadget, message) {
    const { kind, sid, topic, json } = message;
    if (kind === 'publish') return this.#takePublished(gadget, topic, json);
    const key = `${gadget} ${sid}`;
    if (kind === 'unsubscribe') return void this.#subscriptions.delete(key);
    if (kind !== 'subscribe') return this.on.refused(gadget, 'a message of no known kind');
    if (typeof sid !== 'string' || sid.length > 100) return this.on.refused(gadget, 'a subscription without an id');
    if (!isPattern(topic)) return this.on.refused(gadget, 'a subscription of what is no topic');
    if (this.topicsOf(gadget).length >= MOST_SUBSCRIPTIONS) return this.on.refused(gadget, `more than ${MOST_SUBSCRIPTIONS} subscriptions`);
    this.#subscriptions.set(key, { gadget, pattern: topic });
  }

  /**
   * @param {string} gadget
   * @param {unknown} topic
   * @param {unknown} json
   */
  #takePublished(gadget, topic, json) {
    if (!isTopic(topic)) return this.on.refused(gadget, 'published on what is no topic');
    if (typeof json !== 'string') return this.on.refused(gadget, `published no JSON on ${topic}`);
    if (json.length > MOST_JSON) return this.on.refused(gadget, `published ${json.length} characters on ${topic}: too long`);
    /** @type {unknown} */
    let data;
    try {
      data = JSON.parse(json);
    } catch {
      return this.on.refused(gadget, `published no JSON on ${topic}`);
    }
    this.on.published(gadget, topic, json);
    for (const own of this.#own) if (own.topic === topic) own.handler(topic, data, gadget);
    this.publish(topic, json);
  }
}
