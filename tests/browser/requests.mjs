// What an agent asks for through the keeper, under failures: what is told of it is what became of it.

import { sleep, until } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

/** So long a request takes there and back, and CTI to confirm it: there is time to break something in between. */
const ROUND_TRIP = 600;
const SLOW_CTI = 2_000;
const simulator = ['--signed-out'];

const action = (name) => `<Dialog><requestedAction>${name}</requestedAction></Dialog>`;

/** Asks an agent's keeper, and gives what it told: an outcome, or the fields of the error. */
const askOf = (client, agent, name, ...args) =>
  client.page.evaluate(
    ([user, method, given]) =>
      (window.keepers?.get(user) ?? window.app.keeper)[method](...given).catch((error) => {
        const { code, message, nextStep, requestId, status, apiErrors } = error;
        return { outcome: code, message, nextStep, requestId, status, apiErrors, typed: error instanceof window.api.KeeperError };
      }),
    [agent, name, args],
  );

const ask = (client, ...args) => askOf(client, client.agent, ...args);

/** What was told, beside what CTI made of it. Nothing was sent twice. */
async function compare(client, told) {
  const { world } = await client.truth();
  const wishes = world.wishes.filter(({ request }) => request && request === told.requestId);
  check(wishes.length <= 1, `carried out ${wishes.length} times: ${JSON.stringify(told)}`);
  const done = wishes.length === 1 && !wishes[0].error;
  const true_ = told.outcome === 'unknown' || (told.outcome === 'applied') === done;
  check(true_, `told ${JSON.stringify(told)}, in the world ${JSON.stringify(wishes)}`);
  return told.outcome;
}

async function signedIn(client) {
  await client.inService('A', 5_000);
  const told = await ask(client, 'signIn', { extension: '2001' });
  check(told.outcome === 'applied' && told.how === 'notification', JSON.stringify(told));
}

/** Four agents, since a failure may as well strike them all at once: one signs in, one changes its state, one is on a
 *  call, one signs out. */
const [CALL, IN, STATE, OUT] = ['1001', '1002', '1003', '1004'];
const crowd = [...simulator, '--cti-ms', SLOW_CTI, '--agents', [CALL, IN, STATE, OUT].join()];

const agentOf = async (sim, agent) => (await sim.world()).agents.find(({ id }) => id === agent);

/** Asks again until it is so: what goes before a failure is no part of it. */
const make = (client, sim, agent, so, ...args) =>
  until(`${agent} to be ready for it`, async () => {
    if (so(await agentOf(sim, agent))) return true;
    await askOf(client, agent, ...args);
    return so(await agentOf(sim, agent));
  }, 20_000);

async function prepare(client, sim) {
  await until('all in service', () => client.page.evaluate(() => [...window.keepers.values()].every(({ status }) => status.state === 'in-service')), 60_000);
  for (const agent of [CALL, STATE, OUT]) {
    await make(client, sim, agent, ({ state }) => state !== 'LOGOUT', 'signIn', { extension: `2${agent}` });
  }
  for (const agent of [IN, OUT]) {
    await make(client, sim, agent, ({ state }) => state === 'NOT_READY' || state === 'LOGOUT', 'setState', 'NOT_READY');
  }
  await make(client, sim, IN, ({ state }) => state === 'LOGOUT', 'signOut');
  if (!(await agentOf(sim, CALL)).dialogs.length) {
    await sim.call(CALL, 'ring');
    await sim.call(CALL, 'answer');
  }
  await client.untilTrue();
}

/** The 202 of the last request of each of them has come. */
const accepted = (client) => client.page.evaluate(() => [...window.keepers.values()].every((keeper) => {
  const last = keeper.timeline().findLast(({ kind }) => kind === 'request');
  return last?.text.endsWith(': accepted');
}));

/** Each of the four asks for its own; before the requests arrive, or after their 202, something breaks for a while. */
async function under(client, sim, specs, when) {
  await prepare(client, sim);
  const latency = await sim.fault({ fault: 'latency', ms: ROUND_TRIP });
  await sleep(ROUND_TRIP); // pings and the like of before are through
  const [call] = (await agentOf(sim, CALL)).dialogs;
  const { state } = await agentOf(sim, STATE);
  const all = [
    askOf(client, CALL, 'request', 'PUT', `/finesse/api/Dialog/${call.id}`, action(call.participant === 'HELD' ? 'RETRIEVE' : 'HOLD')),
    askOf(client, IN, 'signIn', { extension: `2${IN}` }),
    askOf(client, STATE, 'setState', state === 'READY' ? 'NOT_READY' : 'READY'),
    askOf(client, OUT, 'signOut', { reasonCode: '3' }),
  ];
  if (when === 'before') await sleep(ROUND_TRIP / 4);
  else await until('the 202', () => accepted(client), 5_000, 20);
  for (const spec of specs) await sim.fault(spec);
  await sim.heal(latency);
  const outcomes = [];
  for (const told of await Promise.all(all)) outcomes.push(await compare(client, told));
  check(!outcomes.slice(1).includes('unknown'), `of a state that can be read it was told ${outcomes}`);
  await until('the faults to be over', async () => (await sim.faults()).length === 0, 30_000);
  return outcomes.join(', ');
}

/** One failure before the requests have arrived, and one after their 202. */
const failure = (name, specs) => ({
  name: `requests, ${name}: what is told is what became of them`,
  seconds: 150,
  simulator: crowd,
  run: async (client, sim) => {
    await meet(client);
    const told = [];
    for (const when of ['before', 'after']) {
      told.push(`${when} the 202: ${await under(client, sim, specs, when)}`);
      await sleep(1_000); // the last of the faults is noticed by now
    }
    await prepare(client, sim);
    return { told: told.join('; ') };
  },
});

/** The other three connect too. */
const meet = (client) => client.page.evaluate((options) => window.crowd(options), { hosts: [client.sim.a, client.sim.b], users: [IN, STATE, OUT] });

export const requests = [
  {
    name: 'requests: sign in, states, a call, sign out, each seen and true',
    simulator,
    run: async (client, sim) => {
      await signedIn(client);
      for (const [name, ...args] of [['setState', 'READY'], ['setState', 'NOT_READY', { reasonCode: '7' }], ['setState', 'READY']]) {
        const told = await ask(client, name, ...args);
        check((await compare(client, told)) === 'applied' && told.how === 'notification', JSON.stringify(told));
      }
      await sim.call(client.agent, 'ring');
      const { dialogs } = await client.untilTrue();
      const path = `/finesse/api/Dialog/${dialogs[0].id}`;
      const told = await ask(client, 'request', 'PUT', path, action('ANSWER'));
      check((await compare(client, told)) === 'applied', JSON.stringify(told));
      const read = await ask(client, 'request', 'GET', path);
      check(read.outcome === 'answered' && read.status === 200 && read.body.includes('ACTIVE'), JSON.stringify(read));
      await sim.call(client.agent, 'end');
      await client.untilTrue();
      check((await ask(client, 'setState', 'NOT_READY')).outcome === 'applied', 'not ready');
      check((await ask(client, 'signOut', { reasonCode: '3' })).outcome === 'applied', 'signed out');
      check((await client.truth()).agent.state === 'LOGOUT', 'the agent is still signed in');
    },
  },
  {
    name: 'requests refused: by apiErrors, by HTTP, by us; and given up',
    simulator,
    run: async (client) => {
      const early = await ask(client, 'setState', 'READY');
      check(early.outcome === 'not-connected' && early.typed && early.nextStep, JSON.stringify(early));
      await client.inService('A', 5_000);
      const late = await ask(client, 'setState', 'READY');
      check(late.outcome === 'refused' && late.status === null && late.typed && late.requestId, JSON.stringify(late));
      check(late.apiErrors[0].errorMessage === 'CF_INVALID_AGENT_WORKMODE' && late.apiErrors[0].errorType === 'Invalid State', JSON.stringify(late));
      await compare(client, late);
      const missing = await ask(client, 'request', 'GET', '/finesse/api/User/9999');
      check(missing.outcome === 'refused' && missing.status === 404 && missing.apiErrors.length === 1, JSON.stringify(missing));
      const codes = [];
      for (const args of [['setState', 'LOGOUT'], ['signIn', {}], ['setState', 'NOT_READY', { reasoncode: '1' }], ['setState', 'NOT_READY', '1'], ['signIn', { extension: '2001', mobilAgent: {} }], ['request', 'PATCH', '/finesse/api/x'], ['request', 'PUT', '/finesse/api/../x', '<x/>']]) {
        codes.push((await ask(client, ...args)).outcome);
      }
      check(codes.join() === 'config,config,config,config,config,config,bad-path', codes.join());
      const aborted = await client.page.evaluate(async () => {
        const given = new AbortController();
        const first = window.app.keeper.signIn({ extension: '2001', signal: given.signal }).catch(({ code }) => code);
        given.abort();
        const never = await window.app.keeper.setState('READY', { signal: AbortSignal.abort('at once') }).catch(({ code, cause }) => `${code} ${cause}`);
        return [await first, never];
      });
      check(aborted.join() === 'aborted,aborted at once', aborted.join());
      const closed = await client.page.evaluate(async () => {
        const waits = window.app.keeper.signIn({ extension: '2001' }).catch(({ code }) => code);
        await window.app.keeper.close();
        const after = await window.app.keeper.setState('READY').catch(({ code }) => code);
        return [await waits, after];
      });
      check(closed.join() === 'unknown,not-connected', closed.join());
    },
  },
  failure('notification service down', [{ fault: 'notification-service-down', side: 'A', for: 3_000 }]),
  failure('own network lost', [CALL, IN, STATE, OUT].map((agent) => ({ fault: 'network-lost', agent, for: 4_000 }))),
  failure('Tomcat down', [{ fault: 'tomcat-down', side: 'A', for: 3_000 }]),
  failure('web app down', [{ fault: 'web-app-down', side: 'A', for: 3_000 }]),
  failure('CTI lost', [{ fault: 'cti-lost', side: 'A', for: 3_000 }]),
  failure('socket cut', [{ fault: 'socket-cut' }]),
  {
    name: 'requests over a move: what is told is what became of them',
    seconds: 120,
    simulator: crowd,
    run: async (client, sim) => {
      await meet(client);
      const told = await under(client, sim, [{ fault: 'node-down', side: 'A', for: 30_000 }], 'after');
      await client.inService('B', 5_000);
      await prepare(client, sim);
      const there = await askOf(client, STATE, 'setState', (await agentOf(sim, STATE)).state === 'READY' ? 'NOT_READY' : 'READY');
      check((await compare(client, there)) === 'applied', JSON.stringify(there));
      return { told };
    },
  },
];
