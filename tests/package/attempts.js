// In a page: whatever can be given to the slim entry, right and wrong, each to a copy of its own, and what it says to that.

const good = '/dist/module.wasm';
const bytes = async () => (await fetch(good)).arrayBuffer();
const whole = await bytes();
/** The same server by another name is another origin. */
const elsewhere = `${location.origin.replace('127.0.0.1', 'localhost')}${good}`;
const read = await fetch(good);
await read.text();
const locked = await fetch(good);
locked.body.getReader();

/** How many answers were compiled while they arrived. */
let streamed = 0;
const { compileStreaming } = WebAssembly;
WebAssembly.compileStreaming = (...given) => compileStreaming(...given).then((module) => {
  streamed += 1;
  return module;
});

/** A window of its own, whose objects are of other classes than ours. */
function frame() {
  const element = document.createElement('iframe');
  document.body.append(element);
  return element.contentWindow;
}

const given = {
  address: good,
  relative: '../dist/module.wasm',
  url: new URL(good, location.href),
  request: new Request(good),
  response: await fetch(good),
  promise: fetch(good),
  'wrong type': '/untyped.bin',
  buffer: whole,
  array: new Uint8Array(whole),
  part: new Uint8Array(await new Blob([new Uint8Array(7), whole, new Uint8Array(7)]).arrayBuffer(), 7, whole.byteLength),
  view: new DataView(whole),
  compiled: await WebAssembly.compile(whole),
  'compiled by a frame': await frame().WebAssembly.compile(whole),
  'bytes of a frame': new (frame().Uint8Array)(whole),

  page: '/attempts.html?token=secret#top',
  'page called wasm': '/page.wasm',
  'not there': '/nothing.wasm?token=secret',
  'no server': 'http://127.0.0.1:1/module.wasm?token=secret',
  'no address': 'http://',
  'promise that fails': Promise.reject(new TypeError('the line is cut')),
  'other origin': fetch(elsewhere, { mode: 'no-cors' }),
  'read already': read,
  'being read': locked,
  empty: new ArrayBuffer(0),
  half: '/half.wasm',
  'half as bytes': whole.slice(0, whole.byteLength / 2),
  'other module': '/other.wasm',
  'other release': '/older.wasm',
  nothing: undefined,
  module: { default: good },
};
for (const each of Object.values(given)) Promise.resolve(each).catch(() => {});

/** A copy of the entry that nothing has been given to. */
const fresh = (name) => import(`/dist/slim.js?${encodeURIComponent(name)}`);
const said = ({ name, code, field, message, nextStep }) => ({ name, code, field, message, nextStep: Boolean(nextStep) });
const SYSTEM_INFO = '<SystemInfo><status>IN_SERVICE</status></SystemInfo>';
const works = async ({ loadParsers }) => (await loadParsers()).parseSystemInfo(SYSTEM_INFO).status;

async function attempt(name) {
  const slim = await fresh(name);
  try {
    await slim.initialize(given[name]);
    return await works(slim);
  } catch (error) {
    return said(error);
  }
}

const outcome = {};
for (const name of Object.keys(given)) {
  outcome[name] = await attempt(name);
  if (name === 'promise') outcome['compiled while they arrived'] = streamed;
  if (name === 'wrong type') outcome['and then'] = streamed;
}

const early = await fresh('early');
const options = { hosts: [location.origin], user: '1001', credentials: () => {} };
outcome['connect too early'] = await early.Keeper.connect(options).catch(said);
outcome['parsers too early'] = await early.loadParsers().catch(said);
const pending = early.initialize(good);
outcome['parsers while it comes'] = await works(early);
await pending;
await early.initialize('/nothing.wasm');
outcome['again after success'] = await works(early);

const mended = await fresh('mended');
await mended.initialize('/half.wasm').catch(said);
outcome['parsers after a failure'] = await mended.loadParsers().catch(said);
await mended.initialize(whole);
outcome['given better'] = await works(mended);

const hasty = await fresh('hasty');
const first = hasty.initialize('/half.wasm').then(() => 'ready', said);
const parsers = works(hasty).catch(said);
outcome['given better meanwhile'] = await hasty.initialize(good).then(() => works(hasty), said);
outcome['what came first'] = await first;
outcome['parsers meanwhile'] = await parsers;

const worse = await fresh('worse');
worse.initialize('/half.wasm').catch(said);
outcome['given worse meanwhile'] = await worse.initialize('/nothing.wasm').catch(said);
outcome['parsers after both'] = await worse.loadParsers().catch(said);

const late = await fresh('late');
outcome['not there yet'] = await late.initialize('/late.wasm').catch(said);
await fetch('/put-late');
outcome['there now'] = await works(late);

window.outcome = outcome;
