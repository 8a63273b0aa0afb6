// Who uses a keyboard, a screen reader or strong contrast: axe-core finds nothing wrong with any of our pages.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { until } from '../../scripts/lib/wait.mjs';
import { check } from './client.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Waits until the element says a state that begins with these words. */
const says = (page, words) => page.waitForFunction(
  (begin) => document.querySelector('finesse-status')?.shadowRoot?.querySelector('[part="state"]')?.textContent.startsWith(begin),
  words, { timeout: 15_000 },
);
const inService = (page) => says(page, 'In service on A');
const broken = async (page, sim) => {
  await inService(page);
  for (const side of ['A', 'B']) await sim.fault({ fault: 'notification-service-down', side });
  await says(page, 'Reconnecting');
};
/** What is bad, what may be, and what is well. */
const examined = async (page, sim) => {
  for (const spec of [{ fault: 'cors-disabled', side: 'B' }, { fault: 'clock-skew', side: 'A', ms: 60_000 }]) await sim.fault(spec);
  await page.waitForFunction(() => document.querySelector('#host-0').value && document.querySelector('#board .faults'));
  await page.click('#run');
  await page.waitForFunction(() => !document.querySelector('#copy').disabled);
};
/** Both gadgets of the container show an agent who is signed in. */
const loaded = (page) => until('the gadgets in service', async () => {
  const shown = await Promise.all(page.frames().map((frame) => frame.evaluate(() => document.body.innerText)));
  return shown.filter((text) => /in-service/.test(text)).length >= 2;
}, 20_000);
const placed = (attributes) => async (page) => {
  await page.waitForFunction(() => window.ready);
  await page.evaluate((given) => {
    place(undefined, given);
    keeper.line('move', 'moved from B to A');
    keeper.become({ state: 'stopped', reason: 'conflict', forcedLogout: { side: 'A', earliest: Date.now(), latest: Date.now() + 60_000 } });
    element.notes = [{ at: Date.now(), until: null, text: 'noted' }];
    return drawn();
  }, attributes);
};

/** A page each: where it is on the simulator (or, without a path, the element alone), and what is done before it is looked at. */
const pages = [
  { name: 'the demo in service', path: '/', ready: inService },
  { name: 'the demo, broken', path: '/', ready: broken },
  { name: 'the container to develop in, with its gadgets', path: '/container/', ready: loaded },
  { name: 'the doctor', path: '/doctor/', ready: examined },
  { name: 'the status element, closed', ready: placed({}) },
  { name: 'the status element, open', ready: placed({ open: '' }) },
];

export const access = pages
  .filter(({ path }) => !path || existsSync(at('www', path, 'index.html')))
  .map(({ name, path, ready = () => {} }) => ({ name: `access: ${name}`, path, run: ready }));

/** Opens the page in both themes, wide and narrow, and lets axe look at it. */
export async function withAccess(engine, served, { path, run: prepare }) {
  const sim = path ? await startSimulator({ name: `access-${engine}` }) : undefined;
  try {
    for (const [colorScheme, width] of [['light', 1280], ['dark', 390]]) {
      const found = await look(engine, { colorScheme, width }, path ? sim.control + path : `${served.url}/`, (page) => prepare(page, sim));
      check(!found.length, `${colorScheme}, ${width} wide: ${found.join('\n')}`);
      await sim?.healAll();
    }
  } finally {
    await sim?.stop();
  }
}

async function look(engine, { colorScheme, width }, url, prepare) {
  const browser = await launchBrowser(engine, { colorScheme });
  try {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    await page.goto(url);
    await prepare(page);
    const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
    check(dark === (colorScheme === 'dark'), `it is ${dark ? '' : 'not '}dark`);
    return await audit(page);
  } finally {
    await browser.close();
  }
}

/** What axe finds, a line each; what it could not decide is not among it. */
async function audit(page) {
  for (const frame of page.frames()) await frame.evaluate(AXE);
  // what is seen through a frame in the dark it takes for white
  for (const frame of page.frames().slice(1)) await frame.evaluate(() => (document.documentElement.style.background = 'Canvas'));
  return page.evaluate(async () => {
    const { violations, passes } = await window.axe.run(document, { resultTypes: ['violations', 'passes'] });
    if (!passes.some(({ id }) => id === 'color-contrast')) return ['colour contrast was not looked at'];
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${id} (${help}): ${target.flat().join(' ')}: ${failureSummary}`));
  });
}
