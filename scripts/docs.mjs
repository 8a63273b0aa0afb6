// The API reference, made from the types of the package:  npm run docs
// writes docs/api/, to be opened at index.html. It is not kept in git: 100 files that are made in seconds need not be there, and so are
// never stale. What is exported without a word about it, or names what is not exported, is an error.

import { readFileSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { at } from './lib/paths.mjs';
import { setUp } from './lib/setup.mjs';

/** The entries that have types, as the package exports them: [what is imported, its file]. */
function entries() {
  const { name, exports } = JSON.parse(readFileSync(at('pkg', 'package.json'), 'utf8'));
  return Object.entries(exports).filter(([, { types }]) => types).map(([path, { types }]) => [name + path.slice(1), at('pkg', types)]);
}

/** Resolves with what was found wrong, one line each; where there is anything, nothing is written. */
export async function makeReference(out = at('docs', 'api')) {
  await setUp('node');
  const { Application, Logger, LogLevel } = await import('typedoc');
  const found = [];
  class Listener extends Logger {
    log(message, level) {
      if (level >= LogLevel.Warn) found.push(message);
    }
  }
  const typedoc = await Application.bootstrap({
    name: 'finesse-keeper', readme: 'none', tsconfig: at('tsconfig.json'),
    entryPoints: entries().map(([, file]) => file), disableSources: true,
    // of what an object has in it, the names may say enough
    requiredToBeDocumented: ['Variable', 'Function', 'Class', 'Interface', 'Method', 'Accessor', 'TypeAlias'],
    validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true, unusedMergeModuleWith: true },
  });
  typedoc.logger = new Listener();
  const project = await typedoc.convert();
  if (project) {
    typedoc.validate(project);
    rename(project);
  }
  if (!found.length) {
    rmSync(out, { recursive: true, force: true });
    await typedoc.generateDocs(project, out);
  }
  return found;
}

/** Modules are named as they are imported, not as their files. */
function rename(project) {
  for (const [name, file] of entries()) {
    const module = project.children?.find((child) => child.name === basename(file, '.d.ts'));
    if (module) module.name = name;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const found = await makeReference();
  console.log(found.length ? found.join('\n') : `written: ${at('docs', 'api', 'index.html')}`);
  process.exitCode = found.length ? 1 : 0;
}
