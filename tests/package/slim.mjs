// What the slim entry says to whatever it is given; attempts.js gives it, in a page.

import { readFileSync } from 'node:fs';
import { at } from '../../scripts/lib/paths.mjs';
import { check, dist, file, html } from './project.mjs';
import { serveAndVisit } from './visit.mjs';

const GOOD = 'IN_SERVICE';

/** What becomes of each attempt: the parsers work, or there is an error with this code whose message has these words. */
const expected = {
  address: GOOD, relative: GOOD, url: GOOD, request: GOOD, response: GOOD, promise: GOOD, 'wrong type': GOOD, buffer: GOOD, array: GOOD,
  part: GOOD, view: GOOD, compiled: GOOD, 'compiled by a frame': GOOD, 'bytes of a frame': GOOD,

  page: ['module-missing', '/attempts.html, of type "text/html; charset=utf-8", begins with "<!doctype html'],
  'page called wasm': ['module-missing', '/page.wasm, of type "application/wasm", begins with "<!doctype html'],
  'not there': ['module-missing', '/nothing.wasm answered with HTTP status 404'],
  'no server': ['module-missing', 'http://127.0.0.1:1/module.wasm could not be fetched'],
  'no address': ['module-missing', 'could not be fetched'],
  'promise that fails': ['module-missing', 'could not be fetched'],
  'other origin': ['module-missing', 'without CORS'],
  'read already': ['module-missing', 'read already'],
  'being read': ['module-missing', 'read already'],
  empty: ['module-missing', 'is empty'],
  half: ['corrupt', '/half.wasm'],
  'half as bytes': ['corrupt', 'damaged'],
  'other module': ['module-mismatch', 'no module of finesse-keeper'],
  'other release': ['module-mismatch', 'of finesse-keeper 0.0.9 (00000000)'],
  nothing: ['config', 'type Undefined'],
  module: ['config', 'type Object'],

  'connect too early': ['not-initialized', ''],
  'parsers too early': ['not-initialized', ''],
  'parsers while it comes': GOOD,
  'again after success': GOOD,
  'parsers after a failure': ['corrupt', ''],
  'given better': GOOD,
  'given better meanwhile': GOOD,
  'what came first': 'ready',
  'parsers meanwhile': GOOD,
  'given worse meanwhile': ['module-missing', '404'],
  'parsers after both': ['module-missing', '404'],
  'not there yet': ['module-missing', '404'],
  'there now': GOOD,

  // six of the right type; the one of a wrong type came after them
  'compiled while they arrived': 6,
  'and then': 6,
};

export async function attempts(engine) {
  const wasm = file('module.wasm');
  const page = html('<script type="module" src="/attempts.js"></script>');
  const texts = {
    '/attempts.html': page,
    '/attempts.js': readFileSync(at('tests', 'package', 'attempts.js')),
    '/untyped.bin': wasm,
    '/page.wasm': page,
    '/half.wasm': wasm.subarray(0, wasm.length / 2),
    '/other.wasm': Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]),
    '/older.wasm': Buffer.from(wasm.toString('latin1').replace(/\d+\.\d+\.\d+ \([0-9a-f]{8}\)$/, '0.0.9 (00000000)'), 'latin1'),
    get '/put-late'() {
      texts['/late.wasm'] = wasm;
      return 'there it is';
    },
  };
  await serveAndVisit(engine, '/attempts.html', { folders: { '/dist/': dist }, texts }, compare);
}

function compare(outcome) {
  const wrong = Object.entries(expected).filter(([name, want]) => {
    const got = outcome[name];
    if (!Array.isArray(want)) return got !== want;
    return !(got.name === 'KeeperError' && got.code === want[0] && got.message.includes(want[1]) && got.nextStep);
  });
  check(wrong.length === 0, wrong.map(([name, want]) => `${name}: wanted ${want}, got ${JSON.stringify(outcome[name])}`).join('\n'));
  check(Object.keys(outcome).length === Object.keys(expected).length, `attempts: ${Object.keys(outcome)}`);
  check(!JSON.stringify(outcome).includes('secret'), 'it tells what is secret in an address');
}
