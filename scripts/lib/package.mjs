// The npm package as a user gets it: built, packed, unpacked.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { at, out } from './paths.mjs';
import { run } from './run.mjs';

/**
 * Runs `npm pack` on the built package and unpacks it. Resolves with { tarball, installed }: the .tgz file and a folder
 * laid out as node_modules/finesse-keeper would be.
 */
export async function packPackage() {
  const folder = join(out, 'packed', String(process.pid));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  await run('npm', ['pack', '--pack-destination', folder], { cwd: at('pkg'), quiet: true });
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')));
  const installed = join(folder, 'node_modules', 'finesse-keeper');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'], { quiet: true });
  const missing = Object.values(entries(installed)).filter((file) => !existsSync(join(installed, file)));
  if (missing.length) throw new Error(`the packed package lacks ${missing.join(', ')}: name it under "files" in pkg/package.json`);
  return { tarball, installed };
}

/** The files that package.json promises: every path in its exports, and what older tools look for. */
function entries(folder) {
  const { exports = {}, main, types } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const paths = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(paths));
  return [...paths(exports), ...[main, types].filter(Boolean)];
}
