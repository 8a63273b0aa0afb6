// Type-checks the JavaScript and TypeScript of documents against the packed package. A finding stands where the document has it:
// each block is compiled as a module whose lines have the document's numbers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { at } from '../../scripts/lib/paths.mjs';
import { scriptsOf } from './markup.mjs';

const NAMES = at('tests', 'docs', 'names.d.ts');

const common = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  jsx: ts.JsxEmit.ReactJSX,
  types: [],
  noEmit: true,
};
/** JavaScript is held to what its readers see: names, options, words, arguments; TypeScript to everything. */
const kinds = [
  { endings: ['js', 'jsx'], options: { ...common, allowJs: true, checkJs: true } },
  { endings: ['ts', 'tsx'], options: { ...common, strict: true } },
];

/** The code of a block, as lines at the document's numbers; nothing for what has none. */
function codeOf({ info, line, text }) {
  const before = '\n'.repeat(line - 1);
  if (['js', 'jsx', 'ts', 'tsx'].includes(info)) return { ending: info, text: before + text };
  if (['html', 'xml'].includes(info)) return { ending: 'js', text: before + scriptsOf(text) };
  return undefined;
}

/** A first line that names the block's file (`// agent-store.js`) is what others of the same document import. */
function sourceOf(block, folder) {
  const code = codeOf(block);
  if (!code) return [];
  const name = /^\/\/ ([\w-]+\.\w+)$/m.exec(block.text.split('\n')[0])?.[1] ?? `line-${block.line}.${code.ending}`;
  return [{ path: join(folder, 'documents', block.file.replace(/\W/g, '-'), name), file: block.file, ...code }];
}

/** What tsc says of these documents, with `installed` as the package; also of names that are declared and not used. */
export function compile(pages, installed, { names = false } = {}) {
  const folder = join(installed, '..', '..');
  const sources = new Map(pages.flatMap(({ blocks }) => blocks.flatMap((block) => sourceOf(block, folder))).map((source) => [source.path, source]));
  const found = kinds.flatMap(({ endings, options }) => {
    const chosen = [...sources.values()].filter(({ ending }) => endings.includes(ending));
    return check(chosen.map(({ path }) => path), options, folder, sources);
  });
  return names ? [...found, ...idle([...sources.values()])] : found;
}

function check(roots, options, folder, sources) {
  if (!roots.length) return [];
  const names = join(folder, 'documents', 'names.d.ts');
  const texts = (path) => (path === names ? readFileSync(NAMES, 'utf8') : sources.get(path)?.text);
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile, directoryExists } = host;
  Object.assign(host, {
    readFile: (path) => texts(path) ?? readFile(path),
    fileExists: (path) => texts(path) !== undefined || fileExists(path),
    directoryExists: (path) => path.startsWith(join(folder, 'documents')) || directoryExists(path),
    getSourceFile: (path, language, ...more) => {
      const text = texts(path);
      return text === undefined ? getSourceFile(path, language, ...more) : ts.createSourceFile(path, text, language, true);
    },
    resolveModuleNameLiterals: (literals, from) => literals.map(({ text }) => ts.resolveModuleName(entry(text), from, options, host)),
  });
  const program = ts.createProgram([names, ...roots], options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => tell(diagnostic, sources));
}

/** A copy of a file of `dist/` beside a page is the same as the entry. */
const entry = (name) => {
  if (/(^|\/)dist\/finesse-keeper\.js$/.test(name)) return 'finesse-keeper';
  return name === './status.js' ? 'finesse-keeper/status' : name;
};

function tell({ file, start, messageText }, sources) {
  const what = ts.flattenDiagnosticMessageText(messageText, ' ');
  if (!file) return what;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${sources.get(file.fileName)?.file ?? file.fileName}:${line + 1}: ${what}`;
}

/** Names that are declared for the documents, and stand in none of their code. */
function idle(sources) {
  const all = sources.map(({ text }) => text).join('\n');
  const declared = [...readFileSync(NAMES, 'utf8').matchAll(/^declare (?:const|function) (\w+)/gm)].map(([, name]) => name);
  return declared.filter((name) => !new RegExp(`\\b${name}\\b`).test(all)).map((name) => `tests/docs/names.d.ts: no block uses ${name}`);
}
