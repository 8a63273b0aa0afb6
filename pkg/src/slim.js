// The entry without the module inside: it is given module.wasm, as an address to stream it from, as bytes or compiled.
// What is given may be anything that a server, a cache or a bundler made of it, so it is looked at before it is believed.
import { release, sum } from '#release';
import { adler32 } from './adler32.js';
import { KeeperError } from './error.js';
import { load, source } from './module.js';

export * from './index.js';

/** What was given last, in an object. */
let last;

/** Resolves once the module is ready. The first success is for good: whatever is given after it changes nothing. */
export async function initialize(given) {
  last = { given };
  Promise.resolve(given).catch(() => {}); // a promise that fails and is not waited for, since another one came first
  await load();
  last = undefined;
}

/** All that wait take the module from what was given last, even while something else fails. */
source.open = async () => {
  const tried = last;
  try {
    if (tried) return await open(await arrived(tried.given));
  } catch (error) {
    if (last === tried) throw error;
    return source.open();
  }
  throw new KeeperError(
    'not-initialized',
    'finesse-keeper/slim has no WebAssembly module inside, and was given none.',
    'Call initialize() with the address of module.wasm first, or import finesse-keeper, which has it inside.',
  );
};

/** Waits for what is given, and for the server where it is an address. */
async function arrived(given) {
  let where = 'What was promised';
  try {
    const what = await given;
    if (!['String', 'URL', 'Request'].includes(kindOf(what))) return what;
    where = placeOf(what.url ?? what);
    return await fetch(what);
  } catch (cause) {
    throw missing(`${where} could not be fetched.`, { cause });
  }
}

async function open(what) {
  const kind = kindOf(what);
  if (kind === 'Response') return fromResponse(what);
  if (kind === 'WebAssembly.Module') return ours(structuredClone(what)); // another window's becomes this one's
  if (kind === 'ArrayBuffer') return fromBytes(new Uint8Array(what), 'What was given');
  if (ArrayBuffer.isView(what)) return fromBytes(new Uint8Array(what.buffer, what.byteOffset, what.byteLength).slice(), 'What was given');
  const nextStep = 'give the address of module.wasm, a Request, a Response, bytes or a WebAssembly.Module';
  throw new KeeperError('config', `\`source\` cannot be used: it is of type ${kind}.`, nextStep, { field: 'source' });
}

/** Works for what another window made, too, where `instanceof` does not. */
const kindOf = (what) => Object.prototype.toString.call(what).slice(8, -1);

/**
 * Compiles while it arrives where the server calls it WebAssembly: a browser compiles no other answer so. Whatever goes
 * wrong in that, the bytes tell better, so that they are kept. Nor is the answer itself used up: after a failure it may
 * be asked for again.
 */
async function fromResponse(response) {
  if (response.bodyUsed || response.body?.locked) throw missing('The Response has been read already.');
  const where = response.url ? placeOf(response.url) : 'The Response';
  if (response.type === 'opaque') throw missing(`${where} was fetched without CORS, so that its answer cannot be read.`);
  if (!response.ok) throw missing(`${where} answered with HTTP status ${response.status}.`);
  const type = response.headers.get('content-type') ?? '';
  if (type.toLowerCase() === 'application/wasm') {
    try {
      return ours(await WebAssembly.compileStreaming(response.clone()));
    } catch (error) {
      if (error instanceof KeeperError) throw error;
    }
  }
  const bytes = await response.clone().arrayBuffer().catch((cause) => {
    throw missing(`${where} broke off.`, { cause });
  });
  return fromBytes(new Uint8Array(bytes), `${where}, of type ${JSON.stringify(type)},`);
}

/** An address without what may be secret in it. */
function placeOf(address) {
  try {
    const { host, origin, pathname } = new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href);
    return host ? origin + pathname : 'The address';
  } catch {
    return 'The address';
  }
}

async function fromBytes(bytes, what) {
  if (String(bytes.subarray(0, 4)) !== '0,97,115,109') throw missing(`${what} ${beginningOf(bytes)}.`);
  try {
    return ours(await WebAssembly.compile(bytes));
  } catch (cause) {
    // whole as it is, it is no fault of the bytes
    if (cause instanceof KeeperError || adler32(bytes) === sum) throw cause;
    throw new KeeperError(
      'corrupt',
      `${what} is a WebAssembly module that is damaged, or only a part of it.`,
      'Serve module.wasm of the package as it is, and keep build steps from rewriting it.',
      { cause },
    );
  }
}

/** How it begins says to a person what it is: a page, an error, a pointer to a large file. */
function beginningOf(bytes) {
  if (!bytes.length) return 'is empty';
  const text = new TextDecoder().decode(bytes.subarray(0, 24)).replace(/[^ -~]+/g, ' ').trim();
  return `begins with ${JSON.stringify(text)}`;
}

/** The JavaScript here fits no module but the one that was built with it, which a cache may have outlived. */
function ours(module) {
  const [section] = WebAssembly.Module.customSections(module, 'finesse-keeper');
  const found = section && new TextDecoder().decode(section);
  if (found === release) return module;
  throw new KeeperError(
    'module-mismatch',
    `The WebAssembly module is ${found ? `of finesse-keeper ${found}` : 'no module of finesse-keeper'}; this is finesse-keeper/slim ${release}.`,
    'Take slim.js and module.wasm from one installed package, and let no cache keep an older one: an address with a hash in it does.',
  );
}

function missing(message, more) {
  return new KeeperError(
    'module-missing',
    `There is no WebAssembly module. ${message}`,
    'Give the address at which finesse-keeper/module.wasm is served (Vite: import it with ?url; webpack: new URL(…, import.meta.url); without '
      + 'a bundler: copy dist/module.wasm). A Content Security Policy must allow it under connect-src. In Node give its bytes.',
    more,
  );
}
