// The module inside the script (packed, as base64), so that no bundler, base URL or MIME type can lose it. It is never
// fetched from a `data:` URL, which a content security policy would have to allow.
import { KeeperError } from './error.js';
import { source } from './module.js';
import { unpack } from './unpack.js';

/**
 * Takes the packed module, which the build hands over at the very end of the file: gzip looks back 32 kB and makes a table
 * for some 16,000 symbols at a time, so that base64 between two parts of a script packs both worse.
 */
export function keep(packed) {
  source.open = async () => WebAssembly.compile(await unpacked(packed));
}

async function unpacked(packed) {
  let cause;
  try {
    const bytes = await unpack(packed);
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
