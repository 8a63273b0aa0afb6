// What an agent lives through, told as faults and what must follow. Each scenario gets its own pair and browser.

import { sleep } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

/** Signed in, ready, and the application knows it. */
export async function settled(client) {
  await client.inService('A', 5_000);
  await client.change('LOGIN');
  await client.change('READY');
  await client.untilTrue();
}

/** A fault of side A that ends by itself: noticed for what it is, and back on A, with nothing missed. */
const comesBack = (spec, { reason, state, ms = 5_000, within = 10_000 }) => async (client, sim) => {
  await settled(client);
  const at = Date.now();
  await sim.fault({ side: 'A', for: ms, ...spec });
  const noticed = await client.sinceUntil(at, reason, (status) => status.reason === reason && (!state || status.state === state), ms + 5_000);
  await sleep(Math.max(0, at + ms - Date.now()));
  await client.inService('A', within);
  const picture = await client.untilTrue();
  check(picture.moved.length === 0, 'it moved');
  check((await client.truth()).world.counts.forcedLogouts === 0, 'the agent was signed out');
  return { noticed };
};

/** Both sides out, and healed one after the other; meanwhile the world goes on. */
const bothOut = (first, second) => async (client, sim) => {
  await settled(client);
  const faults = {};
  for (const side of ['A', 'B']) faults[side] = await sim.fault({ fault: 'notification-service-down', side, reads: 'out' });
  await client.until('out of service', ({ status }) => status.state !== 'in-service');
  await client.change('NOT_READY', 'b').catch(() => {}); // may be refused: the pair is out
  await sim.call('1001', 'ring');
  await sleep(6_000);
  await sim.heal(faults[first]);
  await sleep(4_000);
  await sim.heal(faults[second]);
  await client.until('in service', ({ status }) => status.state === 'in-service', 40_000);
  const picture = await client.untilTrue();
  check(picture.dialogs.length === 1, 'the call that came meanwhile is missing');
  check(picture.resynced.length >= 1, 'it did not say what it read again');
  await sim.call('1001', 'end');
  await client.untilTrue();
};

export const scenarios = [
  {
    name: 'signs in within 5 s, and says goodbye',
    run: async (client, sim) => {
      await settled(client);
      const { statuses, user } = await client.picture();
      const ready = statuses.find(({ state }) => state === 'in-service').at - client.startedAt;
      check(user.state === 'READY', `the agent is ${user.state}`);
      await sim.call('1001', 'ring');
      await client.untilTrue();
      await client.call('close');
      check((await client.ending()).goodbye, 'without a goodbye');
      return { ready };
    },
  },
  { name: 'socket cut: back at once', run: comesBack({ fault: 'socket-cut' }, { reason: 'connection-lost', ms: 1_000 }) },
  {
    name: 'notification service down for 10 s: back on the same side',
    run: comesBack({ fault: 'notification-service-down' }, { reason: 'notification-service', ms: 10_000 }),
  },
  { name: 'Tomcat down for 5 s: waits', run: comesBack({ fault: 'tomcat-down' }, { reason: 'tomcat', state: 'waiting' }) },
  { name: 'web app down for 5 s: waits', run: comesBack({ fault: 'web-app-down' }, { reason: 'web-app', state: 'waiting' }) },
  { name: 'CTI lost for 5 s: waits', run: comesBack({ fault: 'cti-lost' }, { reason: 'cti', state: 'waiting' }) },
  {
    name: 'own network lost for 30 s: no move, no sign-out',
    seconds: 100,
    run: comesBack({ fault: 'network-lost', agent: '1001', side: undefined }, { reason: 'own-network', ms: 30_000, within: 20_000 }),
  },
  {
    name: 'node down: moves to B, and stays there',
    run: async (client, sim) => {
      await settled(client);
      const at = Date.now();
      const fault = await sim.fault({ fault: 'node-down', side: 'A' });
      const moved = await client.sinceUntil(at, 'in service on B', ({ state, side }) => state === 'in-service' && side === 'B', 20_000);
      const picture = await client.untilTrue();
      check(picture.moved.length === 1 && picture.moved[0].from === 'A' && picture.moved[0].to === 'B', 'it did not say that it moved');
      await sim.heal(fault);
      await client.holds('in service on B', ({ state, side }) => state === 'in-service' && side === 'B', 15_000);
      check((await client.truth()).world.counts.forcedLogouts === 0, 'the agent was signed out');
      return { moved };
    },
  },
  {
    name: 'node silent: moves to B',
    run: async (client, sim) => {
      await settled(client);
      const at = Date.now();
      await sim.fault({ fault: 'node-down', side: 'A', as: 'silent' });
      const moved = await client.sinceUntil(at, 'in service on B', ({ state, side }) => state === 'in-service' && side === 'B', 40_000);
      await client.untilTrue();
      return { moved };
    },
  },
  {
    name: 'signed in elsewhere: stops until told to go on',
    run: async (client, sim) => {
      await settled(client);
      const fault = await sim.fault({ fault: 'conflict', agent: '1001', side: 'A' });
      await client.until('stopped', ({ status }) => status.state === 'stopped' && status.reason === 'conflict');
      await client.holds('stopped', ({ state }) => state === 'stopped', 5_000);
      const refusal = await client.page.evaluate(() => window.app.keeper.ready().catch(({ code, reason, nextStep }) => ({ code, reason, nextStep })));
      check(refusal.code === 'stopped' && refusal.reason === 'conflict' && refusal.nextStep, 'ready() does not say why it is stopped');
      await sim.heal(fault);
      await client.call('resume');
      await client.inService('A', 10_000);
    },
  },
  {
    name: 'wrong password: tried once, then stops; the right one works',
    options: { password: 'wrong' },
    run: async (client) => {
      await client.until('stopped', ({ status }) => status.state === 'stopped' && status.reason === 'credentials-refused');
      await sleep(3_000);
      const { world } = await client.truth();
      check(world.counts.refusals === 1, `${world.counts.refusals} refusals`);
      await client.setPassword('pw-1001');
      await client.call('resume');
      const { asked } = await client.inService('A', 10_000);
      check(asked.at(-1).reason === 'refused' || asked.some(({ reason }) => reason === 'refused'), 'it did not say that they were refused');
    },
  },
  { name: 'both sides out, A healed first: nothing missed', seconds: 120, run: bothOut('A', 'B') },
  { name: 'both sides out, B healed first: nothing missed', seconds: 120, run: bothOut('B', 'A') },
  {
    name: 'move() goes to B',
    run: async (client) => {
      await settled(client);
      await client.call('move');
      await client.inService('B', 20_000);
      await client.untilTrue();
    },
  },
  {
    name: 'signed out by the side that was left: told, and undone when the agent says so',
    seconds: 110,
    run: async (client) => {
      await client.inService('A', 5_000);
      const { extension } = (await client.truth()).agent;
      await client.call('setState', 'READY');
      await client.call('move');
      const { status } = await client.inService('B', 20_000);
      check(status.forcedLogout?.side === 'A' && status.forcedLogout.earliest <= Date.now(), JSON.stringify(status.forcedLogout));
      const { signedOut } = await client.until('signed out', (picture) => picture.signedOut.length > 0, 75_000);
      const { by, code, state, resumable } = signedOut[0];
      check(by === 'connection' && code === 50_002 && state === 'LOGOUT' && resumable, JSON.stringify(signedOut));
      await sleep(1_000);
      check((await client.truth()).agent.state === 'LOGOUT', 'it was undone unasked');
      await client.page.mouse.click(20, 20); // somebody is there
      await client.call('signInAgain');
      const { signedIn } = await client.until('signed in', (picture) => picture.signedIn.length > 0, 5_000);
      check(signedIn.length === 1 && signedIn[0].ready && signedIn[0].why === null, JSON.stringify(signedIn));
      const picture = await client.untilTrue();
      const { agent } = await client.truth();
      check(agent.state === 'READY' && agent.extension === extension, JSON.stringify(agent));
      check(picture.signedOut.length === 1 && picture.status.forcedLogout === null, JSON.stringify(picture.status));
    },
  },
  {
    name: 'half-open, the host answers: noticed, and back',
    run: async (client, sim) => {
      await settled(client);
      const at = Date.now();
      await sim.fault({ fault: 'notification-service-frozen', side: 'A', for: 60_000 });
      const noticed = await client.sinceUntil(at, 'lost', ({ state }) => state !== 'in-service', 30_000);
      await sim.healAll();
      await client.until('in service', ({ status }) => status.state === 'in-service', 20_000);
      return { noticed };
    },
  },
  {
    name: 'half-open, the host is silent: noticed, and back',
    run: async (client, sim) => {
      await settled(client);
      const at = Date.now();
      await sim.fault({ fault: 'network-lost', agent: '1001' });
      const noticed = await client.sinceUntil(at, 'lost', ({ state }) => state !== 'in-service', 40_000);
      const healed = Date.now();
      await sim.healAll();
      const back = await client.sinceUntil(healed, 'in service', ({ state }) => state === 'in-service', 20_000);
      return { noticed, back };
    },
  },
  {
    name: 'server back after 10 s: in service at once',
    run: async (client, sim) => {
      await settled(client);
      const fault = await sim.fault({ fault: 'notification-service-down', side: 'A' });
      await sleep(10_000);
      const healed = Date.now();
      await sim.heal(fault);
      const back = await client.sinceUntil(healed, 'in service', ({ state, side }) => state === 'in-service' && side === 'A', 20_000);
      return { back };
    },
  },
];
