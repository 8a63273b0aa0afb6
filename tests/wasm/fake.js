// A Finesse of a few lines, put in the place of `fetch` and `WebSocket`: what the performers do at their edges cannot
// be asked of a real server (no engine here reaches one from the runner's page).

const real = { fetch: globalThis.fetch, WebSocket: globalThis.WebSocket };
const framing = 'urn:ietf:params:xml:ns:xmpp-framing';

export const sockets = [];
export const requests = [];
let body = undefined;

class FakeSocket extends EventTarget {
  sent = [];
  closed = null;

  constructor(url, protocol) {
    super();
    if (/forbidden|bosh-only/.test(url)) throw new DOMException('not allowed', 'SecurityError');
    Object.assign(this, { url, protocol });
    sockets.push(this);
    queueMicrotask(() => {
      this.isOpen = true;
      this.dispatchEvent(new Event('open'));
    });
  }

  send(text) {
    if (!this.isOpen) throw new DOMException('still connecting', 'InvalidStateError');
    this.sent.push(text);
    queueMicrotask(() => this.answers(text).forEach((answer) => this.say(answer)));
  }

  close(code) {
    this.closed = code;
  }

  say(data) {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  answers(text) {
    const id = /\bid=['"]([^'"]*)/.exec(text)?.[1];
    const result = (inside = '') => [`<iq xmlns='jabber:client' type='result' id='${id}'>${inside}</iq>`];
    if (text.startsWith('<open')) return this.opened();
    if (text.startsWith('<auth')) return [`<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>`];
    if (text.startsWith('<presence') && !text.includes('unavailable')) {
      return [`<presence xmlns='jabber:client' from='finesse@fin-a.example.com/fin'/>`];
    }
    if (!text.startsWith('<iq')) return [];
    if (text.includes('xmpp-bind')) {
      const resource = /<resource>([^<]*)/.exec(text)?.[1];
      return result(`<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>1001@fin-a.example.com/${resource}</jid></bind>`);
    }
    return result();
  }

  opened() {
    this.streams = (this.streams ?? 0) + 1;
    const features =
      this.streams === 1
        ? `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>`
        : `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>`;
    return [
      `<open xmlns='${framing}' from='fin-a.example.com' id='s1' version='1.0'/>`,
      `<stream:features xmlns:stream='http://etherx.jabber.org/streams'>${features}</stream:features>`,
    ];
  }
}

const answer = (xml) => new Response(xml, { status: 200, headers: { 'Content-Type': 'application/xml' } });

function respond(url, init) {
  requests.push({ url, ...init, authorization: init.headers?.Authorization ?? null });
  if (body) return Promise.resolve(body());
  if (url.includes('/SystemInfo')) {
    return Promise.resolve(answer(`<SystemInfo><status>IN_SERVICE</status><deploymentType>UCCE</deploymentType>
      <primaryNode><host>fin-a.example.com</host></primaryNode><xmppDomain>fin-a.example.com</xmppDomain>
      <xmppPubSubDomain>pubsub.fin-a.example.com</xmppPubSubDomain></SystemInfo>`));
  }
  if (url.endsWith('/http-bind/')) return url.includes('bosh-only') ? bosh(init) : Promise.resolve(new Response('', { status: 404 }));
  if (url.endsWith('/Dialogs')) return Promise.resolve(answer('<Dialogs></Dialogs>'));
  return Promise.resolve(answer('<User><loginId>1001</loginId><state>READY</state></User>'));
}

/** One BOSH session, as Openfire answers; what has nothing to say is held until it is given up. */
function bosh({ body: text, signal }) {
  const id = [...text.matchAll(/<iq[^>]* id="([^"]*)"/g)].map(([, each]) => each);
  const result = (each, inside = '') => `<iq xmlns='jabber:client' type='result' id='${each}'>${inside}</iq>`;
  const say = (inside, attributes = '') =>
    Promise.resolve(answer(`<body xmlns='http://jabber.org/protocol/httpbind' ${attributes}>${inside}</body>`));
  if (!text.includes(' sid=')) {
    const features = `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>`;
    return say(`<stream:features xmlns:stream='http://etherx.jabber.org/streams'>${features}</stream:features>`, `sid='s1' wait='30' requests='2' ack='1'`);
  }
  if (text.includes('terminate')) return say('', `type='terminate'`);
  if (text.includes('<auth')) {
    const [, resource] = /<resource>([^<]*)/.exec(text);
    const jid = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>1001@fin-a.example.com/${resource}</jid></bind>`;
    return say(`<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>${result(id[0], jid)}`);
  }
  const presence = `<presence xmlns='jabber:client' from='finesse@fin-a.example.com/fin'/>`;
  if (id.length) return say((text.includes('<presence') ? presence : '') + id.map((each) => result(each)).join(''));
  return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
}

/** Puts the fakes in place, fresh. */
export function install() {
  sockets.length = 0;
  requests.length = 0;
  body = undefined;
  globalThis.WebSocket = FakeSocket;
  globalThis.fetch = respond;
}

/** The browser's own again. */
export function uninstall() {
  Object.assign(globalThis, real);
}

/** From now on every request is answered by a body of `megabytes`, chunk by chunk, without a length. */
export function flood(megabytes) {
  globalThis.pulled = 0;
  body = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (globalThis.pulled++ >= megabytes) controller.close();
          else controller.enqueue(new Uint8Array(1 << 20).fill(32));
        },
      }),
    );
}

/** How many megabytes were asked for. */
export const pulled = () => globalThis.pulled;

/** From now on every request is answered by this status and these bytes of text. */
export function answerWith(status, text) {
  body = () => new Response(text, { status });
}

export const socketCount = () => sockets.length;
export const lastClose = () => sockets.at(-1).closed ?? undefined;
export const lastSent = () => sockets.at(-1).sent.join('\n');
export const sayText = (text) => sockets.at(-1).say(text);
export const sayLong = (length) => sockets.at(-1).say('x'.repeat(length));
export const sayBinary = (length) => sockets.at(-1).say(new ArrayBuffer(length));
export const drop = (code) => sockets.at(-1).dispatchEvent(new CloseEvent('close', { code }));
export const requestsJson = () =>
  JSON.stringify(requests.map(({ url, method, mode, credentials, cache, redirect, keepalive, authorization }) => ({ url, method, mode, credentials, cache, redirect, keepalive, authorization })));

/** Fires an event of the page's life. */
export function page(name) {
  const target = ['visibilitychange', 'freeze', 'resume'].includes(name) ? document : window;
  const event = name === 'pageshow' ? new PageTransitionEvent(name, { persisted: true }) : new Event(name);
  target.dispatchEvent(event);
}
