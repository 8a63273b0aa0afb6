// Sizes, faults, logins and reconnections beside what a user would pick instead: every client in one Chromium page, on
// one Openfire, at the same time or in turn. Glitches beside the policies that people write, in the same simulated worlds.

import { faults } from './faults.mjs';
import { glitches } from './glitches.mjs';
import { memory } from './memory.mjs';
import { parsing } from './parsing.mjs';
import { sizes } from './sizes.mjs';
import { logins, reconnections } from './speed.mjs';
import { openStage } from './stage.mjs';

console.log(`${await sizes()}\n`);
console.log(`${await parsing()}\n`);
console.log(`${await memory()}\n`);
console.log(`${await glitches()}\n`);
const stage = await openStage();
for (const measure of [logins, reconnections, faults]) console.log(`${await measure(stage)}\n`);
await stage.close();
