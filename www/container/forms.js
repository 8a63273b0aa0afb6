// @ts-check
// The forms in which Finesse's desktop tells things on the hub (facts 6): topics, notifications, presence, and XML as an object.

/** Longer or deeper text is no notification: the page must outlive what a broken server sends. */
const MOST_TEXT = 1 << 20;
const MOST_DEPTH = 100;

/** @param {string} text */
export const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * The root of an XML document; null where it is none. What declares entities is none: nobody here does.
 * @param {string} text
 */
export function parseXml(text) {
  if (text.length > MOST_TEXT || /<!(DOCTYPE|ENTITY)/i.test(text)) return null;
  const { documentElement } = new DOMParser().parseFromString(text.trimStart(), 'text/xml');
  // browsers put the error in different places of the document
  return documentElement.localName === 'parsererror' || documentElement.querySelector('parsererror') ? null : documentElement;
}

/**
 * The first child of this name, whatever its namespace.
 * @param {Element | null | undefined} element
 * @param {string} name
 */
export const child = (element, name) => [...(element?.children ?? [])].find(({ localName }) => localName === name);

/**
 * The text of a child; empty if there is none.
 * @param {Element | null | undefined} element
 * @param {string} name
 */
export const childText = (element, name) => child(element, name)?.textContent?.trim() ?? '';

/**
 * An element as the object that goes beside its XML: text as a string, an empty element as null, repeated ones as a list; the
 * names of attributes begin with the sign that no element's can.
 * @param {Element} element
 * @param {number} [depth]
 * @returns {unknown}
 */
function valueOf(element, depth = 0) {
  const attributes = [...element.attributes].filter(({ name }) => !/^xmlns(:|$)/.test(name));
  const text = [...element.childNodes].map((node) => (node instanceof Text ? node.data : '')).join('').trim();
  if (!element.children.length && !attributes.length) return text || null;
  // without a prototype: a name that comes from outside is only a name
  /** @type {Record<string, unknown>} */
  const value = Object.create(null);
  for (const { name, value: content } of attributes) value[`@${name}`] = content;
  if (text) value['#text'] = text;
  for (const each of depth < MOST_DEPTH ? element.children : []) {
    const [name, next, known] = [each.localName, valueOf(each, depth + 1), value[each.localName]];
    if (Array.isArray(known)) known.push(next);
    else value[name] = name in value ? [known, next] : next;
  }
  return value;
}

/** @param {Element} element */
export const asObject = (element) => ({ [element.localName]: valueOf(element) });

/** @param {Element} element */
export const asText = (element) => new XMLSerializer().serializeToString(element);

/**
 * `/finesse/api/User/1001` is told on `finesse.api.User.1001`.
 * @param {string} node
 */
export const topicOf = (node) => node.replace(/^\//, '').replaceAll('/', '.');

/**
 * A notification: the node and the payload in one text, and the payload as an object. Null where the payload is neither XML
 * nor JSON: Finesse's desktop cannot publish that either.
 * @param {string} node
 * @param {string} payload
 */
export function notificationOf(node, payload) {
  const object = objectOf(payload.trim());
  return object ? { content: encodeURI(node) + payload.trim(), object } : null;
}

/** @param {string} payload */
function objectOf(payload) {
  if (payload.startsWith('{') && payload.endsWith('}')) {
    try {
      return /** @type {object} */ (JSON.parse(payload));
    } catch {
      return null;
    }
  }
  const element = parseXml(payload);
  return element && asObject(element);
}

/**
 * @param {string} from
 * @param {string} type Empty: available.
 */
export function presenceOf(from, type) {
  const content = `<presence><from>${escapeXml(from)}</from><type>${escapeXml(type)}</type></presence>`;
  return { content, object: { presence: { from, type: type || null } } };
}
