// What breaks side A, one scenario after another; the pair is mended after each. All seats meet before it is broken.

import assert from 'node:assert/strict';
import { seconds } from '../../scripts/lib/table.mjs';
import { sleep, until } from '../../scripts/lib/wait.mjs';

/** [{ name, lane, seconds, run(seat) → a word for the table }] */
export const breaking = [
  {
    name: 'server killed, back after 10 s', lane: 'alone', seconds: 90,
    async run(seat) {
      // it is started again at once, and shown again after 10 s: how long a start takes is the machine's affair
      const proxy = await seat.proxy('A');
      const desk = await seat.desk({ hosts: [seat.host('A', proxy), seat.host('B')] });
      await desk.reaches('in-service', { side: 'A' });
      const resyncs = (await desk.told()).resynced.length;
      const back = await seat.meet(() => performance.now() + 10_000);
      proxy.refuse(true);
      await seat.meet(() => seat.pair.a.kill());
      // over BOSH the session may still be there, for all that the client knows
      if (seat.transport === 'websocket') await desk.reaches('reconnecting', { ms: 5_000 });
      await seat.meet(async () => {
        await seat.pair.a.start();
        await seat.pair.finesseOn('A');
      });
      await sleep(back - performance.now());
      const shown = performance.now();
      proxy.refuse(false);
      await until('a new session', async () => (await desk.told()).resynced.length > resyncs, 30_000);
      await desk.reaches('in-service');
      const took = performance.now() - shown;
      assert.deepEqual((await desk.told()).moved, [], `it stayed\n${await desk.story()}`);
      await seat.seenOn('A');
      return seconds(took);
    },
  },
  {
    name: 'frozen for 8 s', lane: 'alone', seconds: 60,
    async run(seat) {
      const desk = await seat.desk();
      await desk.reaches('in-service', { side: 'A' });
      await seat.seenOn('A');
      const resyncs = (await desk.told()).resynced.length;
      await seat.meet(async () => {
        seat.pair.a.freeze();
        await sleep(8_000);
        seat.pair.a.thaw();
      });
      for (const end = performance.now() + 6_000; performance.now() < end; await sleep(100)) {
        assert.ok((await seat.known()).presentOn.includes('A'), 'finesse never lost it');
      }
      // it may have begun a second link meanwhile, but it is still the first session that lives
      assert.equal((await desk.status()).state, 'in-service');
      assert.equal((await desk.told()).resynced.length, resyncs, `the session went on\n${await desk.story()}`);
    },
  },
  {
    name: 'frozen for good, moved to B', lane: 'alone', seconds: 120,
    async run(seat) {
      const desk = await seat.desk();
      await desk.reaches('in-service', { side: 'A' });
      await seat.meet(() => seat.pair.a.freeze());
      const took = await desk.reaches('in-service', { side: 'B', ms: 60_000 });
      await seat.seenOn('B');
      return seconds(took);
    },
  },
  {
    name: 'node dead, moved to B', lane: 'alone', seconds: 90,
    async run(seat) {
      const desk = await seat.desk();
      await desk.reaches('in-service', { side: 'A' });
      await seat.meet(async () => {
        await seat.pair.simulator.fault({ fault: 'node-down', side: 'A' });
        await seat.pair.a.kill();
      });
      const took = await desk.reaches('in-service', { side: 'B', ms: 60_000 });
      assert.equal((await desk.told()).moved.length, 1);
      return seconds(took);
    },
  },
];
