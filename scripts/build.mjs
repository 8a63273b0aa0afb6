// Builds the npm package into pkg/dist/:  npm run build
//   finesse-keeper.js        the default entry: an ES module with the wasm inside, packed and in base64
//   finesse-keeper.iife.js   the same as one classic script with the global FinesseKeeper, for gadget XML
//   module.wasm              the wasm by itself
// pkg/src/module.js finds what wasm-bindgen wrote under the name #glue; the packed wasm comes last.

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { at, bin, target } from './lib/paths.mjs';
import { programs } from './lib/programs.mjs';
import { run } from './lib/run.mjs';
import { setUp } from './lib/setup.mjs';
import { hashOf, isDone, markDone, markUndone } from './lib/stamp.mjs';
import { kb, table } from './lib/table.mjs';

const work = join(target, 'package');
const licences = ['LICENSE-MIT', 'LICENSE-APACHE'];
const outputs = ['finesse-keeper.js', 'finesse-keeper.iife.js', 'module.wasm'];

/** Builds unless nothing that goes in has changed; returns the sizes, [[file, raw, gzipped]]. */
export async function build({ source = at('pkg', 'src'), dist = at('pkg', 'dist'), quiet = false } = {}) {
  await setUp('node', 'rust', 'wasm', 'wasm-bindgen');
  const inputs = hashOf([at('src'), at('Cargo.toml'), at('Cargo.lock'), source, at('scripts', 'build.mjs'), at('scripts', 'lib', 'shrink.mjs'), at('package-lock.json')], dist);
  const made = [...outputs.map((name) => join(dist, name)), ...licences.map((name) => at('pkg', name))].every(existsSync);
  if (!made || !isDone('build', inputs)) {
    markUndone('build');
    await make(source, dist, quiet);
    for (const name of licences) copyFileSync(at(name), at('pkg', name));
    markDone('build', inputs);
  }
  return outputs.map((name) => {
    const bytes = readFileSync(join(dist, name));
    return [name, bytes.length, gzipSync(bytes, { level: 9 }).length];
  });
}

async function make(source, dist, quiet) {
  mkdirSync(work, { recursive: true });
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const module = join(dist, 'module.wasm');
  // panic messages name files; where a machine keeps them is nobody's business
  const env = { RUSTFLAGS: `--remap-path-prefix=${homedir()}=~` };
  await run('cargo', ['build', '--release', '--target', 'wasm32-unknown-unknown', '--lib'], { quiet, env });
  const compiled = join(target, 'wasm32-unknown-unknown', 'release', 'finesse_keeper.wasm');
  // without a default path: a bundler would go looking for a file that the package does not have
  await run(programs.wasmBindgen(), ['--target', 'web', '--no-typescript', '--omit-default-module-path', '--out-dir', work, '--out-name', 'glue', compiled], { quiet });
  const { forgetPlaces, pack, plainNames, silencePanics } = await import('./lib/shrink.mjs'); // what it needs is set up by now
  const raw = join(work, 'glue_bg.wasm');
  const { wasm, glue } = plainNames(forgetPlaces(silencePanics(readFileSync(raw))), readFileSync(join(work, 'glue.js'), 'utf8'));
  writeFileSync(raw, wasm);
  writeFileSync(join(work, 'glue.js'), glue);
  // Nothing of Rust's lies in the first kB, which the stack would have to outgrow itself to reach.
  // What counts is the compressed size: -Oz and inlining what is called once give a smaller module that packs larger.
  await run(bin('wasm-opt'), ['-O2', '--low-memory-unused', '--one-caller-inline-max-function-size=0', '--strip-debug', '--strip-producers', '--strip-target-features', raw, '-o', module], { quiet });
  const packed = await pack(readFileSync(module));
  writeFileSync(join(work, 'entry.js'), `
    import { inside } from ${JSON.stringify(join(source, 'module.js'))};
    export * from ${JSON.stringify(join(source, 'index.js'))};
    Object.assign(inside, ${JSON.stringify(packed)});
  `);
  await bundle(dist);
  for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) copyFileSync(at(name), resolve(dist, '..', name));
}

async function bundle(dist) {
  const { build: esbuild } = await import('esbuild');
  const common = {
    entryPoints: [join(work, 'entry.js')],
    alias: { '#glue': join(work, 'glue.js') },
    bundle: true, minify: true, target: ['es2022'], legalComments: 'none', logLevel: 'warning',
    banner: { js: '/* finesse-keeper: MIT OR Apache-2.0 */' },
  };
  await esbuild({ ...common, format: 'esm', outfile: join(dist, 'finesse-keeper.js') });
  await esbuild({ ...common, format: 'iife', globalName: 'FinesseKeeper', outfile: join(dist, 'finesse-keeper.iife.js') });
}

/** The sizes as a table; the default entry has a budget. */
export function sizeTable(sizes) {
  return table([['pkg/dist', 'raw', 'gzip -9'], ...sizes.map(([name, raw, zipped]) => [name, kb(raw), kb(zipped)])]);
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const option = (name) => process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const source = option('source');
  const dist = option('dist');
  const sizes = await build({ ...(source && { source: resolve(source) }), ...(dist && { dist: resolve(dist) }) });
  console.log(sizeTable(sizes));
}
