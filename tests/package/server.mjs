// The package where there is no page: in Node, imported and required, in a thread, and under those who judge packages and types.

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { at, bin } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { application, check, filesIn, installed } from './project.mjs';

const UPDATE = '<Update><event>PUT</event><source>/finesse/api/SystemInfo</source><data><systemInfo><status>IN_SERVICE</status></systemInfo></data></Update>';

/**
 * What a server does that renders pages: imports, and may read a notification, but connects nowhere. Nothing of it stays: no
 * global, and no timer, for then Node would not end. `entry` gives the package, `first` is done with it before it is used.
 */
const render = (entry, first = '') => `
  const before = Object.keys(globalThis).length;
  (async () => {
    const keeper = ${entry};
    ${first}
    const options = { hosts: ['https://a'], user: '1001', credentials: () => ({ password: 'b' }) };
    const error = await keeper.Keeper.connect(options).catch((thrown) => thrown);
    const examined = await keeper.Keeper.doctor({ hosts: options.hosts }).catch(({ code }) => code);
    const { kind, data } = (await keeper.loadParsers()).parseNotification('${UPDATE}');
    const added = Object.keys(globalThis).length - before;
    console.log(JSON.stringify([added, typeof document, error instanceof keeper.KeeperError, error.code, examined, kind, data.status]));
  })();`;
const RENDERED = '[0,"undefined",true,"no-page","no-page","systeminfo","IN_SERVICE"]';

const imported = render("await import('finesse-keeper')");
const given = "await keeper.initialize((await import('node:fs/promises')).readFile(new URL(import.meta.resolve('finesse-keeper/module.wasm'))));";
const early = "if (await keeper.loadParsers().catch(({ code }) => code) !== 'not-initialized') throw new Error('it has a module');";

/** Runs the first file, with the others beside it; it says what `render` says, and ends by itself. */
const node = (name, files) => async () => {
  const root = application(`node-${name}`, files);
  const { output } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', Object.keys(files)[0]], { cwd: root, quiet: true });
  check(output.trim() === RENDERED, output);
};

/** An import of it would do nothing: it is a script for pages, and has types alone. */
async function script() {
  const root = application('node-iife', { 'main.mjs': "await import('finesse-keeper/iife').catch(({ code }) => console.log(code));" });
  const { output } = await run(process.execPath, ['main.mjs'], { cwd: root, quiet: true });
  check(output.trim() === 'ERR_PACKAGE_PATH_NOT_EXPORTED', output);
}

/** There is nothing to define the element in; an application that renders on a server asks for it all the same. */
async function element() {
  const main = "const { defineStatus, english } = await import('finesse-keeper/status'); console.log(defineStatus(), english.resume);";
  const { output } = await run(process.execPath, ['main.mjs'], { cwd: application('node-status', { 'main.mjs': main }), quiet: true });
  check(output.trim() === 'undefined Resume', output);
}

async function contents() {
  const promised = [
    'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist/finesse-keeper.iife.js', 'dist/finesse-keeper.js', 'dist/module.wasm', 'dist/slim.js',
    'dist/status.js', 'doctor.d.ts', 'finesse.d.ts', 'iife.d.ts', 'index.d.ts', 'package.json', 'slim.d.ts', 'state.d.ts', 'status.d.ts',
  ];
  const found = filesIn(installed);
  check(found.join() === promised.join(), `it holds ${found}`);
  const { dependencies, sideEffects, exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  check(dependencies === undefined, 'it has dependencies');
  check(sideEffects === false, 'bundlers may leave nothing of it out');
  for (const [entry, conditions] of Object.entries(exports).filter(([, value]) => typeof value === 'object')) {
    check(Object.keys(conditions)[0] === 'types', `${entry}: types do not come first`);
    check(!('browser' in conditions), `${entry}: it is another one in browsers`);
  }
}

/** Every entry, by consumers of each; `.cts` is a CommonJS module, which Node 20.19 lets require ours. */
async function types(module, moduleResolution, ...more) {
  const root = application(`types-${module}`, {});
  for (const name of ['consumer.ts', 'gadget.ts', 'slim.ts', 'status.ts', ...more]) cpSync(at('tests', 'package', name), join(root, name));
  const compilerOptions = {
    module, moduleResolution, target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable'], types: [], strict: true, noEmit: true,
    noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true,
  };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', '*.cts'] }));
  await run(bin('tsc'), ['--project', root], { quiet: true });
}

/** Suggestions are findings, too. */
async function publishable(tarball) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) }, strict: true });
  check(messages.length === 0, messages.map((message) => formatMessage(message, pkg)).join('\n'));
}

/**
 * What is left out, and why. `cjs-resolves-to-esm`: the package is an ES module and nothing else, on purpose, for two copies
 * would be two modules in one page; that `require` works all the same is tested here. The two entries are nothing that JavaScript
 * imports: WebAssembly, whose import means another thing to each bundler, and a classic script.
 */
async function typed(tarball) {
  const ignored = ['--ignore-rules', 'cjs-resolves-to-esm', '--exclude-entrypoints', './module.wasm', './dist/finesse-keeper.iife.js'];
  await run(bin('attw'), [tarball, '--no-definitely-typed', '--format', 'ascii', '--no-color', ...ignored], { quiet: true });
}

export const server = (tarball) => [
  { name: 'installs from the tarball, with what was promised and no more', run: contents },
  { name: 'imports in Node without doing anything', run: node('import', { 'main.mjs': imported }) },
  { name: 'required in Node', run: node('require', { 'main.cjs': render("require('finesse-keeper')") }) },
  {
    name: 'imports in a thread of Node, as those render in that have no page',
    run: node('thread', { 'main.mjs': "new (await import('node:worker_threads')).Worker(new URL('render.mjs', import.meta.url));", 'render.mjs': imported }),
  },
  { name: 'slim: in Node, given its bytes', run: node('slim', { 'main.mjs': render("await import('finesse-keeper/slim')", early + given) }) },
  { name: 'the classic script is nothing to import', run: script },
  { name: 'status: in Node it does nothing', run: element },
  { name: 'types, under node16', run: () => types('node16', 'node16') },
  { name: 'types, under nodenext, required', run: () => types('nodenext', 'nodenext', 'required.cts') },
  { name: 'types, under bundler', run: () => types('esnext', 'bundler') },
  { name: 'publint finds nothing', run: () => publishable(tarball) },
  { name: 'the types are not wrong', run: () => typed(tarball) },
];
