// @ts-check
// Requests over HTTP: the desktop's own, and those that gadgets have made by `gadgets.io.makeRequest`.

import { child, childText, escapeXml, parseXml } from './forms.js';

/** @typedef {{ inService: boolean, domain: string, pubsub: string, nodes: { host: string, port: string }[] }} SystemInfo */
/** @typedef {{ rc: number, text: string, headers: Record<string, string[]> }} Answer */

/** Longer texts are refused in either direction. */
const MOST_TEXT = 4 << 20;
const MOST_ADDRESS = 8192;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD'];
/** The headers that Finesse lets a page of another origin send (facts 2.1). A server, such as Shindig, may send any. */
const SENT = ['accept', 'authorization', 'content-type', 'range', 'requestid', 'x-requested-with'];

/**
 * Where an agent's own requests go: the prefix lets the simulator take away this one's network alone.
 * @param {string} host
 * @param {string} agent
 */
export const own = (host, agent) => `${host}/as/${encodeURIComponent(agent)}`;

/**
 * The side as SystemInfo names it, which is how gadgets know it: the address that the simulator gives has no name.
 * @param {string} host
 * @param {SystemInfo | null} system
 */
export function named(host, system) {
  const url = new URL(host);
  const node = system?.nodes.find(({ host: name, port }) => name && port === url.port);
  if (node) url.hostname = node.host;
  return url.origin;
}

/**
 * What SystemInfo says; null where it says nothing. In service means for a desktop that CTI's heartbeat is well, too: a node
 * that is slow to notice its loss would drop out right after (facts 4.2).
 * @param {string} host
 * @param {number} timeout
 * @returns {Promise<SystemInfo | null>}
 */
export async function readSystemInfo(host, timeout) {
  try {
    const response = await fetch(`${host}/finesse/api/SystemInfo?nocache=${Date.now()}`, { cache: 'no-store', signal: AbortSignal.timeout(timeout) });
    const system = response.ok ? parseXml(await response.text()) : null;
    if (system?.localName !== 'SystemInfo') return null;
    const read = /** @param {string} name */ (name) => childText(system, name);
    const inService = read('status') === 'IN_SERVICE' && read('lastCTIHeartbeatStatus') === 'success';
    const nodes = ['primaryNode', 'secondaryNode'].map((name) => child(system, name));
    return {
      inService,
      domain: read('xmppDomain'),
      pubsub: read('xmppPubSubDomain'),
      nodes: nodes.map((node) => ({ host: childText(node, 'host'), port: childText(node, 'httpsPort') })),
    };
  } catch {
    return null;
  }
}

/**
 * Signs an agent in. It is harmless for one who is signed in already (facts 5).
 * @param {string} host
 * @param {string} agent
 * @param {string} password
 * @param {number} timeout
 */
export async function signIn(host, agent, password, timeout) {
  const response = await fetch(`${host}/finesse/api/User/${encodeURIComponent(agent)}`, {
    method: 'PUT',
    headers: { authorization: `Basic ${basic(agent, password)}`, 'content-type': 'application/xml' },
    body: `<User><state>LOGIN</state><extension>2${escapeXml(agent)}</extension></User>`,
    signal: AbortSignal.timeout(timeout),
  });
  if (!response.ok) throw new Error(`The sign-in was answered ${response.status}.`);
}

/**
 * Base64 of `id:password`.
 * @param {string} agent
 * @param {string} password
 */
export const basic = (agent, password) => btoa(String.fromCharCode(...new TextEncoder().encode(`${agent}:${password}`)));

/**
 * Makes the request of a gadget, as Shindig does on the server, and answers in the same terms: `rc`, the text, and the headers
 * only where all were asked for, their names in lower case, each a list. A request that cannot be made has the code 0, as if
 * Shindig itself were not there (it lives in the same Tomcat); one that nobody answers 504.
 * @param {unknown} wish
 * @param {(url: string) => string} route
 * @param {number} timeout
 * @returns {Promise<Answer>}
 */
export async function makeRequest(wish, route, timeout) {
  const given = /** @type {Record<string, unknown>} */ (wish && typeof wish === 'object' ? wish : {});
  const { url, method, body } = given;
  const known = typeof url === 'string' && url.length <= MOST_ADDRESS && /^https?:\/\//i.test(url) && URL.canParse(url);
  const said = method === 'GET' || method === 'HEAD' || typeof body !== 'string' ? undefined : body;
  if (!known || !METHODS.includes(String(method)) || (said?.length ?? 0) > MOST_TEXT) return { rc: 400, text: '', headers: {} };
  try {
    const options = { method: String(method), headers: allowed(given.headers), body: said };
    const response = await fetch(route(url), { ...options, cache: 'no-store', signal: AbortSignal.timeout(timeout) });
    const text = await response.text();
    if (text.length > MOST_TEXT) return { rc: 500, text: '', headers: {} };
    const headers = given.full === true ? Object.fromEntries([...response.headers].map(([name, value]) => [name.toLowerCase(), [value]])) : {};
    return { rc: response.status, text, headers };
  } catch (error) {
    return { rc: error instanceof DOMException && error.name === 'TimeoutError' ? 504 : 0, text: '', headers: {} };
  }
}

/**
 * The headers of a request that may be sent.
 * @param {unknown} given
 */
function allowed(given) {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given && typeof given === 'object' ? given : {})) {
    if (SENT.includes(name.toLowerCase()) && typeof value === 'string' && !/[\0\r\n]|[^\0-\xff]/.test(value)) headers.set(name, value);
  }
  return headers;
}
