// @ts-check
// A few helpers instead of a framework. All but one are the status element's own, from its source: they are no part of the
// package's interface.

export { html, keepFocus, setAttributes, setText } from '/pkg/src/status/dom.js';

/**
 * The element with this id; the page is broken without it, so its absence is an error.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}
