/**
 * A bounded queue that is read by `for await`. When it is full the oldest entry goes, for a notification holds its
 * whole object and the newest is the truest; how many went is told in front of the next one.
 */
export class Queue {
  #entries = [];
  #limit;
  #dropped = 0;
  #waiting = [];
  #done = false;
  #onEnd;

  constructor(limit, onEnd) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  push(entry) {
    if (this.#done) return;
    const reader = this.#waiting.shift();
    if (reader) return reader({ value: entry, done: false });
    if (this.#entries.length >= this.#limit) {
      this.#entries.shift();
      this.#dropped += 1;
    }
    this.#entries.push(entry);
  }

  /** No more will come; what is there can still be read. */
  end() {
    if (this.#done) return;
    this.#done = true;
    for (const reader of this.#waiting.splice(0)) reader({ value: undefined, done: true });
    this.#onEnd();
  }

  async next() {
    if (this.#dropped > 0) {
      const value = { kind: 'overflow', dropped: this.#dropped };
      this.#dropped = 0;
      return { value, done: false };
    }
    if (this.#entries.length > 0) return { value: this.#entries.shift(), done: false };
    if (this.#done) return { value: undefined, done: true };
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The reader left its loop. */
  async return(value) {
    this.#entries.length = 0;
    this.#dropped = 0;
    this.end();
    return { value, done: true };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
