// Where the programs of the system are, looked up by existence, never by running them.

import { accessSync, constants, existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cache } from './paths.mjs';

/** The first program of these names (or absolute paths) that can be executed. */
export function find(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const places = names.flatMap((name) => (name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name))));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A file below one of Debian's folders of libraries; `folder` is a pattern of its folder's name. */
const inMultiarch = (folder, path) => {
  const names = (parent, pattern) => (existsSync(parent) ? readdirSync(parent).filter((name) => pattern.test(name)) : []);
  const archs = names('/usr/lib', /-linux-gnu$/).map((arch) => join('/usr/lib', arch));
  const files = archs.flatMap((arch) => names(arch, folder).map((name) => join(arch, name, path)));
  return files.find(existsSync);
};

/** Where Debian keeps ejabberd and the Erlang libraries that it is made of. */
const erlangLibraries = () => {
  const ebin = inMultiarch(/^ejabberd-[\d.]+$/, 'ebin');
  return ebin && join(ebin, '..', '..');
};

/** A program of a JDK 17, which Openfire 4.2.0 runs on; a JDK says in its file `release` which it is. */
const jdk = (name) => {
  const onPath = find(name);
  const homes = [
    process.env.JAVA_HOME,
    onPath && join(realpathSync(onPath), '..', '..'),
    ...(existsSync('/usr/lib/jvm') ? readdirSync('/usr/lib/jvm').map((each) => join('/usr/lib/jvm', each)) : []),
  ].filter((home) => home && existsSync(join(home, 'release')));
  const is17 = (home) => /^JAVA_VERSION="17\b/m.test(readFileSync(join(home, 'release'), 'utf8'));
  return find(...homes.filter(is17).map((home) => join(home, 'bin', name)));
};

/** Each gives a path, or undefined. */
export const programs = {
  cc: () => find('cc'),
  chromium: () => find('/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome'),
  chromedriver: () => find('/usr/bin/chromedriver', 'chromedriver'),
  firefox: () => find('/usr/bin/firefox-esr', 'firefox-esr', 'firefox'),
  webkitDriver: () => find('/usr/bin/WebKitWebDriver', 'WebKitWebDriver'),
  miniBrowser: () => inMultiarch(/^webkit2gtk-4\.[01]$/, 'MiniBrowser'),
  xvfbRun: () => find('xvfb-run'),
  xauth: () => find('xauth'),
  maven: () => find('mvn'),
  java: () => jdk('java'),
  javac: () => jdk('javac'),
  keytool: () => jdk('keytool'),
  openssl: () => find('openssl'),
  prosody: () => find('/usr/bin/prosody', 'prosody'),
  erl: () => find('/usr/bin/erl', 'erl'),
  ejabberd: erlangLibraries,
  geckodriver: () => find(join(cache, `geckodriver-${versions.geckodriver}`, 'bin', 'geckodriver')),
  wasmBindgen: () => find(join(cache, `wasm-bindgen-${versions.wasmBindgen}`, 'bin', 'wasm-bindgen')),
  wasmBindgenTestRunner: () => find(join(cache, `wasm-bindgen-${versions.wasmBindgen}`, 'bin', 'wasm-bindgen-test-runner')),
};

/** Pinned: the wasm-bindgen command must be of the version of the crate in Cargo.toml. */
export const versions = { wasmBindgen: '0.2.130', geckodriver: '0.37.1', openfire: '4.2.0' };
