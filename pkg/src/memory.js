/**
 * What a keeper remembers over a reload: of its own in the tab, and the refusals, which lock an agent out wherever they
 * happen, for all tabs. Bounded texts without secrets, made and read by the core. Where a page may store nothing, as in
 * a sandboxed frame, nothing is remembered.
 */
export class Memory {
  #key;
  #own;
  #kept = 0;
  #news = true;
  #shared;

  constructor({ user, hosts }) {
    this.#key = ['finesse-keeper', user, ...hosts.map(({ rest }) => rest)].join(' ');
  }

  /** Before the core begins. Its first text takes the place of the old one, so that a copy of this tab is another. */
  recall(core) {
    const read = (storage) => storage().getItem(this.#key) ?? '';
    core.remember(quietly(read, tab) ?? '', quietly(read, origin) ?? '');
    this.#shared = core.refusals();
    this.keep(core);
  }

  /** Something was told. Notifications change nothing here, and are many. */
  hear(kind, detail) {
    this.#news ||= kind === 'status' || (kind === 'log' && detail.kind !== 'notification');
  }

  /** After each input: written when it differs. Answered pings tell nothing, and need not be seen each. */
  keep(core) {
    if (!this.#news && Date.now() - this.#kept < OFTEN) return;
    this.#news = false;
    this.#kept = Date.now();
    this.#own = this.#write(tab, this.#own, core.memory());
    this.#shared = this.#write(origin, this.#shared, core.refusals());
  }

  /** Whether a `storage` event tells what another tab wrote for all. */
  isMine({ key, storageArea }) {
    return key === this.#key && storageArea === quietly(origin);
  }

  #write(storage, old, text) {
    if (text !== old) quietly(() => storage().setItem(this.#key, text));
    return text;
  }
}

/** Milliseconds. */
const OFTEN = 5_000;

const tab = () => sessionStorage;
const origin = () => localStorage;

/** Storage that is forbidden, missing or full throws: nothing comes of it. */
function quietly(act, ...args) {
  try {
    return act(...args);
  } catch {
    return undefined;
  }
}
