// What a block may be, by the word after its fence, and what is wrong with one that is not what it says.

import { readFileSync } from 'node:fs';
import { at } from '../../scripts/lib/paths.mjs';
import { checkHtml, checkXml } from './markup.mjs';

const { scripts } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const { name: own } = JSON.parse(readFileSync(at('pkg', 'package.json'), 'utf8'));

/** Each gives what is wrong, [{ line, what }], lines counted from the block's first. `compile.mjs` looks at the code of the first seven. */
const classes = {
  js: () => [],
  jsx: () => [],
  ts: () => [],
  tsx: () => [],
  html: checkHtml,
  xml: checkXml,
  json(text) {
    try {
      JSON.parse(text);
      return [];
    } catch ({ message }) {
      return [{ line: 1, what: message }];
    }
  },
  sh: (text) => text.split('\n').flatMap((line, index) => line.split(/&&|\||;/).map((command) => command.trim())
    .filter((command) => command && !isKnown(command)).map((command) => ({ line: index + 1, what: `there is no "${command}"` }))),
  text: () => [],
};

/** Scripts of the repository, and the package by its name. */
function isKnown(command) {
  const [npm, verb, what] = command.split(/\s+/);
  if (npm !== 'npm') return false;
  if (verb === 'run') return what in scripts;
  return verb === 'install' ? what === own : verb in scripts;
}

/** Findings of one document, told as `file:line: what`. */
export function checkBlocks({ file, lines, blocks, strays }) {
  const found = strays.map(({ line, what }) => `${file}:${line}: ${what}`);
  for (const { line, info, text } of blocks) {
    const wrong = classes[info]?.(text) ?? [{ line: 0, what: `"${info}" is no kind of block; there are ${Object.keys(classes).join(', ')}` }];
    found.push(...wrong.map((each) => `${file}:${line + each.line - 1}: ${each.what}`));
  }
  lines.forEach((text, index) => {
    for (const [, script] of text.matchAll(/npm run ([\w:]+)/g)) if (!(script in scripts)) found.push(`${file}:${index + 1}: there is no npm script ${script}`);
  });
  return found;
}
