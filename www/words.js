// @ts-check
// What the keeper's and Finesse's terms are called on this page: as the status element calls them, and a few more.

import { english } from '/pkg/dist/status.js';

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

/** @param {keyof typeof english.readings} reading */
export const readingWords = (reading) => english.readings[reading] ?? reading;

/** @param {string} state */
export const agentWords = (state) => english.agentStates[state] ?? state.toLowerCase().replaceAll('_', ' ');

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
