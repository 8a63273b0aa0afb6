// The simulator as a server: a Finesse pair on loopback with a control API.

import { join } from 'node:path';
import { out, target } from './paths.mjs';
import { run, serve } from './run.mjs';

/** The program; made by `buildSimulator()`. */
export const simulatorBinary = join(target, 'server', 'simulator');

let started = 0;

/** Builds it, or finds that nothing changed. */
export async function buildSimulator({ quiet = false } = {}) {
  await run('cargo', ['build', '--profile', 'server', '-p', 'finesse-simulator'], { quiet });
}

/**
 * Starts a simulated pair on free ports. `args` are further command line options.
 * Resolves with { a, b, control, fault, heal, healAll, faults, call, world, stop }: a and b are the REST base
 * addresses (append /as/1001 to be a client whose network can be lost), control the control API's.
 */
export async function startSimulator({ plain = true, agents = ['1001', '1002'], args = [], name = 'simulator' } = {}) {
  const options = ['--port-a', '0', '--port-b', '0', '--control-port', '0', '--agents', agents.join(',')];
  if (plain) options.push('--plain');
  const log = join(out, 'logs', `${name}-${process.pid}-${++started}.log`);
  let addresses;
  const ready = (text) => {
    addresses = /^ready control=(\S+) a=(\S+)(?: b=(\S+))?\n/m.exec(text);
    return addresses;
  };
  const server = await serve(simulatorBinary, [...options, ...args.map(String)], { log, ready, seconds: 20 });
  const [, control, a, b] = addresses;
  const ask = async (method, path, body) => {
    const answer = await fetch(control + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} ${body ? JSON.stringify(body) : ''}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  return {
    a,
    b,
    control,
    log,
    /** { fault: 'socket-cut', side: 'A', agent?, for? } → its id */
    fault: async (spec) => (await ask('POST', '/simulator/faults', spec)).id,
    heal: (id) => ask('DELETE', `/simulator/faults/${id}`),
    healAll: () => ask('DELETE', '/simulator/faults'),
    faults: () => ask('GET', '/simulator/faults'),
    /** ('1001', 'ring' | 'answer' | 'end') */
    call: (agent, what) => ask('POST', '/simulator/calls', { agent, do: what }),
    /** A token that is good for so many seconds: { token, expiresIn }. */
    token: (agent, expiresIn) => ask('POST', '/simulator/tokens', { agent, expiresIn }),
    world: () => ask('GET', '/simulator/world'),
    stop: () => server.stop(),
  };
}
