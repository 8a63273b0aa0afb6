import { adler32 } from './adler32.js';
import { walk } from './model.js';

/** So many milliseconds at once: no more than a page can be late with a frame. */
const SLICE = 10;

/** Lets the page have its turn. Not by a timer: a hidden page has one a second, and this takes thirty turns. */
const rest = () => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => done(port1.close());
  port2.postMessage(0);
});

/** The module, from what `pack` in `scripts/lib/shrink.mjs` made of it; nothing if that is damaged. */
export async function unpack({ packed, length, code, sum }) {
  const text = atob(packed);
  let read = 0;
  const byte = () => text.charCodeAt(read++) | 0; // after the end come zeros
  // An arithmetic decoder: the next bit says in which part of the range `low` to `high` the number `value` lies.
  let low = 0;
  let high = 2 ** 32 - 1;
  let value = 0;
  for (let count = 0; count < 4; count += 1) value = value * 256 + byte();
  const steps = walk(length, code, (chance) => {
    const middle = low + Math.floor(((high - low) / 65536) * chance);
    const bit = value <= middle ? 1 : 0;
    if (bit) high = middle;
    else low = middle + 1;
    while (low >>> 24 === high >>> 24) {
      low = (low << 8) >>> 0;
      high = ((high << 8) | 255) >>> 0;
      value = ((value << 8) | byte()) >>> 0;
    }
    return bit;
  });
  let step = steps.next();
  for (let end = Date.now() + SLICE; !step.done; step = steps.next()) {
    if (Date.now() < end) continue;
    await rest();
    end = Date.now() + SLICE;
  }
  return adler32(step.value) === sum ? step.value : undefined;
}
