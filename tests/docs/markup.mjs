// XML and HTML of documents: well-formed, and the scripts in them.

import { SaxesParser } from 'saxes';

/** What is inside <script> without an address, on its own lines; everything else is blank. */
export function scriptsOf(text) {
  const blank = (piece) => piece.replace(/[^\n]/g, '');
  let done = 0;
  let code = '';
  for (const { 0: whole, 1: attributes, 2: inside, index } of text.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
    const begin = index + whole.indexOf('>') + 1;
    code += blank(text.slice(done, begin)) + (/\bsrc=/.test(attributes) ? blank(inside) : inside);
    done = begin + inside.length;
  }
  return code + blank(text.slice(done));
}

/** What is wrong with XML: { line, what }, lines counted from 1; and with the HTML that a gadget has in it. */
export function checkXml(text) {
  const found = [];
  const parser = new SaxesParser();
  const inside = [];
  parser.on('error', ({ message }) => found.push({ line: parser.line, what: message.replace(/^\d+:\d+: /, '') }));
  parser.on('opentag', ({ name, attributes }) => inside.push(name === 'Content' ? `Content ${attributes.type}` : name));
  parser.on('closetag', () => inside.pop());
  parser.on('cdata', (html) => {
    if (inside.at(-1) !== 'Content html') return;
    const before = parser.line - html.split('\n').length;
    found.push(...checkHtml(html).map(({ line, what }) => ({ line: before + line, what })));
  });
  parser.write(text).close();
  return found;
}

const VOID = ['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source', 'track', 'wbr'];

/** Whether each element of HTML is closed by its own end. Browsers forgive what is not, readers do not. */
export function checkHtml(text) {
  const found = [];
  const open = [];
  const markup = text.replace(/<!--[\s\S]*?-->|(?<=<script\b[^>]*>)[\s\S]*?(?=<\/script>)/g, (piece) => piece.replace(/[^\n]/g, ''));
  const lineOf = (index) => markup.slice(0, index).split('\n').length;
  for (const { 1: end, 2: name, index } of markup.matchAll(/<(\/?)([a-z][\w-]*)\b[^<>]*>/gi)) {
    if (end && open.at(-1)?.name !== name) found.push({ line: lineOf(index), what: `</${name}> ends ${open.at(-1)?.name ?? 'nothing'}` });
    if (end) open.pop();
    else if (!VOID.includes(name)) open.push({ name, line: lineOf(index) });
  }
  return [...found, ...open.map(({ name, line }) => ({ line, what: `<${name}> has no end` }))];
}
