/**
 * The same as `finesse-keeper` without the WebAssembly module inside: it comes as a file of its own, `module.wasm`, which a
 * browser compiles while it arrives and keeps by itself. Take one of the two entries for a page: each has its own module.
 *
 *     import { Keeper, initialize } from 'finesse-keeper/slim';
 *     import url from 'finesse-keeper/module.wasm?url'; // Vite; webpack: new URL('finesse-keeper/module.wasm', import.meta.url)
 *     await initialize(url);
 */
export * from './index.js';

/**
 * `module.wasm`: its address, an answer that has it, its bytes, or the module compiled already. (TypeScript's type of that is
 * empty, so that anything would do for one; `default` keeps out at least what `import()` of an address gives.)
 */
export type ModuleSource = string | URL | Request | Response | BufferSource | (WebAssembly.Module & { readonly default?: never });

/**
 * Gives the module, and resolves once it is ready. Until this was called, `Keeper.connect` and `loadParsers` reject with
 * `not-initialized`; while it goes on they wait for it. After a failure they try again what was given last, as does another
 * call; after a success another call changes nothing. What is given while another source is still tried counts once that one
 * has failed, for all that wait.
 *
 * Rejects with `KeeperError`: `module-missing` (the address could not be fetched, or what came is no WebAssembly but, say,
 * the page's own HTML; the message says what came), `module-mismatch` (a module of another build than this file),
 * `corrupt` (the module is damaged, or a part of it), `csp`, `too-old`, `config` (it is none of what can be given).
 */
export function initialize(source: ModuleSource | PromiseLike<ModuleSource>): Promise<void>;
