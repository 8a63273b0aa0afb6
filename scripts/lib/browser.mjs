// Real browsers, driven by playwright-core: Debian's Chromium and Firefox, headless.

import { chromium, firefox } from 'playwright-core';
import { programs } from './programs.mjs';

/** The engines that playwright can drive here; WebKitGTK runs only the wasm suite. */
export const engines = ['chromium', 'firefox'];

/**
 * Starts a browser. Pages come from `browser.newPage({ ignoreHTTPSErrors: true })`.
 * Firefox is spoken to by WebDriver BiDi: Debian's lacks the patches that playwright's own build has. So it is told here
 * whether its person likes the dark; Chromium's pages can be told, by `browser.newPage({ colorScheme })`.
 */
export async function launchBrowser(engine = 'chromium', { colorScheme = 'light' } = {}) {
  if (engine === 'chromium') {
    return chromium.launch({ executablePath: programs.chromium(), args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  }
  if (engine === 'firefox') {
    const firefoxUserPrefs = { 'layout.css.prefers-color-scheme.content-override': colorScheme === 'dark' ? 0 : 1 };
    return firefox.launch({ channel: 'moz-firefox', executablePath: programs.firefox(), firefoxUserPrefs });
  }
  throw new Error(`no browser named ${engine}`);
}
