// @ts-check
// What was broken, healed and pressed on this page, as the status element shows it beside what the keeper tells.

import { faultLabel } from './simulator.js';

/** @typedef {import('/pkg/dist/status.js').StatusNote} StatusNote */
/** @typedef {import('./simulator.js').ActiveFault} ActiveFault */

/** The oldest goes first. */
const MOST = 1000;

export class Notes extends EventTarget {
  /** @type {StatusNote[]} */ list = [];
  /** @type {Map<number, StatusNote>} What is broken now, by the fault's number. */ #broken = new Map();

  /** @param {string} text */
  tell(text) {
    this.#add({ at: Date.now(), text });
  }

  /**
   * What the simulator says is broken now. A fault no longer listed has healed.
   * @param {ActiveFault[]} active
   */
  showFaults(active) {
    const ids = new Set(active.map((fault) => fault.id));
    for (const [id, note] of this.#broken) {
      if (ids.has(id)) continue;
      this.#broken.delete(id);
      this.list = this.list.map((each) => (each === note ? { ...note, until: Date.now() } : each));
      this.dispatchEvent(new Event('change'));
    }
    for (const { id, fault, side } of active) {
      if (!this.#broken.has(id)) this.#broken.set(id, this.#add({ at: Date.now(), until: null, side, text: faultLabel(fault) }));
    }
  }

  /** @param {StatusNote} note */
  #add(note) {
    this.list = [...this.list, note].slice(-MOST);
    this.dispatchEvent(new Event('change'));
    return note;
  }
}
