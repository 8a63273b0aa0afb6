// Runs in a page: a stanza with an escaped notification becomes an object, by each parser. The others read twice, as Finesse's
// own library does, and convert what they have to plain objects: text alone is a string, a child that repeats an array.

import { XMLParser } from 'fast-xml-parser';
import { parse as ltx } from 'ltx';
import { SaxesParser } from 'saxes';
import { call, team } from './samples.js';

const { loadParsers } = await import('/dist/finesse-keeper.js');
const { parseNotification } = await loadParsers();

/** Adds a child to a plain object; the second of a name makes an array of it. */
function add(object, name, value) {
  const known = object[name];
  if (known === undefined) object[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else object[name] = [known, value];
}

const dom = new DOMParser();

function plainDom(element) {
  let children = null;
  for (let child = element.firstElementChild; child; child = child.nextElementSibling) add((children ??= {}), child.localName, plainDom(child));
  return children ?? element.textContent;
}

function viaDom(stanza) {
  const items = dom.parseFromString(stanza, 'text/xml').getElementsByTagName('items')[0];
  const payload = items.getElementsByTagName('notification')[0].textContent;
  return { node: items.getAttribute('node'), update: plainDom(dom.parseFromString(payload, 'text/xml').documentElement) };
}

function saxesTree(xml, attribute) {
  const stack = [{ children: null, text: '' }];
  let found;
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    if (name === attribute) found = attributes.node;
    stack.push({ children: null, text: '' });
  });
  parser.on('text', (text) => { stack.at(-1).text += text; });
  parser.on('closetag', ({ name }) => {
    const { children, text } = stack.pop();
    add((stack.at(-1).children ??= {}), name, children ?? text);
  });
  parser.write(xml).close();
  return { node: found, tree: stack[0].children };
}

function viaSaxes(stanza) {
  const { node, tree } = saxesTree(stanza, 'items');
  return { node, update: saxesTree(tree.message.event.items.item.notification).tree.Update };
}

function plainLtx(element) {
  let children = null;
  for (const child of element.children) if (typeof child !== 'string') add((children ??= {}), child.name, plainLtx(child));
  return children ?? element.getText();
}

function viaLtx(stanza) {
  const items = ltx(stanza).getChild('event').getChild('items');
  return { node: items.attrs.node, update: plainLtx(ltx(items.getChild('item').getChild('notification').getText())) };
}

const outer = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false, trimValues: false, processEntities: { maxTotalExpansions: 1e9, maxExpandedLength: 1e9 } });
const inner = new XMLParser({ parseTagValue: false, trimValues: false });

function viaFast(stanza) {
  const { items } = outer.parse(stanza).message.event;
  const { notification } = items.item;
  return { node: items['@node'], update: inner.parse(notification['#text'] ?? notification).Update };
}

const parsers = {
  'finesse-keeper': parseNotification, 'DOMParser twice': viaDom, saxes: viaSaxes, ltx: viaLtx, 'fast-xml-parser': viaFast,
};

/** Whether the typed object says what the plain one does: the same texts under the same names. */
function covers(plain, typed) {
  if (typeof plain === 'string') return plain === '' ? typed === '' || typed === null || typed.length === 0 : String(typed) === plain;
  if (Array.isArray(typed)) {
    const items = [Object.values(plain)[0]].flat();
    return items.length === typed.length && items.every((item, index) => covers(item, typed[index]));
  }
  return Object.entries(plain).every(([name, value]) => covers(value, typed[name]));
}

function check(name, stanza) {
  const own = parseNotification(stanza);
  if (name === 'finesse-keeper') return;
  const { node, update } = parsers[name](stanza);
  const [object] = Object.values(update.data);
  if (node !== own.node || update.event !== own.event || update.source !== own.source || !covers(object, own.data)) {
    throw new Error(`${name} reads something else: ${JSON.stringify(object).slice(0, 500)} ${JSON.stringify(own.data).slice(0, 500)}`);
  }
}

/** A string in one piece, as a socket brings it: one that was put together here would be put in order by its first reader. */
const arrived = (text) => new TextDecoder().decode(new TextEncoder().encode(text));

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** Batches before any counts: engines compile again what they see often. */
const WARM = 20;

/** Microseconds for one, by parser: medians of the means of batches, in turn, each batch of other stanzas. */
window.measure = function measure(kind, { batches, size }) {
  const make = { call, team }[kind];
  const took = Object.fromEntries(Object.keys(parsers).map((name) => [name, []]));
  const names = Object.keys(parsers);
  for (const name of names) for (let number = 0; number < 3; number += 1) check(name, make(number * 7));
  for (let batch = -WARM; batch < batches; batch += 1) {
    const stanzas = Array.from({ length: size }, (_, index) => arrived(make(batch * size + index + 10_000)));
    const turn = (batch + WARM) % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const parse = parsers[name];
      let kept;
      const begin = performance.now();
      for (const stanza of stanzas) kept = parse(stanza);
      const each = ((performance.now() - begin) * 1000) / size;
      if (!kept) throw new Error(name);
      if (batch >= 0) took[name].push(each); // the first warm up
    }
  }
  return Object.entries(took).map(([name, all]) => [name, median(all)]);
};
