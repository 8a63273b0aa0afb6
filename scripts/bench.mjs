// What a user would pick instead, beside us, in one run:  npm run bench

import { build } from './build.mjs';
import { setUp } from './lib/setup.mjs';
import { buildSimulator } from './lib/simulator.mjs';

await setUp('node', 'rust', 'wasm', 'wasm-bindgen', 'browsers', 'openfire');
await build({ quiet: true });
await buildSimulator({ quiet: true });
await import('../benches/run.mjs');
