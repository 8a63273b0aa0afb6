import type { Keeper, KeeperError } from './index.js';

declare global {
  /** What `finesse-keeper/iife` puts on the page. */
  var FinesseKeeper: { Keeper: typeof Keeper; KeeperError: typeof KeeperError };
}
