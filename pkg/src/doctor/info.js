// What SystemInfo says, read without the module: a page whose policy forbids WebAssembly has a doctor too.

/** The first text of each name, in lower case: servers differ in that. */
const texts = (xml) => Object.fromEntries([...xml.matchAll(/<(\w+)>([^<]*)<\/\1>/g)].map(([, name, text]) => [name.toLowerCase(), text.trim()]).reverse());

/** A SystemInfo by its fields, and its nodes; nothing if it is none, or says no status. To be shown and compared, no more. */
export function readInfo(xml) {
  const info = texts(xml);
  const nodes = [...xml.matchAll(/<(\w+)Node>(.*?)<\/\1Node>/gs)].map(([, , node]) => texts(node.toLowerCase())).filter(({ host }) => host);
  const old = !/MMode/.test(xml);
  return /^(<\?.*>)?\s*<(SystemInfo)>.*<\/\2>$/is.test(xml.trim()) && info.status && { ...info, tried: 'SystemInfo', ms: null, nodes, old };
}

/**
 * Where the notification service is: since 12.6 on the port of REST, which the node names; before, on 7443, or on 7071
 * without TLS. The keeper's own rule, `service_base` in `src/keeper/transport.rs`; a test holds the two together.
 */
export function serviceBase(rest, { nodes, old }) {
  const { protocol, hostname, port, pathname } = new URL(rest);
  const named = protocol === 'https:' && nodes.find(({ host }) => host === hostname)?.httpsport;
  const before = old && { 'https:8443': 7443, 'https:8445': 7443, 'http:': 7071, 'http:8082': 7071 }[protocol + port];
  const service = (named < 65536 && named) || before;
  return service && pathname === '/' ? `${protocol}//${hostname}:${service}` : rest;
}
