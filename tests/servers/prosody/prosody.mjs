// Prosody (Debian 12: 0.12). Users and rosters are files of its own storage, written before it starts.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../../../scripts/lib/paths.mjs';
import { programs } from '../../../scripts/lib/programs.mjs';
import { serve } from '../../../scripts/lib/run.mjs';
import { Server, newHome, pem } from '../server.mjs';

/** Ready in about a second. `settings` are global options; see server.mjs for what it resolves with. */
export async function startProsody({ name = 'a', users = ['1001', '1002'], settings = {} } = {}) {
  const place = await newHome('prosody', name);
  const { home, port, tlsPort } = place;
  write(join(home, 'data'), users);
  writeFileSync(join(home, 'settings.cfg.lua'), Object.entries(settings).map(([key, value]) => `${key} = ${lua(value)}\n`).join(''));
  const { key, certificate } = await pem();
  const env = {
    KEEPER_HOME: home, KEEPER_PORT: port, KEEPER_TLS_PORT: tlsPort, KEEPER_KEY: key, KEEPER_CERTIFICATE: certificate,
  };
  // the ports are opened by different modules, in any order
  const ready = (text) => ['http', 'https'].every((service) => text.includes(`Activated service '${service}' on `));
  const launch = (log) => serve(programs.prosody(), ['--config', at('tests', 'servers', 'prosody', 'prosody.cfg.lua'), '-F'],
    { cwd: home, env, log, ready });
  return new Server({ ...place, launch }).start();
}

/** Prosody's storage `internal`: a Lua table a file. */
function write(data, users) {
  const put = (store, user, table) => {
    const folder = join(data, 'localhost', store);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${user}.dat`), `return ${lua(table)};\n`);
  };
  const both = (user) => [`${user}@localhost`, { name: user, subscription: 'both', groups: {} }];
  for (const user of ['finesse', ...users]) {
    put('accounts', user, { password: `pw-${user}` });
    put('roster', user, Object.fromEntries((user === 'finesse' ? users : ['finesse']).map(both)));
  }
}

/** A value of JSON in Lua. */
function lua(value) {
  if (Array.isArray(value)) return `{ ${value.map(lua).join(', ')} }`;
  if (typeof value !== 'object') return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, each]) => `[${JSON.stringify(key)}] = ${lua(each)}`).join(', ')} }`;
}
