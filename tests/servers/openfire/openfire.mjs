// Openfire 4.2.0: what Finesse's Notification Service is made of. No admin console; users and rosters are rows.

import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at } from '../../../scripts/lib/paths.mjs';
import { programs } from '../../../scripts/lib/programs.mjs';
import { run, serve } from '../../../scripts/lib/run.mjs';
import { openfireClassPath } from '../../../scripts/lib/setup.mjs';
import { Server, newHome, once } from '../server.mjs';

const source = (name) => at('tests', 'servers', 'openfire', name);

/** Ready in about four seconds. `settings` are its properties; see server.mjs for what it resolves with. */
export async function startOpenfire({ name = 'a', users = ['1001', '1002'], settings = {} } = {}) {
  const place = await newHome('openfire', name);
  const { home, port, tlsPort } = place;
  await makeHome(home, { plain: port, tls: tlsPort, users, settings });
  const open = ['java.lang', 'java.util', 'java.net'].flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]);
  const args = ['-Xmx256m', '-XX:TieredStopAtLevel=1', ...open, `-Dlog4j.configuration=file:${source('log4j.properties')}`,
    `-DopenfireHome=${home}`, '-cp', openfireClassPath(), 'org.jivesoftware.openfire.starter.ServerStarter'];
  const ready = (text) => text.includes('HTTP bind service started');
  const launch = (log) => {
    const database = join(home, 'embedded-db');
    // a lock that SIGKILL left behind would cost seven seconds
    for (const file of readdirSync(database)) if (file.endsWith('.lck')) rmSync(join(database, file));
    return serve(programs.java(), args, { cwd: home, log, ready, seconds: 60 });
  };
  return new Server({ ...place, launch }).start();
}

async function makeHome(home, { plain, tls, users, settings }) {
  for (const folder of ['conf', 'embedded-db', 'logs', 'lib', 'plugins/admin/webapp/WEB-INF', 'resources/database', 'resources/security']) {
    mkdirSync(join(home, folder), { recursive: true });
  }
  copyFileSync(source('openfire.xml'), join(home, 'conf', 'openfire.xml'));
  writeFileSync(join(home, 'conf', 'security.xml'), '<security><encrypt><algorithm>AES</algorithm><property/></encrypt></security>');
  copyFileSync(source('plugin.xml'), join(home, 'plugins', 'admin', 'plugin.xml'));
  writeFileSync(join(home, 'resources', 'database', 'openfire_hsqldb.sql'), tables(users, {
    'xmpp.domain': 'localhost', 'xmpp.fqdn': 'localhost',
    'httpbind.enabled': true, 'httpbind.port.plain': plain, 'httpbind.port.secure': tls,
    'xmpp.socket.plain.active': false, 'xmpp.socket.ssl.active': false, 'xmpp.server.socket.active': false,
    'xmpp.component.socket.active': false, 'xmpp.multiplex.socket.active': false, 'xmpp.proxy.enabled': false,
    'xmpp.auth.anonymous': false, 'sasl.mechs': 'PLAIN', 'update.service-enabled': false,
    'flash.crossdomain.enabled': false,
    ...settings,
  }));
  await giveCertificate(join(home, 'resources', 'security'));
}

/** The statements that Openfire runs at its first start. */
function tables(users, settings) {
  const rows = [readFileSync(source('tables.sql'), 'utf8')];
  const insert = (table, row) => {
    const values = Object.values(row).map((value) => (typeof value === 'number' ? value : `'${value}'`));
    rows.push(`INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')});`);
  };
  const never = '000000000000000';
  for (const username of ['finesse', ...users]) {
    insert('ofUser', { username, plainPassword: `pw-${username}`, name: username, creationDate: never, modificationDate: never });
  }
  const both = { sub: 3, ask: -1, recv: -1 };
  users.forEach((user, index) => {
    insert('ofRoster', { rosterID: 2 * index + 1, username: 'finesse', jid: `${user}@localhost`, ...both, nick: user });
    insert('ofRoster', { rosterID: 2 * index + 2, username: user, jid: 'finesse@localhost', ...both, nick: 'finesse' });
  });
  for (const [name, propValue] of Object.entries(settings)) insert('ofProperty', { name, propValue: String(propValue), encrypted: 0 });
  return rows.join('\n');
}

/** One self-signed certificate for all homes. */
async function giveCertificate(folder) {
  const kept = await once('keystores', makeCertificate);
  for (const file of ['keystore', 'truststore', 'client.truststore']) copyFileSync(join(kept, file), join(folder, file));
}

async function makeCertificate(half) {
  const store = ['-storetype', 'JKS', '-storepass', 'changeit'];
  const keytool = (...args) => run(programs.keytool(), [...args, ...store], { cwd: half, quiet: true });
  await keytool('-genkeypair', '-alias', 'localhost_rsa', '-keyalg', 'RSA', '-keysize', '2048', '-validity', '3650',
    '-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1', '-keystore', 'keystore', '-keypass', 'changeit');
  await keytool('-exportcert', '-alias', 'localhost_rsa', '-keystore', 'keystore', '-file', 'certificate');
  await keytool('-importcert', '-noprompt', '-alias', 'localhost', '-keystore', 'truststore', '-file', 'certificate');
  copyFileSync(join(half, 'truststore'), join(half, 'client.truststore'));
}
