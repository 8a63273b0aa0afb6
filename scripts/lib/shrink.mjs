// Makes the module small without changing what it does: everything here is for the size of the download.

import binaryen from 'binaryen';
import { compress } from 'lzma1';

/**
 * Functions of the standard library that only a panic enters. Every lint that can forbid panics is on, so one is a
 * defect of ours, and what its message would tell is in no proportion to the 3 kB that formatting it takes: with these
 * emptied, a panic traps at once, which JavaScript sees as a WebAssembly.RuntimeError.
 */
const panics = /^<?(core|alloc|std|__rustc)::(.*panic|.*(slice_|unwrap_|expect_|assert_)\w*fail|.*handle_(alloc_)?error|.*raw_vec::capacity_overflow)/;

/** The module with panics that trap without a word. */
export function silencePanics(wasm) {
  const module = binaryen.readBinary(wasm);
  let emptied = 0;
  for (let index = 0; index < module.getNumFunctions(); index += 1) {
    const pointer = module.getFunctionByIndex(index);
    const { name, module: imported } = binaryen.getFunctionInfo(pointer);
    if (imported || !panics.test(name.replace(/\[[0-9a-f]+\]/g, ''))) continue;
    new binaryen.Function(pointer).body = module.unreachable();
    emptied += 1;
  }
  if (emptied < 10) throw new Error(`only ${emptied} functions of panics found: has the standard library renamed them?`);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/**
 * The module and its JavaScript with plain numbers in place of the hashes that wasm-bindgen puts into the names of
 * imports and exports: hashes do not compress.
 */
export function plainNames(wasm, glue) {
  const hashes = new Map();
  const plain = (text) => text.replace(/(?<=_h?)[0-9a-f]{16}(?![0-9a-f])/g, (hash) => {
    if (!hashes.has(hash)) hashes.set(hash, String(hashes.size).padStart(16, '0'));
    return hashes.get(hash); // as long as before, so that the bytes of the module stay where they are
  });
  const renamed = plain(glue);
  return { wasm: Buffer.from(plain(Buffer.from(wasm).toString('latin1')), 'latin1'), glue: renamed };
}

/** LZMA, which leaves a sixth less than gzip does. */
export function pack(bytes) {
  return Buffer.from(compress(bytes, 9));
}
