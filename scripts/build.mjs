// Builds the npm package into pkg/dist/:  npm run build
// the entries that are listed below, and module.wasm by itself, for the slim one.
// pkg/src finds what wasm-bindgen wrote under the name #glue, and the mark of module.wasm under #release.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { adler32 } from '../pkg/src/adler32.js';
import { at, bin, target } from './lib/paths.mjs';
import { programs } from './lib/programs.mjs';
import { run } from './lib/run.mjs';
import { setUp } from './lib/setup.mjs';
import { hashOf, isDone, markDone, markUndone } from './lib/stamp.mjs';
import { kb, table } from './lib/table.mjs';

const work = join(target, 'package');
const licences = ['LICENSE-MIT', 'LICENSE-APACHE'];

/** A style sheet as a text, minified, in the words of the oldest browsers that we serve. */
const styleSheets = {
  name: 'style sheets',
  setup: ({ onLoad, esbuild }) => onLoad({ filter: /\.css$/ }, async ({ path }) => {
    const oldest = ['chrome100', 'firefox113', 'safari16.4'];
    const { code } = await esbuild.transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true, target: oldest });
    return { contents: code, loader: 'text' };
  }),
};

/** What users import: a file of pkg/dist, what of pkg/src it is made of, and whether the wasm is inside, packed and in base64. */
const entries = [
  { file: 'finesse-keeper.js', from: 'index.js', inside: true },
  // the same as one classic script, for gadget XML
  { file: 'finesse-keeper.iife.js', from: 'index.js', inside: true, format: 'iife', globalName: 'FinesseKeeper' },
  { file: 'slim.js', from: 'slim.js' },
  { file: 'status.js', from: 'status/index.js', plugins: [styleSheets], charset: 'utf8' },
];
const outputs = [...entries.map(({ file }) => file), 'module.wasm'];

/** Builds unless nothing that goes in has changed; returns the sizes, [[file, raw, gzipped]]. */
export async function build({ source = at('pkg', 'src'), dist = at('pkg', 'dist'), quiet = false } = {}) {
  await setUp('node', 'rust', 'wasm', 'wasm-bindgen');
  const inputs = hashOf([at('src'), at('Cargo.toml'), at('Cargo.lock'), source, at('pkg', 'package.json'), at('scripts', 'build.mjs'), at('scripts', 'lib', 'shrink.mjs'), at('scripts', 'lib', 'wasm.mjs'), at('package-lock.json')], dist);
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
  const env = { RUSTFLAGS: `--remap-path-prefix=${homedir()}=~ -C link-arg=--no-merge-data-segments` };
  await run('cargo', ['build', '--release', '--target', 'wasm32-unknown-unknown', '--lib'], { quiet, env });
  const compiled = join(target, 'wasm32-unknown-unknown', 'release', 'finesse_keeper.wasm');
  // without a default path: a bundler would go looking for a file that the package does not have
  await run(programs.wasmBindgen(), ['--target', 'web', '--no-typescript', '--omit-default-module-path', '--out-dir', work, '--out-name', 'glue', compiled], { quiet });
  const { forgetPlaces, forgetUnused, pack, plainNames, silencePanics } = await import('./lib/shrink.mjs'); // what it needs is set up by now
  const loud = readFileSync(join(work, 'glue_bg.wasm'));
  const silent = silencePanics(loud);
  const used = forgetUnused(forgetPlaces(silent), await optimize(loud, quiet), await optimize(silent, quiet));
  const { wasm, glue } = plainNames(used, readFileSync(join(work, 'glue.js'), 'utf8'));
  writeFileSync(join(work, 'glue.js'), glue);
  const optimized = await optimize(wasm, quiet);
  const packed = await pack(optimized);
  mark(module, optimized);
  for (const entry of entries) await bundle(entry, source, dist, packed);
  for (const name of licences) copyFileSync(at(name), resolve(dist, '..', name));
}

/**
 * Nothing of Rust's lies in the first kB, which the stack would have to outgrow itself to reach. What counts is the
 * compressed size: -Oz and inlining what is called once give a smaller module that packs larger.
 */
async function optimize(wasm, quiet) {
  const [before, after] = ['before.wasm', 'after.wasm'].map((name) => join(work, name));
  writeFileSync(before, wasm);
  await run(bin('wasm-opt'), ['-O2', '--low-memory-unused', '--one-caller-inline-max-function-size=0', '--strip-debug', '--strip-producers', '--strip-target-features', before, '-o', after], { quiet });
  return readFileSync(after);
}

/** Writes into module.wasm, and beside it for the slim entry, what says that the two belong together. */
function mark(file, bytes) {
  const { version } = JSON.parse(readFileSync(at('pkg', 'package.json'), 'utf8'));
  const release = `${version} (${createHash('sha256').update(bytes).digest('hex').slice(0, 8)})`;
  const marked = Buffer.concat([bytes, customSection('finesse-keeper', release)]);
  writeFileSync(file, marked);
  writeFileSync(join(work, 'release.js'), `export const release = ${JSON.stringify(release)};\nexport const sum = ${adler32(marked)};\n`);
}

/** A section that engines pass over and JavaScript can read; so short that its sizes are one byte each. */
function customSection(name, text) {
  const content = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from(text)]);
  if (content.length > 127) throw new Error(`the section ${name} is too long`);
  return Buffer.concat([Buffer.from([0, content.length]), content]);
}

/** Terser finds some hundred bytes that esbuild leaves. */
async function bundle({ file, from, inside = false, ...options }, source, dist, packed) {
  const [{ build: esbuild }, { minify }] = await Promise.all([import('esbuild'), import('terser')]);
  const path = (name) => JSON.stringify(join(source, name));
  const lines = inside
    ? `import { keep } from ${path('inside.js')}; export * from ${path(from)}; keep(${JSON.stringify(packed)});`
    : `export * from ${path(from)};`;
  const { outputFiles: [{ text }] } = await esbuild({
    stdin: { contents: lines, resolveDir: work },
    alias: { '#glue': join(work, 'glue.js'), '#release': join(work, 'release.js') },
    bundle: true, minify: true, target: ['es2022'], legalComments: 'none', logLevel: 'warning',
    format: 'esm', ...options, write: false,
  });
  const preamble = '/* finesse-keeper: MIT OR Apache-2.0 */';
  const { code } = await minify(text, { module: options.format !== 'iife', ecma: 2022, compress: { passes: 2 }, format: { preamble, comments: false } });
  writeFileSync(join(dist, file), code);
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
