// What a gadget finds around it: the configuration and the hub of its container, and a server that makes its requests.
// The names are OpenSocial's (gadgets.*) and Cisco's (finesse.*).

/** What may be published at most; a text that is longer is not taken in. */
const LIMIT = 2 ** 20;

/** Whether the page is a gadget whose container has a hub. */
export const hasHub = () => typeof globalThis.gadgets?.Hub?.subscribe === 'function';

export const hasMakeRequest = () => typeof globalThis.gadgets?.io?.makeRequest === 'function';

/** The options that the container's configuration stands for, if the page is a gadget; both generations of its keys. */
export function configured(rest) {
  const config = globalThis.finesse?.gadget?.Config;
  if (!config || typeof config !== 'object') return {};
  const name = rest === 'makeRequest' ? (config.restHost ?? config.host) : config.host;
  return { hosts: name ? [address(config, `${name}`, rest)] : undefined, user: agent(config), credentials: () => secrets(config) };
}

/** As the container's server reaches it, or as the browser does: a gadget lies on that very server, as a rule. */
function address({ scheme, hostPort, localhostPort }, name, rest) {
  if (rest === 'fetch' && name === location.hostname) return location.origin;
  const port = rest === 'makeRequest' ? (localhostPort ?? hostPort) : hostPort;
  return `${scheme ?? 'https'}://${name}:${port ?? 8445}`;
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
  #hub = globalThis.gadgets.Hub;
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
    this.listen(`finesse.info.responses.${id}`, true);
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

/** Resolves when the hub can be used: OpenAjax' takes nothing before it is connected. */
function connection(hub) {
  if (hub.isConnected?.() !== false) return undefined;
  const settings = (globalThis.gadgets.HubSettings ??= {});
  const { onConnect } = settings;
  return new Promise((connected) => {
    settings.onConnect = function (...told) {
      connected();
      return onConnect?.apply(this, told);
    };
  });
}

/** What is published, as an object or as its JSON, as the text that the core reads; nothing if it is too large or none. */
function textOf(topic, data) {
  try {
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
 * Makes a request from the container's server; resolves with { status, text, after }, status 0 where there was no answer: that
 * server says 504 itself where nobody answered it.
 */
export function makeRequest({ url, method, headers, body }) {
  return new Promise((resolve) => {
    const answered = ({ rc, text, headers: told } = {}) => resolve({ status: rc > 99 && rc !== 504 ? rc : 0, text: `${text ?? ''}`, after: told?.['retry-after']?.[0] });
    globalThis.gadgets.io.makeRequest(url, answered, {
      METHOD: method, HEADERS: headers, POST_DATA: body, CONTENT_TYPE: 'TEXT', AUTHORIZATION: 'NONE', REFRESH_INTERVAL: 0, GET_FULL_HEADERS: true,
    });
  });
}
