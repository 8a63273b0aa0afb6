// The documents held to their word: every block of code is compiled or run, every table of words compared with the types, the reference
// of the interface made:  npm run test:docs [-- WORD...]

import { makeReference } from '../../scripts/docs.mjs';
import { packPackage } from '../../scripts/lib/package.mjs';
import { runScenarios, sumUp } from '../../scripts/lib/scenarios.mjs';
import { documents } from './blocks.mjs';
import { checkBlocks } from './classes.mjs';
import { compile } from './compile.mjs';
import { findsOut } from './mistakes.mjs';
import { close, examples, open } from './pages.mjs';
import { wordChecks } from './words.mjs';

const { installed } = await packPackage();
await open(installed);
const nothing = (found) => {
  if (found.length) throw new Error(found.join('\n'));
};
const pages = documents();
const results = await runScenarios([
  ...pages.map((page) => ({ name: `${page.file}: every block is what it says`, run: async () => nothing(checkBlocks(page)) })),
  { name: 'every block compiles', run: async () => nothing(compile(pages, installed, { names: true })), seconds: 180 },
  ...wordChecks.map(({ name, check }) => ({ name, run: async () => nothing(check()) })),
  { name: 'mistakes are found out', run: () => findsOut(installed), seconds: 180 },
  { name: 'the reference of the interface is complete', run: async () => nothing(await makeReference()), seconds: 180 },
  ...examples,
], { atOnce: 2 });
await close();
sumUp(results);
process.exit();
