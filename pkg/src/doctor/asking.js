// How the doctor asks: without credentials, where it was told to, no longer than it may, and for no more than this.
import { read } from '../host.js';

/** Of an answer or a frame; a SystemInfo has some 2,000. */
const LIMIT = 2 ** 15;
/** What a policy blocked is told so many milliseconds later, at most; that it blocked nothing is never told. */
const MOMENT = 50;
/** How an XMPP server begins to say how to sign in. */
const FEATURES = /<(\w+:)?features/;
const FRAMING = 'xmlns="urn:ietf:params:xml:ns:xmpp-framing"';

/** Whether an address is on this very machine. */
export const isLoopback = (url) => /\/\/(127\.|\[::1]|([^/]+\.)?localhost\b)/.test(url);

/**
 * What asks over REST, a WebSocket and BOSH. Each step has `patience` milliseconds; what is still open then is until `signal`
 * aborts. An answer has the words for its finding, and the finding's code where it is none to see.
 */
export function asker(patience, signal) {
  const violations = [];
  const hear = ({ disposition, blockedURI }) => disposition === 'report' || violations.push(blockedURI);
  addEventListener('securitypolicyviolation', hear, { signal });

  const within = (step) => Promise.race([step, new Promise((done) => setTimeout(done, patience, { code: 'silent' }))]);

  const request = async (url, how) => {
    try {
      const response = await fetch(url, { cache: 'no-store', credentials: 'omit', redirect: 'error', signal, ...how });
      return { status: response.status, text: (await read(response, LIMIT)) ?? '' };
    } catch {
      return {};
    }
  };

  /** Asked once more, a hidden answer, which has the status 0, is told from none. */
  const seen = async (url, how) => {
    const answer = await within(request(url, how));
    if (answer.status || answer.code) return answer;
    const { status, code } = await within(request(url, { method: how?.method, mode: 'no-cors', redirect: 'follow' }));
    return { code: code ?? (status === 0 ? 'cors' : 'unreachable') };
  };

  /** A stream over a WebSocket (RFC 7395), closed once it is told how to sign in. */
  const stream = (url, domain) => within(new Promise((done) => {
    let code = 'refused';
    const socket = new WebSocket(url, 'xmpp');
    signal.addEventListener('abort', () => socket.close());
    socket.onopen = () => {
      code = 'wrong-answer';
      socket.send(`<open ${FRAMING} to="${domain}" version="1.0"/>`);
    };
    socket.onmessage = ({ data }) => {
      const text = data.slice(0, LIMIT);
      if (!FEATURES.test(text)) return;
      socket.send(`<close ${FRAMING}/>`);
      done({ text });
    };
    socket.onclose = () => done({ code });
  })).catch(() => ({ code: 'refused' })); // how some browsers tell of a policy

  /**
   * A session over BOSH (XEP-0124, XEP-0206), ended at once. Its type is that of any text: where a proxy answers the question
   * for permission that another one costs, a page would not see what.
   */
  const session = async (url, domain) => {
    const rid = Date.now();
    const post = (number, more) => ({
      method: 'POST',
      body: `<body xmlns="http://jabber.org/protocol/httpbind" rid="${rid + number}" ${more}/>`,
    });
    const answer = await seen(url, post(0, `to="${domain}" ver="1.6" wait="5" hold="1" xmlns:xmpp="urn:xmpp:xbosh" xmpp:version="1.0"`));
    const sid = /<body[^>]* sid=["']([^"']+)/.exec(answer.text)?.[1];
    if (sid) await within(request(url, post(1, `sid="${sid}" type="terminate"`)));
    return { code: !sid && 'wrong-answer', ...answer };
  };

  /** Nothing is asked of what a browser forbids. */
  const guarded = (verb, act) => async (url, domain) => {
    const from = Date.now();
    const mixed = location.protocol === 'https:' && /^(http|ws):/.test(url) && !isLoopback(url);
    const answer = mixed ? { code: 'mixed' } : await act(url, domain);
    if (answer.code) await new Promise((done) => setTimeout(done, MOMENT));
    if (violations.some((address) => url.startsWith(address))) answer.code = 'connect-src';
    return { tried: `${verb} ${url}`, url, from, ms: Date.now() - from, origin: location.origin, ...answer };
  };

  return [guarded('GET', seen), guarded('WebSocket', stream), guarded('POST', session)];
}

/** The ways to sign in that an answer offers; nothing if it tells none. */
export const loginsOf = ({ text }) => FEATURES.test(text) && [...text.matchAll(/mechanism>\s*([^<\s]+)/g)].map(([, name]) => name);
