// What a gadget finds around it: the configuration and the hub of its container, and a server that makes its requests.
// The names are OpenSocial's (gadgets.*) and Cisco's (finesse.*).

/** What may be published at most; a text that is longer is not taken in. */
const LIMIT = 2 ** 20;

/** Whether the page is a gadget whose container has a hub. */
export const hasHub = () => typeof globalThis.gadgets?.Hub?.subscribe === 'function';

export const hasMakeRequest = () => typeof globalThis.gadgets?.io?.makeRequest === 'function';

/** The options that the container's configuration stands for, if the page is a gadget; both generations of its keys. */
export function configured() {
  const config = globalThis.finesse?.gadget?.Config;
  if (!config || typeof config !== 'object') return {};
  return { hosts: config.host ? [address(config)] : undefined, user: agent(config), credentials: () => secrets(config), inner: inner(config) };
}

/** As the browser reaches the server: a gadget lies on that very one, as a rule. */
function address({ scheme = 'https', host, hostPort = 8445 }) {
  return host === location.hostname ? location.origin : `${scheme}://${host}:${hostPort}`;
}

/** As the container's server reaches the same; not known of one that says nothing of it. */
function inner({ scheme = 'https', restHost, localhostPort = 8445 }) {
  return restHost ? `${scheme}://${restHost}:${localhostPort}` : undefined;
}

function agent(config) {
  return config.id ?? basic(config)?.[0];
}

/** Read each time: a container renews its token. */
function secrets(config) {
  const token = config.authToken ?? config.token;
  return token ? { token } : { password: config.password ?? basic(config)?.[1] };
}

/** `authorization` is the base64 of id:password. */
function basic({ authorization }) {
  if (typeof authorization !== 'string') return undefined;
  try {
    const text = new TextDecoder().decode(Uint8Array.from(atob(authorization.replace(/^Basic /, '')), (char) => char.charCodeAt(0)));
    return /^([^:]*):(.*)$/s.exec(text)?.slice(1);
  } catch {
    return undefined;
  }
}

/** The hub, as the core's effects use it: `hear` is told each topic and what was published on it, as text. */
export class Hub {
  #hub = globalThis.gadgets?.Hub;
  #hear;
  #topics = new Map();
  #connected;
  #left = false;

  constructor(hear) {
    this.#hear = hear;
    this.#connected = connection(this.#hub);
  }

  listen(topic, once = false) {
    return this.#do(() => {
      if (this.#topics.has(topic) || this.#left) return;
      this.#topics.set(topic, undefined); // it may be told something before it is told its subscription
      const heard = (_, data) => {
        if (!this.#topics.has(topic)) return;
        this.#hear(topic, textOf(topic, data));
        if (once) this.forget(topic);
      };
      this.#topics.set(topic, this.#hub.subscribe(topic, heard));
    });
  }

  forget(topic) {
    return this.#do(() => {
      const subscription = this.#topics.get(topic);
      if (this.#topics.delete(topic)) this.#hub.unsubscribe(subscription);
    });
  }

  ask(id, type, node) {
    if (node) this.listen(`finesse.info.responses.${id}`, true); // the other question is answered to all
    return this.#do(() => this.#hub.publish('finesse.info.requests', { type, data: node ? { node } : {}, invokeID: id }));
  }

  /** What was asked before is still sent, and its answer not waited for. */
  leave() {
    return this.#do(() => {
      this.#left = true;
      for (const topic of [...this.#topics.keys()]) this.forget(topic);
    });
  }

  /** In turn. What a hub does not allow does not come about, and the core finds that nobody answers. */
  async #do(act) {
    await this.#connected;
    try {
      act();
    } catch {
      // said above
    }
  }
}

/**
 * Resolves when the hub can be used: OpenAjax' takes nothing before it is connected. Its only word for that, `onConnect`, may be
 * the gadget's own by then.
 */
function connection(hub) {
  if (hub?.isConnected?.() !== false) return undefined;
  return new Promise((connected) => {
    const look = () => (hub.isConnected() ? connected() : setTimeout(look, LOOK));
    look();
  });
}

/** Milliseconds. */
const LOOK = 200;

/** What is published, as an object or as its JSON, as the text that the core reads; nothing if it is too large or none. */
function textOf(topic, data) {
  try {
    if (data?.length > LIMIT) return undefined;
    const said = typeof data === 'string' && data.startsWith('{') ? JSON.parse(data) : data;
    const { status, content, error, subscribe, type } = Object(said);
    const failure = error && `${error.errorMessage || error.errorType || 'error'}`;
    const word = status ?? content ?? failure ?? subscribe?.content ?? (type && `${type} ${said.data?.node}`);
    const text = (topic.startsWith('finesse.api.') ? content : word) ?? (typeof data === 'string' ? data : '');
    return typeof text === 'string' && text.length <= LIMIT ? text : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes requests of REST, and no others, from the container's server, which reaches it at `base` where that is known. They
 * resolve with { status, text, after }, status 0 where there was no answer.
 */
export function byContainer(base) {
  return (asked) => {
    const at = asked.url.indexOf('/finesse/api/');
    if (at < 0) return undefined;
    if (asked.opaque) return { status: 0 }; // nothing between the two could hide an answer
    const { method, headers, body } = asked;
    const url = (base ?? asked.url.slice(0, at)) + asked.url.slice(at);
    return new Promise((resolve) => {
      const answered = ({ rc, text, headers: told } = {}) => resolve({ status: rc > 99 ? rc : 0, text: `${text ?? ''}`, after: told?.['retry-after']?.[0] });
      globalThis.gadgets.io.makeRequest(url, answered, {
        METHOD: method, HEADERS: headers, POST_DATA: body, CONTENT_TYPE: 'TEXT', AUTHORIZATION: 'NONE', REFRESH_INTERVAL: 0, GET_FULL_HEADERS: true,
      });
    });
  };
}
