// What an agent asks for through the keeper, under failures: what is told of it is what became of it.

import { sleep } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

/** CTI takes so long to confirm, and a request so long to arrive: there is time to break something in between. */
const CTI = 600;
const ROUND_TRIP = 600;
const simulator = ['--signed-out', '--cti-ms', CTI];

const HOLD = '<Dialog><requestedAction>HOLD</requestedAction></Dialog>';

/** Asks the keeper, and gives what it told: an outcome, or the fields of the error. */
const ask = (client, name, ...args) =>
  client.page.evaluate(
    ([method, given]) =>
      window.app.keeper[method](...given).catch((error) => {
        const { code, message, nextStep, requestId, status, apiErrors } = error;
        return { outcome: code, message, nextStep, requestId, status, apiErrors, typed: error instanceof window.api.KeeperError };
      }),
    [name, args],
  );

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

/** A state and an action on a call are asked for; `ms` later this breaks. */
async function under(client, sim, spec, ms, state) {
  await client.until('in service', ({ status }) => status.state === 'in-service', 40_000);
  const [call] = (await client.truth()).agent.dialogs;
  const latency = await sim.fault({ fault: 'latency', ms: ROUND_TRIP, agent: client.agent });
  await sleep(ROUND_TRIP); // pings and the like of before are through
  const all = Promise.all([
    ask(client, 'setState', state),
    ask(client, 'request', 'PUT', `/finesse/api/Dialog/${call.id}`, HOLD),
  ]);
  await sleep(ms);
  await sim.fault(spec);
  await sim.heal(latency);
  const outcomes = [];
  for (const told of await all) outcomes.push(await compare(client, told));
  await client.until('in service', ({ status }) => status.state === 'in-service', 40_000);
  await client.untilTrue(10_000);
  return outcomes;
}

/** One failure before a request has arrived, and one after its 202. */
const failure = (name, spec) => ({
  name: `requests, ${name}: what is told is what became of them`,
  seconds: 150,
  simulator,
  run: async (client, sim) => {
    await signedIn(client);
    await sim.call(client.agent, 'ring');
    await sim.call(client.agent, 'answer');
    await client.untilTrue();
    const told = [];
    for (const [when, ms] of [['before', ROUND_TRIP / 4], ['after', ROUND_TRIP + CTI / 3]]) {
      told.push(`${when} the 202: ${(await under(client, sim, spec, ms, told.length ? 'NOT_READY' : 'READY')).join(', ')}`);
    }
    return { told: told.join('; ') };
  },
});

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
      const told = await ask(client, 'request', 'PUT', path, '<Dialog><requestedAction>ANSWER</requestedAction></Dialog>');
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
      for (const args of [['setState', 'LOGOUT'], ['signIn', {}], ['request', 'PATCH', '/finesse/api/x'], ['request', 'PUT', '/finesse/api/../x', '<x/>']]) {
        codes.push((await ask(client, ...args)).outcome);
      }
      check(codes.join() === 'config,config,config,bad-path', codes.join());
      const aborted = await client.page.evaluate(async () => {
        const first = window.app.keeper.signIn({ extension: '2001', signal: AbortSignal.timeout(100) }).catch((error) => error.code);
        const never = await window.app.keeper.setState('READY', { signal: AbortSignal.abort() }).catch(({ name }) => name);
        return [await first, never];
      });
      check(aborted.join() === 'aborted,AbortError', aborted.join());
      const closed = await client.page.evaluate(async () => {
        const waits = window.app.keeper.signIn({ extension: '2001' }).catch(({ code }) => code);
        await window.app.keeper.close();
        const after = await window.app.keeper.setState('READY').catch(({ code }) => code);
        return [await waits, after];
      });
      check(closed.join() === 'unknown,not-connected', closed.join());
    },
  },
  failure('notification service down', { fault: 'notification-service-down', side: 'A', for: 3_000 }),
  failure('own network lost', { fault: 'network-lost', agent: '1001', for: 4_000 }),
  failure('Tomcat down', { fault: 'tomcat-down', side: 'A', for: 3_000 }),
  failure('web app down', { fault: 'web-app-down', side: 'A', for: 3_000 }),
  failure('CTI lost', { fault: 'cti-lost', side: 'A', for: 3_000 }),
  failure('socket cut', { fault: 'socket-cut', agent: '1001' }),
  {
    name: 'requests over a move: what is told is what became of them',
    seconds: 90,
    simulator,
    run: async (client, sim) => {
      await signedIn(client);
      await sim.call(client.agent, 'ring');
      await sim.call(client.agent, 'answer');
      await client.untilTrue();
      const told = await under(client, sim, { fault: 'node-down', side: 'A' }, ROUND_TRIP + CTI / 3, 'NOT_READY');
      await client.inService('B', 5_000);
      const there = await ask(client, 'setState', 'READY');
      check((await compare(client, there)) === 'applied', JSON.stringify(there));
      return { told: told.join(', ') };
    },
  },
];
