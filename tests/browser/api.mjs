// The promises that the package's JavaScript makes beside keeping the agent connected.

import { until } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

const TEAM = '/finesse/api/Team/1/Users';

export const api = [
  {
    name: 'connect() refuses silly options, and tells nothing before the next macrotask',
    run: async (client) => {
      const told = await client.page.evaluate(async (hosts) => {
        const { Keeper, KeeperError } = window.api;
        const credentials = () => ({ password: 'x' });
        const silly = [undefined, { hosts }, { hosts, user: '1002' }, { hosts: ['ftp://a'], user: '1002', credentials }, { hosts, user: 'a b', credentials }, { hosts, user: '1002', credentials, transprot: 'bosh' },
          { hosts: [...hosts, { rest: 'http://b', webSocket: 'ws://b/ws/' }], user: '1002', credentials },
          { hosts, user: '1002', credentials, trustAlternate: 'no' }, { hosts: [`${hosts[0]}/finesse/api/`], user: '1002', credentials }];
        const fields = await Promise.all(silly.map((options) => Keeper.connect(options).catch((error) => error instanceof KeeperError && error.field)));
        let early = 0;
        const keeper = await Keeper.connect({ hosts, user: '1002', credentials, log: () => (early += 1) });
        await Promise.resolve();
        const before = early;
        await keeper.close();
        return { fields, before, state: keeper.status.state, lines: keeper.timeline().length };
      }, [client.sim.a]);
      check(told.fields.join() === 'hosts,user,credentials,hosts[0],user,transprot,hosts[1].webSocket,trustAlternate,hosts[0]', `refused for ${told.fields}`);
      check(told.before === 0, `${told.before} lines were told at once`);
      check(told.state === 'stopped', `closed, it is ${told.state}`);
    },
  },
  {
    name: 'an AbortSignal closes the keeper and ends its iterators',
    options: { abortable: true },
    run: async (client) => {
      await client.inService('A', 5_000);
      const ended = await client.page.evaluate(async () => {
        const iterator = window.app.keeper.notifications();
        const last = iterator.next();
        window.app.abort.abort();
        const refused = await window.app.keeper.ready().catch(({ code, reason }) => `${code} ${reason}`);
        return { done: (await last).done, refused };
      });
      check(ended.done && ended.refused === 'stopped closed', JSON.stringify(ended));
      check((await client.ending()).goodbye, 'without a goodbye');
    },
  },
  {
    name: 'close() lets go of the signal',
    run: async (client) => {
      const held = await client.page.evaluate(async (hosts) => {
        const { signal } = new AbortController();
        let listeners = 0;
        for (const [name, by] of [['addEventListener', 1], ['removeEventListener', -1]]) {
          signal[name] = (...given) => {
            listeners += by;
            EventTarget.prototype[name].apply(signal, given);
          };
        }
        const keeper = await window.api.Keeper.connect({ hosts, user: '1002', credentials: () => ({ password: 'x' }), signal });
        const open = listeners;
        await keeper.close();
        return [open, listeners];
      }, [client.sim.a]);
      check(held.join() === '1,0', `it held ${held}`);
    },
  },
  {
    name: 'ready() gives up by its own signal, and the keeper goes on',
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      await sim.fault({ fault: 'notification-service-down' });
      await client.until('lost', ({ status }) => status.state !== 'in-service');
      const name = await client.page.evaluate(() => window.app.keeper.ready({ signal: AbortSignal.timeout(100) }).catch((error) => error.name));
      check(name === 'TimeoutError', name);
      await sim.healAll();
      await client.inService('A', 20_000);
    },
  },
  {
    name: 'resume() and then ready(), in a listener: it waits for what was resumed',
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      await client.page.evaluate(() => {
        const { keeper } = window.app;
        window.ready = new Promise((done) => keeper.addEventListener('status', ({ detail }) => {
          if (detail.state !== 'stopped') return;
          keeper.resume();
          done(keeper.ready().then(() => 'in service', ({ reason }) => `rejected ${reason}`));
        }));
      });
      await sim.fault({ fault: 'conflict', agent: '1001', side: 'A', for: 500 });
      const ready = await client.page.evaluate(() => window.ready);
      check(ready === 'in service', ready);
    },
  },
  {
    name: 'a page in the back/forward cache: ready() waits until it is shown again',
    run: async (client) => {
      await client.inService('A', 5_000);
      const told = await client.page.evaluate(async () => {
        const { keeper } = window.app;
        const turn = (type) => window.dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
        turn('pagehide');
        const left = `${keeper.status.state} ${keeper.status.reason}`;
        const ready = keeper.ready().then(() => 'in service', ({ reason }) => `rejected ${reason}`);
        await new Promise((done) => setTimeout(done)); // by now it has looked
        turn('pageshow');
        return { left, ready: await ready };
      });
      check(told.left === 'stopped page-left' && told.ready === 'in service', JSON.stringify(told));
    },
  },
  {
    name: 'notifications() is bounded, and an overflow is told',
    run: async (client) => {
      await client.inService('A', 5_000);
      await client.change('LOGIN');
      await client.untilTrue();
      // counted from the very moment at which the iterator begins
      const count = await client.page.evaluate(() => {
        window.iterator = window.app.keeper.notifications({ limit: 2 });
        return window.picture().count;
      });
      for (const state of ['READY', 'NOT_READY', 'READY', 'NOT_READY', 'READY']) {
        await client.change(state);
        await client.untilTrue();
      }
      const silly = await client.page.evaluate(() => {
        try {
          return window.app.keeper.notifications({ limit: 0 });
        } catch ({ code, field }) {
          return `${code} ${field}`;
        }
      });
      check(silly === 'config limit', `a limit of 0 is ${JSON.stringify(silly)}`);
      await client.until('five notifications', (now) => now.count >= count + 5);
      const read = await client.page.evaluate(async () => {
        const [overflow, first, second] = [await iterator.next(), await iterator.next(), await iterator.next()];
        const pending = iterator.next();
        await iterator.return();
        return { count: window.picture().count, overflow: overflow.value, first: first.value.kind, last: second.value.data.state, done: (await pending).done };
      });
      const dropped = read.count - count - 2;
      check(read.overflow.kind === 'overflow' && read.overflow.dropped === dropped, `${JSON.stringify(read)}, but ${dropped} were dropped`);
      check(read.last === 'READY' && read.done, JSON.stringify(read));
    },
  },
  {
    name: 'subscribe() is counted, and outlives a reconnection',
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      await client.change('LOGIN');
      await client.page.evaluate((node) => {
        const { keeper } = window.app;
        window.team = 0;
        keeper.addEventListener('notification', ({ detail }) => (window.team += detail.node === node));
        window.stops = [keeper.subscribe(node), keeper.subscribe(node)];
      }, TEAM);
      const teams = () => client.page.evaluate(() => window.team);
      // two changes: the agent's own node shows the second only after the team's node told the first
      const told = async () => {
        const before = await teams();
        for (const state of ['READY', 'NOT_READY']) await client.change(state);
        await client.untilTrue();
        return (await teams()) > before;
      };
      await until('the team, subscribed', told);
      await client.page.evaluate(() => window.stops[0]());
      await client.page.evaluate(() => window.stops[0]()); // a second call is none
      check(await told(), 'one stop ended both');
      await sim.fault({ fault: 'socket-cut', side: 'A' });
      await client.until('lost', ({ statuses }) => statuses.some(({ reason }) => reason === 'connection-lost'));
      await client.inService('A', 10_000);
      await until('the team, after the reconnection', told);
      await client.page.evaluate(() => window.stops[1]());
      await until('no team any more', async () => !(await told()));
    },
  },
  {
    name: 'what the credentials provider throws is the cause of the error event',
    options: { password: '' },
    run: async (client) => {
      const { errors } = await client.until('the error', (picture) => picture.errors.length > 0);
      check(errors[0].code === 'no-credentials' && errors[0].cause === 'Error: the agent gave none', JSON.stringify(errors));
      await client.setPassword('pw-1001');
      await client.inService('A', 20_000);
    },
  },
  {
    name: 'a node that is none is an error event, and nothing ends',
    run: async (client) => {
      await client.inService('A', 5_000);
      await client.page.evaluate(() => window.app.keeper.subscribe('/elsewhere'));
      const { errors } = await client.until('the error', (picture) => picture.errors.length > 0);
      check(errors[0].code === 'bad-node' && errors[0].typed && errors[0].nextStep, JSON.stringify(errors));
      await client.inService('A', 1_000);
    },
  },
  {
    name: 'what a listener or the log hook throws is the page\'s, and nothing ends',
    options: { throwing: true },
    run: async (client) => {
      await client.inService('A', 5_000);
      await client.change('LOGIN');
      await client.untilTrue();
      // what is on its way to the page's error handler is in before the next macrotasks
      const thrown = await client.page.evaluate(async () => {
        window.app.throwing = false;
        await new Promise((done) => setTimeout(done, 100));
        return window.thrown.splice(0);
      });
      check(thrown.some((text) => text.includes('from the log')) && thrown.some((text) => text.includes('from a listener')), `${thrown}`);
    },
  },
  {
    name: 'a defect inside is told, and closes the connections',
    run: async (client) => {
      await client.inService('A', 5_000);
      const told = await client.page.evaluate(async () => {
        const { keeper, errors } = window.app;
        performance.now = () => {
          throw new Error('no clock');
        };
        keeper.resume();
        const refused = await keeper.ready().catch(({ code, reason }) => `${code} ${reason}`);
        return { refused, state: keeper.status.state, explained: keeper.explain(), lines: keeper.timeline(), errors };
      });
      const [error] = told.errors;
      check(error?.code === 'internal' && error.cause === 'Error: no clock', JSON.stringify(told));
      check(told.refused === 'stopped internal' && told.state === 'stopped' && told.explained, JSON.stringify(told));
      await client.ending();
    },
  },
  {
    name: 'leaving the page ends the session at once, with a goodbye where the browser lets it out',
    run: async (client) => {
      await client.inService('A', 5_000);
      const firefox = await client.page.evaluate(() => navigator.userAgent.includes('Firefox'));
      client.gone = true;
      await client.page.close();
      const { goodbye } = await client.ending();
      // Firefox may have begun to close the sockets before the page is told that it is left
      check(firefox || goodbye, 'without a goodbye');
    },
  },
];
