import { KeeperError } from './error.js';
import { configured, hasHub, hasMakeRequest } from './gadget.js';

/**
 * Brings the options into the one form that the core reads. Only types are looked at here; whether an address or an
 * id can be used, the core says.
 */
export function normalise(options) {
  const { resource, expectedAgents, trustAlternate, signal, log, ...others } = options ?? {};
  const { resume = 'ask', home = 'A', move = 'auto', transport: wish = 'auto', restBy: way, ...where } = others;
  const transport = wish === 'auto' && hasHub() ? 'hub' : wish;
  const restBy = way ?? (transport === 'hub' && hasMakeRequest() ? 'makeRequest' : 'fetch');
  check(restBy === 'fetch' || (restBy === 'makeRequest' && hasMakeRequest()), 'restBy', "give 'fetch', or in a gadget 'makeRequest'");
  const around = configured();
  const { hosts: given = around.hosts, user = around.user, credentials = around.credentials, ...unknown } = where;
  for (const name of Object.keys(unknown)) check(false, name, 'there is no such option');
  // the same options serve a desktop and a gadget, which has one server: its container's
  const hosts = transport !== wish && given?.[1] ? (around.hosts ?? given.slice(0, 1)) : given;
  check(hosts || transport !== 'hub', 'hosts', 'give them, or load finesse.js before: finesse.gadget.Config tells no host');
  const servers = waysTo(hosts, transport);
  check(typeof user === 'string', 'user', 'give the login id of the agent as a string');
  check(resource === undefined || typeof resource === 'string', 'resource', 'give a string, or leave it out');
  check(typeof credentials === 'function', 'credentials', 'give an async function that returns { password } or { token }');
  check(transport !== 'hub' || hasHub(), 'transport', "only a gadget has a hub: this page has no gadgets.Hub");
  check(resource !== 'desktop' || !around.user, 'resource', "'desktop' belongs to the container around this gadget");
  check(['ask', 'always', 'never'].includes(resume), 'resume', "give 'ask', 'always' or 'never'");
  check(['A', 'B'].includes(home), 'home', "give 'A' or 'B'");
  check(['auto', 'never'].includes(move), 'move', "give 'auto' or 'never'");
  check(
    expectedAgents === undefined || (Number.isInteger(expectedAgents) && expectedAgents > 0 && expectedAgents < 2 ** 32),
    'expectedAgents',
    'give a number from 1 to 100000',
  );
  check(['boolean', 'undefined'].includes(typeof trustAlternate), 'trustAlternate', 'give true or false');
  check(signal === undefined || typeof signal?.addEventListener === 'function', 'signal', 'give an AbortSignal');
  check(log === undefined || typeof log === 'function', 'log', 'give a function that takes a timeline entry');
  const container = restBy === 'makeRequest' ? { base: hosts === around.hosts ? around.inner : undefined } : undefined;
  const core = { hosts: servers, user, transport, resume, resource, expectedAgents, home, move, trustAlternate };
  return { core, credentials, container, signal, log };
}

/** The servers, each with what is known of its addresses, where they and the way to them can be used. */
export function waysTo(hosts, transport) {
  if (typeof addEventListener !== 'function') {
    throw new KeeperError('no-page', 'Here is neither a page nor a worker.', 'Connect in the browser; a server may import finesse-keeper, and parse with it.');
  }
  check(Array.isArray(hosts) && hosts[0] && !hosts[2], 'hosts', 'give an array of one or two servers, the home side first');
  check(['auto', 'websocket', 'bosh', 'hub', 'own'].includes(transport), 'transport', "give 'auto', 'websocket', 'bosh', 'hub' or 'own'");
  return hosts.map(host);
}

function host(given, index) {
  const at = `hosts[${index}]`;
  const { rest, websocket, bosh, ...unknown } = typeof given === 'string' ? { rest: given } : (given ?? {});
  check(isAddress(rest, 'http'), at, "give 'https://fin-a.example.com:8445' or { rest, websocket, bosh }");
  check(isAddress(websocket ?? 'ws://a', 'ws'), `${at}.websocket`, 'give an address, or leave it out');
  check(isAddress(bosh ?? rest, 'http'), `${at}.bosh`, 'give an address, or leave it out');
  check(!/\/finesse\/api[\s/]*$/.test(rest), at, 'give it without /finesse/api, which is put behind it');
  for (const name of Object.keys(unknown)) check(false, `${at}.${name}`, 'a server has rest, websocket and bosh');
  return { rest: rest.trim().replace(/\/+$/, ''), websocket, bosh };
}

/** As the core has it. */
const isAddress = (given, scheme) => new RegExp(`^\\s*${scheme}s?://[^/:?#@\\s][^?#@\\s]*\\s*$`).test(given);

/** The options of a call: an object with no others than these. */
export function only(given, ...names) {
  const options = given ?? {};
  check(typeof options === 'object', 'options', `give an object with ${names.join(', ')}`);
  for (const name of Object.keys(options)) check(names.includes(name), name, `there is ${names.join(', ')}`);
  const { signal } = options;
  check(signal === undefined || typeof signal?.addEventListener === 'function', 'signal', 'give an AbortSignal');
  return options;
}

/** An option must be good, or is named with what to give instead. */
export function check(good, field, nextStep) {
  if (!good) throw new KeeperError('config', `\`${field}\` cannot be used.`, nextStep, { field });
}
