// @ts-check
// The doctor's page: which servers, and what was found, as it is found.

import { Keeper } from '/pkg/dist/finesse-keeper.js';
import { Board } from '../board.js';
import { byId, html, setAttributes, setText } from '../dom.js';
import * as simulator from '../simulator.js';
import { errorWords } from '../words.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').Finding} Finding */
/** @typedef {import('/pkg/dist/finesse-keeper.js').DoctorReport} DoctorReport */
/** @typedef {import('/pkg/dist/finesse-keeper.js').DoctorOptions} DoctorOptions */

const LOOK_MS = 1_000;

/** An icon and a word: colour alone tells nobody. */
const OUTCOMES = { good: '✓ Good', bad: '✕ Bad', unsure: '? Unsure', skipped: '– Skipped' };

/** @type {Record<string, string>} */
const CHECKS = {
  online: 'Network', secure: 'Secure context', wasm: 'WebAssembly', rest: 'REST', network: 'Local network', service: 'Service', port: 'Port',
  websocket: 'WebSocket', bosh: 'BOSH', login: 'Login', nodes: 'Names', clock: 'Clock',
};

const trouble = byId('trouble');
const form = /** @type {HTMLFormElement} */ (byId('servers'));
const fields = ['host-0', 'host-1'].map((id) => /** @type {HTMLInputElement} */ (byId(id)));
const transport = /** @type {HTMLSelectElement} */ (byId('transport'));
const copy = /** @type {HTMLButtonElement} */ (byId('copy'));

/** What gives up the examination that goes on. */
let running = new AbortController();
/** @type {DoctorReport | null} */
let report = null;

/** @param {unknown} error */
function complain(error) {
  setText(trouble, errorWords(error));
  trouble.hidden = false;
  const field = error instanceof Error && 'field' in error ? /^hosts(?:\[(\d)\])?/.exec(String(error.field)) : null;
  if (!field) return;
  const input = fields[Number(field[1] ?? 0)];
  input?.setAttribute('aria-invalid', 'true');
  input?.focus();
}

/** @param {string} tone @param {string} words @param {string} [facts] @param {string} [why] */
function say(tone, words, facts = '', why = '') {
  setAttributes(byId('verdict'), { 'data-tone': tone });
  setText(byId('state'), words);
  setText(byId('facts'), facts);
  setText(byId('why'), why);
}

/** Examines what the fields name; what goes on is given up. */
async function examine() {
  running.abort();
  const mine = running = new AbortController();
  const hosts = fields.map(({ value }) => value.trim()).filter(Boolean);
  const ways = /** @type {DoctorOptions['transport']} */ (transport.value);
  history.replaceState(null, '', `?${new URLSearchParams({ a: fields[0]?.value ?? '', b: fields[1]?.value ?? '', transport: transport.value })}`);
  trouble.hidden = true;
  for (const field of fields) field.removeAttribute('aria-invalid');
  copy.disabled = true;
  const add = clear(hosts);
  const begun = performance.now();
  say('', 'Examining …');
  try {
    report = await Keeper.doctor({ hosts, transport: ways, signal: mine.signal, onFinding: add });
    const { ok, summary } = report;
    const doubtful = [report.page, ...report.sides.map((side) => side.findings)].flat().some(({ outcome }) => outcome === 'unsure');
    say(!ok ? 'bad' : doubtful ? 'unsure' : 'good', !ok ? 'Something is wrong' : doubtful ? 'It may be well' : 'It is well', `in ${((performance.now() - begun) / 1000).toFixed(1)} s`, ok && !doubtful ? '' : summary);
    copy.disabled = false;
  } catch (error) {
    if (mine.signal.aborted) return;
    say('bad', 'Nothing was examined');
    complain(error);
  }
}

/**
 * Empty lists, one for the page and one for each server; returns what adds a finding.
 * @param {string[]} hosts
 */
function clear(hosts) {
  /** @param {string} title @param {string} host */
  const section = (title, host) => {
    const list = html('ul');
    const names = html('h2', {}, title);
    return { list, root: html('section', { class: host ? 'side' : 'page', 'aria-label': title }, names, ...(host ? [html('p', { class: 'host' }, host)] : []), list) };
  };
  const page = section('This page', '');
  const sides = hosts.slice(0, 2).map((host, index) => section(`Side ${'AB'[index]}`, host));
  byId('findings').replaceChildren(page.root, ...sides.map(({ root }) => root));
  return (/** @type {Finding} */ finding) => (finding.side ? sides['AB'.indexOf(finding.side)] : page)?.list.append(item(finding));
}

/** @param {Finding} finding */
function item({ check, code, outcome, tried, happened, likely, nextStep, ms }) {
  const line = (/** @type {string} */ name, /** @type {string} */ label, /** @type {string} */ text) => (text ? [html('p', { class: name }, label, text)] : []);
  return html(
    'li',
    { class: 'finding', 'data-outcome': outcome },
    html('h3', {}, html('span', { class: 'outcome' }, OUTCOMES[outcome]), CHECKS[check] ?? check, html('span', { class: 'code' }, code)),
    ...line('tried', '', tried && `${tried}${ms === null ? '' : ` · ${ms} ms`}`),
    ...line('happened', '', happened),
    ...line('likely', 'Likely: ', likely),
    ...line('next', 'Next step: ', nextStep),
  );
}

/** The simulated pair, where this page is beside one. */
function fillBoard() {
  /** @type {() => Promise<void>} */
  const look = async () => board.show(await simulator.activeFaults(), 'A');
  const attempt = (/** @type {() => Promise<unknown>} */ what) => () => what().then(look).catch(complain);
  const board = new Board(byId('board'), byId('heal-all'), {
    strike: (kind, side) => attempt(() => simulator.breakIt({ fault: kind.fault, ...(side && { side }), ...kind.options }))(),
    heal: (faults) => attempt(() => Promise.all(faults.map(({ id }) => simulator.heal(id))))(),
    healAll: attempt(simulator.healAll),
  }, simulator.DOCTOR_GROUPS);
  setInterval(() => look().catch(complain), LOOK_MS);
  return look();
}

async function begin() {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    examine();
  });
  copy.addEventListener('click', () => {
    navigator.clipboard.writeText(JSON.stringify(report, null, 2)).then(() => setText(copy, 'Copied'), complain);
    setTimeout(() => setText(copy, 'Copy the report'), 2_000);
  });
  const { names } = await simulator.hosts();
  const asked = new URL(location.href).searchParams;
  [asked.get('a') ?? names.A, asked.get('b') ?? names.B].forEach((host, index) => fields[index]?.setAttribute('value', host ?? ''));
  transport.value = asked.get('transport') ?? 'auto';
  await fillBoard();
}

begin().catch(complain);
