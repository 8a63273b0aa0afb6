// A user's project: the tarball installed by npm, and the pages that sign in through it.

import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packPackage } from '../../scripts/lib/package.mjs';
import { out } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';

export const project = join(out, 'package', 'project');
export const installed = join(project, 'node_modules', 'finesse-keeper');
export const dist = join(installed, 'dist');
export const file = (name) => readFileSync(join(dist, name));

/** Needs no registry: the package has no dependencies. Resolves with the tarball. */
export async function install() {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const { tarball } = await packPackage();
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project, quiet: true });
  const kept = join(project, 'finesse-keeper.tgz');
  cpSync(tarball, kept);
  return kept;
}

/** Every file of a folder, as paths in it. */
export const filesIn = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  .sort();

/** An application's folder inside the project, where the installed package is found. */
export function application(name, files) {
  const root = join(project, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/**
 * What every page does: connect, be in service, sign in, and put the outcome where the test looks. A worker is told where
 * and who by its name, and has no `window`.
 */
export const page = (keeper, first = '') => `
  const { hosts, user } = Object.fromEntries(new URLSearchParams(globalThis.name || location.search));
  (async () => {
    ${first}
    const keeper = await ${keeper}.connect({
      hosts: hosts.split(','), user, expectedAgents: 1, credentials: async () => ({ password: 'pw-' + user }),
    });
    const told = new Promise((done) => keeper.addEventListener('user', ({ detail }) => detail.data.state === 'NOT_READY' && done(detail.data)));
    await keeper.ready();
    const { outcome } = await keeper.signIn({ extension: '2' + user });
    const { loginId, extension } = await told;
    return { outcome, loginId, extension };
  })()
    .catch(({ name, code, message, nextStep }) => ({ name, code, message, nextStep }))
    .then((outcome) => (globalThis.window ? Object.assign(window, { outcome }) : postMessage(outcome)));
`;
export const esm = (from) => `import { Keeper } from '${from}';\n${page('Keeper')}`;
/** `source` is JavaScript for what the module is given. */
export const slim = (from, source, before = '') => `
  import { Keeper, initialize } from '${from}';
  ${before}
  ${page('Keeper', `await initialize(${source});`)}`;

export const html = (script) => `<!doctype html><title>finesse-keeper</title>${script}`;
export const moduleScript = html('<script type="module" src="./main.js"></script>');

export function check(good, what) {
  if (!good) throw new Error(what);
}
