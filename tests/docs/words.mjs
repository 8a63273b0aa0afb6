// The words of tables beside those of the types and the sources: none may be missing, none made up.

import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { at } from '../../scripts/lib/paths.mjs';
import { documents, named, read } from './blocks.mjs';

/** The types of the package's entry, asked by name. */
class Types {
  constructor(file) {
    const program = ts.createProgram([file], { strict: true, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'], types: [], noEmit: true });
    this.checker = program.getTypeChecker();
    this.source = program.getSourceFile(file);
    this.exports = new Map(this.checker.getExportsOfModule(this.checker.getSymbolAtLocation(this.source)).map((symbol) => [symbol.name, symbol]));
  }

  of(name) {
    return this.checker.getDeclaredTypeOfSymbol(this.exports.get(name));
  }

  /** What one can say of a value of this type, without what is inherited from the browser or private. */
  members(name) {
    const own = (symbol) => symbol.declarations.some((it) => it.getSourceFile().fileName.startsWith(at('pkg')) && !(ts.getCombinedModifierFlags(it) & ts.ModifierFlags.Private));
    return this.of(name).getProperties().filter(own).map((symbol) => symbol.name);
  }

  /** What one can say of the class itself. */
  statics(name) {
    const constructor = this.checker.getTypeOfSymbolAtLocation(this.exports.get(name), this.source);
    return constructor.getProperties().map((symbol) => symbol.name).filter((member) => member !== 'prototype');
  }

  /** The words of a union, or of a member that is one; whatever else may be in it. */
  words(name, member) {
    const type = member ? this.checker.getTypeOfSymbolAtLocation(this.of(name).getProperty(member), this.source) : this.of(name);
    return (type.isUnion() ? type.types : [type]).filter((it) => it.isStringLiteral()).map((it) => it.value);
  }
}

const types = new Types(at('pkg', 'index.d.ts'));
/** What a keeper is asked, as `keeper.status` or `Keeper.connect`; the listeners are every EventTarget's. */
const asked = [...types.statics('Keeper'), ...types.members('Keeper')].filter((name) => !name.endsWith('EventListener'));

/** Where a table of words stands: the first cell of its head; how a cell names them; and what they must be. */
const tables = [
  { file: 'docs/events.md', head: '`state`', words: types.words('State') },
  { file: 'docs/events.md', head: '`reason`', words: types.words('Reason') },
  { file: 'docs/events.md', head: '`cause`', words: types.words('Cause') },
  { file: 'docs/events.md', head: '`sides[].reading`', words: types.words('SideHealth', 'reading') },
  { file: 'docs/events.md', head: 'field', words: types.members('Status') },
  { file: 'docs/events.md', head: 'event', words: types.members('KeeperEvents') },
  { file: 'pkg/README.md', head: 'option', words: types.members('ConnectOptions') },
  { file: 'pkg/README.md', head: 'ask', words: asked, name: (cell) => [...cell.matchAll(/\b[kK]eeper\.(\w+)/g)].map(([, name]) => name) },
  { file: 'pkg/README.md', head: '`code`', words: types.words('KeeperError', 'code') },
];

/** What differs between what is written and what should be, in words. */
export function differences(written, wanted, where) {
  const missing = wanted.filter((word) => !written.includes(word)).map((word) => `${where}: \`${word}\` is missing`);
  const invented = written.filter((word) => !wanted.includes(word)).map((word) => `${where}: there is no \`${word}\``);
  const twice = written.filter((word, index) => written.indexOf(word) !== index && wanted.includes(word)).map((word) => `${where}: \`${word}\` stands there twice`);
  return [...missing, ...invented, ...new Set(twice)];
}

/** The first cells of a document's table. */
export function wordsOf({ file, tables: all }, head, name = (cell) => [cell]) {
  const found = all.filter((table) => table.head[0] === head);
  if (found.length !== 1) throw new Error(`${file} has ${found.length} tables whose head begins with ${head}, not one`);
  return found[0].rows.flatMap(({ cells }) => named(cells[0]).flatMap(name));
}

function checkTable({ file, head, words, name }) {
  if (!words.length) throw new Error(`the types have no words for the table ${head} of ${file}`);
  const written = wordsOf(read(file), head, name);
  // one method may have two rows
  return differences(name ? [...new Set(written)] : written, words, `${file}, table ${head}`);
}

/** The paragraph of the README that lists the events. */
function listOfEvents() {
  const { file, lines } = read('pkg/README.md');
  const begin = lines.indexOf('## Events') + 2;
  const paragraph = lines.slice(begin, lines.indexOf('', begin)).join(' ');
  return differences(named(paragraph).filter((word) => /^[a-z]+$/.test(word)), types.members('KeeperEvents'), `${file}, "Events"`);
}

const filesOf = (folder, ending) => readdirSync(at(folder), { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => readFileSync(join(at(folder), name), 'utf8'));

/** Every code that the sources give an error: by how they make one, in JavaScript and in Rust. */
function codesOfSources() {
  const take = (texts, ...patterns) => texts.flatMap((text) => patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code]) => code)));
  const scripts = take(filesOf(join('pkg', 'src'), '.js'), /new KeeperError\(\s*'([a-z-]+)'/g);
  const core = take(filesOf('src', '.rs'), /\b(?:fail|on_unreadable)\(\s*"([a-z-]+)"/g, /\bcode: "([a-z-]+)"/g, /\("code", "([a-z-]+)"/g);
  // the words for how requests end; the first two are good ends
  const [, outcome] = readFileSync(at('src', 'requests', 'outcome.rs'), 'utf8').split('\nimpl Outcome {');
  const outcomes = take([outcome], /Self::\w+(?:\(_\)| \{ \.\. \})? => "([a-z-]+)"/g).filter((word) => !['applied', 'answered'].includes(word));
  return [...new Set([...scripts, ...core, ...outcomes])];
}

/** What `explain()` is quoted with stands in a story, or in the words that stories are told with. */
function quotes() {
  const told = [...filesOf(join('tests', 'stories'), '.txt'), readFileSync(at('src', 'keeper', 'explain.rs'), 'utf8').replaceAll('@', 'a.test')].join('\n');
  const { file, lines } = read('docs/failures.md');
  const quoted = lines.map((text, index) => ({ line: index + 1, text: /^> (.*)/.exec(text)?.[1] })).filter(({ text }) => text);
  if (!quoted.length) throw new Error(`${file} quotes nothing`);
  return quoted.filter(({ text }) => !told.includes(text)).map(({ line, text }) => `${file}:${line}: nothing says "${text}"`);
}

/** The faults are the simulator's, all of them. */
function faults() {
  const source = readFileSync(at('simulator', 'src', 'control.rs'), 'utf8');
  const body = /pub enum Fault \{([\s\S]*?)\n\}/.exec(source)[1];
  const known = [...body.matchAll(/^ {4}([A-Z]\w+),/gm)].map(([, name]) => name.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase());
  return differences(wordsOf(read('docs/recipes.md'), '`fault`'), known, 'docs/recipes.md, table `fault`');
}

/** The custom properties of the element are those that its styles use. */
function colours() {
  const used = filesOf(join('pkg', 'src', 'status'), '.css').join('\n').match(/--finesse-[a-z-]+/g);
  return differences(wordsOf(read('docs/status.md'), 'custom property'), [...new Set(used)], 'docs/status.md, custom properties');
}

/** Files that the package's page names: it is read where no link would lead to them. */
function paths() {
  const { file, lines } = read('pkg/README.md');
  const exists = (path) => readdirSync(at('docs')).includes(path);
  return [...lines.join('\n').matchAll(/`docs\/([\w.-]+)`/g)].filter(([, path]) => !exists(path)).map(([, path]) => `${file}: there is no docs/${path}`);
}

/** As GitHub makes it of a heading. */
const anchor = (heading) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-');

/** Links to a heading, of this page or another. That the pages are there, `tests/tidy.rs` looks at. */
function headings() {
  return documents().flatMap(({ file, lines }) => lines.flatMap((text, index) => [...text.matchAll(/\]\(([^)#:]*)#([^)]+)\)/g)].filter(([, path, wanted]) => {
    const there = path ? read(posix.join(posix.dirname(file), path)) : { lines };
    return !there.lines.some((line) => /^#+ /.test(line) && anchor(line.replace(/^#+ /, '')) === wanted);
  }).map(([link]) => `${file}:${index + 1}: the link ${link.slice(1)} leads to no heading`)));
}

/** Named checks; each gives what is wrong. */
export const wordChecks = [
  ...tables.map((table) => ({ name: `${table.file}: the table ${table.head}`, check: () => checkTable(table) })),
  { name: 'pkg/README.md: the list of events', check: listOfEvents },
  { name: 'the codes of the types are those of the sources', check: () => differences(codesOfSources(), types.words('KeeperError', 'code'), 'pkg/index.d.ts, or the sources') },
  { name: 'docs/failures.md: quotes', check: quotes },
  { name: 'docs/recipes.md: faults', check: faults },
  { name: 'docs/status.md: custom properties', check: colours },
  { name: 'pkg/README.md: documents', check: paths },
  { name: 'links to headings', check: headings },
];
