// What needs healthy servers: scenarios that run beside each other. `lane` is 'together' for those on side A and 'b' for
// those that stay on side B and may go on while side A is broken.

import assert from 'node:assert/strict';
import { seconds } from '../../scripts/lib/table.mjs';
import { sleep, until } from '../../scripts/lib/wait.mjs';
import { burst } from './burst.mjs';

/** [{ name, lane, seconds, run(seat) → a word for the table }] */
export const healthy = [
  {
    name: 'sign-in', lane: 'together',
    async run(seat) {
      const desk = await seat.desk();
      const took = await desk.reaches('in-service', { side: 'A' });
      assert.equal((await desk.status()).sides[0].finesse, 'present');
      return seconds(took);
    },
  },
  {
    name: 'presence seen by finesse', lane: 'together',
    async run(seat) {
      const desk = await seat.desk();
      await desk.reaches('in-service');
      await seat.seenOn('A');
      await desk.leave();
      await seat.seenOn(null);
    },
  },
  {
    name: 'clean close', lane: 'together',
    async run(seat) {
      const desk = await seat.desk();
      await desk.reaches('in-service');
      await seat.seenOn('A');
      const start = performance.now();
      await desk.close();
      await seat.seenOn(null, 2_000);
      return seconds(performance.now() - start);
    },
  },
  {
    name: 'absence after a cut, forced logout', lane: 'b', seconds: 300,
    async run(seat) {
      const proxy = await seat.proxy('B');
      const desk = await seat.desk({ hosts: [seat.host('B', proxy)] });
      await desk.reaches('in-service');
      await desk.signInToFinesse();
      await seat.seenOn('B');
      proxy.refuse(true);
      proxy.cut();
      // a BOSH session outlives its connections: 30 s until the request that was held would have been answered, 30 s that the
      // server allows, and until it looks, every 30 s
      await seat.seenOn(null, seat.transport === 'bosh' ? 100_000 : 10_000);
      await desk.reaches('reconnecting');
      const { forcedLogout } = await desk.status();
      const logouts = async () => (await seat.pair.simulator.world()).forcedLogouts.filter((logout) => logout.agent === seat.agent);
      assert.deepEqual(await logouts(), [], 'no logout before its time');
      await until('the forced logout', async () => (await logouts()).length, 90_000, 250);
      const now = Date.now();
      assert.ok(forcedLogout.earliest <= now + 1_000 && now <= forcedLogout.latest + 1_000, 'within the window that was told');
      await until('the agent signed out', async () => (await seat.known()).state === 'LOGOUT');
      proxy.refuse(false);
      await desk.reaches('in-service', { ms: 60_000 });
    },
  },
  {
    // before all else: what a server loses that cannot keep up is another matter than what a cut loses
    name: '20 s cut', lane: 'first', seconds: 120,
    async run(seat) {
      // of both sides, and B's for good: where a service answers on B alone, going there is right
      const proxies = [await seat.proxy('A'), await seat.proxy('B')];
      const desk = await seat.desk({ hosts: [seat.host('A', proxies[0]), seat.host('B', proxies[1])] });
      await desk.reaches('in-service', { side: 'A' });
      await desk.signInToFinesse();
      await desk.put('NOT_READY');
      await seat.seenOn('A');
      await sleep(500);
      const before = await desk.told();
      for (const proxy of proxies) {
        proxy.refuse(true);
        proxy.cut();
      }
      const published = await changesFor(seat, desk, 20_000);
      proxies[0].refuse(false);
      const shown = performance.now();
      const heard = async () => (await desk.told()).notifications.slice(before.notifications.length)
        .filter(({ kind }) => kind === 'user').map(({ data }) => data.state);
      const known = async () => (await heard()).at(-1) === published.at(-1) && (await desk.status()).state === 'in-service';
      await until('the last change to be known', known, 30_000).catch(async (error) => {
        throw new Error(`${error.message}\npublished ${published}\nheard ${await heard()}\n${await desk.story()}`);
      });
      const took = performance.now() - shown;
      await sleep(1_000);
      const after = await desk.told();
      assert.deepEqual(after.moved, [], `it stayed\n${await desk.story()}`);
      assert.ok((await seat.known()).presentOn.includes('A'));
      if (seat.transport === 'bosh') {
        // the session went on: `finesse` never lost the agent
        assert.deepEqual(await heard(), published, `each once, in order\n${await desk.story()}`);
      } else {
        assert.ok(after.resynced.length > before.resynced.length, 'what was missed is read');
      }
      return seconds(took);
    },
  },
  {
    name: 'notification', lane: 'together',
    async run(seat) {
      const desk = await seat.desk();
      await desk.reaches('in-service');
      await desk.signInToFinesse();
      await desk.put('NOT_READY');
      const before = (await desk.told()).notifications.length;
      const start = performance.now();
      await desk.put('READY');
      const heard = async () => (await desk.told()).notifications.slice(before).filter(({ kind, data }) => kind === 'user' && data.state === 'READY');
      await until('the notification of READY', async () => (await heard()).length);
      const took = performance.now() - start;
      await sleep(300);
      assert.equal((await heard()).length, 1, 'told once');
      return seconds(took);
    },
  },
  {
    name: 'explicit subscription', lane: 'together',
    async run(seat) {
      const [node, marker] = ['one', 'two'].map((team) => `/finesse/api/Team/${seat.agent}-${team}/Users`);
      const finesse = await seat.finesse();
      for (const name of [node, marker]) await finesse.createNode(name);
      const desk = await seat.desk();
      await desk.reaches('in-service');
      await desk.page.evaluate((name) => { window.unsubscribe = window.keeper.subscribe(name); }, node);
      const publish = (on, word) => finesse.publish(on, `<Update><event>PUT</event><source>${on}</source><requestId>${word}</requestId><data><team><id>5</id></team></data></Update>`);
      const heard = async (word) => (await desk.told()).notifications.filter(({ requestId }) => requestId === word).length;
      const untilHeard = (on, word) => until(`the notification ${word}`, async () => {
        await publish(on, word);
        return heard(word);
      });
      await untilHeard(node, 'one');
      // what is asked on one stream is done in order: once the marker is heard, the other has ended
      await desk.page.evaluate((name) => { window.unsubscribe(); window.keeper.subscribe(name); }, marker);
      await untilHeard(marker, 'ended');
      await publish(node, 'two');
      await untilHeard(marker, 'after');
      assert.equal(await heard('two'), 0, 'nothing after the subscription ended');
    },
  },
  {
    name: 'conflict', lane: 'together',
    async run(seat) {
      const desk = await seat.desk({ resource: 'desk' });
      await desk.reaches('in-service');
      const rival = await seat.session({ user: seat.agent, resource: 'desk', presence: '<presence/>' });
      await desk.reaches('stopped');
      assert.equal((await desk.status()).reason, 'conflict');
      await sleep(2_000);
      assert.equal((await desk.status()).state, 'stopped', 'it does not fight');
      assert.ok(!rival.closed, 'the other one stays');
    },
  },
  {
    name: 'wrong password', lane: 'together',
    async run(seat) {
      const desk = await seat.desk({ password: 'not-it' });
      await desk.reaches('stopped');
      assert.equal((await desk.status()).reason, 'credentials-refused');
      const story = await desk.story();
      assert.ok(!story.includes('not-it'), 'the password is nowhere');
    },
  },
  { name: 'burst of notifications', lane: 'together', seconds: 180, run: burst },
];

/** Changes the agent's state again and again for so long; returns the states. Over BOSH it must be present throughout. */
async function changesFor(seat, desk, ms) {
  const states = [];
  const end = performance.now() + ms;
  for (let next = 1_000; performance.now() < end; await sleep(100)) {
    if (performance.now() > end - ms + next) {
      states.push(states.at(-1) === 'READY' ? 'NOT_READY' : 'READY');
      await desk.put(states.at(-1));
      next += 3_000;
    }
    if (seat.transport === 'bosh') assert.ok((await seat.known()).presentOn.includes('A'), 'finesse never lost it');
  }
  return states;
}
