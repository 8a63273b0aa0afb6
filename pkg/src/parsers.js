// Reading by itself, for gadgets that get their notifications from Finesse's own desktop.
import { KeeperError, told } from './error.js';
import { load, pass } from './module.js';

/** A node as the hub of a desktop names it: with dots, of which an id may have some of its own. */
const TOPIC = /^finesse\.api\.(\w+)(?:\.(.+?))?((?:\.(?:Dialogs|Media|Queues|Users|ClientLog))*|\.Media\.\w+(?:\.Dialogs)?)$/;

/** Resolves with the functions once the module is there. */
export async function loadParsers() {
  const { parseNotification, parseSystemInfo } = await load();
  return {
    parseNotification: (text, node = '') => told(() => parseNotification(given(text), nodeOf(node))),
    parseSystemInfo: (text) => told(() => parseSystemInfo(given(text))),
  };
}

function given(text) {
  if (typeof text === 'string') return pass(text);
  const what = text && typeof text === 'object' ? 'the text in it: `content` of what a hub publishes' : 'a string';
  throw new KeeperError('bad-text', `There is no text to read: it is ${text === null ? 'null' : `of type ${typeof text}`}.`, `Give ${what}.`);
}

function nodeOf(node) {
  if (typeof node !== 'string' || node.length > 1024) {
    throw new KeeperError('bad-node', 'The node is no string, or too long.', "Give the node, such as '/finesse/api/Team/5/Users', or nothing.");
  }
  return node.replace(TOPIC, (_, object, id, tail) => `/finesse/api/${object}${id ? `/${id}` : ''}${tail.replaceAll('.', '/')}`);
}
