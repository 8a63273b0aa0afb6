// A real Openfire 4.2.0 on loopback: what Finesse's Notification Service is made of. No admin console; users and
// rosters are rows; WebSocket at /ws/ and BOSH at /http-bind/ on a plain and a TLS port. Every user shares presence
// with `finesse`, as Finesse arranges it. Passwords are pw-USER.

import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, out } from '../../scripts/lib/paths.mjs';
import { programs } from '../../scripts/lib/programs.mjs';
import { run, serve } from '../../scripts/lib/run.mjs';
import { openfireClassPath } from '../../scripts/lib/setup.mjs';
import { freePorts } from '../../scripts/lib/wait.mjs';

const source = (name) => at('tests', 'openfire', name);

/**
 * Makes a home folder (anew, whatever was there) and starts Openfire in it; ready in about four seconds.
 * Resolves with a server: addresses `ws` `wss`, and `freeze()` `thaw()` `kill()` `terminate()` `start()` `stop()`.
 */
export async function startOpenfire({ name = 'a', users = ['1001', '1002'], settings = {} } = {}) {
  const home = join(out, 'openfire', `${name}-${process.pid}`);
  const [plain, tls] = await freePorts(2);
  await makeHome(home, { plain, tls, users, settings });
  const server = new Openfire(home, plain, tls);
  await server.start();
  return server;
}

class Openfire {
  #process;

  constructor(home, plain, tls) {
    this.home = home;
    this.port = plain;
    this.tlsPort = tls;
    this.ws = `ws://127.0.0.1:${plain}/ws/`;
    this.wss = `wss://127.0.0.1:${tls}/ws/`;
    this.log = join(home, 'openfire.log');
  }

  /** Starts it on the data it has; after `kill()` this takes two seconds. */
  async start() {
    const database = join(this.home, 'embedded-db');
    // a lock that SIGKILL left behind would cost seven seconds
    for (const file of readdirSync(database)) if (file.endsWith('.lck')) rmSync(join(database, file));
    const open = ['java.lang', 'java.util', 'java.net'].flatMap((name) => ['--add-opens', `java.base/${name}=ALL-UNNAMED`]);
    const args = ['-Xmx256m', '-XX:TieredStopAtLevel=1', ...open, `-Dlog4j.configuration=file:${source('log4j.properties')}`,
      `-DopenfireHome=${this.home}`, '-cp', openfireClassPath(), 'org.jivesoftware.openfire.starter.ServerStarter'];
    const ready = (text) => text.includes('HTTP bind service started');
    this.#process = await serve(programs.java(), args, { cwd: this.home, log: this.log, ready, seconds: 60 });
    return this;
  }

  /** Half-open: the kernel still accepts and acknowledges, the server says nothing. */
  freeze() { this.#process.signal('SIGSTOP'); }
  thaw() { this.#process.signal('SIGCONT'); }

  /** Gone at once, without a word. */
  async kill() { await this.#process.stop('SIGKILL'); }

  /** An orderly end: it says system-shutdown to its clients; up to seven seconds. */
  async terminate() { await this.#process.stop('SIGTERM', 10_000); }

  async stop() {
    await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }
}

async function makeHome(home, { plain, tls, users, settings }) {
  rmSync(home, { recursive: true, force: true });
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

let certificate;

/** One self-signed certificate, made once for all homes of this checkout. */
async function giveCertificate(folder) {
  certificate ??= makeCertificate(join(out, 'openfire', 'certificate'));
  const kept = await certificate;
  for (const file of ['keystore', 'truststore', 'client.truststore']) copyFileSync(join(kept, file), join(folder, file));
}

async function makeCertificate(kept) {
  if (existsSync(kept)) return kept;
  const half = `${kept}.${process.pid}`;
  mkdirSync(half, { recursive: true });
  const store = ['-storetype', 'JKS', '-storepass', 'changeit'];
  const keytool = (...args) => run(programs.keytool(), [...args, ...store], { cwd: half, quiet: true });
  await keytool('-genkeypair', '-alias', 'localhost_rsa', '-keyalg', 'RSA', '-keysize', '2048', '-validity', '3650',
    '-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1', '-keystore', 'keystore', '-keypass', 'changeit');
  await keytool('-exportcert', '-alias', 'localhost_rsa', '-keystore', 'keystore', '-file', 'certificate');
  await keytool('-importcert', '-noprompt', '-alias', 'localhost', '-keystore', 'truststore', '-file', 'certificate');
  copyFileSync(join(half, 'truststore'), join(half, 'client.truststore'));
  if (!existsSync(kept)) renameSync(half, kept);
  return kept;
}
