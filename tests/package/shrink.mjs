// What the build forgets of the module's data, and what it must not: with a module that is made for it, and run.

import binaryen from 'binaryen';
import { forgetUnused } from '../../scripts/lib/shrink.mjs';
import { check } from './project.mjs';

const BEGIN = 1024;
const SIZE = 16;
const COUNT = 600;
/** Where a static is. */
const at = (index) => BEGIN + index * SIZE;

const range = (from, to) => Array.from({ length: to - from }, (_, index) => from + index);

/** Statics that only panics name, by their numbers. */
const WORDS = range(400, 520);
/** Named by a panic, which points to two more: to one that nobody else knows, and to one that another static knows. */
const [PLACE, FILE, SHARED, OWNER] = [560, 561, 562, 563];
/** No code names it, nor what lies just before it: its first index is 30. */
const [TABLE, FIRST] = [580, 30];
const NAMED = [...range(0, 390), ...range(520, 560), OWNER, ...range(590, COUNT)];

const bytesOf = (index) => {
  const bytes = Buffer.alloc(SIZE, (index % 251) + 1);
  const pointers = { [PLACE]: [FILE, SHARED], [OWNER]: [SHARED] }[index] ?? [];
  for (const [word, other] of pointers.entries()) bytes.writeUInt32LE(at(other), word * 4);
  return bytes;
};

const names = (list) => list.map((index) => `(drop (i32.const ${at(index)}))`).join('');
const literal = (bytes) => [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');

/** With panics that do as is given. */
function moduleWith(panic) {
  const statics = Array.from({ length: COUNT }, (_, index) => `(data (i32.const ${at(index)}) "${literal(bytesOf(index))}")`);
  const module = binaryen.parseText(`(module (memory (export "memory") 1) ${statics.join('')}
    (func (export "lookUp") (param i32) (result i32) (i32.load offset=${at(TABLE) - FIRST * 4} (i32.shl (local.get 0) (i32.const 2))))
    (func (export "live") ${names(NAMED)})
    (func (export "panic") ${panic}))`);
  const bytes = Buffer.from(module.emitBinary());
  module.dispose();
  return bytes;
}

/** Only what panics alone lead to is lost. */
async function forgets() {
  const [loud, silent] = [moduleWith(names([...WORDS, PLACE])), moduleWith('unreachable')];
  const { instance: { exports } } = await WebAssembly.instantiate(forgetUnused(silent, loud, silent));
  check(exports.lookUp(FIRST) === bytesOf(TABLE).readInt32LE(0), `the table has ${exports.lookUp(FIRST)}`);
  const memory = Buffer.from(exports.memory.buffer);
  const lost = new Set([...WORDS, PLACE, FILE]);
  for (let index = 0; index < COUNT; index += 1) {
    const [got, want] = [memory.subarray(at(index), at(index + 1)), lost.has(index) ? Buffer.alloc(SIZE) : bytesOf(index)];
    check(got.equals(want), `static ${index}: ${got.toString('hex')} in place of ${want.toString('hex')}`);
  }
}

/** A compiler that lays out data in another way must stop the build. */
async function doubts() {
  const silent = moduleWith('unreachable');
  for (const list of [range(400, 450), range(390, 590)]) {
    let error;
    try {
      forgetUnused(silent, moduleWith(names(list)), silent);
    } catch (thrown) {
      error = thrown;
    }
    check(/\d+ of 600 statics look unused/.test(error?.message), `of ${list.length}: ${error}`);
  }
}

export const shrinking = [
  { name: 'shrinking: what only panics lead to is forgotten, and no table', run: forgets },
  { name: 'shrinking: too little or too much forgotten is an error', run: doubts },
];
