// Builds what Rust hands over: a tape of numbers says what there is, and one text holds all strings in their order. A string
// or an object that crossed by itself would cost a call each; this is one call for all. The tape's words are those of
// `src/shapes/tape.rs`: three bits of kind, and a length or a place above them. A long string that is kept keeps the text it was
// cut from: a notification's, a few kB.

/** The names of the fields of each of Finesse's objects, by its place in `SHAPES`. */
let shapes = [];

/** One line for each object: the names of its fields. */
export function define(names) {
  shapes = names.split('\n').map((line) => line.split(' '));
}

export function read(tape, text) {
  let next = 0;
  let from = 0;
  const value = () => {
    const word = tape[next++];
    let count = word >>> 3;
    switch (word & 7) {
      case 0:
        return count ? count === 1 : null;
      case 1:
        return text.slice(from, (from += count));
      case 2:
        return (tape[next++] | 0) * 2 ** 32 + tape[next++];
      case 3: {
        const list = [];
        for (; count; count -= 1) list.push(value());
        return list;
      }
      case 4: {
        const map = {};
        for (; count; count -= 1) {
          const name = value();
          // else it would set what the object inherits from
          if (name === '__proto__') Object.defineProperty(map, name, { value: value(), enumerable: true, configurable: true, writable: true });
          else map[name] = value();
        }
        return map;
      }
      default: {
        const object = {};
        for (const name of shapes[count]) {
          const field = tape[next];
          if ((field & 7) === 1) {
            next += 1;
            object[name] = text.slice(from, (from += field >>> 3));
          } else object[name] = value();
        }
        const extra = value();
        if (extra) object.extra = extra;
        return object;
      }
    }
  };
  return value();
}
