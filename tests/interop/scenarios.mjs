// What is tried against real notification services. Each scenario has an agent of its own; `lane` says beside what it
// may run: 'together' ones share healthy servers, 'alone' ones break side A, 'b' ones live on side B meanwhile.

import assert from 'node:assert/strict';
import { seconds } from '../../scripts/lib/table.mjs';
import { signIn } from '../../scripts/lib/xmpp.mjs';
import { sleep, until } from '../../scripts/lib/wait.mjs';

const BURST = 10_000;

/** [{ name, agent, lane, seconds, run(pair, agent) → a word for the table }] */
export const scenarios = [
  {
    name: 'sign-in', agent: '1001', lane: 'together',
    async run(pair, agent) {
      const desk = await pair.desk(agent);
      const took = await desk.reaches('in-service', { side: 'A' });
      assert.equal((await desk.status()).sides[0].finesse, 'present');
      await desk.leave();
      return seconds(took);
    },
  },
  {
    name: 'presence seen by finesse', agent: '1002', lane: 'together',
    async run(pair, agent) {
      const desk = await pair.desk(agent);
      await desk.reaches('in-service');
      await until('finesse to see the agent', async () => (await pair.agent(agent)).presentOn.includes('A'));
      await desk.leave();
      await until('finesse to see the agent go', async () => !(await pair.agent(agent)).presentOn.length);
    },
  },
  {
    name: 'absence after a cut, forced logout', agent: '1003', lane: 'b', seconds: 120,
    async run(pair, agent) {
      const proxy = await pair.proxy('B');
      const desk = await pair.desk(agent, { hosts: [pair.host('B', proxy.port)] });
      await desk.reaches('in-service');
      await desk.signInToFinesse();
      await until('finesse to see the agent', async () => (await pair.agent(agent)).presentOn.includes('B'));
      proxy.refuse(true);
      proxy.cut();
      await until('finesse to see the agent gone', async () => !(await pair.agent(agent)).presentOn.length);
      await desk.reaches('reconnecting');
      const { forcedLogout } = await desk.status();
      const logouts = async () => (await pair.simulator.world()).forcedLogouts.filter((logout) => logout.agent === agent);
      assert.deepEqual(await logouts(), [], 'no logout before its time');
      await until('the forced logout', async () => (await logouts()).length, 90_000, 250);
      const now = Date.now();
      assert.ok(forcedLogout.earliest <= now + 1_000 && now <= forcedLogout.latest + 1_000, 'within the window that was told');
      await until('the agent signed out', async () => (await pair.agent(agent)).state === 'LOGOUT');
      proxy.refuse(false);
      await desk.reaches('in-service', { ms: 60_000 });
      await desk.leave();
      await proxy.stop();
    },
  },
  {
    name: 'notification', agent: '1004', lane: 'together',
    async run(pair, agent) {
      const desk = await pair.desk(agent);
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
      await desk.leave();
      return seconds(took);
    },
  },
  {
    name: 'explicit subscription', agent: '1005', lane: 'together',
    async run(pair, agent) {
      const [node, marker] = ['/finesse/api/Team/5/Users', '/finesse/api/Team/6/Users'];
      const finesse = await pair.finesse();
      for (const name of [node, marker]) await finesse.createNode(name);
      const desk = await pair.desk(agent);
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
      await desk.leave();
      finesse.close();
    },
  },
  {
    name: 'conflict', agent: '1006', lane: 'together',
    async run(pair, agent) {
      const desk = await pair.desk(agent, { resource: 'desk' });
      await desk.reaches('in-service');
      const rival = await signIn({ ws: pair.a.ws, user: agent, resource: 'desk', presence: '<presence/>' });
      await desk.reaches('stopped');
      assert.equal((await desk.status()).reason, 'conflict');
      await sleep(2_000);
      assert.equal((await desk.status()).state, 'stopped', 'it does not fight');
      assert.ok(!rival.closed, 'the other one stays');
      rival.close();
      await desk.leave();
    },
  },
  {
    name: 'wrong password', agent: '1007', lane: 'together',
    async run(pair, agent) {
      const desk = await pair.desk(agent, { password: 'not-it' });
      await desk.reaches('stopped');
      assert.equal((await desk.status()).reason, 'credentials-refused');
      const story = await desk.story();
      assert.ok(!story.includes('not-it'), 'the password is nowhere');
      await desk.leave();
    },
  },
  {
    name: '10,000 notifications in a burst', agent: '1008', lane: 'together', seconds: 90, run: burst,
  },
  {
    name: 'server killed, back after 10 s', agent: '1009', lane: 'alone', seconds: 90,
    async run(pair, agent) {
      // it is started again at once, and shown again after 10 s: how long a start takes is the machine's affair
      const proxy = await pair.proxy('A');
      const desk = await pair.desk(agent, { hosts: [pair.host('A', proxy.port), pair.host('B')] });
      await desk.reaches('in-service', { side: 'A' });
      const back = performance.now() + 10_000;
      proxy.refuse(true);
      await pair.a.kill();
      try {
        await desk.reaches('reconnecting', { ms: 5_000 });
      } finally {
        await pair.a.start();
        await until('finesse back on A', async () => (await pair.simulator.world()).sides[0].finesse, 20_000);
      }
      await sleep(back - performance.now());
      const shown = performance.now();
      proxy.refuse(false);
      await desk.reaches('in-service', { ms: 30_000 });
      const took = performance.now() - shown;
      assert.deepEqual((await desk.told()).moved, [], `it stayed\n${await desk.story()}`);
      await until('finesse to see the agent', async () => (await pair.agent(agent)).presentOn.includes('A'));
      await desk.leave();
      await proxy.stop();
      return seconds(took);
    },
  },
  {
    name: 'frozen for 8 s', agent: '1010', lane: 'alone', seconds: 60,
    async run(pair, agent) {
      const desk = await pair.desk(agent);
      await desk.reaches('in-service', { side: 'A' });
      await until('finesse to see the agent', async () => (await pair.agent(agent)).presentOn.includes('A'));
      const resyncs = (await desk.told()).resynced.length;
      pair.a.freeze();
      await sleep(8_000);
      pair.a.thaw();
      for (const end = performance.now() + 6_000; performance.now() < end; await sleep(100)) {
        assert.ok((await pair.agent(agent)).presentOn.includes('A'), 'finesse never lost it');
      }
      // it may have begun a second link meanwhile, but it is still the first session that lives
      assert.equal((await desk.status()).state, 'in-service');
      assert.equal((await desk.told()).resynced.length, resyncs, `the session went on\n${await desk.story()}`);
      await desk.leave();
    },
  },
  {
    name: 'frozen for good, moved to B', agent: '1011', lane: 'alone', seconds: 90,
    async run(pair, agent) {
      const desk = await pair.desk(agent);
      await desk.reaches('in-service', { side: 'A' });
      pair.a.freeze();
      try {
        const took = await desk.reaches('in-service', { side: 'B', ms: 60_000 });
        await until('finesse on B to see the agent', async () => (await pair.agent(agent)).presentOn.includes('B'));
        await desk.leave();
        return seconds(took);
      } finally {
        // its sockets are worth nothing any more, and neither is what waits in them
        await pair.a.kill();
        await pair.a.start();
        await until('finesse back on A', async () => (await pair.simulator.world()).sides[0].finesse, 20_000);
      }
    },
  },
  {
    name: 'node dead, moved to B', agent: '1012', lane: 'alone', seconds: 90,
    async run(pair, agent) {
      const desk = await pair.desk(agent);
      await desk.reaches('in-service', { side: 'A' });
      const fault = await pair.simulator.fault({ fault: 'node-down', side: 'A' });
      await pair.a.kill();
      try {
        const took = await desk.reaches('in-service', { side: 'B', ms: 60_000 });
        assert.equal((await desk.told()).moved.length, 1);
        await desk.leave();
        return seconds(took);
      } finally {
        await pair.a.start();
        await pair.simulator.heal(fault);
        await until('finesse back on A', async () => (await pair.simulator.world()).sides[0].finesse, 20_000);
      }
    },
  },
];

/** Every one arrives, once, in the order in which it was published; of the size of a call event. */
async function burst(pair, agent) {
  const node = '/finesse/api/Team/8/Users';
  const finesse = await pair.finesse();
  await finesse.createNode(node);
  const desk = await pair.desk(agent);
  await desk.reaches('in-service');
  await desk.page.evaluate((name) => {
    window.heard = [];
    window.keeper.addEventListener('notification', ({ detail }) => {
      if (detail.requestId.startsWith('burst-')) window.heard.push(Number(detail.requestId.slice(6)));
    });
    window.keeper.subscribe(name);
  }, node);
  const filler = '<callvariables>'.padEnd(2_300, 'x');
  const update = (word) => `<Update><event>PUT</event><source>${node}</source><requestId>${word}</requestId><data><team><name>${filler.slice(15)}</name></team></data></Update>`;
  await until('the subscription', async () => {
    await finesse.publish(node, update('first'));
    return (await desk.told()).notifications.some(({ requestId }) => requestId === 'first');
  });
  const start = performance.now();
  const answers = [];
  for (let index = 0; index < BURST; index++) {
    answers.push(finesse.publish(node, update(`burst-${index}`)));
    // the publisher's socket must not hold the whole burst at once
    if (index % 500 === 499) await answers[index - 400];
  }
  await Promise.all(answers.slice(-500));
  const count = () => desk.page.evaluate(() => window.heard.length);
  await until('the last of the burst', async () => (await count()) >= BURST, 60_000, 250);
  const took = performance.now() - start;
  const heard = await desk.page.evaluate(() => window.heard);
  assert.equal(heard.length, BURST, 'each once');
  assert.equal(heard.findIndex((number, index) => number !== index), -1, 'in order');
  assert.equal((await desk.status()).state, 'in-service');
  await desk.leave();
  finesse.close();
  return seconds(took);
}
