// WebSocket and BOSH: which one is taken, what is remembered of it, and that BOSH bears what a WebSocket does.

import { sleep } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';
import { settled } from './scenarios.mjs';

const bosh = { transport: 'bosh' };

/** The links that were made, as the timeline has them. */
const links = async (client, from = 0) => (await client.call('timeline')).filter(({ kind, at }) => kind === 'link' && at >= from).map(({ text }) => text);

/** A proxy lets no WebSocket through from the start. */
const blocked = (as) => ({
  name: `WebSocket ${as} by a proxy: over BOSH within 5 s, and remembered`,
  options: async (sim) => {
    await sim.fault({ fault: 'websocket-blocked', as });
    return {};
  },
  run: async (client, sim) => {
    const { statuses, status } = await client.inService('A', 8_000);
    const [{ at: began }] = await client.call('timeline'); // the module is there
    const ready = statuses.find(({ state }) => state === 'in-service').at - began;
    check(ready <= 5_000, `in service after ${ready} ms`);
    check(status.transport === 'bosh', `over ${status.transport}`);
    await settled(client);
    const lost = Date.now();
    await sim.fault({ fault: 'bosh-session-lost', side: 'A' });
    await client.until('another session', ({ resynced }) => resynced.some(({ at }) => at >= lost));
    await client.untilTrue();
    const made = await links(client, lost);
    check(made.includes('connecting over BOSH') && !made.includes('connecting'), `it went by ${made.join('; ')}`);
    return { ready };
  },
});

/** For 20 s nothing gets through; meanwhile a call comes and is answered. */
async function glitch(client, sim, spec) {
  await settled(client);
  const healed = Date.now() + spec.for;
  await sim.fault(spec);
  await client.until('lost', ({ status }) => status.state !== 'in-service');
  for (const step of ['ring', 'answer']) {
    await sleep(4_000);
    await sim.call('1001', step);
  }
  await sleep(healed - Date.now());
  await client.inService('A', 5_000);
  await client.untilTrue();
}

export const transports = [
  ...['refused', 'stripped', 'silent'].map(blocked),
  {
    name: 'a WebSocket refused by a service that is down makes no BOSH of it',
    run: async (client, sim) => {
      await settled(client);
      check((await client.status()).transport === 'websocket', 'a WebSocket at first');
      await sim.fault({ fault: 'notification-service-down', side: 'A', for: 6_000 });
      await client.until('lost', ({ status }) => status.state === 'reconnecting');
      await client.inService('A', 20_000);
      check((await client.status()).transport === 'websocket', 'a WebSocket again');
      const made = await links(client);
      check(!made.some((text) => text.startsWith('connected') && text.includes('BOSH')), `it went by ${made.join('; ')}`);
    },
  },
  {
    name: 'BOSH: signs in, hears, and says goodbye',
    options: bosh,
    run: async (client, sim) => {
      await settled(client);
      await sim.call('1001', 'ring');
      await client.untilTrue();
      await client.call('close');
      check((await client.ending()).goodbye, 'without a goodbye');
    },
  },
  {
    name: 'BOSH: a proxy answers 502 for 20 s: the session is kept, and all is heard',
    options: (sim) => ({ ...bosh, hosts: [sim.a] }),
    seconds: 80,
    run: async (client, sim) => {
      await glitch(client, sim, { fault: 'bosh-error', as: '502', for: 20_000 });
      const { world } = await client.truth();
      check(world.endings.length === 0, `the session ended: ${JSON.stringify(world.endings)}`);
      check((await links(client)).includes('the old session answers: it goes on'), 'another session');
    },
  },
  {
    // here the session may end: a browser repeats a request by itself whose connection closes before an answer, and
    // Openfire, whose answer was an empty one, knows nothing of it any more
    name: 'BOSH: every answer lost for 20 s: back at once, and all is heard',
    options: (sim) => ({ ...bosh, hosts: [sim.a] }),
    seconds: 80,
    run: async (client, sim) => {
      await glitch(client, sim, { fault: 'bosh-response-lost', for: 20_000 });
      check((await client.truth()).world.counts.forcedLogouts === 0, 'the agent was signed out');
    },
  },
  {
    name: 'BOSH, half-open, the host answers: noticed, SystemInfo read all the while, and back',
    options: bosh,
    run: async (client, sim) => {
      await settled(client);
      const at = Date.now();
      await sim.fault({ fault: 'notification-service-frozen', side: 'A', for: 60_000 });
      const noticed = await client.sinceUntil(at, 'lost', ({ state }) => state !== 'in-service', 30_000);
      const before = (await client.status()).sides[0].readAt;
      await client.until('another read', ({ status }) => status.sides[0].readAt > before, 5_000);
      await sim.healAll();
      await client.until('in service', ({ status }) => status.state === 'in-service', 20_000);
      return { noticed };
    },
  },
  {
    name: 'BOSH, node down: moves to B',
    options: bosh,
    run: async (client, sim) => {
      await settled(client);
      const at = Date.now();
      await sim.fault({ fault: 'node-down', side: 'A' });
      const moved = await client.sinceUntil(at, 'in service on B', ({ state, side }) => state === 'in-service' && side === 'B', 20_000);
      await client.untilTrue();
      return { moved };
    },
  },
  {
    // for another page of its site: with a page's process a busy Firefox ends what the page does about its own end
    name: 'BOSH: leaving the page ends the session at once, with a goodbye',
    options: bosh,
    run: async (client) => {
      await client.inService('A', 5_000);
      client.gone = true;
      await client.page.goto(new URL('/tests/page.js', client.page.url()).href);
      check((await client.ending()).goodbye, 'without a goodbye');
    },
  },
];
