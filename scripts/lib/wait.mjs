// Small things for tests that wait for the world.

import { createServer } from 'node:net';

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks until the answer is truthy, and returns it; fails with the last answer or error after `ms`. */
export async function until(what, ask, ms = 10_000, every = 50) {
  const end = Date.now() + ms;
  for (;;) {
    let last;
    try {
      last = await ask();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) throw new Error(`waited ${ms} ms for ${what}${last instanceof Error ? `: ${last.message}` : ''}`);
    await sleep(every);
  }
}

/** `count` different loopback ports that were free a moment ago. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((done, fail) => {
    const server = createServer().once('error', fail).listen(0, '127.0.0.1', () => done(server));
  })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Lets `count` acts run at a time; the others begin in the order in which they came. Returns a function of an act. */
export function gate(count) {
  const waiting = [];
  let free = count;
  const next = () => {
    if (!free || !waiting.length) return;
    free -= 1;
    const { act, done } = waiting.shift();
    done(act().finally(() => {
      free += 1;
      next();
    }));
  };
  return (act) => new Promise((done) => {
    waiting.push({ act, done });
    next();
  });
}
