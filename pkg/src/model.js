// What the next bit of a WebAssembly module is likely to be, judged by all before it: context mixing, as in PAQ and lpaq
// (Matt Mahoney), with contexts for this one format. The build packs and the browser unpacks along the very same model,
// so nothing is computed here but what every engine computes alike: integers, and + - * / of doubles; no Math.exp.

/**
 * Goes through a module of `length` bytes whose functions lie in the range `code`, and returns it. Each bit is what
 * `bit` says when it is told the chance, in 65536ths, that it is a 1. It stops now and then, for those who have
 * something else to do.
 */
export function* walk(length, code, bit) {
  const bytes = new Uint8Array(length);
  const syntax = new Syntax(bytes, code);
  const match = new Match(bytes);
  const mixer = new Mixer(syntax, match);
  for (let at = 0; at < length; at += 1) {
    if (at % STRETCH === 0) yield;
    syntax.look(at);
    match.look(at);
    let seen = 1; // the bits of this byte so far, behind a 1
    while (seen < 256) {
      const next = bit(mixer.predict(seen));
      mixer.learn(next);
      match.learn(next);
      seen = (seen << 1) | next;
    }
    bytes[at] = seen;
    syntax.follow(seen & 255, at);
  }
  return bytes;
}

/** What comes next in the code: the head of a function, an opcode, a number or raw bytes behind one. */
const [SIZE, GROUPS, LOCALS, OPCODE, NUMBER, RAW] = [0, 1, 2, 3, 4, 5];

/** Where we are in the module, as contexts: what came next at such a place before is likely to come again. */
class Syntax {
  contexts = new Int32Array(CONTEXTS);
  before = 0;
  state = 0;
  opcode = 0;
  #bytes;
  #begin;
  #end;
  #next = SIZE;
  #bodyEnd = 0;
  #opcodes = 0; // the last four
  #older = 0; // and two before them
  #left = 0;
  #number = 0;
  #shift = 0;
  #last = new Int32Array(256); // what each opcode was given last, and the time before
  #former = new Int32Array(256);

  constructor(bytes, [begin, end]) {
    this.#bytes = bytes;
    this.#begin = begin;
    this.#end = end;
  }

  look(at) {
    const { contexts } = this;
    const back = (count) => (at < count ? 0 : this.#bytes[at - count]);
    const two = back(1) | (back(2) << 8);
    this.before = back(1);
    if (at < this.#begin || at >= this.#end) {
      const four = two | (back(3) << 16) | (back(4) << 24);
      for (let k = 0; k < 4; k += 1) contexts[k] = hash(k, four & (-1 >>> (24 - 8 * k)));
      contexts[4] = hash(hash(4, at & 3), back(4) | (back(8) << 8) | (back(12) << 16)); // a table of numbers and addresses
      contexts[5] = hash(hash(5, four), back(5) | (back(6) << 8));
      contexts[6] = hash(6, back(1) | (back(3) << 8));
      this.state = this.opcode = 0;
      return;
    }
    const next = this.#next;
    const opcode = this.#opcodes & 255;
    this.opcode = next < OPCODE ? 0 : opcode;
    this.state = next === NUMBER ? 8 + Math.min(this.#left, 2) + (this.#shift && 4) : 1 + next;
    const place = this.state * 256 + (next > OPCODE ? opcode : 0);
    contexts[0] = hash(place, this.#opcodes & 0xffff);
    contexts[1] = hash(hash(place, this.#opcodes), this.#older);
    contexts[2] = hash(-1, two);
    contexts[3] = hash(hash(place, this.#last[opcode]), hash(this.#former[opcode], this.before));
    contexts[4] = hash(place, this.#opcodes);
    contexts[5] = hash(hash(place, this.#last[0x10]), opcode); // after this call
    contexts[6] = hash(hash(place, this.#last[0x20]), this.#opcodes); // with this local
  }

  follow(byte, at) {
    if (at < this.#begin || at >= this.#end) return;
    if (this.#next === OPCODE) {
      this.#older = ((this.#older << 8) | (this.#opcodes >>> 24)) & 0xffff;
      this.#opcodes = (this.#opcodes << 8) | byte;
      this.#left = operands(byte);
      if (this.#left) this.#next = this.#left > 2 ? RAW : NUMBER;
    } else if (this.#next === RAW) {
      this.#count();
    } else {
      this.#number |= (byte & 127) << this.#shift;
      this.#shift += 7;
      if (byte < 128) {
        this.#take(this.#number, at);
        this.#number = this.#shift = 0;
      }
    }
    if (at + 1 >= this.#bodyEnd && this.#next >= OPCODE) this.#next = SIZE;
  }

  #take(number, at) {
    const opcode = this.#opcodes & 255;
    if (this.#next === SIZE) {
      this.#bodyEnd = at + 1 + number;
      this.#next = GROUPS;
    } else if (this.#next === GROUPS) {
      this.#left = number * 2 + 1;
      this.#next = LOCALS;
      this.#count();
    } else {
      if (this.#next === NUMBER) {
        this.#former[opcode] = this.#last[opcode];
        this.#last[opcode] = number;
        if (this.#left < 0) this.#left = number + 2;
      }
      this.#count();
    }
  }

  #count() {
    this.#left -= 1;
    if (!this.#left) this.#next = OPCODE;
  }
}

/** How many numbers follow an opcode (up to 2), or raw bytes. */
function operands(opcode) {
  const within = (from, to) => opcode >= from && opcode <= to;
  if (opcode === 0x0e) return -1; // br_table: its first number tells
  if (opcode === 0x11 || within(0x28, 0x3e)) return 2; // call_indirect; loads and stores
  if (opcode === 0x43 || opcode === 0x44) return (opcode - 0x42) * 4; // f32.const, f64.const
  return +(within(2, 4) || within(0x0c, 0x10) || within(0x20, 0x26) || within(0x3f, 0x42) || opcode > 0xcf);
}

/** The last place that had the same four bytes before it: what came there comes again, the likelier the more is the same. */
class Match {
  length = 0;
  /** The bit that would come, or -1. */
  guess = -1;
  #bytes;
  #places = new Int32Array(2 ** 18);
  #at = 0;
  #byte = 0;
  #right = new Float64Array(64).fill(0.5); // by length
  #tries = new Float64Array(64).fill(1.5);

  constructor(bytes) {
    this.#bytes = bytes;
  }

  look(at) {
    const bytes = this.#bytes;
    if (this.length > 0) {
      this.#at += 1;
      this.length += 1;
    }
    if (at < 4) return;
    const place = hash(bytes[at - 1] | (bytes[at - 2] << 8), bytes[at - 3] | (bytes[at - 4] << 8)) >>> 14;
    if (this.length === 0) {
      this.#at = this.#places[place];
      while (this.length < Math.min(63, this.#at) && bytes[this.#at - 1 - this.length] === bytes[at - 1 - this.length]) this.length += 1;
      if (this.length < 4) this.length = 0;
    }
    this.#places[place] = at;
    this.#byte = bytes[this.#at] | 256;
  }

  /** How sure the guess is, towards 0 or 1. */
  predict(seen) {
    const shift = Math.clz32(seen) - 24; // bits to come, and one
    this.guess = this.length > 0 && this.#byte >> (shift + 1) === seen ? (this.#byte >> shift) & 1 : -1;
    if (this.guess < 0) return 0;
    this.length = Math.min(this.length, 63);
    const sure = stretch(this.#right[this.length] * 65535);
    return this.guess ? sure : -sure;
  }

  learn(bit) {
    if (this.guess < 0) return;
    const { length } = this;
    const right = bit === this.guess;
    this.#right[length] += (+right - this.#right[length]) / this.#tries[length];
    this.#tries[length] = Math.min(this.#tries[length] + 1, 250);
    if (!right) this.length = 0;
  }
}

/** Mixes what followed each context into one chance, by weights that it learns. */
class Mixer {
  #syntax;
  #match;
  // For each context and half a byte 16 slots, which fill a line of a cache: a check, then for each bit its chance, in 22
  // bits, and how often it was seen, in 10.
  #slots = new Uint32Array(CONTEXTS * SLOTS).fill(NEW);
  #found = new Int32Array(CONTEXTS);
  #places = new Int32Array(CONTEXTS);
  #inputs = new Float64Array(INPUTS).fill(0.3); // the last one stays so
  // Two sets of weights each time, by what the syntax expects and by the bits before.
  #weights = new Float64Array(2 * SETS * INPUTS).fill(0.25);
  #sets = [0, 0];
  #sums = [0, 0];
  // What a mixed chance has been worth, by what is expected, the bits of this byte, and the chance.
  #worth = new Float64Array(SETS * STEPS).map((_, at) => squash((at % STEPS) * 0.749 - 11.98));
  #step = 0;

  constructor(syntax, match) {
    this.#syntax = syntax;
    this.#match = match;
  }

  /** The chance, in 65536ths, that the next bit is a 1. */
  predict(seen) {
    const { state, opcode, before } = this.#syntax;
    const inputs = this.#inputs;
    const half = 1 << ((59 - Math.clz32(seen)) & 3);
    if (half === 1) this.#find(seen);
    for (let k = 0; k < CONTEXTS; k += 1) {
      const slot = this.#found[k] + (half | (seen & (half - 1)));
      const known = this.#slots[slot];
      this.#places[k] = slot;
      inputs[k] = known & 1023 ? stretched[known >>> 20] : 0;
    }
    inputs[CONTEXTS] = this.#match.predict(seen);
    this.#sets[0] = (state * 256 + opcode) * INPUTS;
    this.#sets[1] = (SETS + ((before >> 5) * 256 + seen)) * INPUTS;
    const mean = (this.#mix(0) + this.#mix(1)) / 2;
    const place = (mean + 11.98) / 0.749;
    const step = Math.floor(place);
    const cell = (state * 256 + seen) * STEPS + step;
    const worth = this.#worth[cell] + (this.#worth[cell + 1] - this.#worth[cell]) * (place - step);
    this.#step = place - step > 0.5 ? cell + 1 : cell;
    return Math.max(1, Math.floor((squash(mean) + worth) * 32767));
  }

  /** Where what is known of each context stands; what another one of the same place left is forgotten. */
  #find(seen) {
    const slots = this.#slots;
    for (let k = 0; k < CONTEXTS; k += 1) {
      const key = seen > 1 ? hash(this.#syntax.contexts[k], seen) : this.#syntax.contexts[k];
      const found = k * SLOTS + (key >>> 16) * 16;
      const check = key & 0xffff;
      if (slots[found] !== check) {
        slots.fill(NEW, found, found + 16);
        slots[found] = check;
      }
      this.#found[k] = found;
    }
  }

  #mix(number) {
    const set = this.#sets[number];
    let sum = 0;
    for (let k = 0; k < INPUTS; k += 1) sum += this.#weights[set + k] * this.#inputs[k];
    sum = Math.max(-11.98, Math.min(11.98, sum));
    this.#sums[number] = sum;
    return sum;
  }

  learn(bit) {
    const weights = this.#weights;
    this.#worth[this.#step] += (bit - this.#worth[this.#step]) * 0.02;
    for (let number = 0; number < 2; number += 1) {
      const wrong = (bit - squash(this.#sums[number])) * 0.02;
      for (let k = 0, at = this.#sets[number]; k < INPUTS; k += 1, at += 1) weights[at] += wrong * this.#inputs[k];
    }
    const aim = bit * (2 ** 22 - 1);
    for (let k = 0; k < CONTEXTS; k += 1) {
      const slot = this.#places[k];
      const known = this.#slots[slot];
      const count = known & 1023;
      const chance = known >>> 10;
      this.#slots[slot] = ((chance + (aim - chance) * RATES[count]) << 10) | Math.min(count + 1, 30);
    }
  }
}

/** So many bytes from one stop to the next, about a millisecond. */
const STRETCH = 1024;
const CONTEXTS = 7;
const SLOTS = 2 ** 20;
const INPUTS = CONTEXTS + 2;
const SETS = 4096;
const STEPS = 33;
/** As likely as not, and never seen. */
const NEW = 2 ** 31;
const RATES = Float64Array.from({ length: 31 }, (_, count) => 1 / (count + 1.3));

// The logistic function from -12 to 12, and its inverse.
const squashed = new Float64Array(4096);
const stretched = new Float64Array(4096);
let power = 6.1442e-6; // e ** -12
for (let at = 0, chance = 0; at < 4096; at += 1) {
  squashed[at] = power / (1 + power);
  power *= 1.0058766; // e ** (24 / 4096)
  for (; chance + 0.5 < squashed[at] * 4096; chance += 1) stretched[chance] = (at - 2048) / 170.67;
}

function squash(x) {
  return squashed[(x * 170.67 + 2048) | 0];
}

/** Of a chance in 65536ths. */
function stretch(chance) {
  return stretched[chance >> 4];
}

function hash(a, b) {
  const x = Math.imul(a, 0x2c1b3c6d) ^ Math.imul(b + 0x3d4d51cb, 0x297a2d39);
  const y = Math.imul(x ^ (x >>> 15), 0x85ebca6b);
  return y ^ (y >>> 13);
}
