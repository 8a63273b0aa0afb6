// Two real Openfires, sides A and B, in the foreground:  node tests/openfire/start.mjs [USER...]

import { setUp } from '../../scripts/lib/setup.mjs';
import { seconds } from '../../scripts/lib/table.mjs';
import { startOpenfire } from './openfire.mjs';

await setUp('node', 'openfire');
const users = process.argv.length > 2 ? process.argv.slice(2) : undefined;
const start = performance.now();
const servers = await Promise.all(['a', 'b'].map((name) => startOpenfire({ name, users })));
servers.forEach((server, index) => console.log(`${'AB'[index]}  ${server.ws}  ${server.wss}`));
console.log(`ready after ${seconds(performance.now() - start)}; end with Ctrl-C`);
