// ejabberd (Debian 12: 23.01). Its Erlang is started without a node name: so it opens no port for other nodes, no epmd
// is left behind, and it runs as whoever runs the tests. Users and rosters are made over its HTTP API.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programs } from '../../../scripts/lib/programs.mjs';
import { serve } from '../../../scripts/lib/run.mjs';
import { Server, newHome, pem } from '../server.mjs';

/** Ready in about three seconds. `settings` are options of the top level; see server.mjs for what it resolves with. */
export async function startEjabberd({ name = 'a', users = ['1001', '1002'], settings = {} } = {}) {
  const place = await newHome('ejabberd', name);
  const { home, port, tlsPort } = place;
  const file = join(home, 'ejabberd.yml'); // JSON is YAML, too
  writeFileSync(file, JSON.stringify({ ...configuration({ port, tlsPort, certificate: (await pem()).both }), ...settings }, null, 2));
  mkdirSync(join(home, 'db'));
  const env = { EJABBERD_CONFIG_PATH: file, ERL_LIBS: programs.ejabberd(), ERL_CRASH_DUMP_BYTES: 0 };
  // threads that find nothing to do sleep: the others of this machine need the cores
  const idle = ['+sbwt', 'none', '+sbwtdcpu', 'none', '+sbwtdio', 'none'];
  const args = ['-noinput', '+K', 'true', ...idle, '-mnesia', 'dir', `"${join(home, 'db')}"`, '-s', 'ejabberd'];
  const ready = (text) => /Start accepting TCP[^]*Start accepting TLS/.test(text) || /Start accepting TLS[^]*Start accepting TCP/.test(text);
  const launch = (log) => serve(programs.erl(), args, { cwd: home, env, log, ready, seconds: 60 });
  const server = await new Server({ ...place, launch }).start();
  await register(port, users);
  return server;
}

function configuration({ port, tlsPort, certificate }) {
  const listener = { ip: '127.0.0.1', module: 'ejabberd_http', backlog: 100 };
  const paths = { '/http-bind': 'mod_bosh', '/ws': 'ejabberd_http_ws' };
  return {
    hosts: ['localhost'],
    loglevel: 'info',
    certfiles: [certificate],
    auth_method: 'internal',
    auth_password_format: 'plain',
    disable_sasl_mechanisms: ['digest-md5', 'X-OAUTH2'],
    listen: [
      { ...listener, port, request_handlers: { ...paths, '/api': 'mod_http_api' } },
      { ...listener, port: tlsPort, tls: true, request_handlers: paths },
    ],
    acl: { finesse: { user: ['finesse@localhost'] }, loopback: { ip: ['127.0.0.0/8'] } },
    access_rules: { finesse: { allow: 'finesse' } },
    api_permissions: {
      loopback: { from: ['mod_http_api'], who: { access: { allow: [{ acl: 'loopback' }] } }, what: '*' },
    },
    // nobody is slowed down: the burst is the point
    shaper_rules: { c2s_shaper: 'none' },
    modules: {
      mod_admin_extra: {},
      mod_bosh: { max_inactivity: 30, max_pause: 120, max_concat: 'unlimited' },
      mod_disco: {},
      mod_ping: { send_pings: false },
      mod_roster: {},
      mod_pubsub: {
        host: 'pubsub.localhost', access_createnode: 'finesse', nodetree: 'tree',
        plugins: ['flat'], // names with slashes and no parents
        ignore_pep_from_offline: true, last_item_cache: false,
        default_node_config: { persist_items: false, access_model: 'open' },
      },
    },
  };
}

async function register(port, users) {
  const call = async (command, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/${command}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`ejabberd: ${command}: ${answer.status} ${await answer.text()}`);
  };
  const host = 'localhost';
  const add = (mine, theirs) => call('add_rosteritem', { localuser: mine, localhost: host, user: theirs, host, nick: theirs, group: '', subs: 'both' });
  for (const user of ['finesse', ...users]) await call('register', { user, host, password: `pw-${user}` });
  for (const user of users) {
    await add('finesse', user);
    await add(user, 'finesse');
  }
}
