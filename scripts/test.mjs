// All tests, or the parts that are named:  npm test | npm run test:PART [-- WORD...]
// The words choose scenarios of a part that has them. Each part sets up what it needs, runs to its end, and is one row
// of the last table. A part fails if a command of it fails, if any test in it fails or is ignored, or if it ran none.
// The last line sums all parts up.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { at, bin, out, root, target } from './lib/paths.mjs';
import { programs } from './lib/programs.mjs';
import { run } from './lib/run.mjs';
import { checkSystem, setUp } from './lib/setup.mjs';
import { buildSimulator } from './lib/simulator.mjs';
import { seconds, table } from './lib/table.mjs';

/** In the order in which they run: the quick ones first. */
const parts = {
  tidy: { needs: ['node', 'rust', 'wasm', 'clippy', 'rustfmt'], run: tidy },
  unit: { needs: ['rust'], run: unit },
  stories: { needs: ['rust'], run: stories },
  wasm: { needs: ['node', 'rust', 'wasm', 'wasm-bindgen', 'geckodriver', 'browsers'], run: wasm },
  package: { needs: ['node', 'rust', 'wasm', 'wasm-bindgen', 'browsers'], run: (count, words) => node(count, 'package', words) },
  docs: { needs: ['node', 'rust', 'wasm', 'wasm-bindgen', 'browsers'], run: (count, words) => node(count, 'docs', words) },
  browser: { needs: ['node', 'rust', 'wasm', 'wasm-bindgen', 'browsers'], run: (count, words) => node(count, 'browser', words) },
  interop: { needs: ['node', 'rust', 'wasm', 'wasm-bindgen', 'browsers', 'openfire', 'prosody', 'ejabberd'], run: (count, words) => node(count, 'interop', words) },
};

/** Cargo's test targets that are not the part `unit`: slow worlds, the guard of the house, and what runs in browsers. */
const storyTests = ['fleet', 'glitches', 'hub', 'requests', 'stories', 'times', 'worlds'];
const otherTests = ['tidy', 'web'];

const words = process.argv.slice(2);
const firstOther = words.findIndex((word) => !(word in parts));
const chosen = firstOther < 0 ? words : words.slice(0, firstOther);
const scenarioWords = firstOther < 0 ? [] : words.slice(firstOther);
if (scenarioWords.length && !chosen.length) throw new Error(`no part named ${words[0]}; there are ${Object.keys(parts).join(', ')}`);
const order = chosen.length ? chosen : Object.keys(parts);
// told once, before anything runs
checkSystem(...order.flatMap((name) => parts[name].needs));
mkdirSync(out, { recursive: true });
const results = [];
for (const name of order) {
  results.push(await runPart(name, parts[name], scenarioWords));
}
finish(results);

async function runPart(name, part, rest) {
  console.log(`\n=== ${name}: begins ${new Date().toISOString().slice(11, 19)}`);
  const start = performance.now();
  const result = { name, passed: 0, failed: 0, setUpMs: 0, note: '' };
  try {
    await setUp(...part.needs);
    result.setUpMs = performance.now() - start;
    await part.run(counter(result), rest);
    if (!result.passed && !result.failed) throw new Error('ran no test');
  } catch (error) {
    // a command that failed by its tests is counted already
    if (!result.failed) result.failed += 1;
    result.note = String(error.message ?? error).split('\n')[0].slice(0, 80);
    console.log(`${name}: ${error.message ?? error}`);
  }
  result.ms = performance.now() - start;
  console.log(`=== ${name}: ends ${new Date().toISOString().slice(11, 19)}, ${result.passed} passed, ${result.failed} failed`);
  return result;
}

function finish(all) {
  const sum = (field) => all.reduce((total, each) => total + each[field], 0);
  console.log(`\n${table([
    ['part', 'passed', 'failed', 'set-up', 'all in', ''],
    ...all.map(({ name, passed, failed, setUpMs, ms, note }) => [name, passed, failed, seconds(setUpMs), seconds(ms), note]),
  ])}\n`);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') ? 1 : 0;
}

/** Reads results off the output: cargo's and wasm-bindgen's lines, and the last line of our own scripts. */
function counter(result) {
  return {
    onLine(line) {
      const cargo = /^\s*test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/.exec(line);
      const ours = /^(\d+) passed, (\d+) failed$/.exec(line);
      if (cargo) {
        result.passed += Number(cargo[1]);
        result.failed += Number(cargo[2]) + Number(cargo[3]);
      } else if (ours) {
        result.passed += Number(ours[1]);
        result.failed += Number(ours[2]);
      }
    },
    /** A check that is one command: passed or failed. */
    async check(name, command, args, options) {
      const { code } = await run(command, args, { ...options, mayFail: true });
      result[code ? 'failed' : 'passed'] += 1;
      console.log(`${code ? 'FAILED' : 'ok    '} ${name}`);
    },
  };
}

async function tidy(count) {
  await count.check('cargo fmt --check', 'cargo', ['fmt', '--all', '--check']);
  const clippy = ['clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'];
  await count.check('clippy', 'cargo', clippy);
  await count.check('clippy for wasm32', 'cargo', ['clippy', '--lib', '--target', 'wasm32-unknown-unknown', '--', '-D', 'warnings']);
  await count.check('types of the package', bin('tsc'), ['--noEmit', '--project', root]);
  await count.check('types of the demo and the status element', bin('tsc'), ['--noEmit', '--project', at('www')]);
  await run('cargo', ['test', '--test', 'tidy'], { onLine: count.onLine });
}

async function unit(count) {
  const others = [...storyTests, ...otherTests];
  const names = readdirSync(at('tests')).filter((name) => name.endsWith('.rs')).map((name) => name.slice(0, -3));
  const wanted = names.filter((name) => !others.includes(name)).flatMap((name) => ['--test', name]);
  await run('cargo', ['test', '--workspace', '--lib', '--bins', ...wanted, '--no-fail-fast'], { onLine: count.onLine });
  await run('cargo', ['test', '--workspace', '--doc'], { onLine: count.onLine });
}

async function stories(count) {
  const names = storyTests.filter((name) => existsSync(at('tests', `${name}.rs`)));
  if (!names.length) throw new Error('there are no stories');
  const targets = names.flatMap((name) => ['--test', name]);
  await run('cargo', ['test', ...targets, '--no-fail-fast'], { onLine: count.onLine });
}

/** The same suite in three engines; the runner speaks to each through its own driver. */
async function wasm(count) {
  const config = webdriverConfigs();
  const runner = {
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: programs.wasmBindgenTestRunner(),
    WASM_BINDGEN_TEST_TIMEOUT: '60',
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: config.common,
  };
  const suite = ['test', '--target', 'wasm32-unknown-unknown', '--test', 'web'];
  const engines = [
    ['Chromium', 'cargo', suite, { CHROMEDRIVER: programs.chromedriver() }],
    ['Firefox', 'cargo', suite, { GECKODRIVER: programs.geckodriver() }],
    ['WebKitGTK', programs.xvfbRun(), ['-a', 'cargo', ...suite], {
      SAFARIDRIVER: programs.webkitDriver(), WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      WASM_BINDGEN_TEST_WEBDRIVER_JSON: config.webkit,
    }],
  ];
  const failures = [];
  for (const [name, command, args, env] of engines) {
    console.log(`--- ${name}`);
    const before = { ...runner, ...env };
    await run(command, args, { env: before, onLine: count.onLine }).catch((error) => failures.push(`${name}: ${error.message}`));
  }
  if (failures.length) throw new Error(failures.join('\n'));
}

/** How the runner's drivers find and start the browsers. */
function webdriverConfigs() {
  const write = (name, content) => {
    const file = join(out, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const args = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
  return {
    common: write('webdriver.json', {
      'goog:chromeOptions': { binary: programs.chromium(), args },
      'moz:firefoxOptions': { binary: programs.firefox(), args: ['-headless'] },
    }),
    webkit: write('webdriver.webkit.json', {
      'webkitgtk:browserOptions': { binary: programs.miniBrowser(), args: ['--automation'] },
    }),
  };
}

/** A part that is a script: tests/NAME/run.mjs, on the built package and simulator. */
async function node(count, name, rest) {
  await build({ quiet: true });
  await buildSimulator({ quiet: true });
  rmSync(join(out, name), { recursive: true, force: true });
  await run(process.execPath, [at('tests', name, 'run.mjs'), ...rest], {
    onLine: count.onLine, env: { CARGO_TARGET_DIR: target },
  });
}
