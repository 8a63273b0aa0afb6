// The demo:  npm start [-- OPTIONS OF THE SIMULATOR]
// Sets up what is missing, builds the package and the simulator, and serves a Finesse pair with the demo page.

import { build, sizeTable } from './build.mjs';
import { run } from './lib/run.mjs';
import { buildSimulator, simulatorBinary } from './lib/simulator.mjs';

console.log(sizeTable(await build()));
await buildSimulator();
const given = process.argv.slice(2);
// over TLS a browser would first have to be told to trust the certificate
const args = given.includes('--tls') ? given.filter((word) => word !== '--tls') : ['--plain', ...given];
const { code } = await run(simulatorBinary, args, {
  mayFail: true,
  onLine(line) {
    const control = /^ready control=(\S+)/.exec(line)?.[1];
    if (control) console.log(`\nDemo:     ${control}/   (end with Ctrl-C)\nGadgets:  ${control}/container/\n`);
  },
});
process.exitCode = code;
