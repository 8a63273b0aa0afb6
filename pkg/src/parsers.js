// Reading by itself, for gadgets that get their notifications from Finesse's own desktop.
import { KeeperError } from './error.js';
import { load } from './module.js';

/** Resolves with the functions once the module is there. */
export async function loadParsers() {
  const { parseNotification, parseSystemInfo, pass } = await load();
  return {
    parseNotification: (text, node = '') => read(() => parseNotification(pass(text), node)),
    parseSystemInfo: (text) => read(() => parseSystemInfo(pass(text))),
  };
}

function read(parse) {
  try {
    return parse();
  } catch (error) {
    throw error?.code ? new KeeperError(error.code, error.message, error.nextStep) : error;
  }
}
