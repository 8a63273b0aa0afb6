// @ts-check
// The page: a container to develop gadgets in. What it stands for, and with which source, is told in docs/container.md.

import { Board } from '../board.js';
import { byId, html, setText } from '../dom.js';
import * as simulator from '../simulator.js';
import { errorWords } from '../words.js';
import { Container } from './container.js';
import { Entries } from './entries.js';
import { gadgetAddress, readSettings } from './parameters.js';

/** @typedef {import('./parameters.js').Settings} Settings */

/** Words to play. The last one is no word of Finesse's. */
const WORDS = ['failing', 'recovered', 'unloading', 'conflict', 'unauthorized', 'disconnected', 'reconnecting', 'connected', 'flummoxed'];
const LOOK_MS = 1_000;

const trouble = byId('trouble');

/** @param {unknown} error */
function complain(error) {
  setText(trouble, errorWords(error));
  trouble.hidden = false;
}

/** @param {Container} container */
function playable(container) {
  const { desktop } = container;
  return {
    /** Says a word on the hub, whatever the connection does. @param {string} status */
    publish: (status) => desktop.say(String(status)),
    fail: () => desktop.say('failing'),
    recover: () => desktop.say('recovered'),
    unload: () => container.unload(),
    conflict: () => container.conflict(),
    maintenance: () => container.maintenance(),
    state: () => container.state(),
  };
}

/**
 * @param {Container} container
 * @param {ReturnType<typeof playable>} play
 */
function fillBoard(container, play) {
  const root = byId('board');
  const attempt = (/** @type {() => unknown} */ what) => async () => {
    trouble.hidden = true;
    try {
      await what();
      await look();
    } catch (error) {
      complain(error);
    }
  };
  const { agent, side } = container.settings;
  const board = new Board(root, byId('heal-all'), {
    strike: (kind, side) => attempt(() => simulator.breakIt({ fault: kind.fault, ...(side && { side }), ...(kind.own && { agent }), ...kind.options }))(),
    heal: (faults) => attempt(() => Promise.all(faults.map(({ id }) => simulator.heal(id))))(),
    healAll: () => attempt(simulator.healAll)(),
  }, simulator.FAULT_GROUPS.slice(0, 1));
  const button = (/** @type {string} */ label, /** @type {() => unknown} */ what) => html('button', { type: 'button', click: attempt(what) }, label);
  const said = WORDS.map((word) => button(word, () => play.publish(word)));
  const again = button('the last one again', () => play.publish(container.desktop.status));
  const happens = [button('Maintenance', play.maintenance), button('Sign in elsewhere', play.conflict), button('Leave', play.unload)];
  root.append(
    html('section', {}, html('h3', {}, 'Let it happen'), html('p', { class: 'words' }, ...happens)),
    html('section', {}, html('h3', {}, 'Only say a word'), html('p', { class: 'words' }, ...said, again)),
  );
  const look = async () => {
    const faults = await simulator.activeFaults();
    board.show(faults.filter((fault) => !fault.agent || fault.agent === agent), side);
  };
  setInterval(() => {
    look().catch(complain);
    container.show();
  }, LOOK_MS);
  return look();
}

/**
 * @param {Settings} settings
 * @param {string[]} agents
 */
function fillForms(settings, agents) {
  const form = /** @type {HTMLFormElement} */ (byId('settings'));
  const agent = /** @type {HTMLSelectElement} */ (byId('agent'));
  for (const each of new Set([...agents, settings.agent])) agent.add(new Option(each));
  for (const [name, value] of Object.entries({ agent: settings.agent, side: settings.side, config: settings.config, form: settings.form })) {
    /** @type {HTMLSelectElement} */ (form.elements.namedItem(name)).value = value;
  }
  /** @type {HTMLInputElement} */ (form.elements.namedItem('counted')).checked = settings.counted;
  const shown = [...form.elements].map((each) => each.getAttribute('name'));
  // what the form does not show is kept
  for (const [name, value] of new URL(location.href).searchParams) {
    if (!shown.includes(name)) form.append(html('input', { type: 'hidden', name, value }));
  }
}

/** @param {Container} container */
function listen(container) {
  byId('another').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (byId('url'));
    const url = gadgetAddress(field.value, new URL(location.href));
    trouble.hidden = true;
    if (!url) return complain(`${field.value} is no address of a gadget.`);
    container.gadgets.add(url).then(() => (field.value = ''), complain);
  });
  // in the order of the real one (facts 2.4): the word, the subscriptions, the session
  addEventListener('beforeunload', () => container.desktop.ended || container.desktop.say('unloading'));
  addEventListener('pagehide', () => container.leave());
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  addEventListener('error', ({ message }) => complain(message));
  addEventListener('unhandledrejection', ({ reason }) => complain(reason));
}

async function begin() {
  const { A, B, agents } = await simulator.hosts();
  const address = new URL(location.href);
  const { settings, complaints } = readSettings(address, agents);
  if (settings.side === 'B' && !B) {
    complaints.push('This pair has no side B.');
    settings.side = 'A';
  }
  address.searchParams.delete('why');
  history.replaceState(null, '', address);
  if (complaints.length) complain(complaints.join(' '));
  fillForms(settings, agents);
  const entries = new Entries(byId('entries'));
  const container = new Container(settings, { A, B }, entries, complain);
  if (settings.why) entries.add('desktop', '', `loaded again on side ${settings.side}: ${settings.why}`);
  const play = playable(container);
  Object.assign(window, { container: play });
  listen(container);
  container.show();
  await Promise.all([fillBoard(container, play), container.desktop.begin()]);
}

begin().catch(complain);
