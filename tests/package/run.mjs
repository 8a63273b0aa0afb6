// The package as a user gets it: packed, installed, built with Vite and esbuild, in plain pages, under a strict policy, in Node and
// under the TypeScript compiler:  npm run test:package [WORD...]

import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { build as viteBuild } from 'vite';
import { engines, launchBrowser } from '../../scripts/lib/browser.mjs';
import { packPackage } from '../../scripts/lib/package.mjs';
import { at, bin, out } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { runScenarios, sumUp } from '../../scripts/lib/scenarios.mjs';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';

/** Everything inside, minified and gzipped. */
const LIMIT = 110_000;
const POLICY = "default-src 'none'; connect-src http: ws:; script-src 'self'";

const project = join(out, 'package', 'project');
const installed = join(project, 'node_modules', 'finesse-keeper');
const file = (name) => readFileSync(join(installed, 'dist', name));

/** What every page does: connect, be in service, and put the outcome where the test looks. */
const page = (keeper) => `
  const { hosts, user } = Object.fromEntries(new URLSearchParams(location.search));
  const say = (outcome) => { window.outcome = outcome; };
  (async () => {
    const keeper = await ${keeper}.connect({
      hosts: hosts.split(','), user, expectedAgents: 1, credentials: async () => ({ password: 'pw-' + user }),
    });
    await keeper.ready();
    const explained = keeper.explain();
    await keeper.close();
    return { state: 'in-service', explained };
  })().then(say, ({ name, code, message, nextStep }) => say({ name, code, message, nextStep }));
`;
const esm = (from) => `import { Keeper } from '${from}';\n${page('Keeper')}`;
const html = (script) => `<!doctype html><title>finesse-keeper</title>${script}`;
const module = html('<script type="module" src="/main.js"></script>');
const classic = html('<script src="/dist/finesse-keeper.iife.js"></script><script src="/plain.js"></script>');

const texts = {
  '/module.html': module,
  '/main.js': esm('/dist/finesse-keeper.js'),
  '/plain.html': classic,
  '/plain.js': page('FinesseKeeper.Keeper'),
};

await install();
const sim = await startSimulator({ name: 'package', agents: Array.from({ length: 20 }, (_, index) => `${1001 + index}`) });
let agent = 1001;

const results = await runScenarios([
  { name: 'installs from the tarball, with what was promised and no more', run: contents },
  { name: `default entry no larger than ${LIMIT / 1000} kB`, run: size },
  { name: 'imports in Node without doing anything', run: inNode },
  { name: 'types, under node16', run: () => types('node16', 'node16') },
  { name: 'types, under bundler', run: () => types('esnext', 'bundler') },
  { name: 'Vite builds it, and Chromium runs it', run: vite },
  { name: 'esbuild builds it, and Chromium runs it', run: withEsbuild },
  ...engines.flatMap((engine) => [
    { name: `${engine}: plain module script`, run: () => works(engine, '/module.html') },
    { name: `${engine}: classic script with a global`, run: () => works(engine, '/plain.html') },
    { name: `${engine}: strict policy with 'wasm-unsafe-eval'`, run: () => works(engine, '/module.html', `${POLICY} 'wasm-unsafe-eval'`) },
    { name: `${engine}: strict policy without it says what to add`, run: () => forbidden(engine) },
    { name: `${engine}: a damaged file says so`, run: () => damaged(engine) },
    { name: `${engine}: a browser without WebAssembly is too old`, run: () => tooOld(engine) },
  ]),
], { atOnce: 2 });
await sim.stop();
sumUp(results);
process.exit();

/** A project of its own, with the tarball installed by npm. Needs no registry: the package has no dependencies. */
async function install() {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const { tarball } = await packPackage();
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project, quiet: true });
}

async function contents() {
  const found = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
    .sort();
  const promised = [
    'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist/finesse-keeper.iife.js', 'dist/finesse-keeper.js', 'finesse.d.ts', 'iife.d.ts', 'index.d.ts',
    'package.json',
  ];
  check(found.join() === promised.join(), `it holds ${found}`);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  check(dependencies === undefined, 'it has dependencies');
}

async function size() {
  const bytes = gzipSync(file('finesse-keeper.js'), { level: 9 }).length;
  console.log(`       ${(bytes / 1000).toFixed(1)} kB`);
  check(bytes <= LIMIT, `${bytes} bytes`);
}

async function inNode() {
  const script = `
    const before = Object.keys(globalThis).length;
    const { Keeper, KeeperError } = await import('finesse-keeper');
    const error = await Keeper.connect({ hosts: 'a', user: '1001' }).catch((error) => error);
    const script = await import('finesse-keeper/iife').catch(({ code }) => code); // an import of it would do nothing
    console.log(JSON.stringify([Object.keys(globalThis).length - before, error instanceof KeeperError, error.code, error.field, script]));`;
  const { output } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: project, quiet: true });
  check(output.trim() === '[0,true,"config","hosts","ERR_PACKAGE_PATH_NOT_EXPORTED"]', output);
}

async function types(module, moduleResolution) {
  const folder = join(project, moduleResolution);
  mkdirSync(folder, { recursive: true });
  for (const name of ['consumer.ts', 'gadget.ts']) cpSync(at('tests', 'package', name), join(folder, name));
  const compilerOptions = {
    module, moduleResolution, target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable'], types: [], strict: true, noEmit: true,
    noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await run(bin('tsc'), ['--project', folder], { quiet: true });
}

async function vite() {
  const root = join(project, 'vite');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'index.html'), html('<script type="module" src="./main.js"></script>'));
  writeFileSync(join(root, 'main.js'), esm('finesse-keeper'));
  await viteBuild({ root, configFile: false, logLevel: 'error', build: { outDir: 'dist', emptyOutDir: true } });
  const server = await startStatic({ folders: { '/': join(root, 'dist') } });
  await visit('chromium', `${server.url}/index.html`, inService).finally(server.stop);
}

async function withEsbuild() {
  const root = join(project, 'esbuild');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'app.js'), esm('finesse-keeper'));
  await esbuild({ entryPoints: [join(root, 'app.js')], bundle: true, minify: true, format: 'esm', outfile: join(root, 'main.js'), logLevel: 'error' });
  const server = await startStatic({ texts: { ...texts, '/main.js': readFileSync(join(root, 'main.js')) } });
  await visit('chromium', `${server.url}/module.html`, inService).finally(server.stop);
}

async function works(engine, path, policy) {
  const headers = policy && { 'content-security-policy': policy };
  const server = await startStatic({ folders: { '/dist/': join(installed, 'dist') }, texts, headers });
  await visit(engine, server.url + path, inService).finally(server.stop);
}

async function forbidden(engine) {
  const headers = { 'content-security-policy': POLICY };
  const server = await startStatic({ folders: { '/dist/': join(installed, 'dist') }, texts, headers });
  await visit(engine, `${server.url}/module.html`, ({ name, code, nextStep }) => {
    check(name === 'KeeperError' && code === 'csp' && nextStep.includes("'wasm-unsafe-eval'"), `${name} ${code}: ${nextStep}`);
  }).finally(server.stop);
}

/** One letter of the packed module is another one. */
async function damaged(engine) {
  const whole = file('finesse-keeper.js').toString();
  const begin = whole.indexOf('packed:"') + 20_000;
  const other = whole[begin] === 'A' ? 'B' : 'A';
  const damagedTexts = { ...texts, '/dist/finesse-keeper.js': whole.slice(0, begin) + other + whole.slice(begin + 1) };
  const server = await startStatic({ texts: damagedTexts });
  await visit(engine, `${server.url}/module.html`, ({ code, nextStep }) => check(code === 'corrupt' && nextStep, code)).finally(server.stop);
}

async function tooOld(engine) {
  const main = `delete globalThis.WebAssembly; ${esm('/dist/finesse-keeper.js')}`;
  const server = await startStatic({ folders: { '/dist/': join(installed, 'dist') }, texts: { ...texts, '/main.js': main } });
  await visit(engine, `${server.url}/module.html`, ({ code, nextStep }) => check(code === 'too-old' && nextStep, code)).finally(server.stop);
}

function inService(outcome) {
  check(outcome.state === 'in-service', JSON.stringify(outcome));
}

async function visit(engine, url, look) {
  const user = `${agent++}`;
  const browser = await launchBrowser(engine);
  try {
    const tab = await browser.newPage();
    const hosts = [sim.a, sim.b].map((host) => `${host}/as/${user}`).join();
    await tab.goto(`${url}?${new URLSearchParams({ hosts, user })}`);
    await tab.waitForFunction(() => window.outcome, undefined, { timeout: 15_000 });
    look(await tab.evaluate(() => window.outcome));
  } finally {
    await browser.close();
  }
}

function check(good, what) {
  if (!good) throw new Error(what);
}
