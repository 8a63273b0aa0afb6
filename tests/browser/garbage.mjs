// Nonsense from the server: named in the timeline or told as an error, and the session goes on where it can.

import { check } from './client.mjs';

/** One frame of nonsense; afterwards a notification comes through on the same session or a new one. */
const frame = (spec) => async (client, sim) => {
  await client.inService('A', 5_000);
  await client.change('LOGIN');
  await client.untilTrue();
  const before = (await client.page.evaluate(() => window.app.log.length));
  await sim.fault({ side: 'A', ...spec });
  const told = await client.page.waitForFunction(
    (count) => window.app.log.slice(count).find(({ kind }) => kind === 'note' || kind === 'error' || kind === 'link')?.text,
    before,
  );
  await client.change('READY');
  await client.untilTrue(15_000);
  await client.inService('A', 15_000);
  return { told: `said: ${await told.jsonValue()}` };
};

const kinds = ['half-stanza', 'doctype', 'nested', 'nul', 'not-xml', 'bad-update'];

export const garbage = [
  ...kinds.map((kind) => ({ name: `garbage, ${kind}: said, and the session goes on`, run: frame({ fault: 'garbage', kind }) })),
  { name: 'a frame of 10 MB: said, and never taken in', run: frame({ fault: 'oversized' }) },
  {
    name: 'an object that nobody knows: delivered as a tree',
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      await client.page.evaluate(() => {
        window.unknown = new Promise((done) => window.app.keeper.addEventListener('notification', ({ detail }) => {
          if (detail.kind === 'notification') done(detail);
        }));
      });
      await sim.fault({ fault: 'garbage', kind: 'unknown-object', side: 'A' });
      const detail = await client.page.evaluate(() => window.unknown);
      check(detail.data && typeof detail.data === 'object', `its data are ${JSON.stringify(detail.data)}`);
    },
  },
  {
    name: 'a 200 answer that is HTML: unclear, never in service, and never a reason to move',
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      await sim.fault({ fault: 'garbage', kind: 'html', side: 'A' });
      await sim.fault({ fault: 'socket-cut', side: 'A' });
      await client.until('unclear', ({ status }) => status.sides[0].reading === 'unclear');
      await client.holds('not in service on A', ({ state, side }) => state !== 'in-service' || side === 'B', 3_000);
      await sim.healAll();
      await client.until('in service', ({ status }) => status.state === 'in-service', 30_000);
    },
  },
  {
    name: 'a SystemInfo that names a foreign host: no credentials go there',
    options: ({ a }) => ({ hosts: [a] }),
    run: async (client, sim) => {
      await client.inService('A', 5_000);
      const sent = [];
      client.page.on('request', (request) => sent.push({ url: request.url(), authorization: request.headers().authorization }));
      await sim.fault({ fault: 'garbage', kind: 'foreign-host', side: 'A' });
      await sim.fault({ fault: 'socket-cut', side: 'A' });
      await client.page.waitForFunction(() => window.app.log.some(({ text }) => text.includes('SystemInfo names')));
      await client.until('back', ({ status, resynced }) => status.state === 'in-service' && resynced.length > 1, 30_000);
      const foreign = sent.filter(({ url }) => !url.startsWith(sim.a) && !url.startsWith(sim.a.replace('http', 'ws')));
      check(foreign.every(({ authorization }) => !authorization), `credentials went to ${foreign.map(({ url }) => url)}`);
      const { asked } = await client.picture();
      check(asked.every(({ side }) => side === 'A'), 'credentials were asked for a foreign host');
    },
  },
];
