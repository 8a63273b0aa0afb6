// Not doing again what is done: a hash over everything that a step reads, kept after it succeeded.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, stamps } from './paths.mjs';

/** One hash over files and whole folders (names and contents), and any further words. */
export function hashOf(paths, ...words) {
  const hash = createHash('sha256');
  const add = (path) => {
    const stat = existsSync(path) && statSync(path);
    if (!stat) return;
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) add(join(path, name));
    } else {
      hash.update(`${relative(root, path)}\0${stat.size}\0`).update(readFileSync(path));
    }
  };
  paths.forEach(add);
  words.forEach((word) => hash.update(`${word}\0`));
  return hash.digest('hex');
}

/** Whether the step `name` was done with this very hash. */
export function isDone(name, hash) {
  const file = join(stamps, name);
  return existsSync(file) && readFileSync(file, 'utf8') === hash;
}

/** Says so for the next run. */
export function markDone(name, hash) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), hash);
}

/** Forgets it, before a step begins that may fail half way. */
export function markUndone(name) {
  rmSync(join(stamps, name), { force: true });
}
