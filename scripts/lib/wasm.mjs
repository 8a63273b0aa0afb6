// As much of WebAssembly's binary format as making a module small takes: sections, data segments, and the numbers in the
// code that may be addresses (specification, chapter 5).

/** Reads on from `at`; `skip` tells where it was before. */
export function reader(bytes, at) {
  const skip = (count) => {
    at += count;
    return at - count;
  };
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[skip(1)];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  return { skip, number, at: () => at };
}

/** A module's sections: what they are, and where in the file. */
export function sections(bytes) {
  const found = [];
  for (const next = reader(bytes, 8); next.at() < bytes.length; ) {
    const begin = next.at();
    const id = bytes[next.skip(1)];
    const size = next.number();
    found.push({ id, begin, at: next.skip(size), size });
  }
  return found;
}

/** The segments of a module's data: where in memory, how large, and where in the file. */
export function dataOf(bytes) {
  const { skip, number } = reader(bytes, sections(bytes).find(({ id }) => id === 11).at);
  return Array.from({ length: number() }, () => {
    skip(2); // active, in memory 0; i32.const
    const from = number();
    skip(1); // end
    const size = number();
    return { from, size, at: skip(size) };
  });
}

/** The module with one segment of data in place of all it has. */
export function withData(bytes, from, data) {
  const begin = Buffer.concat([Buffer.from([1, 0, 0x41]), leb(from, true), Buffer.from([0x0b]), leb(data.length)]);
  const instead = { 11: Buffer.concat([begin, data]), 12: leb(1) };
  const section = ({ id, begin: start, at, size }) => {
    const content = instead[id];
    return content ? Buffer.concat([Buffer.from([id]), leb(content.length), content]) : bytes.subarray(start, at + size);
  };
  return Buffer.concat([bytes.subarray(0, 8), ...sections(bytes).map(section)]);
}

/** LEB128; of a signed number one bit more is needed. */
function leb(number, signed = false) {
  const most = signed ? 63 : 127;
  return Buffer.from(number > most ? [(number & 127) | 128, ...leb(number >>> 7, signed)] : [number]);
}

/** All constants and offsets in the code: whatever may be an address. */
export function numbersOf(bytes) {
  const found = new Set();
  const next = reader(bytes, sections(bytes).find(({ id }) => id === 10).at);
  for (let count = next.number(); count > 0; count -= 1) {
    const size = next.number();
    const end = next.at() + size;
    for (let groups = next.number(); groups > 0; groups -= 1) {
      next.number();
      next.skip(1);
    }
    while (next.at() < end) instruction(bytes, next, found);
    if (next.at() !== end) throw new Error(`lost in the code at ${next.at()}`);
  }
  return found;
}

/** Passes over one instruction: its opcode, and what follows by the kind of it. */
function instruction(bytes, next, found) {
  const opcode = bytes[next.skip(1)];
  const within = (from, to) => opcode >= from && opcode <= to;
  if (opcode === 0x41) found.add(next.number() % 2 ** 32); // i32.const; addresses are below what is negative
  else if (within(0x28, 0x3e)) {
    next.number();
    found.add(next.number()); // the offset of a load or store
  } else if (opcode === 0x0e) many(next, next.number() + 1); // br_table
  else if (opcode === 0x11) many(next, 2); // call_indirect
  else if (opcode === 0x1c) many(next, next.number()); // select of a type
  else if (opcode === 0x43 || opcode === 0x44) next.skip((opcode - 0x42) * 4);
  else if (opcode === 0xfc) many(next, prefixed(next.number()));
  else if (within(2, 4) || within(0x0c, 0x10) || within(0x20, 0x26) || within(0x3f, 0x42) || within(0xd0, 0xd2)) {
    if (opcode !== 0xd1) next.number(); // ref.is_null has nothing
  }
}

function many(next, count) {
  for (; count > 0; count -= 1) next.number();
}

/** How many numbers follow what follows 0xfc: conversions, memory and tables. */
function prefixed(opcode) {
  if (opcode < 8) return 0;
  return [9, 11, 13, 15, 16, 17].includes(opcode) ? 1 : 2;
}
