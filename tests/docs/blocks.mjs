// The documents, and what is in them: blocks of code, rows of tables, quotes. Each knows where it stands.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../../scripts/lib/paths.mjs';

/** Whose blocks are checked: all that a user reads. */
const pages = ['README.md', 'CONTRIBUTING.md', 'pkg/README.md', ...readdirSync(at('docs')).filter((name) => name.endsWith('.md')).map((name) => join('docs', name))];

/** A document by its path in the checkout. */
export const read = (file) => parse(file, readFileSync(at(...file.split('/')), 'utf8'));

export const documents = () => pages.map(read);

/**
 * What a document says: { file, lines, blocks: [{ file, line, heading, info, text }], tables: [{ line, head, rows }], strays }. Strays are
 * code that no fence encloses, or whose fence has no end.
 */
export function parse(file, content) {
  const lines = content.split('\n');
  const page = { file, lines, blocks: [], tables: [], strays: [] };
  let heading = '';
  let open;
  lines.forEach((text, index) => {
    const fence = /^(\s*)(```+|~~~+)(.*)$/.exec(text);
    if (open) {
      if (fence && fence[2].startsWith(open.fence) && !fence[3].trim()) open = close(page, open);
      else open.lines.push(text);
    } else if (fence) {
      open = { file, line: index + 2, heading, fence: fence[2], info: fence[3].trim(), lines: [] };
    } else if (/^#+ /.test(text)) {
      heading = text.replace(/^#+ /, '');
    } else if (/^( {4}|\t)\S/.test(text) && !lines[index - 1]?.trim()) {
      page.strays.push({ line: index + 1, what: 'code by indentation' });
    } else if (text.startsWith('|')) {
      takeRow(page, index, cells(text));
    }
  });
  if (open) page.strays.push({ line: open.line - 1, what: 'a fence without an end' });
  return page;
}

function close(page, { fence, lines, ...block }) {
  page.blocks.push({ ...block, text: lines.join('\n') });
}

function takeRow({ lines, tables }, index, row) {
  if (!lines[index - 1]?.startsWith('|')) tables.push({ line: index + 1, head: row, rows: [] });
  else if (!row.every((cell) => /^:?-+:?$/.test(cell))) tables.at(-1).rows.push({ line: index + 1, cells: row });
}

/** The cells of a row; a bar behind a backslash belongs to the text. */
const cells = (text) => text.replace(/^\||\|\s*$/g, '').split(/(?<!\\)\|/).map((cell) => cell.trim());

/** What a cell names as code: `a`, `b`. */
export const named = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word);

/** The only block under a heading; a test that cannot find its example has failed. */
export function example(file, heading, info) {
  const found = read(file).blocks.filter((block) => block.heading === heading && block.info === info);
  if (found.length !== 1) throw new Error(`${file} has ${found.length} blocks of ${info} under "${heading}", not one`);
  return found[0];
}
