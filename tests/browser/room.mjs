// Where the doctor is tried: a page, and a pair behind recorders that know what reached it.

import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { gate, until } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

const html = '<!doctype html><title>the doctor under test</title><script type="module" src="/doctor-page.js"></script>';
const script = `import { Keeper, KeeperError } from '/finesse-keeper/dist/finesse-keeper.js'; window.api = { Keeper, KeeperError };`;

/** SystemInfo names the sides so; browsers take these names for this machine, and cookies are by them. */
export const [A, B] = ['fin-a.localhost', 'fin-b.localhost'];
export const named = (url, name = A) => url.replace('127.0.0.1', name);

/** A fifth of it is each step's: long enough for a busy machine, and short where something never answers. */
const PATIENT = 50_000;
export const QUICK = 15_000;

/**
 * Runs a scenario of this engine in a room that it needs. Those that ask for nothing of their own share one, one after the
 * other: in a page that has loaded its module most of them take no time.
 */
export function rooms(engine, installed) {
  const browser = once(() => launchBrowser(engine));
  const shared = once(async () => makeRoom(await browser(), installed, {}));
  const next = gate(1);
  return ({ run, ...wish }) => (Object.keys(wish).length
    ? makeRoomFor(run, async () => makeRoom(await browser(), installed, wish), (room) => room.close())
    : next(() => makeRoomFor(run, shared, (room) => recover(room.sim))));
}

const once = (make) => {
  let made;
  return () => (made ??= make());
};

/** Runs a scenario, looks at what the servers got, and leaves. */
async function makeRoomFor(run, make, leave) {
  const room = await make();
  try {
    await run(room, room.sim);
    checkRecords(room.records());
    const { requests } = await room.sim.world();
    check(!requests.some(({ credentials }) => credentials), 'credentials reached the pair');
  } finally {
    await leave(room);
  }
}

/** Heals a pair, and waits until it has started again. */
async function recover(sim) {
  await sim.healAll();
  for (const side of [sim.a, sim.b]) {
    await until('the pair to be well', async () => (await (await fetch(`${side}/finesse/api/SystemInfo`)).text()).includes('>IN_SERVICE<'));
  }
}

/**
 * `headers` are the page's, `simulator` options of the pair; `trusting` takes its certificate for good. `through` has the
 * browser reach everything by a proxy, the page as http://desk.test, and says where the other names lead.
 */
async function makeRoom(browser, installed, { headers = () => ({}), plain = true, simulator = [], trusting = true, through }) {
  const sim = await startSimulator({ name: 'doctor', plain, args: simulator });
  const [a, b] = await Promise.all([startRecorder(sim.a), startRecorder(sim.b)]);
  const hosts = [named(a.url), named(b.url, B)];
  const app = await startStatic({
    folders: { '/finesse-keeper/': installed }, texts: { '/': html, '/doctor-page.js': script }, headers: headers(hosts),
  });
  const proxy = through && await startWebProxy(app.url, through(sim));
  const page = await browser.newPage({ ignoreHTTPSErrors: trusting, ...(proxy && { proxy: { server: proxy.url } }) });
  const room = new Room({ sim, hosts, app, page, installed, records: () => [...a.records, ...b.records] });
  room.close = async () => {
    await page.context().close();
    await Promise.all([app, a, b, sim, ...(proxy ? [proxy] : [])].map((each) => each.stop()));
  };
  await room.open(through ? 'http://desk.test/' : `${named(app.url)}/`);
  return room;
}

class Room {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** With a cookie that the first side's host would get. */
  async open(url) {
    await this.page.goto(url);
    await this.page.waitForFunction(() => window.api);
    await this.page.evaluate(() => (document.cookie = 'secret=1'));
  }

  /** What the doctor says, once it is seen to be sound. */
  async examine(options = {}) {
    const told = await this.page.evaluate(async (given) => {
      const heard = [];
      const report = await window.api.Keeper.doctor({ ...given, onFinding: (finding) => heard.push(finding) });
      return { report, heard };
    }, { hosts: this.hosts, timeout: PATIENT, ...options });
    checkReport(told);
    return told.report;
  }

  /** Fails unless exactly these are bad: 'A rest cors'; what is of the page begins with '-'. */
  async finds(wanted, options) {
    const report = await this.examine(options);
    const bad = namesOf(report, 'bad');
    check(bad.join() === [wanted].flat().sort().join(), `it found ${bad.join() || 'nothing bad'}: ${JSON.stringify(report)}`);
    check(report.ok === (bad.length === 0), `ok is ${report.ok}`);
    const reads = report.sides.map((side) => side.findings[0]);
    const first = [...report.page, ...reads, ...findings(report)].find(({ outcome }) => outcome === 'bad');
    check(!first || report.summary.endsWith(`${first.happened} ${first.nextStep}`), `the summary is ${report.summary}`);
    return report;
  }
}

export const findings = ({ page, sides }) => [...page, ...sides.flatMap((side) => side.findings)];
export const namesOf = (report, wanted) => findings(report).filter(({ outcome }) => outcome === wanted).map(({ side, check: name, code }) => `${side ?? '-'} ${name} ${code}`).sort();
export const finding = (report, name) => findings(report).find(({ side, check: of }) => name === `${side ?? '-'} ${of}`);

/** Complete, plain data, told as it was found, and without holes in its texts. */
function checkReport({ report, heard }) {
  const all = findings(report);
  const text = JSON.stringify(report);
  check(heard.length === all.length && heard.every((each) => text.includes(JSON.stringify(each))), 'onFinding heard other findings');
  check(!/undefined|NaN|\[object|\{\w+\}/.test(text), `a hole in ${text}`);
  for (const each of all) {
    const { side, check: name, code, outcome, tried, happened, likely, nextStep, ms } = each;
    const texts = [name, code, tried, happened, likely, nextStep].every((value) => typeof value === 'string');
    check(texts && (side === null || 'AB'.includes(side)) && (ms === null || ms >= 0), JSON.stringify(each));
    check(happened && ['good', 'bad', 'unsure', 'skipped'].includes(outcome), JSON.stringify(each));
    check(!['bad', 'unsure'].includes(outcome) || nextStep, `no next step in ${JSON.stringify(each)}`);
  }
}

/**
 * No request in plain HTTP came with credentials or cookies. A browser adds its cookies to a WebSocket's handshake, whatever a
 * page does; to nothing else.
 */
function checkRecords(records) {
  const heads = records.flatMap((record) => record.match(/^(GET|POST|OPTIONS|HEAD|PUT) [^\r\n]+ HTTP\/1\.1\r\n[^]*?\r\n\r\n/gm) ?? []);
  for (const head of heads) {
    check(!/^authorization:/im.test(head), `credentials in ${head}`);
    check(!/^cookie:/im.test(head) || /^upgrade: websocket/im.test(head), `a cookie in ${head}`);
  }
}

/** Passes on to a side, and keeps what came. */
async function startRecorder(url) {
  const records = [];
  const { protocol, port } = new URL(url);
  const sockets = new Set();
  const server = createTcpServer((near) => {
    const index = records.push('') - 1;
    near.on('data', (bytes) => (records[index] += bytes.toString('latin1')));
    join(near, connect({ port, host: '127.0.0.1' }), sockets);
  });
  return { url: `${protocol}//127.0.0.1:${await listen(server)}`, records, stop: () => stop(server, sockets) };
}

/** The browser's proxy: plain requests are for the page, tunnels lead where `ways` says ('fin-a.test:8445' → a URL), or nowhere. */
async function startWebProxy(page, ways) {
  const sockets = new Set();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, page);
    const answer = await fetch(page + pathname);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') }).end(Buffer.from(await answer.arrayBuffer()));
  });
  server.on('connect', ({ url }, near) => {
    sockets.add(near);
    if (!ways[url]) return near.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const far = connect({ port: new URL(ways[url]).port, host: '127.0.0.1' }, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    return join(near, far, sockets);
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, stop: () => stop(server, sockets) };
}

function join(near, far, sockets) {
  for (const [one, other] of [[near, far], [far, near]]) {
    sockets.add(one);
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => sockets.delete(one) && other.destroy());
  }
}

/** A server of one's own making, which pages may read: `answer(request, response)`, and `talk(socket)` for WebSockets. */
export async function startServer(answer, talk) {
  const sockets = new Set();
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    answer(request, response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  if (talk) new WebSocketServer({ server, handleProtocols: () => 'xmpp' }).on('connection', talk);
  return { url: `http://${A}:${await listen(server)}`, stop: () => stop(server, sockets) };
}

const listen = (server) => new Promise((done, fail) => {
  server.once('error', fail).listen(0, '127.0.0.1', () => done(server.address().port));
});

const stop = (server, sockets) => new Promise((done) => {
  server.close(done);
  for (const socket of sockets) socket.destroy();
});
