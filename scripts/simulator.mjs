// A Finesse pair to develop against:  npm run simulator -- --port-a 8445 --port-b 8446 --control-port 8400 --agents 1001,1002
// All options: npm run simulator -- --help

import { run } from './lib/run.mjs';
import { setUp } from './lib/setup.mjs';
import { buildSimulator, simulatorBinary } from './lib/simulator.mjs';

await setUp('rust');
await buildSimulator();
const { code } = await run(simulatorBinary, process.argv.slice(2), { mayFail: true });
process.exitCode = code;
