// A burst: every notification arrives, once, in the order in which it was published; each of the size of a call event.
// It is published once, for all seats.

import assert from 'node:assert/strict';
import { seconds } from '../../scripts/lib/table.mjs';
import { until } from '../../scripts/lib/wait.mjs';

/** How many, by the kind of server: Prosody takes some 700 a second from a publisher, the others two to three times that. */
const BURST = { openfire: 10_000, prosody: 2_000, ejabberd: 10_000 };

const node = '/finesse/api/Team/8/Users';
const filler = 'x'.repeat(2_285);
const update = (word) => `<Update><event>PUT</event><source>${node}</source><requestId>${word}</requestId><data><team><name>${filler}</name></team></data></Update>`;

export async function burst(seat) {
  const size = BURST[seat.pair.kind];
  const finesse = await seat.finesse();
  await finesse.createNode(node);
  const desk = await seat.desk();
  await desk.reaches('in-service');
  await desk.page.evaluate((name) => {
    window.heard = [];
    window.keeper.addEventListener('notification', ({ detail }) => {
      if (detail.requestId.startsWith('burst-')) window.heard.push(Number(detail.requestId.slice(6)));
    });
    window.keeper.subscribe(name);
  }, node);
  const first = `first-${seat.agent}`;
  await until('the subscription', async () => {
    await finesse.publish(node, update(first));
    return (await desk.told()).notifications.some(({ requestId }) => requestId === first);
  });
  const start = await seat.meet(async () => {
    const begin = performance.now();
    await publish(finesse, size);
    return begin;
  });
  const heard = () => desk.page.evaluate(() => window.heard);
  const all = async () => new Set(await heard()).size === size;
  if (seat.pair.kind === 'openfire' && seat.transport === 'bosh') return lossy(seat, desk, size);
  await until('the last of the burst', all, 60_000, 250).catch(async (error) => {
    throw new Error(`${error.message}: ${(await heard()).length} of ${size} came\n${await desk.story()}`);
  });
  const took = performance.now() - start;
  const numbers = await heard();
  assert.equal(numbers.length, size, 'each once');
  assert.equal(numbers.findIndex((number, index) => number !== index), -1, 'in order');
  assert.equal((await desk.status()).state, 'in-service');
  return `${size.toLocaleString('en')} in ${seconds(took)}`;
}

/**
 * Openfire 4.2 itself loses, repeats and swaps some of a burst over BOSH: what is missing at the client was never sent
 * (docs/servers.md); and now and then it takes the request that follows an answer for one too many, and ends the session.
 * So only this is asked: the agent is in service, and what is published after it arrives.
 */
async function lossy(seat, desk, size) {
  const [finesse, last] = [await seat.finesse(), `last-${seat.agent}`];
  await until('what came after the burst', async () => {
    await finesse.publish(node, update(last));
    return (await desk.told()).notifications.some(({ requestId }) => requestId === last);
  }, 60_000, 1_000);
  assert.equal((await desk.status()).state, 'in-service');
  const came = await desk.page.evaluate(() => new Set(window.heard).size);
  return `${came.toLocaleString('en')} of ${size.toLocaleString('en')}`;
}

async function publish(finesse, size) {
  const answers = [];
  for (let index = 0; index < size; index++) {
    const answer = finesse.publish(node, update(`burst-${index}`));
    answer.catch(() => {}); // looked at below
    answers.push(answer);
    // the publisher's socket must not hold the whole burst at once
    if (index % 500 === 499) await answers[index - 400];
  }
  await Promise.all(answers);
}
