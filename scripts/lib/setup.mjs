// Sets up what is missing, and nothing else: every step first looks whether its result is there (by existence or by
// a stamp, without running anything), so that a second run costs milliseconds. Where it may not install, it says
// exactly what to install.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { at, cache } from './paths.mjs';
import { find, programs, versions } from './programs.mjs';
import { run } from './run.mjs';
import { hashOf, isDone, markDone, markUndone } from './stamp.mjs';

/** Debian packages by what they are for: [program to look for, package]. */
const debian = {
  rust: [[programs.cc, 'build-essential']],
  browsers: [
    [programs.chromium, 'chromium'], [programs.chromedriver, 'chromium-driver'], [programs.firefox, 'firefox-esr'],
    [programs.webkitDriver, 'webkit2gtk-driver'], [programs.miniBrowser, 'webkit2gtk-driver'],
    [programs.xvfbRun, 'xvfb'], [programs.xauth, 'xauth'],
  ],
  openfire: [
    [programs.java, 'openjdk-17-jdk-headless'], [programs.javac, 'openjdk-17-jdk-headless'],
    [programs.keytool, 'openjdk-17-jdk-headless'],
  ],
  jars: [[programs.maven, 'maven']],
  prosody: [[programs.prosody, 'prosody'], [programs.openssl, 'openssl']],
  ejabberd: [[programs.ejabberd, 'ejabberd'], [programs.erl, 'ejabberd'], [programs.openssl, 'openssl']],
};

const steps = {
  node: nodeModules,
  rust,
  wasm: () => partOfRust('lib/rustlib/wasm32-unknown-unknown/lib', 'target', 'add', 'wasm32-unknown-unknown'),
  clippy: () => partOfRust('bin/cargo-clippy', 'component', 'add', 'clippy'),
  rustfmt: () => partOfRust('bin/rustfmt', 'component', 'add', 'rustfmt'),
  'wasm-bindgen': () => cargoTool('wasm-bindgen', 'wasm-bindgen-cli', versions.wasmBindgen),
  geckodriver: () => cargoTool('geckodriver', 'geckodriver', versions.geckodriver),
  browsers: () => packages(debian.browsers),
  openfire,
  // never asked for its version: `prosody --version` starts it, on public ports
  prosody: () => packages(debian.prosody),
  ejabberd: () => packages(debian.ejabberd),
};

/** Does the named steps that are not done yet; returns the names of those that had work to do. */
export async function setUp(...names) {
  checkSystem(...names);
  const worked = [];
  for (const name of names) {
    const start = performance.now();
    if (await steps[name]()) {
      worked.push(name);
      console.log(`set up: ${name} (${((performance.now() - start) / 1000).toFixed(0)} s)`);
    }
  }
  return worked;
}

async function nodeModules() {
  const lock = hashOf([at('package-lock.json')]);
  // npm writes this file last
  if (existsSync(at('node_modules', '.package-lock.json')) && isDone('node-modules', lock)) return false;
  markUndone('node-modules');
  console.log('set up: npm packages');
  await run('npm', ['ci', '--no-progress'], { quiet: true });
  markDone('node-modules', lock);
  return true;
}

/** Debian's own Rust is too old for us, and without a C compiler Rust cannot link. */
async function rust() {
  const fallback = join(homedir(), '.cargo', 'bin');
  if (!(find('cargo') && find('rustc')) && existsSync(join(fallback, 'cargo'))) {
    process.env.PATH = `${fallback}:${process.env.PATH}`;
  }
  if (!find('cargo') || !find('rustc')) giveUp('Rust is missing: install rustup (https://rustup.rs), then `rustup toolchain install stable`');
  const [, wanted] = /^rust-version = "([\d.]+)"/m.exec(readFileSync(at('Cargo.toml'), 'utf8'));
  const { output } = await run('rustc', ['--version'], { quiet: true });
  const [, found] = /^rustc ([\d.]+)/m.exec(output);
  if (found.localeCompare(wanted, 'en', { numeric: true }) < 0) {
    giveUp(`Rust ${found} (${find('rustc')}) is too old: ${wanted} is needed. With rustup: \`rustup update stable\``);
  }
  return packages(debian.rust);
}

/** What belongs to a toolchain: looked for beside its rustc, and asked of rustup where it is missing. */
async function partOfRust(path, ...add) {
  const { output } = await run('rustc', ['--print', 'sysroot'], { quiet: true });
  if (existsSync(join(output.trim(), path))) return false;
  if (!find('rustup')) giveUp(`Rust's ${add.at(-1)} is missing: install it beside ${find('rustc')}, or use rustup`);
  await run('rustup', add, { quiet: true });
  return true;
}

/**
 * Built in debug mode: a third of the time, and fast enough. Cargo itself locks the folder against a second installer.
 * A registry that shows no releases of the last days, as some companies' mirrors do, may lack what the tool was locked
 * to: then the newest that fit are taken.
 */
async function cargoTool(name, crate, version) {
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(join(folder, 'bin', name))) return false;
  console.log(`set up: ${crate} ${version}, built once for all checkouts (about two minutes)`);
  mkdirSync(folder, { recursive: true });
  const install = (...more) => run('cargo', ['install', crate, '--version', version, '--debug', '--root', folder, ...more],
    { quiet: true, env: { CARGO_TARGET_DIR: join(folder, 'build') } });
  await install('--locked').catch((error) => {
    if (!error.message.includes('failed to select a version')) throw error;
    return install();
  });
  rmSync(join(folder, 'build'), { recursive: true, force: true });
  return true;
}

/** Ends with a message for the user, who wants to know what to do and not where in here it was said. */
function giveUp(message) {
  console.error(message);
  process.exit(1);
}

/**
 * Ends, once and with all of it, if what these steps need of the system is missing and may not be installed from here:
 * that takes root and apt-get.
 */
export function checkSystem(...names) {
  const wanted = names.flatMap((name) => debian[name] ?? []);
  if (names.includes('openfire') && !existsSync(openfireFolder())) wanted.push(...debian.jars);
  const missing = missingPackages(wanted);
  if (!missing.length || (process.getuid?.() === 0 && find('apt-get'))) return;
  giveUp(`missing, and not mine to install: ${missing.join(', ')}\n`
    + `On Debian 12, as root:  apt-get update && apt-get ${aptInstall(missing).join(' ')}`);
}

const missingPackages = (wanted) => [...new Set(wanted.filter(([program]) => !program()).map(([, name]) => name))];
const aptInstall = (names) => ['install', '-y', '--no-install-recommends', ...names];

/** Installs the Debian packages whose programs are missing. */
async function packages(wanted) {
  const names = missingPackages(wanted);
  if (!names.length) return false;
  console.log(`set up: ${names.join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], { quiet: true, env });
  await withoutDaemons(names, () => run('apt-get', aptInstall(names), { quiet: true, env }));
  const still = missingPackages(wanted);
  if (still.length) throw new Error(`${still.join(', ')}: installed, but the programs are not where they are looked for (scripts/lib/programs.mjs)`);
  return true;
}

/**
 * Debian starts a daemon as soon as its package is there, open to the world, and again at every boot. We want the
 * program alone: a policy says no while it is installed (unless the machine has one of its own), and it is stopped and
 * disabled in case that was not heeded.
 */
async function withoutDaemons(names, install) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await install();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  for (const daemon of names.filter((name) => ['prosody', 'ejabberd'].includes(name))) {
    const quietly = { quiet: true, mayFail: true };
    if (existsSync('/run/systemd/system')) await run('systemctl', ['disable', '--now', daemon], quietly);
    else if (find('update-rc.d')) await run('update-rc.d', [daemon, 'disable'], quietly);
  }
}

/**
 * The class path of Openfire: its jars from Maven Central and, beside them, our starter class. The folder is named with
 * a hash of what made it.
 */
export function openfireClassPath() {
  const folder = openfireFolder();
  return `${join(folder, 'starter')}:${folder}/*`;
}

const openfireSource = (name) => at('tests', 'servers', 'openfire', name);
const openfireFolder = () => {
  const hash = hashOf([openfireSource('ServerStarter.java'), openfireSource('pom.xml')]);
  return join(cache, `openfire-${versions.openfire}-${hash.slice(0, 12)}`);
};

async function openfire() {
  const worked = await packages(debian.openfire);
  const folder = openfireFolder();
  if (existsSync(folder)) return worked;
  await packages(debian.jars);
  console.log(`set up: Openfire ${versions.openfire} from Maven Central`);
  const half = `${folder}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  const copy = ['-q', '-B', '-f', openfireSource('pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${half}`];
  await run(programs.maven(), copy, { quiet: true });
  const compile = ['-cp', `${half}/*`, '-d', join(half, 'starter'), openfireSource('ServerStarter.java')];
  await run(programs.javac(), compile, { quiet: true });
  if (!existsSync(folder)) renameSync(half, folder);
  return true;
}
