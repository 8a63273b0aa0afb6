/**
 * Finds out why a page cannot connect, before there is a keeper: what lies between this page and each server, and what the
 * servers say of themselves. It signs in nowhere, sends no credentials and no cookies, and needs no WebAssembly.
 */
import { check, only, waysTo } from '../options.js';
import { asker, isLoopback, loginsOf } from './asking.js';
import { FINDINGS } from './findings.js';
import { readInfo, serviceBase } from './info.js';

/** So many steps follow one another at most; each has its part of the time. */
const STEPS = 5;
const hostOf = (url) => /\/\/(\[.*]|[^/:]+)/.exec(url)[1].toLowerCase();

/** Examines page and servers at once. `load` loads the keeper's own module. Rejects for silly options, and by the `signal`. */
export async function examine(options, load) {
  const { hosts: given, transport = 'auto', signal, timeout = 15_000, onFinding = () => {} } = only(options, 'hosts', 'transport', 'signal', 'timeout', 'onFinding');
  const hosts = waysTo(given, transport);
  check(hosts[0].rest !== hosts[1]?.rest, 'hosts', 'the two servers must differ');
  check(typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31, 'timeout', 'give milliseconds from 0 on');
  check(typeof onFinding === 'function', 'onFinding', 'give a function');
  signal?.throwIfAborted();
  const teller = (findings, side = null) => (name, code, words, outcome) => {
    signal?.throwIfAborted();
    const finding = { side, check: name, ...worded(code || name, words, outcome) };
    findings.push(finding);
    onFinding(finding);
  };
  const page = [];
  const sides = hosts.map(({ rest }) => ({ host: rest, findings: [] }));
  const hold = new AbortController();
  signal?.addEventListener('abort', () => hold.abort(), { signal: hold.signal });
  try {
    const ways = asker(timeout / STEPS, hold.signal);
    await Promise.all([
      examinePage(load, teller(page)),
      ...sides.map(({ findings }, index) => examineSide(hosts[index], hosts, transport, ways, teller(findings, 'AB'[index]))),
    ]);
  } finally {
    hold.abort();
  }
  const lists = sides.map(({ findings }) => findings);
  const all = [page, lists.map(([rest]) => rest), ...lists].flat(); // a side that cannot be read is worse than what one says
  const first = (wanted) => all.find(({ outcome }) => outcome === wanted);
  const worst = first('bad') ?? first('unsure');
  return { ok: !first('bad'), summary: worst ? `${worst.side ?? 'Page'}: ${worst.happened} ${worst.nextStep}` : 'It is well.', sides, page };
}

/** A finding of this code, with its words filled in; `instead` of the outcome that such a finding has. */
function worded(code, words, instead) {
  const { message, nextStep: next, tried = '', ms = null } = words;
  const [outcome, ...texts] = FINDINGS[code] ?? (message ? ['bad', message, '', next] : ['good', 'It is well.']);
  const [happened, likely = '', nextStep = ''] = texts.map((text) => text.replace(/{(\w+)}/g, (_, word) => words[word] ?? ''));
  return { code, outcome: instead || outcome, tried, happened, likely, nextStep, ms };
}

async function examinePage(load, tell) {
  tell('online', navigator.onLine === false && 'offline', { tried: 'navigator.onLine' });
  tell('secure', !isSecureContext && 'insecure', { tried: 'isSecureContext' });
  const failure = await load().catch((error) => error);
  tell('wasm', failure.code, failure);
}

/** What needs SystemInfo is left out where that cannot be read. */
async function examineSide(host, hosts, transport, ways, tell) {
  const read = await ways[0](`${host.rest}/finesse/api/SystemInfo`);
  const info = read.status === 200 && readInfo(read.text);
  tell('rest', read.code ?? (!info && (read.status < 500 ? 'wrong-answer' : 'out-of-service')), read);
  if (!read.status && !isLoopback(location.href)) await examineNetwork(host.rest, tell);
  if (!info) return;
  const out = info.status !== 'IN_SERVICE' && 'out-of-service';
  tell('service', info.lastctiheartbeatstatus === 'failure' ? 'cti-lost' : out || (/^IN/.test(info.finessemmode) && 'maintenance'), info);
  await examineService(host, info, transport, ways, tell);
  const lists = [info.nodes.map((node) => node.host), hosts.map(({ rest }) => hostOf(rest))];
  const [names, given] = lists.map((list) => list.sort().join(' and '));
  // one server of a pair may be used alone
  tell('nodes', names !== given && (hosts[1] || !lists[0].includes(given)) && 'other-names', { tried: 'SystemInfo', names, given });
  const ahead = Date.parse(info.currenttimestamp) - read.from - read.ms / 2;
  const seconds = Math.round(Math.abs(ahead) / 1000);
  const code = seconds > 120 ? 'clock-wrong' : seconds >= 30 ? 'clock-off' : seconds >= 0 ? 'clock' : 'skipped';
  tell('clock', code, { tried: 'SystemInfo', seconds, way: ahead > 0 ? 'ahead of' : 'behind' });
}

/** Chrome asks before a public page may reach a private address; where nothing asks there is nothing to know. */
async function examineNetwork(rest, tell) {
  const tried = isLoopback(rest) ? 'loopback-network' : 'local-network';
  const query = async (name) => (await navigator.permissions.query({ name })).state;
  const state = await query(tried).catch(() => query('local-network-access')).catch(() => 'unknown');
  tell('network', state !== 'granted' && 'local-network', { tried, state });
}

async function examineService({ rest, websocket, bosh }, info, transport, [reach, stream, session], tell) {
  const base = serviceBase(rest, info);
  const via = (name, act, url) => (transport === 'auto' || transport === name ? act(url, info.xmppdomain || hostOf(rest)) : { code: 'skipped' });
  const ends = await Promise.all([
    via('websocket', stream, websocket ?? `${base.replace('http', 'ws')}/ws/`),
    via('bosh', session, bosh ?? `${base}/http-bind/`),
  ]);
  const offered = ends.map(loginsOf).find(Boolean);
  // the other generation of Finesse has the service on another port: is it there?
  const other = base === rest ? `https://${hostOf(rest)}:7443` : rest;
  const answers = !offered && !websocket && !bosh && transport !== 'hub' && ((await reach(`${other}/http-bind/`)).code ?? 'cors') === 'cors';
  tell('port', offered ? 'port' : answers ? 'other-port' : 'skipped', { tried: base, url: base, other });
  const [socket, poll] = ends;
  // an address, a certificate and a network that are good for REST are good for what is beside it
  const gone = ({ code, status }) => ['unreachable', 'refused'].includes(code) || (code && status > 499);
  const beside = (end) => gone(end) && end.url.split('/')[2] === rest.split('/')[2];
  if (socket.code && !answers && beside(poll)) for (const end of ends.filter(beside)) end.code = 'service-down';
  // one way is enough where both may be taken
  const spared = (one, other) => transport === 'auto' && one.code && !other.code && 'unsure';
  tell('websocket', socket.code, socket, spared(socket, poll));
  tell('bosh', poll.code, poll, spared(poll, socket));
  tell('login', !offered ? 'skipped' : !offered.includes('PLAIN') && 'no-plain', { tried: '<open/>', offered });
}
