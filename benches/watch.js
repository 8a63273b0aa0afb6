// What the page asks of the network, noted on its way out. Imported before the clients: some keep the fetch they find.

/**
 * The last session that each address was asked for: { asked, opened, sid, rid }, in the page's milliseconds. `opened`
 * is a WebSocket's; sid and rid are those of the last BOSH request.
 */
export const sessions = new Map();

globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    const session = { asked: performance.now() };
    super(url, protocols);
    sessions.set(url, session);
    this.addEventListener('open', () => { session.opened = performance.now(); });
  }
};

const { fetch } = globalThis;
globalThis.fetch = (url, options) => {
  note(url, options?.body);
  return fetch(url, options);
};

const { open, send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, url, ...more) {
  this.address = url;
  open.call(this, method, url, ...more);
};
XMLHttpRequest.prototype.send = function (body) {
  note(this.address, body);
  send.call(this, body);
};

/** A BOSH request without the id of a session asks for one. */
function note(url, body) {
  const [head] = /^<body[^>]*>/.exec(body) ?? [];
  if (!head) return;
  const attribute = (name) => new RegExp(` ${name}=["']([^"']+)`).exec(head)?.[1];
  const [sid, rid] = [attribute('sid'), Number(attribute('rid'))];
  const session = sid ? sessions.get(url) : { asked: performance.now(), rid };
  sessions.set(url, Object.assign(session, { sid, rid: Math.max(rid, session.rid) }));
}
