// A pair of one kind, sides A and B, in the foreground:  node tests/servers/start.mjs [openfire|prosody|ejabberd] [USER...]

import { setUp } from '../../scripts/lib/setup.mjs';
import { seconds } from '../../scripts/lib/table.mjs';
import { kinds } from './kinds.mjs';

const [kind = 'openfire', ...users] = process.argv.slice(2);
if (!(kind in kinds)) throw new Error(`no server named ${kind}; there are ${Object.keys(kinds).join(', ')}`);
await setUp('node', kind);
const start = performance.now();
const servers = await Promise.all(['a', 'b'].map((name) => kinds[kind].start({ name, ...(users.length && { users }) })));
servers.forEach((server, index) => console.log(['AB'[index], server.ws, server.wss, server.bosh, server.boshs].join('  ')));
console.log(`ready after ${seconds(performance.now() - start)}; end with Ctrl-C`);
