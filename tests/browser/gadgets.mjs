// Keepers in gadgets: two of them in the container that stands in for Finesse's desktop (www/container), sharing its one
// connection, or with connections of their own.

import { sleep, until } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

const AGENT = '1001';
const TEAM = '/finesse/api/Team/1/Users';
/** A failover in seconds instead of a minute. */
const QUICK = { poll: 400, ping: 500, timeout: 1_000, retry: 100 };
const BOTH = [1, 2];

/** What a gadget would show. */
const picture = (desk, gadget) => desk.bare(gadget, 'picture()');

/** Waits for a picture of a gadget that `test` likes. */
function seen(desk, gadget, what, test, ms = 20_000) {
  return until(`gadget ${gadget}: ${what}`, async () => {
    const now = await picture(desk, gadget);
    return test(now) && now;
  }, ms);
}

const inService = (desk, gadget, ms) => seen(desk, gadget, 'in service', ({ status }) => status.state === 'in-service', ms);

/** The gadget's scripts are there, and no keeper is. */
const loaded = (desk, gadget) => until('the script', () => desk.bare(gadget, 'typeof window.start === "function" && !window.app'));

/** Starts a keeper in each gadget, and waits until they serve. */
async function start(desk, options = {}) {
  for (const gadget of BOTH) {
    await loaded(desk, gadget);
    await desk.frame(gadget).evaluate((given) => window.start(given), options);
  }
  for (const gadget of BOTH) await inService(desk, gadget);
}

/** Both gadgets show the agent and the calls that there are. */
async function untilTrue(desk, sim) {
  for (const gadget of BOTH) {
    await seen(desk, gadget, 'the truth', ({ user }) => user !== null);
    await until(`gadget ${gadget} shows the truth`, async () => {
      const { agents } = await sim.world();
      const agent = agents.find(({ id }) => id === AGENT);
      const { user, dialogs } = await picture(desk, gadget);
      return user === agent.state && JSON.stringify(dialogs) === JSON.stringify(agent.dialogs.map(({ id, state }) => [id, state]));
    });
  }
}

/** One of the five on both sides, so that the desktop stays where it is; a call comes meanwhile. */
async function survive(desk, sim, spec) {
  const before = await Promise.all(BOTH.map(async (gadget) => (await picture(desk, gadget)).resynced.length));
  const id = await sim.fault(spec);
  for (const gadget of BOTH) await seen(desk, gadget, `stands still for ${spec.fault}`, ({ status }) => status.state !== 'in-service');
  await desk.until('failing', ({ failing }) => failing, 15_000);
  for (const gadget of BOTH) {
    const { status } = await seen(desk, gadget, 'waits', ({ status: { state } }) => state === 'waiting');
    check(status.transport === 'hub' && status.reason && status.forcedLogout === null, `${spec.fault}: ${JSON.stringify(status)}`);
  }
  await sim.call(AGENT, 'ring').catch(() => {}); // not while CTI is lost
  await sim.heal(id);
  for (const gadget of BOTH) {
    await inService(desk, gadget, 25_000);
    await seen(desk, gadget, 'resynced', ({ resynced }) => resynced.length > before[gadget - 1]);
  }
  await untilTrue(desk, sim);
  await sim.call(AGENT, 'end').catch(() => {});
  await untilTrue(desk, sim);
}

const heardTeam = async (desk, gadget) => (await picture(desk, gadget)).told.filter(({ kind, synthetic }) => kind === 'team' && !synthetic).length;

const scenarios = [
  {
    name: 'hub: two gadgets share the one connection, and are told all',
    address: { config: 'authorization', form: 'text' },
    run: async (desk, sim) => {
      await start(desk);
      await sim.call(AGENT, 'ring');
      await sim.call(AGENT, 'answer');
      await untilTrue(desk, sim);
      const { sessions } = await sim.world();
      check(sessions.length === 1 && sessions[0].resource === 'desktop', JSON.stringify(sessions));
      for (const gadget of BOTH) {
        const { status, told, errors } = await picture(desk, gadget);
        check(status.transport === 'hub' && told.some(({ kind, synthetic }) => kind === 'dialogs' && !synthetic), JSON.stringify(status));
        check(!errors.length, JSON.stringify(errors));
      }
      await desk.bare(1, 'app.keeper.close()');
      await sleep(300); // what is to be shown is that nothing comes of it
      check((await desk.state()).connected && (await sim.world()).sessions.length === 1, 'a gadget that closes ends the connection');
      await sim.call(AGENT, 'end');
      await seen(desk, 2, 'the end of the call', ({ dialogs }) => dialogs.length === 0);
    },
  },
  {
    name: 'hub: each of the five failures is waited for, and all is read again',
    address: { config: 'password', ...QUICK },
    seconds: 150,
    run: async (desk, sim) => {
      await start(desk);
      for (const fault of ['notification-service-down', 'tomcat-down', 'web-app-down', 'cti-lost']) await survive(desk, sim, { fault });
      await survive(desk, sim, { fault: 'network-lost', agent: AGENT });
      const { sessions } = await sim.world();
      check(sessions.length === 1, JSON.stringify(sessions));
      for (const gadget of BOTH) check(!(await picture(desk, gadget)).log.some((line) => line.startsWith('move')), 'a gadget moved');
    },
  },
  {
    name: 'hub: what one gadget gives back the other goes on to hear, nobody counting',
    address: { config: 'token' },
    run: async (desk, sim) => {
      await start(desk);
      for (const gadget of BOTH) await desk.frame(gadget).evaluate((node) => window.follow(node), TEAM);
      await desk.until('subscribed', ({ nodes }) => TEAM in nodes);
      for (const gadget of BOTH) await seen(desk, gadget, 'the team', ({ told }) => told.some(({ kind }) => kind === 'team'));
      const read = (await picture(desk, 1)).resynced.length;
      await desk.frame(2).evaluate((node) => window.unfollow(node), TEAM);
      await seen(desk, 1, 'what it may have missed, read', ({ resynced }) => resynced.length > read);
      const before = [await heardTeam(desk, 1), await heardTeam(desk, 2)];
      await sim.agent('1002', 'ready');
      await until('the team, told to the one', async () => (await heardTeam(desk, 1)) > before[0]);
      check((await heardTeam(desk, 2)) === before[1], 'told to the other, too');
    },
  },
  {
    name: 'hub: words, nonsense and another desktop',
    run: async (desk) => {
      await start(desk);
      for (const word of ['flummoxed', 'loaded', 'connected', 'connected']) await desk.play('publish', word);
      await seen(desk, 1, 'the word', ({ log }) => log.some((line) => line.includes('flummoxed')));
      check((await picture(desk, 1)).status.state === 'in-service', 'a word that means nothing ended something');
      await desk.bare(2, `gadgets.Hub.publish('finesse.api.User.${AGENT}', { content: '<Update><data><user>' })`);
      await desk.bare(2, `gadgets.Hub.publish('finesse.info.presence', 7)`);
      await desk.bare(2, `gadgets.Hub.publish('finesse.info.connection', [{}])`);
      await desk.bare(2, `gadgets.Hub.publish('finesse.api.User.${AGENT}', 'x'.repeat(200_000))`);
      await seen(desk, 1, 'that it cannot be read', ({ errors }) => errors.some(({ code }) => code === 'bad-notification'));
      await desk.play('unload');
      for (const gadget of BOTH) await seen(desk, gadget, 'waits', ({ status }) => status.state === 'waiting' && status.reason === 'container');
      await desk.open({ gadget: desk.gadgets });
      await start(desk);
      await desk.play('conflict');
      for (const gadget of BOTH) await seen(desk, gadget, 'the conflict', ({ status }) => status.state === 'waiting' && status.reason === 'conflict');
    },
  },
  {
    name: 'hub: a maintenance loads the gadgets anew on the other side',
    address: { warn: 300, ...QUICK },
    run: async (desk) => {
      await start(desk);
      const host = (await picture(desk, 1)).status.sides[0].host;
      await desk.play('maintenance');
      await desk.until('the other side', ({ side, status }) => side === 'B' && status === 'connected', 20_000).catch((error) => {
        throw new Error(`${error.message}; on ${desk.page.url()}`);
      });
      await start(desk);
      check((await picture(desk, 2)).status.sides[0].host !== host, 'still on the first side');
    },
  },
  ...[['own', 'fetch'], ['websocket', 'makeRequest'], ['bosh', 'makeRequest']].map(([transport, restBy]) => ({
    name: `a gadget's own connection: ${transport}, REST by ${restBy}`,
    address: { config: 'password' },
    run: async (desk, sim) => {
      await loaded(desk, 1);
      const refused = await desk.bare(1, `FinesseKeeper.Keeper.connect({ transport: '${transport}', resource: 'desktop' }).catch(({ code, field }) => code + field)`);
      check(refused === 'configresource', `with the desktop's resource: ${refused}`);
      await start(desk, { transport, restBy });
      const resources = (await sim.world()).sessions.map(({ resource }) => resource);
      check(new Set(resources).size === 3 && resources.includes('desktop'), `${resources}`);
      await sim.call(AGENT, 'ring');
      await untilTrue(desk, sim);
      for (const gadget of BOTH) check((await picture(desk, gadget)).status.transport === (transport === 'own' ? 'websocket' : transport), 'another way');
      await desk.bare(1, `app.keeper.setState('NOT_READY').catch(() => {})`);
      await sim.fault({ fault: 'socket-cut', agent: AGENT });
      for (const gadget of BOTH) await inService(desk, gadget);
      await untilTrue(desk, sim);
    },
  })),
  {
    name: 'hub: what cannot be is said at once',
    run: async (desk) => {
      await loaded(desk, 1);
      const code = (options) => desk.bare(1, `FinesseKeeper.Keeper.connect(${options}).then(() => 'connected', ({ code, field }) => code + ' ' + field)`);
      check((await code(`{ transport: 'hub', hosts: ['https://a', 'https://b'] }`)) === 'config hosts', 'two servers');
      check((await code(`{ transport: 'hub', restBy: 'telepathy' }`)) === 'config restBy', 'another REST');
      await desk.bare(1, 'gadgets.Hub = undefined; 0');
      const without = await code(`{ transport: 'hub' }`);
      check(without === 'config transport', `no hub: ${without}`);
      await desk.bare(1, 'finesse.gadget.Config = undefined; 0');
      check((await code(`{ transport: 'auto' }`)) === 'config hosts', 'no configuration');
    },
  },
];

/** The scenarios, with the gadget that the application's server has. */
export const gadgets = (app) =>
  scenarios.map(({ address, ...scenario }) => ({ ...scenario, address: { gadget: [`${app.url}/tests/gadget.xml`, `${app.url}/tests/gadget.xml`], ...address } }));
