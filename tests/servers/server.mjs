// What every real server of the tests is: one process with a home folder of its own, WebSocket at /ws/ and BOSH at
// /http-bind/ on a plain and a TLS port, on loopback. The domain is localhost, pubsub is at pubsub.localhost, and only
// `finesse` may create nodes there. Every user shares presence with `finesse` and with nobody else, as Finesse arranges
// it. Passwords are pw-USER.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { out } from '../../scripts/lib/paths.mjs';
import { programs } from '../../scripts/lib/programs.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { freePorts } from '../../scripts/lib/wait.mjs';

/** Makes a home folder of this kind anew, whatever was there, and chooses ports: { home, port, tlsPort }. */
export async function newHome(kind, name) {
  const home = join(out, 'servers', kind, `${name}-${process.pid}`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const [port, tlsPort] = await freePorts(2);
  return { home, port, tlsPort };
}

export class Server {
  #launch;
  #process;
  #frozen = false;

  /** `launch(log)` resolves with a process of `serve()` that is ready; `patience` is for an orderly end, in ms. */
  constructor({ home, port, tlsPort, launch, patience = 10_000 }) {
    this.#launch = launch;
    Object.assign(this, { home, port, tlsPort, patience });
    this.ws = `ws://127.0.0.1:${port}/ws/`;
    this.wss = `wss://127.0.0.1:${tlsPort}/ws/`;
    this.bosh = `http://127.0.0.1:${port}/http-bind/`;
    this.boshs = `https://127.0.0.1:${tlsPort}/http-bind/`;
    this.log = join(out, 'logs', `${basename(dirname(home))}-${basename(home)}.log`); // outlives the home
  }

  /** Starts it on the data it has. */
  async start() {
    this.#process = await this.#launch(this.log);
    this.#frozen = false;
    return this;
  }

  /** Half-open: the kernel still accepts and acknowledges, the server says nothing. */
  freeze() {
    this.#process.signal('SIGSTOP');
    this.#frozen = true;
  }

  thaw() {
    this.#process.signal('SIGCONT');
    this.#frozen = false;
  }

  /** Gone at once, without a word. */
  kill() { return this.#end('SIGKILL'); }

  /** An orderly end, in which it may say goodbye to its clients. */
  terminate() { return this.#end('SIGTERM'); }

  /** Runs again, whatever was done to it. What is frozen starts anew: its sockets are worth nothing any more. */
  async mend() {
    if (this.#frozen) await this.kill();
    if (!this.#process) await this.start();
  }

  async stop() {
    await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }

  async #end(signal) {
    const ending = this.#process;
    this.#process = undefined;
    await ending?.stop(signal, this.patience);
  }
}

/** Makes something slow once for all homes of this checkout: `make(folder)` fills a folder, whose path is returned. */
export function once(name, make) {
  const kept = join(out, 'servers', name);
  made[name] ??= (async () => {
    if (existsSync(kept)) return kept;
    const half = `${kept}.${process.pid}`;
    mkdirSync(half, { recursive: true });
    await make(half);
    if (!existsSync(kept)) renameSync(half, kept);
    return kept;
  })();
  return made[name];
}

const made = {};

/** A self-signed certificate for localhost as files of PEM: { key, certificate, both }. */
export async function pem() {
  const folder = await once('pem', async (half) => {
    await run(programs.openssl(), ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,DNS:pubsub.localhost,IP:127.0.0.1',
      '-keyout', 'key.pem', '-out', 'certificate.pem'], { cwd: half, quiet: true });
    const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => readFileSync(join(half, name)));
    writeFileSync(join(half, 'both.pem'), Buffer.concat([certificate, key]));
  });
  return { key: join(folder, 'key.pem'), certificate: join(folder, 'certificate.pem'), both: join(folder, 'both.pem') };
}
