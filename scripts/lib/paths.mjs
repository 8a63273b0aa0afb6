// Where things are: the checkout, what it builds, and the per-user cache that a second checkout shares.

import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** A path inside the checkout. */
export const at = (...parts) => join(root, ...parts);
/** Tools and jars that are slow to get: outside the checkout, named with their version. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'finesse-keeper');
/** Cargo's output. */
export const target = process.env.CARGO_TARGET_DIR ? resolve(process.env.CARGO_TARGET_DIR) : at('target');
/** Stamps of what need not be done again. */
export const stamps = at('.tools');
/** What tests leave behind: logs, screenshots, unpacked packages. */
export const out = at('tests', '.out');
/** A command that npm installed for us. */
export const bin = (name) => at('node_modules', '.bin', name);
