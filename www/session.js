// @ts-check
// One agent's visit: the keeper, and what an agent desktop asks Finesse for (sign in, ready, …).

import { Keeper } from '/pkg/dist/finesse-keeper.js';
import { Notes } from './notes.js';

/** @typedef {import('/pkg/dist/finesse-keeper.js').Status} Status */
/** @typedef {import('/pkg/dist/finesse-keeper.js').Side} Side */
/** @typedef {import('/pkg/dist/finesse-keeper.js').User} User */
/** @typedef {import('/pkg/dist/finesse-keeper.js').Dialog} Dialog */
/** @typedef {import('/pkg/dist/finesse-keeper.js').DialogNotification} DialogNotification */
/** @typedef {import('/pkg/dist/finesse-keeper.js').DialogsNotification} DialogsNotification */

export class Session extends EventTarget {
  notes = new Notes();
  /** @type {User | null} */ user = null;
  /** @type {Map<string, Dialog>} */ calls = new Map();
  /** @type {Keeper | null} */ keeper = null;
  #closing = new AbortController();
  /** Whether the agent is to be signed in: so on opening, until the person signs out. */
  #wantsIn = true;
  /** @type {Side | null} Where the agent was signed in last. */ #signedInOn = null;

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

  /** Connects. The agent is signed in as soon as a side is in service. */
  async open() {
    const keeper = await Keeper.connect({
      hosts: this.hosts,
      user: this.agent,
      credentials: async () => ({ password: this.password }),
      expectedAgents: 1,
      signal: this.#closing.signal,
    });
    this.keeper = keeper;
    this.#listen(keeper);
    this.#noteStatus(keeper.status);
  }

  async close() {
    this.#closing.abort();
    await this.keeper?.close();
  }

  /** @param {Keeper} keeper */
  #listen(keeper) {
    keeper.addEventListener('status', ({ detail }) => this.#noteStatus(detail));
    keeper.addEventListener('user', ({ detail }) => (this.user = detail.data));
    keeper.addEventListener('dialog', ({ detail }) => this.#noteDialogs(detail));
  }

  /**
   * Signs in on each side that the keeper comes to, as an agent desktop does: harmless, since Finesse leaves the state of
   * an agent who is signed in already.
   * @param {Status} status
   */
  #noteStatus(status) {
    if (status.state !== 'in-service' || !this.#wantsIn || this.#signedInOn === status.side) return;
    this.signIn().catch((error) => this.#complain(error));
  }

  /** @param {unknown} error */
  #complain(error) {
    this.dispatchEvent(new CustomEvent('trouble', { detail: error }));
  }

  /** @param {DialogNotification | DialogsNotification} notification */
  #noteDialogs({ event, kind, data }) {
    for (const dialog of kind === 'dialogs' ? data : [data]) {
      const id = dialog.id ?? '';
      if (event === 'DELETE' || dialog.state === 'DROPPED') this.calls.delete(id);
      else this.calls.set(id, dialog);
    }
  }

  async signIn() {
    this.#wantsIn = true;
    this.#signedInOn = this.keeper?.status.side ?? null;
    await this.keeper?.signIn({ extension: `2${this.agent}` });
  }

  /** @param {'READY' | 'NOT_READY'} state */
  async change(state) {
    await this.keeper?.setState(state);
  }

  async signOut() {
    this.#wantsIn = false;
    await this.keeper?.signOut();
  }
}
