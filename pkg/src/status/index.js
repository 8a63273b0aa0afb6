// @ts-check
// The entry `finesse-keeper/status`: <finesse-status>. It does nothing until it is asked to.

import { StatusElement } from './element.js';

export { english } from './english.js';

export function defineStatus(name = 'finesse-status') {
  if (typeof customElements === 'undefined') return;
  if (customElements.get(name)?.prototype instanceof StatusElement) return;
  // a class can have one name only
  customElements.define(name, class extends StatusElement {});
}
