// Runs in a page: see memory.mjs.

import { call } from './samples.js';

// the module's memory is nobody's business but a measurement's: it is seen where it is made
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    if (this.exports.memory) memories.push(this.exports.memory);
  }
};

const { loadParsers } = await import('/dist/finesse-keeper.js');
const { parseNotification } = await loadParsers();

window.readMany = (from, to) => {
  let last;
  for (let number = from; number < to; number += 1) last = parseNotification(call(number));
  return last.data.id;
};
window.wasmBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
