/**
 * What a keeper remembers over a reload: of its own in the tab, and the refusals, which lock an agent out wherever they
 * happen, for all tabs. Bounded texts without secrets, made and read by the core. Where a page may store nothing, as in
 * a sandboxed frame, nothing is remembered.
 */
export class Memory {
  #key;
  #common;
  #own;
  #kept = 0;
  #news = true;
  #shared;

  constructor({ user, hosts }) {
    const rests = hosts.map(({ rest }) => rest);
    const key = (...more) => ['finesse-keeper', user.toLowerCase(), ...rests, ...more].join(' ');
    this.#key = key(...frame());
    rests.sort(); // a tab may have another home
    this.#common = key();
  }

  /** Before the core begins. Its first text takes the place of the old one, so that a copy of this tab is another. */
  recall(core) {
    const read = (storage, key) => storage().getItem(key) ?? '';
    core.remember(quietly(read, tab, this.#key) ?? '', quietly(read, origin, this.#common) ?? '');
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
    this.#own = this.#write(tab, this.#key, this.#own, core.memory());
    this.#shared = this.#write(origin, this.#common, this.#shared, core.refusals());
  }

  /** Whether a `storage` event tells what another tab wrote for all. */
  isMine({ key, storageArea }) {
    return key === this.#common && storageArea === quietly(origin);
  }

  #write(storage, key, old, text) {
    if (text !== old) quietly(() => storage().setItem(key, text));
    return text;
  }
}

/** Milliseconds. */
const OFTEN = 5_000;

/**
 * The frames of a page, as gadgets are, share its storage; each is another application. One without a name is told by its
 * address, of which `url` and `mid` say what gadget it is: the rest is new on each load, and may be secret.
 */
function frame() {
  if (globalThis.self === globalThis.top || !globalThis.location) return [];
  if (globalThis.name) return [globalThis.name];
  const given = new URLSearchParams(location.search);
  return [location.origin + location.pathname, ...['url', 'mid'].map((field) => `${field}=${given.get(field) ?? ''}`)];
}

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
