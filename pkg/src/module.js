// Unpacks and compiles the WebAssembly module on first use, once for all keepers of the page. The bytes travel
// inside the script (packed, as base64), so that no bundler, base URL or MIME type can lose them, and they are
// never fetched from a `data:` URL, which a content security policy would have to allow.
import { Core, initSync, parseNotification, parseSystemInfo, room } from '#glue';
import { KeeperError } from './error.js';
import { unpack } from './unpack.js';

/**
 * The packed module. The build fills it in at the very end of the file: gzip looks back 32 kB and makes a table for some
 * 16,000 symbols at a time, so that base64 between two parts of a script packs both worse.
 */
export const inside = {};

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
  const bytes = await unpacked();
  try {
    ({ memory } = initSync({ module: await WebAssembly.compile(bytes) }));
  } catch (cause) {
    throw blocked(cause) ?? tooOld(cause);
  }
  return { Core, parseNotification, parseSystemInfo };
}

async function unpacked() {
  let cause;
  try {
    const bytes = await unpack(inside);
    if (bytes) return bytes;
  } catch (error) {
    cause = error;
  }
  throw new KeeperError(
    'corrupt',
    'The WebAssembly module inside finesse-keeper is damaged.',
    'Install the package again, and keep build steps from rewriting its files.',
    { cause },
  );
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
