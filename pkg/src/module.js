// Makes the WebAssembly module ready on first use, once for all keepers of the page. How an entry comes by it is the
// entry's own: the default one has it inside (inside.js), the slim one is given it (slim.js).
import { Core, initSync, parseNotification, parseSystemInfo, room } from '#glue';
import { KeeperError } from './error.js';

/** Its `open`, which the entry sets, resolves with the compiled module. */
export const source = {};

let loading;
let memory;
/** The core takes no more; measured before room is made for it. */
const LIMIT = 2 ** 20;
const encoder = new TextEncoder();

/** Writes a text into the memory of the module, which is loaded, and tells how many bytes it takes there. */
export function pass(text) {
  if (text.length > LIMIT) {
    throw new KeeperError('bad-text', `The text has more than ${LIMIT} characters.`, 'Give one notification.');
  }
  const most = text.length * 3;
  const at = room(most);
  return encoder.encodeInto(text, new Uint8Array(memory.buffer, at, most)).written;
}

/** What the module has, compiled and ready. */
export function load() {
  loading ??= compile().catch((error) => {
    loading = undefined; // a policy can be mended only by a new page, a wrong file by none; yet say so each time
    throw error;
  });
  return loading;
}

async function compile() {
  if (typeof WebAssembly !== 'object') throw tooOld();
  try {
    ({ memory } = initSync({ module: await source.open() }));
  } catch (cause) {
    throw cause instanceof KeeperError ? cause : blocked(cause) ?? tooOld(cause);
  }
  return { Core, parseNotification, parseSystemInfo };
}

// Engines tell a policy's refusal from bad bytes by the message alone.
function blocked(cause) {
  if (!/content security|\bcsp\b|unsafe-eval/i.test(String(cause))) return undefined;
  return new KeeperError(
    'csp',
    "The page's Content Security Policy forbids WebAssembly.",
    "Add 'wasm-unsafe-eval' to script-src in the page's Content-Security-Policy.",
    { cause },
  );
}

function tooOld(cause) {
  return new KeeperError(
    'too-old',
    'This browser cannot run finesse-keeper.',
    'Use Chromium or Edge 100, Firefox 113, Safari 16.4 or newer.',
    { cause },
  );
}
