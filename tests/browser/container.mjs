// The container that gadgets are developed in (www/container), with a gadget that uses nothing but gadgets.Hub and gadgets.io.

import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { until } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

const AGENT = '1001';
const BARE = ['bare.xml', 'bare.xml'];
const TEAM = '/finesse/api/Team/1/Users';
const TEAM_TOPIC = 'finesse.api.Team.1.Users';
const MAINTENANCE = 'finesse.containerservices.FINESSE_MAINTENANCE_MODE_EVENT';
/** A failover in seconds instead of a minute. */
const QUICK = { poll: 400, ping: 500, timeout: 1_000, retry: 100 };

/** Starts a pair and a browser with the page, runs a scenario with them, and tidies up. */
export async function withContainer(engine, { address = {}, run: act }) {
  const sim = await startSimulator({ name: `container-${engine}` });
  const browser = await launchBrowser(engine);
  const desk = new Desk(sim, await browser.newPage());
  try {
    await desk.page.addInitScript(keepThrown);
    await desk.open(address);
    const value = await act(desk, sim);
    await desk.checkWhole();
    return value;
  } catch (error) {
    error.stack = `${error.stack}\n${await desk.story()}`;
    throw error;
  } finally {
    await browser.close();
    await sim.stop();
  }
}

/** Keeps what is thrown in the page and in each gadget. */
function keepThrown() {
  window.thrown = [];
  addEventListener('error', ({ error, message }) => window.thrown.push(String(error ?? message)));
  addEventListener('unhandledrejection', ({ reason }) => window.thrown.push(String(reason)));
}

class Desk {
  constructor(sim, page) {
    this.sim = sim;
    this.page = page;
  }

  async open({ gadget = BARE, ...more }) {
    this.gadgets = gadget;
    const query = new URLSearchParams({ agent: AGENT, ...more });
    for (const each of gadget) query.append('gadget', each);
    await this.page.goto(`${this.sim.control}/container/?${query}`);
    await this.until('connected', ({ status }) => status === 'connected');
    await until('the gadgets', async () => (await Promise.all(gadget.map((_, index) => this.bare(index + 1, 'typeof gadgets.Hub')))).every((type) => type === 'object'));
  }

  state() {
    return this.page.evaluate(() => window.container.state());
  }

  async until(what, test, ms = 10_000) {
    return until(what, async () => {
      const state = await this.state();
      return test(state) && state;
    }, ms);
  }

  play(name, ...args) {
    return this.page.evaluate(([method, given]) => void window.container[method](...given), [name, args]);
  }

  frame(gadget) {
    const frame = this.page.frames().find((each) => each.url().includes(`mid=${gadget}&`));
    if (!frame) throw new Error(`there is no gadget ${gadget}`);
    return frame;
  }

  /** What an expression is worth in a gadget. */
  async bare(gadget, expression) {
    return this.frame(gadget).evaluate(expression);
  }

  /** What a gadget heard on a topic, from the `from`th message on. */
  async heard(gadget, topic, from = 0) {
    const all = await this.bare(gadget, 'bare.heard');
    return all.slice(from).filter((each) => each.topic === topic);
  }

  count(gadget) {
    return this.bare(gadget, 'bare.heard.length');
  }

  async words(gadget, from = 0) {
    return (await this.heard(gadget, 'finesse.info.connection', from)).map(({ message }) => message.status);
  }

  /** Asks the desktop, and resolves with its answer. */
  async ask(gadget, type, node) {
    const id = await this.bare(gadget, `bare.ask(${JSON.stringify(type)}, ${JSON.stringify(node)})`);
    const { answer } = await until(`the answer to ${type}`, () => this.bare(gadget, `bare.answers[${JSON.stringify(id)}]`));
    return answer;
  }

  /** What the agent does, by a gadget's own request. */
  async change(gadget, state) {
    const { rc } = await this.bare(gadget, `bare.put('${state}')`);
    check(rc === 202, `PUT ${state}: ${rc}`);
  }

  /** Whether a change of the agent is told on the team's node, too: it comes before the agent's own. */
  async hearsTeam(gadget, state) {
    const from = await this.count(gadget);
    await this.change(gadget, state);
    await until(`the agent to be ${state}`, async () =>
      (await this.heard(gadget, `finesse.api.User.${AGENT}`, from)).some(({ message }) => message.object.Update.data.user.state === state));
    // a second change, so that what came of the first is in
    await this.change(gadget, 'NOT_READY');
    await until('the agent to be NOT_READY', async () => (await this.heard(gadget, `finesse.api.User.${AGENT}`, from)).length >= 2);
    return (await this.heard(gadget, TEAM_TOPIC, from)).length > 0;
  }

  /** Nothing was thrown, and nothing that is shown holds a secret. */
  async checkWhole() {
    // again where a gadget is just being loaded
    const thrown = await until('the frames', () => Promise.all(this.page.frames().map((frame) => frame.evaluate('thrown'))));
    check(!thrown.flat().length, `thrown: ${thrown.flat().join('; ')}`);
    const trouble = await this.page.evaluate(() => !document.getElementById('trouble').hidden && document.getElementById('trouble').textContent);
    check(!trouble, `it complains: ${trouble}`);
    const shown = await this.page.evaluate(() => JSON.stringify([window.container.state(), document.body.innerText, location.href, { ...sessionStorage }, { ...localStorage }]));
    const secrets = [`pw-${AGENT}`, btoa(`${AGENT}:pw-${AGENT}`), `token-${AGENT}`];
    const leaked = secrets.find((secret) => shown.includes(secret));
    check(!leaked, `a secret is shown: ${leaked}`);
  }

  async story() {
    try {
      const { entries, ...state } = await this.state();
      return [JSON.stringify(state).slice(0, 1_500), ...entries.slice(0, 40).reverse()
        .map(({ kind, who, text }) => `${kind} ${who} ${text.slice(0, 160)}`)].join('\n');
    } catch (error) {
      return `(no story: ${error.message})`;
    }
  }
}

/** What a gadget may post to the page without its shim, and publish with it. */
const GARBAGE = `
  const huge = 'x'.repeat(3_000_000);
  const posted = [null, 0, '', huge, [], new Map([[1, 2]]), 10n, new ArrayBuffer(8), { kind: null }, { kind: 'publish' },
    { kind: 'publish', topic: 7, json: '{}' }, { kind: 'publish', topic: 'a', json: '{' }, { kind: 'publish', topic: 'a', json: { b: 1 } },
    { kind: 'publish', topic: 'a..b', json: '1' }, { kind: 'publish', topic: huge, json: '1' }, { kind: 'publish', topic: 'a', json: JSON.stringify(huge) },
    { kind: 'subscribe', sid: {}, topic: 'a' }, { kind: 'subscribe', sid: 's', topic: '**.a' }, { kind: 'subscribe', sid: huge, topic: 'a' },
    { kind: 'unsubscribe', sid: [] }, { kind: 'request' }, { kind: 'request', id: {}, url: {}, method: [], headers: 3 },
    { kind: 'request', id: 'g1', url: 'javascript:alert(1)', method: 'GET' }, { kind: 'request', id: 'g2', url: location.href, method: 'TRACE', headers: { 'a b': 'c' } },
    { kind: 'height', height: 'high' }, { kind: 'height', height: -1e9 }, { kind: 'height', height: Infinity }];
  for (const each of posted) parent.postMessage(each, location.origin);
  for (let n = 0; n < 600; n += 1) parent.postMessage({ kind: 'subscribe', sid: 'many' + n, topic: 'many.' + n }, location.origin);
  const deep = [];
  for (let n = 0, at = deep; n < 1000; n += 1) at.push(at = []);
  const asked = [null, 7, 'no JSON', [], deep, { type: 5, data: {} }, { type: 'SubscribeNodeReq' }, { type: 'SubscribeNodeReq', data: { node: 7 }, invokeID: 'g3' },
    { type: 'SubscribeNodeReq', data: { node: '/' + 'n'.repeat(100_000) }, invokeID: 'g4' }, { type: 'Nonsense', data: {}, invokeID: 'g5' }, { type: huge.slice(0, 500_000), data: {} },
    { type: 'UnsubscribeNodeReq', data: { node: '/never' }, invokeID: '*.**' }, { type: 'UnsubscribeNodeReq', data: { node: '/never' }, invokeID: { a: 1 } }, { type: 'ConnectionInfoReq', data: {}, invokeID: huge.slice(0, 9_000) },
    JSON.stringify({ type: 'ConnectionInfoReq', data: {}, invokeID: 'as-text' })];
  for (const each of asked) gadgets.Hub.publish('finesse.info.requests', each);
`;

/** A side says that it is in service: healed, it takes a moment. */
const untilServed = (side) => until(`${side} in service`, async () => (await (await fetch(`${side}/finesse/api/SystemInfo`)).text()).includes('IN_SERVICE'));

/** What a gadget's own request comes to, and what one made for it does. */
async function requests(desk) {
  const own = `fetch('http://fin-a.localhost:${new URL(desk.sim.a).port}/finesse/api/SystemInfo', { signal: AbortSignal.timeout(1_000) }).then(({ status }) => status, ({ name }) => name)`;
  return [await desk.bare(1, own), (await desk.bare(2, `bare.get('/finesse/api/SystemInfo')`)).rc].join();
}

/** One of the five on both sides, so that there is nowhere to go: failing, and recovered once it is healed. */
async function failsAndRecovers(desk, sim, spec, meanwhile) {
  const from = [await desk.count(1), await desk.count(2)];
  const id = await sim.fault(spec);
  await desk.until(`failing for ${spec.fault}`, ({ failing }) => failing, 15_000);
  await meanwhile?.();
  await sim.heal(id);
  await desk.until(`recovered from ${spec.fault}`, ({ status, failing }) => status === 'recovered' && !failing, 15_000);
  for (const gadget of [1, 2]) {
    const words = await until('recovered, told', async () => {
      const told = await desk.words(gadget, from[gadget - 1]);
      return told.at(-1) === 'recovered' && told;
    });
    check(words.filter((word) => word === 'failing').length === 1 && words.indexOf('failing') < words.lastIndexOf('recovered'), `${spec.fault}: ${words}`);
  }
}

export const container = [
  {
    name: 'container: signed in, and a ring is told to both gadgets',
    run: async (desk, sim) => {
      const { side, resourceID, gadgets } = await desk.state();
      check(side === 'A' && resourceID === 'desktop' && gadgets.length === 2, JSON.stringify({ side, resourceID, gadgets }));
      const { sessions } = await sim.world();
      check(sessions.length === 1 && sessions[0].resource === 'desktop' && sessions[0].available, JSON.stringify(sessions));
      await desk.until('the sign-in', ({ entries }) => entries.some(({ text }) => text === `signed in as ${AGENT}`));
      for (const gadget of [1, 2]) await until('connected, told', async () => (await desk.words(gadget)).at(-1) === 'connected');
      await sim.call(AGENT, 'ring');
      for (const gadget of [1, 2]) {
        const [ring] = await until('the ring', async () => {
          const told = await desk.heard(gadget, `finesse.api.User.${AGENT}.Dialogs`);
          return told.length > 0 && told;
        });
        const { content, object } = ring.message;
        check(!ring.text && content.startsWith(`/finesse/api/User/${AGENT}/Dialogs<Update>`), content);
        check(object.Update.event === 'POST' && object.Update.data.dialogs.Dialog.state === 'ALERTING', JSON.stringify(object));
      }
    },
  },
  {
    name: 'container: configuration in three generations, preferences, the sample gadget',
    address: { config: 'password' },
    run: async (desk) => {
      const config = await desk.bare(1, 'finesse.gadget.Config');
      const port = new URL(desk.sim.a).port;
      const expected = { id: AGENT, password: `pw-${AGENT}`, host: 'fin-a.localhost', restHost: 'localhost', scheme: 'http', hostPort: port, localhostPort: port, xmppDomain: 'fin-a.localhost', pubsubDomain: 'pubsub.fin-a.localhost' };
      for (const [name, value] of Object.entries(expected)) check(config[name] === value, `${name}: ${config[name]}`);
      check(!('authorization' in config), 'password and authorization');
      const prefs = await desk.bare(1, `(() => { const p = new gadgets.Prefs(); return [p.getString('host'), p.getInt('hostPort'), p.getString('team'), p.getBool('team'), p.getBool('none'), p.getMsg('nothing')]; })()`);
      check(JSON.stringify(prefs) === JSON.stringify(['fin-a.localhost', Number(port), '1', true, false, 'nothing yet']), JSON.stringify(prefs));
      const socket = await desk.bare(1, `(() => { const s = new WebSocket('ws://fin-a.localhost:${port}/ws/', 'xmpp'); s.close(); return s.url; })()`);
      check(socket === `ws://127.0.0.1:${port}/as/${AGENT}/ws/`, socket);
      await desk.open({ config: 'token' });
      const token = await desk.bare(2, 'finesse.gadget.Config');
      check(token.token === `token-${AGENT}` && token.id === AGENT && !token.password, 'no token');
      await desk.open({ gadget: ['gadget.xml', 'gadget.xml'] });
      const code = await desk.bare(1, 'atob(finesse.gadget.Config.authorization)');
      check(code === `${AGENT}:pw-${AGENT}`, code);
      const shown = (gadget) => desk.bare(gadget, "[document.getElementById('agent'), document.getElementById('keeper')].map((each) => each.textContent).join()");
      for (const gadget of [1, 2]) await until('the keeper in service', async () => (await shown(gadget)) === 'NOT_READY,in-service', 30_000);
    },
  },
  {
    name: 'container: an outage while nobody was there is published, and begins no failover',
    run: async (desk, sim) => {
      await desk.page.goto('about:blank');
      await until('nobody there', async () => (await sim.world()).sessions.length === 0);
      await sim.heal(await sim.fault({ fault: 'cti-lost', side: 'A' }));
      await untilServed(sim.a);
      await desk.open({});
      const notices = ({ entries }) => entries.filter(({ text }) => text.startsWith('finesse.api.SystemInfo'));
      const state = await desk.until('both notices', (now) => notices(now).length === 2);
      check(notices(state).some(({ text }) => text.includes('HeartbeatStatus>failure')), 'the outage was not stored');
      const words = state.entries.map(({ text }) => text).filter((text) => text.startsWith('finesse.info.connection'));
      check(!words.some((text) => text.includes('failing')), words.join());
    },
  },
  {
    name: 'container: a node ends for all with the first who ends it, or with the last where they are counted',
    run: async (desk, sim) => {
      check((await desk.ask(1, 'SubscribeNodeReq', TEAM)) === null && (await desk.ask(2, 'SubscribeNodeReq', TEAM)) === null, 'subscribing failed');
      check(await desk.hearsTeam(1, 'READY'), 'the team is not told');
      check((await desk.ask(2, 'UnsubscribeNodeReq', TEAM)) === null, 'unsubscribing failed');
      check(!(await desk.hearsTeam(1, 'READY')), 'the team is still told');
      const unknown = await desk.ask(1, 'SubscribeNodeReq', '/finesse/api/Team/99/Users');
      check(unknown.subscribe.content.includes('item-not-found') && 'item-not-found' in unknown.subscribe.object.iq.error, JSON.stringify(unknown));
      await desk.open({ counted: 1 });
      for (const gadget of [1, 2]) await desk.ask(gadget, 'SubscribeNodeReq', TEAM);
      await desk.ask(2, 'UnsubscribeNodeReq', TEAM);
      check(await desk.hearsTeam(1, 'READY'), 'counted, it ended with the first');
      await desk.ask(1, 'UnsubscribeNodeReq', TEAM);
      check(!(await desk.hearsTeam(1, 'READY')), 'counted, it did not end with the last');
      check((await sim.world()).sessions.length === 1, 'more than one connection');
    },
  },
  {
    name: 'container: requests that cannot be: ConnectionReq, while disconnected, not connected',
    address: { ...QUICK },
    run: async (desk, sim) => {
      const refused = await desk.ask(1, 'ConnectionReq');
      check(refused.error.errorType === 'F403', JSON.stringify(refused));
      await sim.fault({ fault: 'notification-service-frozen', for: 4_000 });
      const pending = await desk.ask(2, 'SubscribeNodeReq', TEAM);
      check(pending.error.errorType === 'Disconnected', JSON.stringify(pending));
      const none = await desk.ask(1, 'SubscribeNodeReq', TEAM);
      check(none.error.errorType === 'Not connected', JSON.stringify(none));
      await desk.until('connected again', ({ connected, finesse }) => connected && finesse, 15_000);
      await desk.play('conflict');
      await desk.until('conflict', ({ status, ended }) => status === 'conflict' && ended);
      for (const gadget of [1, 2]) await until('conflict, told', async () => (await desk.words(gadget)).at(-1) === 'conflict');
    },
  },
  {
    name: 'container: messages as text, words played, requests made by the page',
    address: { form: 'text' },
    run: async (desk) => {
      const from = await desk.count(1);
      for (const word of ['failing', 'recovered', 'flummoxed', 'flummoxed']) await desk.play('publish', word);
      const told = await until('the words', async () => {
        const heard = (await desk.heard(1, 'finesse.info.connection', from)).filter(({ message }) => !message.invokeID); // no answer to the other one
        return heard.length >= 4 && heard;
      });
      check(told.every(({ text }) => text), 'not as text');
      check(told.map(({ message }) => message.status).join() === 'failing,recovered,flummoxed,flummoxed', JSON.stringify(told));
      check((await desk.ask(2, 'SubscribeNodeReq', TEAM)) === '', 'success is not empty');
      const read = await desk.bare(1, `bare.get('/finesse/api/SystemInfo')`);
      check(read.rc === 200 && read.data.includes('IN_SERVICE') && !read.errors.length && !Object.keys(read.headers).length, JSON.stringify(read));
      const full = await desk.bare(1, `bare.get('/finesse/api/SystemInfo', { GET_FULL_HEADERS: true, CONTENT_TYPE: 'DOM' }).then(({ data, headers }) => ({ root: data.documentElement.localName, headers }))`);
      check(full.root === 'SystemInfo' && full.headers['content-type'][0].includes('xml'), JSON.stringify(full));
      await desk.change(2, 'READY');
      await until('READY, told', async () => (await desk.heard(2, `finesse.api.User.${AGENT}`)).some(({ text, message }) => text && message.content.includes('<state>READY</state>')));
      const refused = await desk.bare(1, `bare.get('/finesse/api/User/${AGENT}', { HEADERS: { Authorization: 'Basic bm8=' } })`);
      check(refused.rc === 401 && refused.errors[0] === '401 Error', JSON.stringify(refused));
    },
  },
  {
    name: 'container: garbage of a gadget breaks nothing',
    run: async (desk) => {
      await desk.bare(1, `(() => { ${GARBAGE} })()`);
      await until('the request that came as text', async () => (await desk.heard(2, 'finesse.info.connection')).some(({ message }) => message.invokeID === 'as-text'));
      const { entries, nodes, gadgets } = await desk.state();
      check(entries.length <= 200 && entries.every(({ text }) => text.length <= 301), `${entries.length} entries`);
      check(!Object.keys(nodes).length && gadgets[0].topics.length <= 500, `${JSON.stringify(nodes)}, ${gadgets[0].topics.length} topics`);
      // it has no subscriptions left; loaded again it begins anew
      await desk.page.getByRole('button', { name: 'Load again: gadget 1' }).click();
      await until('the gadget, anew', async () => (await desk.state()).gadgets[0].topics.length < 20 && (await desk.bare(1, 'window.bare?.heard.length > 0')));
      check((await desk.ask(1, 'SubscribeNodeReq', TEAM)) === null && (await desk.ask(2, 'UnsubscribeNodeReq', TEAM)) === null, 'it answers no more');
      const height = await desk.page.evaluate(() => document.querySelector('iframe').clientHeight);
      check(height >= 20 && height <= 3_000, `the frame is ${height} high`);
    },
  },
  {
    name: 'container: each of the five failures is told as failing, and recovered',
    address: { ...QUICK },
    run: async (desk, sim) => {
      await desk.page.evaluate(() => (window.mark = 'the same page'));
      await failsAndRecovers(desk, sim, { fault: 'notification-service-down' });
      // the gadgets' network is the agent's
      await failsAndRecovers(desk, sim, { fault: 'network-lost', agent: AGENT }, async () => {
        const [come, others] = [await requests(desk), (await fetch(`${sim.a}/finesse/api/SystemInfo`)).status];
        check(come === 'TimeoutError,504' && others === 200, `${come}, others ${others}`);
      });
      await failsAndRecovers(desk, sim, { fault: 'tomcat-down' }, async () => {
        const come = await requests(desk);
        check(come === 'TypeError,0', come);
      });
      await failsAndRecovers(desk, sim, { fault: 'web-app-down' });
      await failsAndRecovers(desk, sim, { fault: 'cti-lost' });
      check((await desk.page.evaluate(() => window.mark)) === 'the same page', 'it was loaded again');
      await sim.call(AGENT, 'ring');
      await until('the ring', async () => (await desk.heard(2, `finesse.api.User.${AGENT}.Dialogs`)).length > 0);
    },
  },
  {
    name: 'container: a node down: loaded again on the other side; maintenance: told ahead, and back',
    address: { ...QUICK, warn: 3_000 },
    run: async (desk, sim) => {
      await desk.ask(1, 'SubscribeNodeReq', TEAM);
      const fault = await sim.fault({ fault: 'node-down', side: 'A' });
      await desk.until('connected on B', ({ side, status }) => side === 'B' && status === 'connected', 15_000);
      await until('the gadgets, anew', async () => (await desk.words(1)).at(-1) === 'connected' && (await desk.bare(2, 'finesse.gadget.Config.xmppDomain')) === 'fin-b.localhost');
      check(!Object.keys((await desk.state()).nodes).length, 'nodes outlived the page');
      await sim.heal(fault);
      const { sessions } = await sim.world();
      check(sessions.length === 1 && sessions[0].side === 'B' && sessions[0].resource === 'desktop', JSON.stringify(sessions));
      await untilServed(sim.a);
      const begun = Date.now();
      await desk.play('maintenance');
      for (const gadget of [1, 2]) await until('the warning', async () => (await desk.heard(gadget, MAINTENANCE)).length === 1);
      await desk.until('connected on A', ({ side, status }) => side === 'A' && status === 'connected', 15_000);
      check(Date.now() - begun >= 3_000, `it went after ${Date.now() - begun} ms`);
    },
  },
];
