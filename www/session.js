// @ts-check
// One agent's visit: the keeper, and beside it the Finesse REST requests of an agent desktop (sign in, ready, …), sent to
// the side that the keeper is on.

import { Keeper } from '/pkg/dist/finesse-keeper.js';
import { History } from './history.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').Status} Status */
/** @typedef {import('/pkg/dist/finesse-keeper.js').User} User */
/** @typedef {import('/pkg/dist/finesse-keeper.js').Dialog} Dialog */

/** An agent's PUT is worth waiting for this long; after that the person presses again. */
const PATIENCE_MS = 5_000;

export class Session extends EventTarget {
  history = new History();
  /** @type {User | null} */ user = null;
  /** @type {Map<string, Dialog>} */ calls = new Map();
  /** @type {Keeper | null} */ keeper = null;
  #closing = new AbortController();
  /** True once the person (or the page, on opening) signed in; a move signs in again, as an agent desktop does. */
  #wantsIn = true;

  /**
   * @param {string} agent
   * @param {string} password
   * @param {string[]} hosts Side A first, without the prefix.
   */
  constructor(agent, password, hosts) {
    super();
    this.agent = agent;
    this.password = password;
    // The prefix tells the simulator which client this is, so that it can take away this one's network alone.
    this.hosts = hosts.map((host) => `${host}/as/${encodeURIComponent(agent)}`);
  }

  /** Connects, then signs the agent in as soon as a side is in service. */
  async open() {
    const { signal } = this.#closing;
    const keeper = await Keeper.connect({
      hosts: this.hosts,
      user: this.agent,
      credentials: async () => ({ password: this.password }),
      expectedAgents: 1,
      signal,
    });
    this.keeper = keeper;
    this.#listen(keeper);
    this.history.noteStatus(keeper.status);
    await keeper.ready({ signal });
    await this.signIn();
  }

  async close() {
    this.#closing.abort();
    await this.keeper?.close();
  }

  /** @param {Keeper} keeper */
  #listen(keeper) {
    keeper.addEventListener('status', () => this.history.noteStatus(keeper.status));
    keeper.addEventListener('user', (event) => {
      this.user = detail(event).data.user ?? this.user;
      if (this.user) this.history.noteAgent(this.user.state);
    });
    keeper.addEventListener('dialog', (event) => this.#noteDialogs(detail(event)));
    keeper.addEventListener('moved', (event) => {
      const { from, to } = detail(event);
      this.history.mark({ kind: 'moved', from, to, text: `moved to ${to}` });
      if (this.#wantsIn) this.signIn().catch((error) => this.#tell(error));
    });
    keeper.addEventListener('resynced', (event) => {
      const { gap, changes } = detail(event);
      this.history.mark({ kind: 'resynced', from: null, to: null, text: `caught up after ${gap} ms, ${changes} changes` });
    });
  }

  /** @param {{ event: string, data: { dialogs?: Dialog[], dialog?: Dialog } }} notification */
  #noteDialogs({ event, data }) {
    for (const dialog of data.dialogs ?? (data.dialog ? [data.dialog] : [])) {
      if (event.toUpperCase() === 'DELETE' || dialog.state === 'DROPPED') this.calls.delete(dialog.id);
      else this.calls.set(dialog.id, dialog);
    }
  }

  /** The host of the side that the keeper is on. */
  get host() {
    return this.hosts[this.keeper?.status.side === 'B' ? 1 : 0] ?? '';
  }

  /** Signing in twice is harmless: Finesse leaves the state of an agent who is signed in already. */
  async signIn() {
    this.#wantsIn = true;
    await this.#put(`<User><state>LOGIN</state><extension>2${this.agent}</extension></User>`);
  }

  /** @param {'READY' | 'NOT_READY' | 'LOGOUT'} state */
  async change(state) {
    this.#wantsIn = state !== 'LOGOUT';
    await this.#put(`<User><state>${state}</state></User>`);
  }

  /** @param {string} body */
  async #put(body) {
    const response = await fetch(`${this.host}/finesse/api/User/${encodeURIComponent(this.agent)}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/xml', Authorization: `Basic ${btoa(`${this.agent}:${this.password}`)}` },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(`Finesse answered ${response.status} ${response.statusText}`);
  }

  /** @param {unknown} error */
  #tell(error) {
    this.dispatchEvent(new CustomEvent('trouble', { detail: error }));
  }
}

/** @param {Event} event */
function detail(event) {
  return /** @type {CustomEvent} */ (event).detail;
}
