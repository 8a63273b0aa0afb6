// The demo:  npm start
// Sets up what is missing, builds the package and the simulator, and serves a Finesse pair with the demo page.

import { build, sizeTable } from './build.mjs';
import { run } from './lib/run.mjs';
import { buildSimulator, simulatorBinary } from './lib/simulator.mjs';

console.log(sizeTable(await build()));
await buildSimulator();
const option = (name, fallback) => {
  const given = process.argv.indexOf(`--${name}`);
  return given < 0 ? fallback : process.argv[given + 1];
};
const controlPort = option('control-port', '8400');
const args = process.argv.slice(2);
for (const [name, value] of [['port-a', '8445'], ['port-b', '8446'], ['control-port', controlPort], ['agents', '1001,1002']]) {
  if (!args.includes(`--${name}`)) args.push(`--${name}`, value);
}
// over TLS a browser would first have to be told to trust the certificate
if (!args.includes('--tls') && !args.includes('--plain')) args.push('--plain');
console.log(`\nDemo:  http://127.0.0.1:${controlPort}/   (end with Ctrl-C)\n`);
await run(simulatorBinary, args.filter((word) => word !== '--tls'));
