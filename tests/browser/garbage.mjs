// Nonsense from the server: named in the timeline or told as an error, and the session goes on where it can.

import { check } from './client.mjs';

/** One frame of nonsense: `words` are said of it, and the same session goes on. */
const frame = (spec, words) => async (client, sim) => {
  await client.inService('A', 5_000);
  await client.change('LOGIN');
  const before = await client.untilTrue();
  await sim.fault({ side: 'A', ...spec });
  const said = await client.page.waitForFunction((source) => app.log.find(({ text }) => new RegExp(source).test(text))?.text, words.source);
  await client.change('READY');
  const after = await client.untilTrue(15_000);
  check(after.statuses.slice(before.statuses.length).every(({ state }) => state === 'in-service'), 'it left service');
  check((await client.truth()).world.endings.length === 0, 'the session ended');
  return { told: `said: ${await said.jsonValue()}` };
};

const kinds = {
  'half-stanza': /^bad-frame: cut off before its end/,
  doctype: /^bad-frame: a document type declaration/,
  nested: /^bad-frame: elements nested too deep/,
  nul: /^bad-frame: forbidden character U\+0000/,
  'not-xml': /^bad-frame: content outside the root element/,
  'bad-update': /^bad-notification: .*cut off before its end/,
};

export const garbage = [
  ...Object.entries(kinds).map(([kind, words]) => ({
    name: `garbage, ${kind}: said, and the session goes on`, run: frame({ fault: 'garbage', kind }, words),
  })),
  {
    name: 'a frame of 10 MB: said, and never taken in',
    run: async (client, sim) => {
      await client.page.evaluate(() => {
        window.longest = 0;
        app.keeper.addEventListener('user', ({ detail }) => (window.longest = Math.max(longest, detail.data.extension?.length ?? 0)));
      });
      // refused by its size, before the module gets any of it; what the module itself refuses is said to be too large
      const result = await frame({ fault: 'oversized' }, /^bad-frame: frame of 10\d{6} bytes refused/)(client, sim);
      const longest = await client.page.evaluate(() => window.longest);
      check(longest > 0 && longest < 100, `an extension of ${longest} characters was told`);
      return result;
    },
  },
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
