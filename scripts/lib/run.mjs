// Child processes: run to the end, or kept running and ended with us.

import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { root } from './paths.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/**
 * Runs a command to its end. Its output goes to ours (or nowhere with `quiet`) and is returned.
 * Resolves with { code, output }; rejects on a code other than 0 unless `mayFail`.
 */
export function run(command, args = [], { cwd = root, env = {}, quiet = false, mayFail = false, onLine } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    // each stream has its own half line: one may end in the middle of the other's
    const take = (from, to) => {
      let rest = '';
      from.setEncoding('utf8').on('data', (chunk) => {
        if (!quiet) to.write(chunk);
        output += chunk;
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        if (onLine) lines.forEach(onLine);
      }).on('end', () => rest && onLine?.(rest));
    };
    take(child.stdout, process.stdout);
    take(child.stderr, process.stderr);
    child.on('error', (error) => {
      running.delete(child);
      fail(new Error(`${command} cannot be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0 || mayFail) return done({ code: code ?? 1, output });
      const tail = quiet ? `\n${output.trimEnd().split('\n').slice(-30).join('\n')}` : '';
      fail(new Error(`${command} ${args.join(' ')}: ended with ${signal ?? code}${tail}`));
    });
  });
}

/**
 * Starts a server that lives until `stop()` or the end of this process. Its output goes to the file `log`.
 * `ready(text)` is asked after each piece of output and resolves the start; without it the start is immediate.
 */
export function serve(command, args, { cwd = root, env = {}, log, ready, seconds = 30 } = {}) {
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log, { flags: 'a' });
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const ended = new Promise((done) => child.on('close', (code, signal) => {
    running.delete(child);
    file.end();
    done(signal ?? code);
  }));
  const server = {
    pid: child.pid,
    ended,
    signal: (name) => child.kill(name),
    async stop(name = 'SIGTERM', patience = 5_000) {
      child.kill(name);
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await ended;
      clearTimeout(timer);
    },
  };
  return new Promise((done, fail) => {
    let text = '';
    const say = (why) => fail(new Error(`${command}: ${why}; see ${log}\n${text.trimEnd().split('\n').slice(-15).join('\n')}`));
    const timer = ready && setTimeout(() => server.stop('SIGKILL').then(() => say(`not ready after ${seconds} s`)), seconds * 1000);
    const take = (chunk) => {
      file.write(chunk);
      text = (text + chunk).slice(-20_000);
      if (ready && ready(text, chunk)) {
        clearTimeout(timer);
        done(server);
      }
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => say(`cannot be started: ${error.message}`));
    ended.then((how) => {
      clearTimeout(timer);
      say(`ended with ${how}`);
    });
    if (!ready) done(server);
  });
}
