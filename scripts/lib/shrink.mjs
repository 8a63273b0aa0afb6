// Makes the module small without changing what it does: everything here is for the size of the download.

import binaryen from 'binaryen';
import { adler32 } from '../../pkg/src/adler32.js';
import { walk } from '../../pkg/src/model.js';
import { unpack } from '../../pkg/src/unpack.js';
import { dataOf, numbersOf, reader, sections, withData } from './wasm.mjs';

/**
 * Functions of the standard library that only a panic enters. Every lint that can forbid panics is on, so one is a
 * defect of ours, and what its message would tell is in no proportion to the 3 kB that formatting it takes: with these
 * emptied, a panic traps at once, which JavaScript sees as a WebAssembly.RuntimeError.
 */
const panics = /^<?(core|alloc|std|__rustc)::(.*panic|.*(slice_|unwrap_|expect_|assert_)\w*fail|.*handle_(alloc_)?error|.*raw_vec::capacity_overflow)/;

/** How panics print what they are about. Nothing else does: `tests/tidy.rs` keeps it out of what is not a test. */
const debug = / as core::fmt::Debug>::fmt/;

/** The module with panics that trap without a word. */
export function silencePanics(wasm) {
  const module = binaryen.readBinary(wasm);
  let emptied = 0;
  for (let index = 0; index < module.getNumFunctions(); index += 1) {
    const pointer = module.getFunctionByIndex(index);
    const { name, module: imported } = binaryen.getFunctionInfo(pointer);
    const plain = name.replace(/\[[0-9a-f]+\]/g, '');
    if (imported || !(panics.test(plain) || debug.test(plain))) continue;
    new binaryen.Function(pointer).body = module.unreachable();
    emptied += 1;
  }
  if (emptied < 10) throw new Error(`only ${emptied} functions of panics found: has the standard library renamed them?`);
  const bytes = Buffer.from(module.emitBinary());
  module.dispose();
  return bytes;
}

/**
 * The module without the places in the sources, which only the messages of panics name: each is a record of a file's
 * name (where, how long), a line and a column.
 */
export function forgetPlaces(wasm) {
  const bytes = Buffer.from(wasm);
  const segments = dataOf(bytes);
  const place = (address) => {
    const segment = segments.find(({ from, size }) => address >= from && address < from + size);
    return segment && address - segment.from + segment.at;
  };
  const found = [];
  for (const { at, size } of segments) {
    for (let record = at; record + 16 <= at + size; record += 4) {
      const name = place(bytes.readUInt32LE(record));
      const end = name + bytes.readUInt32LE(record + 4);
      if (!(end - name < 256) || !/^(~?\/|src\/)[\w.\/~-]+\.rs\0?$/.test(bytes.toString('latin1', name, end))) continue;
      found.push([record, record + 16], [name, end]);
    }
  }
  if (found.length < 20) throw new Error(`only ${found.length / 2} places found: has the compiler changed what they look like?`);
  for (const [begin, end] of found) bytes.fill(0, begin, end);
  return bytes;
}

/**
 * What only silenced panics named: their words, and tables by which they print characters. `module` has each of its statics
 * in a segment of its own; `loud` and `silent` are what is left of its code with panics that tell and without. Lost is what
 * `loud` names an address in, and what a lost one points to, unless `silent` names it or a static that is kept points to it.
 * What neither names is kept: it may be a table whose first index is so high that code names an address before it.
 * The module comes back with one segment, and zeros in place of what is lost.
 */
export function forgetUnused(module, loud, silent) {
  const statics = dataOf(module);
  const at = (address) => statics.find(({ from, size }) => address >= from && address < from + size);
  const namedIn = (code) => new Set([...numbersOf(code)].map(at).filter(Boolean));
  const pointedTo = ({ from, size, at: begin }) => {
    const first = (4 - (from & 3)) & 3;
    const words = Array.from({ length: Math.max(0, (size - first) >> 2) }, (_, index) => module.readUInt32LE(begin + first + index * 4));
    return words.map(at).filter(Boolean);
  };
  const needed = namedIn(silent);
  const lost = without(namedIn(loud), needed);
  for (const each of lost) { // a set's loop comes to what is added in it
    for (const other of pointedTo(each)) if (!needed.has(other)) lost.add(other);
  }
  const kept = without(statics, lost);
  for (const each of kept) {
    for (const other of pointedTo(each)) kept.add(other);
  }
  const count = statics.length - kept.size;
  if (count < 100 || count > statics.length / 4) throw new Error(`${count} of ${statics.length} statics look unused: does each have a segment?`);
  const begin = Math.min(...statics.map(({ from }) => from));
  const data = Buffer.alloc(Math.max(...statics.map(({ from, size }) => from + size)) - begin);
  for (const { from, size, at: here } of kept) module.copy(data, from - begin, here, here + size);
  return withData(module, begin, data);
}

const without = (all, some) => new Set([...all].filter((each) => !some.has(each)));

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

/**
 * What `unpack` in `pkg/src/unpack.js` takes: a fifth less than LZMA leaves, because the model knows what WebAssembly
 * looks like. Unpacking takes about half a second of computing, once a page.
 */
export async function pack(bytes) {
  const code = rangeOfCode(bytes);
  const packed = [];
  let low = 0;
  let high = 2 ** 32 - 1;
  let at = 0;
  const steps = walk(bytes.length, code, (chance) => {
    const bit = (bytes[at >> 3] >> (7 - (at & 7))) & 1;
    at += 1;
    const middle = low + Math.floor(((high - low) / 65536) * chance);
    if (bit) high = middle;
    else low = middle + 1;
    while (low >>> 24 === high >>> 24) {
      packed.push(high >>> 24);
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
    }
    return bit;
  });
  while (!steps.next().done);
  packed.push(high >>> 24); // zeros follow
  const result = { packed: Buffer.from(packed).toString('base64'), length: bytes.length, code, sum: adler32(bytes) };
  if (!(await unpack(result))) throw new Error('what is packed does not unpack');
  return result;
}

/** Where the bodies of the functions are. */
function rangeOfCode(bytes) {
  const { at, size } = sections(bytes).find(({ id }) => id === 10);
  const { skip, number } = reader(bytes, at);
  number(); // so many
  return [skip(0), at + size];
}
