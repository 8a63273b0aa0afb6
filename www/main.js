// @ts-check
// The demo: one agent, two simulated Finesse servers, and everything that can break between them.

import { Board } from './board.js';
import { AgentCard, SideCard } from './cards.js';
import { byId, keepFocus, setAttributes, setText } from './dom.js';
import { Entries } from './entries.js';
import { episodes, plainState, SIDES } from './history.js';
import { Session } from './session.js';
import * as simulator from './simulator.js';
import { fillLegend, pictureWords, Timeline } from './timeline.js';
import { clock, duration, errorWords, reasonWords, stateWords } from './words.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').Keeper} Keeper */
/** @typedef {import('/pkg/dist/finesse-keeper.js').Status} Status */
/** @typedef {import('/pkg/dist/finesse-keeper.js').ForcedLogout} ForcedLogout */
/** @typedef {import('/pkg/dist/finesse-keeper.js').SignedOut} SignedOut */
/** @typedef {import('./simulator.js').ActiveFault} ActiveFault */
/** @typedef {import('./simulator.js').FaultKind} FaultKind */
/** @typedef {import('./history.js').Side} Side */

/** Often enough for a smooth picture; whoever asks for less motion gets one a second. */
const FRAME_MS = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1_000 : 100;
const FAULTS_MS = 1_000;

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
const verdict = byId('verdict');
const resume = byId('resume');
const again = byId('again');

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
const entries = new Entries(byId('entries'), /** @type {HTMLInputElement} */ (byId('all')));
const timeline = new Timeline({ chart: byId('chart'), tools: byId('tools'), readout: byId('readout') });

// ---- opening ----

async function begin() {
  fillLegend(byId('legend'));
  resume.addEventListener('click', () => session?.keeper?.resume());
  again.addEventListener('click', () => session?.keeper?.signInAgain());
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
  timeline.restart(opened.history);
  opened.addEventListener('trouble', (event) => complain(/** @type {CustomEvent} */ (event).detail));
  // An agent who was replaced by another meanwhile has nothing left to say.
  await opened.open().catch((error) => session === opened && complain(error));
}

// ---- what the buttons do ----

/**
 * @param {string} label
 * @param {(session: Session) => Promise<unknown>} what
 */
async function act(label, what) {
  if (!session) return;
  trouble.hidden = true;
  session.history.note('agent', session.keeper?.status.side ?? null, `pressed: ${label}`);
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
    session?.history.noteFaults([...broken, { id, ...spec }]);
    session?.history.note('fault', side, `broke: ${kind.label}`);
  });
}

/** @param {ActiveFault[]} faults */
async function heal(faults) {
  await command(async () => {
    for (const { id, fault, side } of faults) {
      await simulator.heal(id);
      session?.history.note('fault', side ?? null, `healed: ${simulator.faultLabel(fault)}`);
    }
  });
}

async function healAll() {
  await command(async () => {
    await simulator.healAll();
    if (broken.length > 0) session?.history.note('fault', null, 'healed everything');
  });
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
  session?.history.noteFaults(broken);
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
  const told = timelineOf(keeper);
  session.history.noteStatus(status);
  showVerdict(status, session.signedOut, keeper.explain(), episodes(session.history.states).at(-1)?.at ?? status.since);
  status.sides.forEach((health, i) => sides[i]?.show(status, health, faultsOn(SIDES[i] ?? 'A')));
  agentCard.show(session);
  board.show(broken, currentSide());
  timeline.describe(pictureWords(session.history));
  timeline.draw(told, status.nextTryAt);
  entries.show(told, session.history.notes);
}

/** @type {{ keeper: unknown, at: number, entries: ReturnType<Keeper['timeline']> }} */
let lastTold = { keeper: null, at: 0, entries: [] };

/**
 * Read twice a second: all of it is converted each time.
 * @param {Keeper} keeper
 */
function timelineOf(keeper) {
  const now = performance.now();
  if (lastTold.keeper !== keeper || now - lastTold.at > 500) lastTold = { keeper, at: now, entries: keeper.timeline() };
  return lastTold.entries;
}

/** @param {Side} side */
function faultsOn(side) {
  return broken.filter((fault) => !fault.side || fault.side === side).map((fault) => fault.fault);
}

/**
 * @param {Status} status
 * @param {SignedOut | null} signedOut
 * @param {string} why
 * @param {number} began
 */
function showVerdict(status, signedOut, why, began) {
  const now = Date.now();
  const { reason, suspect, forcedLogout, nextTryAt } = status;
  const state = plainState(status);
  setAttributes(verdict, { 'data-state': state, 'data-suspect': suspect });
  // The live region: only what changes rarely, no counting seconds.
  setText(byId('state'), stateWords({ ...status, state }));
  setText(byId('reason'), reason ? reasonWords(reason) : '');
  setText(byId('why'), why);
  const facts = [`for ${duration(now - began)}`];
  if (status.state === 'connecting') facts.push('trying now');
  if (suspect) facts.push('a ping is unanswered, checking');
  if (nextTryAt && nextTryAt > now) facts.push(`next try in ${duration(nextTryAt - now)}`);
  setText(byId('facts'), facts.join(' · '));
  setText(byId('warning'), signedOut ? signedOutWords(signedOut) : forcedLogout ? absenceWords(forcedLogout, now) : '');
  const focused = document.activeElement;
  resume.hidden = state !== 'stopped';
  again.hidden = !signedOut?.resumable;
  keepFocus(focused, verdict);
}

/**
 * @param {ForcedLogout} window
 * @param {number} now
 */
function absenceWords({ side, earliest, latest }, now) {
  const when = earliest > now ? `in ${duration(earliest - now)}` : 'at any moment';
  const until = latest ? `${clock(latest)}, ${duration(latest - now)} from now` : '3 minutes after the call';
  return `Side ${side} misses the agent and may sign them out ${when}, until ${until}, unless they are back there before.`;
}

/** @param {SignedOut} out */
function signedOutWords({ by, code, state, at }) {
  const who = by === 'connection' ? 'Finesse, for the lost connection' : by === 'supervisor' ? 'a supervisor' : 'the system';
  return `${state === 'LOGOUT' ? 'Signed out' : 'Made not ready'} by ${who}, at ${clock(at)} (code ${code}).`;
}

begin().catch(complain);
