// @ts-check
// The demo: one agent, two simulated Finesse servers, and everything that can break between them.

import { defineStatus } from '/pkg/dist/status.js';
import { Board } from './board.js';
import { AgentCard, SideCard } from './cards.js';
import { byId, setText } from './dom.js';
import { Session } from './session.js';
import * as simulator from './simulator.js';
import { errorWords } from './words.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').Keeper} Keeper */
/** @typedef {import('/pkg/dist/status.js').FinesseStatus} FinesseStatus */
/** @typedef {import('./simulator.js').ActiveFault} ActiveFault */
/** @typedef {import('./simulator.js').FaultKind} FaultKind */
/** @typedef {import('./simulator.js').Side} Side */

/** The cards show times that pass by the second, and follow the agent closely. */
const FRAME_MS = 250;
const FAULTS_MS = 1_000;
const SIDES = /** @type {const} */ (['A', 'B']);

/** @type {Session | null} */
let session = null;
/** @type {ActiveFault[]} */
let broken = [];
/** What the last look at the faults complained of, if it failed. */
let lookTrouble = '';

const form = /** @type {HTMLFormElement} */ (byId('who'));
const agentField = /** @type {HTMLSelectElement} */ (byId('agent'));
const passwordField = /** @type {HTMLInputElement} */ (byId('password'));
const trouble = byId('trouble');
const status = /** @type {FinesseStatus} */ (byId('status'));

const sides = SIDES.map((side) => new SideCard(side, byId(`side-${side}`), byId(`wire-${side}`)));
const agentCard = new AgentCard(byId('agent-card'), {
  ready: () => act('Ready', (now) => now.change('READY')),
  notReady: () => act('Not ready', (now) => now.change('NOT_READY')),
  signIn: () => act('Sign in', (now) => now.signIn()),
  signOut: () => act('Sign out', (now) => now.signOut()),
  ring: () => act('Ring the agent', (now) => simulator.call(now.agent, 'ring')),
  answer: () => act('Answer', (now) => simulator.call(now.agent, 'answer')),
  end: () => act('End call', (now) => simulator.call(now.agent, 'end')),
});
const board = new Board(byId('board'), byId('heal-all'), { strike, heal, healAll });

// ---- opening ----

async function begin() {
  defineStatus();
  status.texts = {
    legend: { note: 'broken by you' },
    kinds: { own: 'you' },
    noteBegan: (fault) => `broke: ${fault}`,
    noteEnded: (fault) => `healed: ${fault}`,
  };
  agentField.addEventListener('change', () => (passwordField.value = `pw-${agentField.value}`));
  const { A, B, agents } = await simulator.hosts();
  const asked = new URL(location.href).searchParams.get('agent') ?? agents[0] ?? '1001';
  for (const agent of new Set([...agents, asked])) agentField.add(new Option(agent, agent, false, agent === asked));
  passwordField.value = `pw-${asked}`;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    open([A, B]);
  });
  setInterval(look, FAULTS_MS);
  setInterval(frame, FRAME_MS);
  await open([A, B]);
}

/** @param {string[]} hosts */
async function open(hosts) {
  const agent = agentField.value;
  history.replaceState(null, '', `?agent=${encodeURIComponent(agent)}`);
  await session?.close();
  trouble.hidden = true;
  const opened = new Session(agent, passwordField.value, hosts);
  session = opened;
  status.keeper = null;
  status.notes = [];
  opened.addEventListener('trouble', (event) => complain(/** @type {CustomEvent} */ (event).detail));
  opened.notes.addEventListener('change', () => session === opened && (status.notes = opened.notes.list));
  // An agent who was replaced by another meanwhile has nothing left to say.
  await opened.open().catch((error) => session === opened && complain(error));
  if (session === opened) status.keeper = opened.keeper;
}

// ---- what the buttons do ----

/**
 * @param {string} label
 * @param {(session: Session) => Promise<unknown>} what
 */
async function act(label, what) {
  if (!session) return;
  trouble.hidden = true;
  session.notes.tell(`pressed: ${label}`);
  await what(session).catch((error) => complain(`${label} did not work: ${errorWords(error)}`));
}

/**
 * @param {FaultKind} kind
 * @param {Side | null} chosen
 */
async function strike(kind, chosen) {
  const side = chosen ?? (kind.once ? currentSide() : null);
  const spec = { fault: kind.fault, ...(side && { side }), ...(kind.own && { agent: agentField.value }), ...kind.options };
  await command(async () => {
    const { id } = await simulator.breakIt(spec);
    session?.notes.showFaults([...broken, { id, ...spec }]);
  });
}

/** @param {ActiveFault[]} faults */
async function heal(faults) {
  await command(async () => {
    for (const { id } of faults) await simulator.heal(id);
  });
}

async function healAll() {
  await command(() => simulator.healAll());
}

/**
 * Does something to the pair, and shows what is broken then.
 * @param {() => Promise<void>} what
 */
async function command(what) {
  trouble.hidden = true;
  try {
    await what();
    await refreshFaults();
  } catch (error) {
    complain(error);
  }
}

/** Looks again and again what is broken; a complaint of it is over as soon as a look succeeds. */
async function look() {
  try {
    await refreshFaults();
    if (lookTrouble && trouble.textContent === lookTrouble) trouble.hidden = true;
    lookTrouble = '';
  } catch (error) {
    complain(error);
    lookTrouble = errorWords(error);
  }
}

async function refreshFaults() {
  const all = await simulator.activeFaults();
  broken = all.filter((fault) => !fault.agent || fault.agent === session?.agent);
  session?.notes.showFaults(broken);
}

/** @param {unknown} error */
function complain(error) {
  setText(trouble, errorWords(error));
  trouble.hidden = false;
}

/** @returns {Side} */
function currentSide() {
  return session?.keeper?.status.side ?? 'A';
}

// ---- what is shown ----

function frame() {
  if (session?.keeper && !document.hidden) show(session, session.keeper);
}

/**
 * @param {Session} session
 * @param {Keeper} keeper
 */
function show(session, keeper) {
  const { status } = keeper;
  status.sides.forEach((health, i) => sides[i]?.show(status, health, faultsOn(SIDES[i] ?? 'A')));
  agentCard.show(session);
  board.show(broken, currentSide());
}

/** @param {Side} side */
function faultsOn(side) {
  return broken.filter((fault) => !fault.side || fault.side === side).map((fault) => fault.fault);
}

begin().catch(complain);
