// @ts-check
// The board of faults: one row each, a switch per side that breaks when pressed and heals when pressed again.

import { html, keepFocus, setAttributes, setText } from './dom.js';
import { FAULT_GROUPS, faultLabel } from './simulator.js';

/** @typedef {import('./simulator.js').FaultKind} FaultKind */
/** @typedef {import('./simulator.js').ActiveFault} ActiveFault */
/** @typedef {import('./simulator.js').Side} Side */
/** @typedef {{ strike: (kind: FaultKind, side: Side | null) => void, heal: (faults: ActiveFault[]) => void, healAll: () => void }} BoardActions */

export class Board {
  /** @type {ActiveFault[]} */ #active = [];
  /** @type {((active: ActiveFault[], side: Side) => void)[]} */ #shows = [];
  /** @type {Map<number, HTMLElement>} What is listed as broken now, by the fault's number. */ #items = new Map();
  #list = html('ul', { class: 'active' });
  #none = html('p', { class: 'hint' }, 'Nothing.');

  /**
   * @param {HTMLElement} root
   * @param {HTMLElement} healAll
   * @param {BoardActions} actions
   * @param {typeof FAULT_GROUPS} [groups] Those that are offered.
   */
  constructor(root, healAll, actions, groups = FAULT_GROUPS) {
    this.actions = actions;
    this.healAll = healAll;
    healAll.addEventListener('click', actions.healAll);
    root.append(...groups.map((group) => this.#group(group)));
    root.append(html('section', {}, html('h3', {}, 'Broken now'), this.#none, this.#list));
  }

  /**
   * @param {ActiveFault[]} active
   * @param {Side} side The side that the agent is on: what happens for a moment happens there.
   */
  show(active, side) {
    this.#active = active;
    for (const show of this.#shows) show(active, side);
    this.#none.hidden = active.length > 0;
    setAttributes(this.healAll, { 'data-needed': active.length > 0 });
    this.#listActive(active);
  }

  /** @param {ActiveFault[]} active */
  #listActive(active) {
    const focused = document.activeElement;
    for (const [id, item] of this.#items) {
      if (active.some((fault) => fault.id === id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    for (const fault of active) {
      if (this.#items.has(fault.id)) continue;
      const item = this.#activeItem(fault);
      this.#items.set(fault.id, item);
      this.#list.append(item);
    }
    keepFocus(focused, active.length > 0 ? this.#list : this.healAll);
  }

  /** @param {ActiveFault} fault */
  #activeItem(fault) {
    const name = `${faultLabel(fault.fault)}${fault.side ? ` on ${fault.side}` : ''}`;
    const button = html('button', { type: 'button', class: 'heal', 'aria-label': `Heal: ${name}`, click: () => this.actions.heal([fault]) }, 'Heal');
    return html('li', {}, html('span', {}, `⚡ ${name}`), button);
  }

  /** @param {typeof FAULT_GROUPS[number]} group */
  #group({ title, faults }) {
    return html('section', {}, html('h3', {}, title), html('ul', { class: 'faults' }, ...faults.map((kind) => this.#row(kind))));
  }

  /** @param {FaultKind} kind */
  #row(kind) {
    const switches = html('span', { class: 'switches' });
    if (kind.once) switches.append(this.#moment(kind));
    else switches.append(this.#switch(kind, 'A'), this.#switch(kind, 'B'));
    if (kind.own && !kind.once) switches.append(this.#switch(kind, null));
    return html('li', {}, html('span', { class: 'what' }, html('b', {}, kind.label), html('small', {}, kind.hint)), switches);
  }

  /** @param {FaultKind} kind */
  #moment(kind) {
    const button = html('button', { type: 'button', class: 'wide', click: () => this.actions.strike(kind, null) });
    this.#shows.push((_, side) => {
      setText(button, `on ${side}`);
      setAttributes(button, { 'aria-label': `${kind.label} on ${side}` });
    });
    return button;
  }

  /**
   * @param {FaultKind} kind
   * @param {Side | null} side null: both at once
   */
  #switch(kind, side) {
    const mine = () => this.#active.filter((fault) => fault.fault === kind.fault && (fault.side ?? null) === side);
    const press = () => (mine().length > 0 ? this.actions.heal(mine()) : this.actions.strike(kind, side));
    const label = `${kind.label} ${side ? `on side ${side}` : 'on both sides'}`;
    const button = html('button', { type: 'button', class: !side && 'wide', 'aria-label': label, click: press }, side ?? 'both');
    this.#shows.push(() => setAttributes(button, { 'aria-pressed': String(mine().length > 0) }));
    return button;
  }
}
