// The doctor in a page, before whatever can be wrong: each trouble is named by its code, nothing else is called bad, and
// neither credentials nor cookies reach a server.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FINDINGS } from '../../pkg/src/doctor/findings.js';
import { readInfo, serviceBase } from '../../pkg/src/doctor/info.js';
import { at } from '../../scripts/lib/paths.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { freePorts, until } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';
import { A, B, QUICK, finding, named, namesOf, startServer } from './room.mjs';

/** A trouble that the simulated pair plays. */
const plays = (name, faults, wanted, look = () => {}, options = () => ({})) => ({
  name: `doctor: ${name}`,
  run: async (room, sim) => {
    for (const fault of [faults].flat()) await sim.fault(fault);
    look(await room.finds(wanted, options(room)));
  },
});

/**
 * The same, and something never answers. Only this side is asked: Firefox opens one WebSocket at a time to an IP address,
 * and the pair has one.
 */
const hides = (name, fault, wanted, look) => plays(name, fault, wanted, look, ({ hosts }) => ({ hosts: hosts.slice(0, 1), timeout: QUICK }));

/** A first side that is another server. */
const meets = (name, [answer, talk], wanted, look = () => {}, options = {}) => ({
  name: `doctor: ${name}`,
  run: async (room) => {
    const server = await startServer(answer, talk);
    try {
      look(await room.finds(wanted, { hosts: [server.url, room.hosts[1]], ...options }));
    } finally {
      await server.stop();
    }
  },
});

/** These words are in what a finding says. */
const says = (name, ...words) => (report) => {
  const told = finding(report, name);
  for (const word of words) check(`${told?.happened} ${told?.nextStep}`.includes(word), `${word} is not in ${JSON.stringify(told)}`);
};

/** These, and no others, may be well or not. */
const doubts = (...names) => (report) => check(namesOf(report, 'unsure').join() === names.join(), JSON.stringify(report));

const systemInfo = (more = '') => `<SystemInfo><status>IN_SERVICE</status><xmppDomain>x</xmppDomain>${more}</SystemInfo>`;
const features = (...names) => `<stream:features xmlns:stream="http://etherx.jabber.org/streams"><mechanisms xmlns="urn:ietf:params:xml:ns:xmpp-sasl">${names.map((name) => `<mechanism>${name}</mechanism>`).join('')}</mechanisms></stream:features>`;

/** Finesse's web app, as far as this goes, and a notification service that says `told` over BOSH. */
const finesse = (told) => (request, response) => response.end(request.method === 'POST' ? `<body sid="s" xmlns="http://jabber.org/protocol/httpbind">${told}</body>` : systemInfo());

const setUps = [
  {
    name: 'doctor: a right set-up is all good, and no session stays',
    run: async (room, sim) => {
      const report = await room.finds([]);
      check(namesOf(report, 'unsure').length === 0 && namesOf(report, 'skipped').length === 0, JSON.stringify(report));
      const checks = report.sides.map((side) => side.findings.map((each) => each.check).join());
      check(checks.every((each) => each === 'rest,service,port,websocket,bosh,login,nodes,clock'), `${checks}`);
      check(report.page.map((each) => each.check).join() === 'online,secure,wasm', JSON.stringify(report.page));
      await until('no session', async () => (await sim.world()).sessions.length === 0, 5_000);
    },
  },
  {
    name: 'doctor: a right set-up over TLS',
    plain: false,
    run: async (room, sim) => {
      const report = await room.finds([], { hosts: [named(sim.a), named(sim.b, B)] }); // SystemInfo names these ports
      says('A port')(report);
      check(finding(report, 'A websocket').tried.startsWith('WebSocket wss://'), JSON.stringify(report));
    },
  },
  {
    name: 'doctor: only the way that is wanted',
    run: async (room, sim) => {
      await sim.fault({ fault: 'bosh-blocked' });
      check(finding(await room.finds([], { transport: 'websocket' }), 'A bosh').outcome === 'skipped', 'BOSH was tried');
      await sim.healAll();
      await sim.fault({ fault: 'websocket-blocked' });
      check(finding(await room.finds([], { transport: 'bosh' }), 'A websocket').outcome === 'skipped', 'a WebSocket was tried');
      const hub = await room.finds([], { transport: 'hub' });
      check(namesOf(hub, 'skipped').length === 8, JSON.stringify(hub));
    },
  },
  {
    name: 'doctor: silly options are refused as connect() refuses them',
    run: async ({ page, hosts }) => {
      const told = await page.evaluate(async (good) => {
        const { Keeper, KeeperError } = window.api;
        const silly = [undefined, { hosts: [] }, { hosts: [1] }, { hosts: ['ftp://a'] }, { hosts: ['https://'] }, { hosts: ['https://a?b'] }, { hosts: [...good, ...good] }, { hosts: [good[0], `${good[0]}/`] },
          { hosts: [{ rest: 'https://a', websocket: 'http://b' }] }, { hosts: [{ rest: 'https://a', bosh: 'ws://b' }] }, { hosts: [{ rest: 'https://a', web: 'b' }] },
          { hosts: good, transport: 'tcp' }, { hosts: good, timeout: -1 }, { hosts: good, timeout: 'x' }, { hosts: good, timeout: '5' }, { hosts: good, onFinding: 'x' }, { hosts: good, signal: 5 }, { hosts: good, user: '1001' }];
        return Promise.all(silly.map((options) => Keeper.doctor(options).then(() => 'taken', (error) => (error instanceof KeeperError && error.code === 'config' && error.nextStep ? error.field : String(error)))));
      }, hosts);
      const fields = 'hosts,hosts,hosts[0],hosts[0],hosts[0],hosts[0],hosts,hosts,hosts[0].websocket,hosts[0].bosh,hosts[0].web,transport,timeout,timeout,timeout,onFinding,signal,user';
      check(told.join() === fields, `refused for ${told}`);
    },
  },
  {
    name: 'doctor: gives up by its signal, and is done in time',
    run: async (room, sim) => {
      await sim.fault({ fault: 'side-silent' });
      const told = await room.page.evaluate(async (hosts) => {
        const { doctor } = window.api.Keeper;
        const before = await doctor({ hosts, signal: AbortSignal.abort() }).catch(({ name }) => name);
        const abort = new AbortController();
        const given = doctor({ hosts, timeout: 100_000, signal: abort.signal }).catch(({ name }) => name);
        setTimeout(() => abort.abort(), 300);
        const up = await given;
        const thrown = await doctor({ hosts, timeout: 500, onFinding: () => { throw new Error('mine'); } }).catch(({ message }) => message);
        const start = performance.now();
        await doctor({ hosts, timeout: 2_000 });
        return { before, up, thrown, took: performance.now() - start };
      }, room.hosts);
      check(told.before === 'AbortError' && told.up === 'AbortError' && told.thrown === 'mine', JSON.stringify(told));
      check(told.took < 3_000, `it took ${told.took} ms`);
    },
  },
];

const ways = [
  {
    name: 'doctor: a wrong port',
    run: async (room) => {
      const [port] = await freePorts(1);
      const report = await room.finds('A rest unreachable', { hosts: [`http://${A}:${port}`, room.hosts[1]] });
      says('A rest', 'in a new tab', `http://${A}:${port}/finesse/api/SystemInfo`)(report);
    },
  },
  {
    name: 'doctor: an address that leads nowhere',
    run: (room) => room.finds('B rest unreachable', { hosts: [room.hosts[0], 'https://fin-b.localhost:99999'] }),
  },
  {
    name: 'doctor: a certificate that is not trusted',
    plain: false,
    trusting: false,
    run: async (room, sim) => {
      const report = await room.finds(['A rest unreachable', 'B rest unreachable'], { hosts: [named(sim.a), named(sim.b, B)] });
      says('B rest', 'in a new tab', `${named(sim.b, B)}/finesse/api/SystemInfo`)(report);
    },
  },
  plays('CORS missing on one side', { fault: 'cors-disabled', side: 'A' }, 'A rest cors', says('A rest', 'utils finesse cors enable', `allowed_origin add http://${A}:`)),
  plays('WebSocket refused', { fault: 'websocket-blocked', side: 'A' }, [], doubts('A websocket refused')),
  plays('WebSocket refused, and no other way is wanted', { fault: 'websocket-blocked', side: 'A' }, 'A websocket refused', () => {}, () => ({ transport: 'websocket' })),
  plays('WebSocket stripped', { fault: 'websocket-blocked', side: 'B', as: 'stripped' }, [], doubts('B websocket refused')),
  hides('WebSocket silent', { fault: 'websocket-blocked', side: 'A', as: 'silent' }, [], doubts('A websocket silent')),
  plays('BOSH refused', { fault: 'bosh-blocked', side: 'A' }, [], doubts('A bosh unreachable')),
  plays('BOSH refused, and no other way is wanted', { fault: 'bosh-blocked', side: 'A' }, 'A bosh service-down', () => {}, () => ({ transport: 'bosh' })),
  hides('BOSH silent', { fault: 'bosh-blocked', side: 'A', as: 'silent' }, [], doubts('A bosh silent')),
  plays('BOSH behind a broken proxy', { fault: 'bosh-error', side: 'A' }, [], (report) => {
    doubts('A bosh wrong-answer')(report);
    says('A bosh', '502')(report);
  }),
  plays('the notification service down', { fault: 'notification-service-down', side: 'A' }, ['A bosh service-down', 'A websocket service-down'], ({ summary }) => check(summary.endsWith('Start the Cisco Finesse Notification Service.'), summary)),
  plays('both ways behind a broken proxy', [{ fault: 'bosh-error', side: 'A' }, { fault: 'websocket-blocked', side: 'A' }], ['A bosh service-down', 'A websocket service-down']),
  plays('one side down', { fault: 'node-down', side: 'B' }, 'B rest unreachable', says('B rest', B)),
  hides('one side silent', { fault: 'node-down', side: 'A', as: 'silent' }, 'A rest silent'),
  {
    name: 'doctor: a page over https, and a host over http',
    plain: false,
    run: async (room, sim) => {
      await room.page.goto(`${sim.a}/nothing`);
      await room.page.addScriptTag({ content: `${readFileSync(join(room.installed, 'dist', 'finesse-keeper.iife.js'), 'utf8')}; window.api = FinesseKeeper;` });
      let asked = 0;
      room.page.on('request', (request) => (asked += request.url().includes('finesse.example') ? 1 : 0));
      const host = { rest: sim.b, websocket: 'ws://finesse.example:8445/ws/' };
      const report = await room.finds(['A rest mixed'], { hosts: ['http://finesse.example:8445', host] });
      check(asked === 0, `${asked} requests were tried`);
      doubts('B nodes other-names', 'B websocket mixed')(report);
      says('A rest', 'https')(report);
    },
  },
  {
    name: 'doctor: a public page, a private host: the browser is asked for its permission',
    through: () => ({}),
    run: async (room) => doubts('- secure insecure', 'A network local-network')(await room.finds('A rest unreachable', { hosts: ['https://fin-a.test:8445'] })),
  },
];

/** By a proxy, since only these ports say which version it is. */
const ports = [
  {
    name: 'doctor: Finesse 12.5, the notification service on 7443',
    plain: false,
    simulator: ['--before-12.6'],
    through: ({ a }) => ({ 'fin-a.test:8445': a, 'fin-a.test:7443': a }),
    run: async (room) => {
      const report = await room.finds([], { hosts: ['https://fin-a.test:8445'] });
      check(finding(report, 'A websocket').tried === 'WebSocket wss://fin-a.test:7443/ws/', JSON.stringify(report));
    },
  },
  {
    name: 'doctor: it looks like Finesse 12.5, and the notification service is with REST',
    plain: false,
    simulator: ['--before-12.6'],
    through: ({ a }) => ({ 'fin-a.test:8445': a }),
    run: async (room) => {
      const report = await room.finds(['A bosh unreachable', 'A port other-port', 'A websocket refused'], { hosts: ['https://fin-a.test:8445'] });
      says('A port', 'https://fin-a.test:7443 does not', 'https://fin-a.test:8445 does')(report);
      check(report.summary.includes('https://fin-a.test:8445 does'), report.summary);
    },
  },
  {
    name: 'doctor: it looks like Finesse 12.6, and the notification service is on 7443',
    plain: false,
    through: ({ a, b }) => ({ 'fin-a.test:8445': a, 'fin-a.test:7443': b }),
    run: async (room, sim) => {
      await sim.fault({ fault: 'bosh-blocked', side: 'A' });
      await sim.fault({ fault: 'websocket-blocked', side: 'A' });
      const report = await room.finds(['A bosh unreachable', 'A port other-port', 'A websocket refused'], { hosts: ['https://fin-a.test:8445'] });
      says('A port', 'https://fin-a.test:7443 does')(report);
    },
  },
];

const policies = [
  {
    name: 'doctor: a policy without wasm',
    headers: () => ({ 'content-security-policy': "default-src 'none'; script-src 'self'; connect-src http: ws:" }),
    run: async (room) => says('- wasm', "'wasm-unsafe-eval'")(await room.finds('- wasm csp')),
  },
  {
    name: 'doctor: a policy that blocks one side',
    headers: ([, b]) => ({ 'content-security-policy': `script-src 'self' 'wasm-unsafe-eval'; connect-src ${b} ${b.replace('http', 'ws')}` }),
    run: async (room) => says('A rest', 'connect-src', room.hosts[0])(await room.finds('A rest connect-src')),
  },
  {
    name: 'doctor: a policy that blocks WebSockets alone',
    headers: () => ({ 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'; connect-src http:" }),
    run: async (room) => {
      const report = await room.finds([]);
      doubts('A websocket connect-src', 'B websocket connect-src')(report);
      says('A websocket', room.hosts[0].replace('http', 'ws'))(report);
    },
  },
  {
    name: 'doctor: a policy that only reports blocks nothing',
    headers: () => ({ 'content-security-policy-report-only': "connect-src 'none'" }),
    run: async (room) => {
      const [port] = await freePorts(1);
      await room.finds('A rest unreachable', { hosts: [`http://${A}:${port}`, room.hosts[1]] });
    },
  },
  {
    name: 'doctor: offline, as the browser says',
    headers: () => ({}), // what it changes stays in the page
    run: async (room) => {
      await room.page.evaluate(() => Object.defineProperty(navigator, 'onLine', { value: false }));
      await room.finds('- online offline');
    },
  },
];

const states = [
  plays('a clock that is ahead', { fault: 'clock-skew', side: 'A' }, 'A clock clock-wrong', says('A clock', 's ahead of')),
  plays('a clock that is behind', { fault: 'clock-skew', side: 'B', as: 'behind' }, 'B clock clock-wrong', says('B clock', 's behind')),
  plays('a clock that is a little off', { fault: 'clock-skew', side: 'A', ms: 60_000 }, [], doubts('A clock clock-off')),
  plays('CTI lost', { fault: 'cti-lost' }, ['A service cti-lost', 'B service cti-lost']),
  plays('out of service for another reason', { fault: 'slow-start', side: 'A', as: 'out' }, 'A service out-of-service'),
  plays('starting', { fault: 'slow-start', side: 'A' }, 'A rest out-of-service', says('A rest', '503')),
  plays('the web app down', { fault: 'web-app-down', side: 'A' }, 'A rest wrong-answer', says('A rest', '404', 'start Cisco Finesse Tomcat')),
  plays('maintenance', { fault: 'maintenance', side: 'B' }, [], doubts('B service maintenance')),
  plays('nodes of another pair', { fault: 'garbage', kind: 'foreign-host', side: 'A' }, [], doubts('A nodes other-names')),
  plays('one server of a pair', [], [], doubts(), ({ hosts }) => ({ hosts: hosts.slice(1) })),
  plays('one server that its pair does not name', { fault: 'garbage', kind: 'foreign-host', side: 'A' }, [], doubts('A nodes other-names'), ({ hosts }) => ({ hosts: hosts.slice(0, 1) })),
  plays('several troubles at once', [{ fault: 'clock-skew', side: 'A' }, { fault: 'websocket-blocked', side: 'A' }, { fault: 'node-down', side: 'B' }], ['A clock clock-wrong', 'B rest unreachable'], ({ summary }) => check(summary.startsWith('B: '), summary)),
];

const strangers = [
  meets('a server that is no Finesse', [(request, response) => response.end('<!doctype html><title>Welcome</title>')], 'A rest wrong-answer', says('A rest', '200')),
  {
    name: 'doctor: a server that is no Finesse, and hides it',
    run: async (room) => {
      const server = await startStatic({ texts: { '/': '<!doctype html>' } });
      try {
        await room.finds('A rest cors', { hosts: [named(server.url), room.hosts[1]] });
      } finally {
        await server.stop();
      }
    },
  },
  meets('a body without end', [(request, response) => {
    const chunk = '<SystemInfo>'.repeat(1_000);
    const more = () => response.write(chunk, (error) => error || setImmediate(more));
    more();
  }], 'A rest wrong-answer'),
  meets('a body that trickles', [(request, response) => {
    response.write('<SystemInfo>');
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
  }], 'A rest silent', () => {}, { timeout: QUICK }),
  ...Object.entries({
    'no XML': 'IN_SERVICE', 'half of it': '<SystemInfo><status>IN_SERVICE</status>', 'no status': '<SystemInfo></SystemInfo>', nothing: '',
    'a thousand openings': '<primaryNode><SystemInfo><?a>'.repeat(1_000), 'a page that quotes it': `<html>${systemInfo()}</html>`,
  }).map(([name, body]) => meets(`garbage: ${name}`, [(request, response) => response.end(body)], 'A rest wrong-answer')),
  meets(
    'a hostile SystemInfo gives texts, and no more',
    [(request, response) => response.end(systemInfo('<ms>x</ms><tried>y</tried><code>z</code><__proto__>p</__proto__><statusReason>{url}</statusReason><currentTimestamp>never</currentTimestamp><primaryNode><host><b></host></primaryNode>'))],
    ['A bosh wrong-answer', 'A websocket refused'],
    (report) => {
      const { tried, ms, code } = finding(report, 'A service');
      check([tried, ms, code].join() === 'SystemInfo,,service' && finding(report, 'A clock').outcome === 'skipped', JSON.stringify(report));
    },
  ),
  meets('no login with a password', [finesse(features('SCRAM-SHA-1', 'EXTERNAL')), (socket) => socket.on('message', () => socket.send(features('SCRAM-SHA-1')))], 'A login no-plain', says('A login', 'SCRAM-SHA-1')),
  meets('a WebSocket that speaks otherwise', [finesse(features('PLAIN')), (socket) => {
    for (const frame of ['hello', Buffer.from([1, 2]), 'x'.repeat(1_000_000)]) socket.send(frame);
    socket.on('message', () => socket.close());
  }], [], (report) => check(namesOf(report, 'unsure').includes('A websocket wrong-answer'), JSON.stringify(report))),
  meets('a WebSocket that says nothing', [finesse(features('PLAIN')), () => {}], [], (report) => check(namesOf(report, 'unsure').includes('A websocket silent'), JSON.stringify(report)), { timeout: QUICK }),
];

/** The demo's page, served beside the pair. */
const pages = [
  {
    name: 'doctor: its page shows what is found, and names the field that cannot be used',
    headers: () => ({}), // it goes elsewhere
    run: async ({ page }, sim) => {
      const thrown = [];
      page.on('pageerror', (error) => thrown.push(String(error)));
      await sim.fault({ fault: 'clock-skew', side: 'B' });
      await page.goto(`${sim.control}/doctor/`);
      await page.waitForFunction(() => document.querySelector('#host-0').value && document.querySelector('#board .faults'));
      const examined = async () => {
        await page.click('#run');
        await page.waitForFunction(() => !document.querySelector('#copy').disabled || !document.querySelector('#trouble').hidden, null, { timeout: 30_000 });
        return page.evaluate(() => ({
          state: document.querySelector('#state').textContent,
          why: document.querySelector('#why').textContent,
          bad: [...document.querySelectorAll('[data-outcome=bad]')].map((each) => `${each.closest('section').getAttribute('aria-label')} ${each.querySelector('.code').textContent}`).join(),
          count: document.querySelectorAll('.finding').length,
          focus: document.activeElement.id,
        }));
      };
      const ill = await examined();
      check(ill.state === 'Something is wrong' && ill.why.startsWith('B: ') && ill.bad === 'Side B clock-wrong' && ill.count === 19, JSON.stringify(ill));
      await sim.healAll();
      const well = await examined();
      check(well.state === 'It is well' && !well.bad && well.count === 19, JSON.stringify(well));
      await page.fill('#host-1', 'ftp://b');
      const silly = await examined();
      check(silly.focus === 'host-1' && silly.count === 0, JSON.stringify(silly));
      check(thrown.length === 0, `${thrown}`);
    },
  },
];

/** What the doctor knows is what others say, who cannot be asked in a page. */
const facts = [
  {
    name: 'doctor: where the notification service is, as the keeper has it',
    run: () => {
      const source = readFileSync(at('src', 'keeper', 'transport.rs'), 'utf8');
      const test = source.slice(source.indexOf('fn the_service_is_where_its_version_has_it'));
      const node = /let named = "(.+)";/.exec(test)[1];
      const cases = [...test.matchAll(/\("(https?:[^"]+)", (named|"[^"]*"), (?:None|Some\("([^"]+)"\))\)/g)];
      check(cases.length >= 7, `${cases.length} cases`);
      for (const [, rest, more, expected = rest] of cases) {
        const found = serviceBase(rest, readInfo(systemInfo(more === 'named' ? node : more.slice(1, -1))));
        check(found === expected, `${rest} ${more}: ${found}`);
      }
    },
  },
  {
    name: 'doctor: reads every SystemInfo as it is written beside it',
    run: () => {
      const folder = at('tests', 'vectors', 'system-info');
      const names = readdirSync(folder).filter((name) => name.endsWith('.xml')).map((name) => name.slice(0, -4));
      for (const name of names) {
        const [xml, json] = ['xml', 'json'].map((ending) => readFileSync(join(folder, `${name}.${ending}`), 'utf8'));
        const [info, told] = [readInfo(xml), JSON.parse(json)];
        const nodes = [told.primaryNode, told.secondaryNode].map((each) => each?.host.trim()).filter(Boolean).join();
        const same = [
          [info.status.toUpperCase(), told.status], [info.xmppdomain ?? '', told.xmppDomain], [info.nodes.map(({ host }) => host).join(), nodes],
          [info.old, told.finesseMMode === null && told.ctiMMode === null], [Date.parse(info.currenttimestamp), Date.parse(told.currentTimestamp)],
        ].every(([one, other]) => Object.is(one, other));
        check(same, `${name}: ${JSON.stringify(info)}`);
      }
      check(names.length > 5, `${names.length} documents`);
    },
  },
  {
    name: 'doctor: its document and its types list every finding',
    run: () => {
      const cell = (text = '') => text.replaceAll('|', '\\|');
      const rows = Object.entries(FINDINGS).map(([code, [outcome, ...texts]]) => `| \`${code}\` | ${outcome} | ${[0, 1, 2].map((index) => cell(texts[index])).join(' | ')} |`);
      const document = readFileSync(at('docs', 'doctor.md'), 'utf8');
      check(document.includes(`|---|---|---|---|---|\n${rows.join('\n')}\n\n`), `docs/doctor.md should have\n${rows.join('\n')}`);
      const types = readFileSync(at('pkg', 'doctor.d.ts'), 'utf8');
      const missing = Object.keys(FINDINGS).filter((code) => !types.includes(`| '${code}'`));
      check(missing.length === 0, `pkg/doctor.d.ts lacks ${missing}`);
    },
  },
];

export const doctors = [...setUps, ...ways, ...ports, ...policies, ...states, ...strangers, ...pages, ...facts];
