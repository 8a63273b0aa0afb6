// @ts-check
// What the keeper's and Finesse's terms are called on this page.

/** @typedef {import('/pkg/dist/finesse-keeper.js').Status} Status */
/** @typedef {import('/pkg/dist/finesse-keeper.js').Side} Side */

/** @type {Record<Status['state'], string>} */
const STATES = {
  locating: 'Looking for a server',
  connecting: 'Connecting',
  settling: 'Catching up',
  'in-service': 'In service',
  waiting: 'Waiting',
  reconnecting: 'Reconnecting',
  moving: 'Moving',
  stopped: 'Stopped',
};

/** @type {Record<NonNullable<Status['reason']>, string>} */
const REASONS = {
  starting: 'starting',
  'connection-lost': 'connection lost',
  'own-network': 'own network lost',
  unreachable: 'cause unknown',
  'notification-service': 'Notification Service down',
  tomcat: 'Tomcat down',
  'web-app': 'web app down',
  cti: 'CTI lost',
  'out-of-service': 'out of service',
  node: 'node down',
  between: 'something in between',
  ghost: 'former session held',
  conflict: 'signed in elsewhere',
  'credentials-refused': 'password refused',
  'credentials-missing': 'no password',
  closed: 'closed',
  'page-left': 'page left',
  moved: 'moved',
  internal: 'failed inside',
};

const READINGS = {
  unknown: 'not read yet',
  in: 'in service',
  out: 'out of service',
  unreachable: 'no answer',
  unclear: 'unclear answer',
};

/** @type {Record<string, string>} */
const AGENT_STATES = {
  LOGIN: 'Signing in',
  LOGOUT: 'Signed out',
  NOT_READY: 'Not ready',
  READY: 'Ready',
  RESERVED: 'Ringing',
  TALKING: 'Talking',
  HOLD: 'On hold',
  WORK: 'Wrap-up',
  WORK_READY: 'Wrap-up',
  UNKNOWN: 'Unknown',
};

/** @type {Record<string, string>} */
const CALL_STATES = {
  INITIATING: 'dialling',
  INITIATED: 'dialling',
  ALERTING: 'is ringing',
  ACTIVE: 'in a call',
  HELD: 'on hold',
  FAILED: 'failed',
  DROPPED: 'ended',
};

/** @param {{ state: Status['state'], side: Side | null }} status */
export function stateWords({ state, side }) {
  const words = STATES[state] ?? state;
  if (!side || state === 'locating' || state === 'stopped') return words;
  if (state === 'connecting' || state === 'reconnecting' || state === 'moving') return `${words} to ${side}`;
  return `${words} on ${side}`;
}

/**
 * For where there is little room.
 * @param {Status['state']} state
 */
export const shortStateWords = (state) => ({ reconnecting: 'Lost', waiting: 'Wait', moving: 'Move', stopped: 'Stop' })[String(state)] ?? '';

/** @param {Status['reason']} reason */
export const reasonWords = (reason) => (reason ? (REASONS[reason] ?? reason) : '');

/** @param {keyof typeof READINGS} reading */
export const readingWords = (reading) => READINGS[reading] ?? reading;

/** @param {string} state */
export const agentWords = (state) => AGENT_STATES[state] ?? state.toLowerCase().replaceAll('_', ' ');

/** @param {string} state */
export const callWords = (state) => CALL_STATES[state] ?? state.toLowerCase();

/** @param {number} at */
export const clock = (at) => new Date(at).toLocaleTimeString('en-GB');

/** @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** @param {unknown} error */
export const errorWords = (error) => {
  if (!(error instanceof Error)) return String(error);
  return 'nextStep' in error ? `${error.message} ${error.nextStep}` : error.message;
};
