import type { Keeper, KeeperError, loadParsers } from './index.js';

declare global {
  /**
   * What the classic script `dist/finesse-keeper.iife.js` puts on the page. The types alone, for there is nothing to
   * import: `/// <reference types="finesse-keeper/iife" />`.
   */
  var FinesseKeeper: { Keeper: typeof Keeper; KeeperError: typeof KeeperError; loadParsers: typeof loadParsers };
}
