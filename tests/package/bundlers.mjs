// The installed package built by every bundler, as its users would: each resolves with a folder to serve, or, for a development
// server, with its address. Whatever minifies again does so here.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as viteBuild, createServer } from 'vite';
import webpack from 'webpack';
import { bin } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { application, check, esm, file, filesIn, html, moduleScript, slim } from './project.mjs';
import { serveAndVisit, signedIn, visit } from './visit.mjs';

const app = { 'index.html': moduleScript, 'main.js': esm('finesse-keeper') };
/** How an application comes by the address of module.wasm. */
const beside = "new URL('finesse-keeper/module.wasm', import.meta.url)";
const slimApp = { 'index.html': moduleScript, 'main.js': slim('finesse-keeper/slim', beside) };
const slimVite = { ...slimApp, 'main.js': slim('finesse-keeper/slim', 'url', "import url from 'finesse-keeper/module.wasm?url';") };

/** A server for what was built, and a browser that signs in there. */
const opened = (engine, folder) => serveAndVisit(engine, '/index.html', { folders: { '/': folder } });

/** The wasm came out once, and as it went in. */
function carries(folder) {
  const found = filesIn(folder).filter((name) => name.endsWith('.wasm'));
  check(found.length === 1 && readFileSync(join(folder, found[0])).equals(file('module.wasm')), `wasm built: ${found}`);
}

async function vite(name, files) {
  const root = application(name, files);
  await viteBuild({ root, configFile: false, logLevel: 'error', build: { outDir: 'dist', emptyOutDir: true } });
  return join(root, 'dist');
}

/** It moves dependencies into a folder of its own, which has cost others their wasm. */
async function viteServer(name, files) {
  const root = application(name, files);
  const server = await createServer({
    root, configFile: false, logLevel: 'error', cacheDir: join(root, '.vite'), server: { host: '127.0.0.1', port: 0, watch: null },
  });
  await server.listen();
  const { port } = server.httpServer.address();
  await visit('chromium', `http://127.0.0.1:${port}/`, signedIn).finally(() => server.close());
}

async function webpack5(name, files) {
  const root = application(name, files);
  const path = join(root, 'dist');
  const compiler = webpack({ context: root, mode: 'production', entry: './main.js', output: { path, filename: 'main.js', publicPath: 'auto' } });
  const stats = await new Promise((done, fail) => compiler.run((error, result) => (error ? fail(error) : done(result))));
  await new Promise((done) => compiler.close(done));
  check(!stats.hasErrors(), stats.toString({ preset: 'errors-only' }));
  writeFileSync(join(path, 'index.html'), html('<script defer src="./main.js"></script>'));
  return path;
}

/** All in a single file, as an ES module or as a classic script. */
async function rollupFile(format) {
  const root = application(`rollup-${format}`, app);
  const bundle = await rollup({ input: join(root, 'main.js'), plugins: [nodeResolve({ browser: true })] });
  await bundle.write({ file: join(root, 'dist', 'main.js'), format });
  await bundle.close();
  check(filesIn(join(root, 'dist')).join() === 'main.js', 'it is more than one file');
  writeFileSync(join(root, 'dist', 'index.html'), format === 'es' ? moduleScript : html('<script src="./main.js"></script>'));
  return join(root, 'dist');
}

async function withEsbuild(name, files, options) {
  const root = application(name, files);
  const outdir = join(root, 'dist');
  await esbuild({ entryPoints: [join(root, 'main.js')], bundle: true, minify: true, format: 'esm', outdir, logLevel: 'error', ...options });
  writeFileSync(join(outdir, 'index.html'), moduleScript);
  return outdir;
}

/** It reads `exports` only where the application says so, and `main` otherwise. */
async function parcel(name, files) {
  const root = application(name, files);
  const dist = join(root, 'dist');
  await run(bin('parcel'), ['build', 'index.html', '--dist-dir', dist, '--no-cache', '--no-source-maps'], { cwd: root, quiet: true, env: { PARCEL_WORKERS: '0' } });
  return dist;
}

/** The setting is read where the lock file is. */
const slimParcel = {
  ...slimApp,
  'main.js': slim('finesse-keeper/slim', beside.replace("'", "'npm:")),
  'package.json': JSON.stringify({ private: true, '@parcel/resolver-default': { packageExports: true } }),
  'package-lock.json': '{}',
};
const slimEsbuild = { 'main.js': slim('finesse-keeper/slim', 'url', "import url from 'finesse-keeper/module.wasm';") };

async function inBoth(build, engines = ['chromium']) {
  const folder = await build();
  for (const engine of engines) await opened(engine, folder);
}

async function carried(build) {
  const folder = await build();
  carries(folder);
  await opened('chromium', folder);
}

export const bundlers = [
  { name: 'Vite, development server', run: () => viteServer('vite-dev', app) },
  { name: 'Vite, in Chromium and Firefox', run: () => inBoth(() => vite('vite', app), ['chromium', 'firefox']) },
  { name: 'webpack 5', run: () => inBoth(() => webpack5('webpack', app)) },
  { name: 'Rollup, one file as an ES module', run: () => inBoth(() => rollupFile('es')) },
  { name: 'Rollup, one file as a classic script', run: () => inBoth(() => rollupFile('iife')) },
  { name: 'esbuild', run: () => inBoth(() => withEsbuild('esbuild', app)) },
  { name: 'Parcel 2', run: () => inBoth(() => parcel('parcel', app)) },
  { name: 'slim: Vite, development server', run: () => viteServer('slim-vite-dev', slimVite) },
  { name: 'slim: Vite', run: () => carried(() => vite('slim-vite', slimVite)) },
  { name: 'slim: webpack 5', run: () => carried(() => webpack5('slim-webpack', slimApp)) },
  { name: 'slim: esbuild', run: () => carried(() => withEsbuild('slim-esbuild', slimEsbuild, { loader: { '.wasm': 'file' }, publicPath: './' })) },
  { name: 'slim: Parcel 2', run: () => carried(() => parcel('slim-parcel', slimParcel)) },
];
