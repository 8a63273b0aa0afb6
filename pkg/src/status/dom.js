// @ts-check
// A few helpers instead of a framework: make HTML, make SVG, keep the focus.

/** @typedef {Record<string, unknown>} Attributes  Functions become listeners; false, null and undefined are left out. */

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value === false || value == null) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 */
function made(element, attributes, children) {
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * An HTML element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export const html = (tag, attributes = {}, ...children) => made(document.createElement(tag), attributes, children);

/**
 * An SVG element.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 */
export const svg = (tag, attributes = {}, ...children) =>
  made(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

/**
 * What had the focus before a change may have vanished by it: hands the focus to the first button that is left in `heir`,
 * or to that itself.
 * @param {Element | null} focused
 * @param {HTMLElement | null | undefined} heir
 */
export function keepFocus(focused, heir) {
  if (!(focused instanceof HTMLElement) || (focused.isConnected && !focused.closest('[hidden]'))) return;
  const next = heir?.querySelector('button:not([hidden])') ?? heir;
  if (next instanceof HTMLElement) next.focus();
}

/**
 * Sets text only where it differs, so that live regions and selections are left alone.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
