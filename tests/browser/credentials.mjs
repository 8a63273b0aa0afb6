// Credentials, moves that are planned, and what a reload remembers.

import { sleep } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';
import { settled } from './scenarios.mjs';

/** The application fetches its tokens where the simulator gives them. */
const tokens = (seconds) => (sim) => ({ tokens: { from: `${sim.control}/simulator/tokens`, wish: { agent: '1001', expiresIn: seconds } } });

const reasons = ({ asked }) => asked.map(({ reason }) => reason).join(', ');

/** Loads the page again and connects anew, as the same application does. */
async function reload(client, options) {
  await client.page.reload();
  await client.page.waitForFunction(() => typeof window.start === 'function');
  await client.start(options);
}

/** Connects the page's application in a frame without a name, and resolves with the keys of what it keeps once it is in service. */
const connectInFrame = (page, search, options) => page.evaluate(async ([address, given]) => {
  const frame = document.createElement('iframe');
  frame.src = address;
  document.body.append(frame);
  await new Promise((done) => frame.addEventListener('load', done));
  const inside = frame.contentWindow;
  await inside.start(given);
  await inside.app.keeper.ready();
  const keys = Object.keys({ ...sessionStorage });
  await inside.app.keeper.close();
  frame.remove();
  return keys;
}, [`/?${search}`, options]);

export const credentials = [
  {
    name: 'memory: a wrong password is tried once',
    options: { password: 'wrong' },
    run: async (client, sim) => {
      await client.until('stopped', ({ status }) => status.state === 'stopped' && status.reason === 'credentials-refused', 10_000);
      await sleep(3_000);
      const { counts, refusals } = await sim.world();
      check(counts.logins === 1 && refusals.length === 1, `${counts.logins} logins, ${refusals.length} refusals`);
      await client.setPassword('pw-1001');
      await client.call('resume');
      await client.inService('A', 5_000);
      check(reasons(await client.picture()) === 'connect, refused', `asked because: ${reasons(await client.picture())}`);
    },
  },
  {
    name: 'memory: a token expires in mid-session: back without a prompt',
    options: tokens(100_000),
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      await sim.fault({ fault: 'token-expired', agent: '1001' });
      await sim.fault({ fault: 'socket-cut', agent: '1001' });
      await client.until('a new token', ({ asked }) => asked.length === 2, 10_000);
      await client.inService('A', 10_000);
      check(reasons(await client.picture()) === 'connect, refresh', `asked because: ${reasons(await client.picture())}`);
      check((await sim.world()).counts.forcedLogouts === 0, 'the agent was signed out');
    },
  },
  {
    name: 'memory: a token expires in an outage: back without a prompt',
    options: tokens(16),
    seconds: 90,
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      const faults = [];
      for (const side of ['A', 'B']) faults.push(await sim.fault({ fault: 'notification-service-down', side, reads: 'out' }));
      await client.until('two new tokens', ({ asked }) => asked.length >= 3, 40_000);
      for (const id of faults) await sim.heal(id);
      await client.until('in service', ({ status }) => status.state === 'in-service', 20_000);
      const picture = await client.picture();
      check(/^connect(, refresh)+$/.test(reasons(picture)), `asked because: ${reasons(picture)}`);
      const { refusals } = await sim.world();
      check(refusals.length === 0, `${refusals.length} refusals`);
    },
  },
  {
    name: 'memory: a reload keeps resource, side and the gap between moves',
    run: async (client, sim) => {
      await settled(client);
      await client.call('move');
      await client.inService('B', 10_000);
      const before = (await sim.world()).sessions[0];
      await reload(client);
      await client.inService('B', 10_000);
      const after = (await sim.world()).sessions;
      check(after.length === 1 && after[0].resource === before.resource, `${before.resource}, then ${JSON.stringify(after)}`);
      await client.call('move');
      await client.holds('the gap between two moves', ({ side }) => side === 'B', 3_000);
      const stored = await client.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
      check(stored.includes('finesse-keeper 1001') && !stored.includes('pw-') && !stored.includes(before.resource), stored);
    },
  },
  {
    name: 'memory: frames without a name are told apart by gadget, and no token of theirs is kept',
    run: async (client, sim) => {
      await client.call('close');
      await client.page.evaluate(() => sessionStorage.clear());
      const options = { hosts: [`${sim.a}/as/1001`], user: '1001', password: 'pw-1001', expectedAgents: 1 };
      const keys = [];
      for (const search of ['url=/one.xml&mid=1&st=secret-1', 'st=secret-2&url=/one.xml&mid=1#secret-3', 'url=/one.xml&mid=2&st=secret-4', 'url=/two.xml&mid=1', '']) {
        keys.push((await connectInFrame(client.page, search, options)).length);
      }
      const stored = await client.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
      check(String(keys) === '1,1,2,3,4', `${keys}: ${stored}`);
      check(stored.includes('/one.xml') && !stored.includes('secret'), stored);
    },
  },
  {
    name: 'memory: refusals count over reloads and tabs: there is no fourth',
    options: { password: 'wrong' },
    run: async (client, sim) => {
      const stopped = () => client.until('stopped', ({ status }) => status.state === 'stopped', 10_000);
      await stopped();
      for (const _ of [2, 3]) {
        await reload(client, { password: 'wrong' });
        await stopped();
      }
      const { status } = await client.picture();
      check(status.nextTryAt > Date.now() + 200_000, `it may be tried again at ${status.nextTryAt}`);
      await reload(client, { password: 'wrong' });
      await client.until('held back', ({ status: now }) => now.state === 'reconnecting' && now.reason === 'credentials-refused', 10_000);
      await client.page.evaluate(() => sessionStorage.clear()); // as another tab has it
      await reload(client, { password: 'wrong' });
      await sleep(3_000);
      const { refusals, agents } = await sim.world();
      check(refusals.length === 3 && !agents[0].locked, `${refusals.length} refusals`);
    },
  },
  {
    name: 'memory: a planned move is told 15 s ahead',
    run: async (client) => {
      await settled(client);
      await client.call('move', { within: 0 });
      const { moving } = await client.until('the announcement', (picture) => picture.moving.length === 1, 5_000);
      check(moving[0].to === 'B' && Math.abs(moving[0].at - Date.now() - 15_000) < 2_000, JSON.stringify(moving));
      await client.inService('B', 25_000);
      await client.untilTrue();
    },
  },
];
