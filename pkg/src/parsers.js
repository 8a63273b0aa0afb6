// Reading by itself, for gadgets that get their notifications from Finesse's own desktop.
import { told } from './error.js';
import { load } from './module.js';

/** Resolves with the functions once the module is there. */
export async function loadParsers() {
  const { parseNotification, parseSystemInfo, pass } = await load();
  return {
    parseNotification: (text, node = '') => told(() => parseNotification(pass(text), node)),
    parseSystemInfo: (text) => told(() => parseSystemInfo(pass(text))),
  };
}
