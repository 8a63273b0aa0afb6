// The simulator as a server: a Finesse pair on loopback with a control API.

import { join } from 'node:path';
import { out, target } from './paths.mjs';
import { run, serve } from './run.mjs';
import { freePorts, until } from './wait.mjs';

/** The program; made by `buildSimulator()`. */
export const simulatorBinary = join(target, 'server', 'simulator');

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
  const [portA, portB, controlPort] = await freePorts(3);
  const options = ['--port-a', portA, '--port-b', portB, '--control-port', controlPort, '--agents', agents.join(',')].map(String);
  if (plain) options.push('--plain');
  const log = join(out, 'logs', `${name}-${process.pid}-${controlPort}.log`);
  const control = `http://127.0.0.1:${controlPort}`;
  const server = await serve(simulatorBinary, [...options, ...args.map(String)], { log });
  server.ended.then((how) => { server.dead = how; });
  const ask = async (method, path, body) => {
    const answer = await fetch(control + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} ${body ? JSON.stringify(body) : ''}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  await until(`the simulator (${log})`, () => {
    if (server.dead !== undefined) return { dead: true };
    return ask('GET', '/simulator/world');
  }, 20_000);
  if (server.dead !== undefined) throw new Error(`the simulator ended with ${server.dead}; see ${log}`);
  const scheme = plain ? 'http' : 'https';
  return {
    a: `${scheme}://127.0.0.1:${portA}`,
    b: `${scheme}://127.0.0.1:${portB}`,
    control,
    log,
    /** { fault: 'socket-cut', side: 'A', agent?, for? } → its id */
    fault: async (spec) => (await ask('POST', '/simulator/faults', spec)).id,
    heal: (id) => ask('DELETE', `/simulator/faults/${id}`),
    healAll: () => ask('DELETE', '/simulator/faults'),
    faults: () => ask('GET', '/simulator/faults'),
    /** ('1001', 'ring' | 'answer' | 'end') */
    call: (agent, what) => ask('POST', '/simulator/calls', { agent, do: what }),
    world: () => ask('GET', '/simulator/world'),
    stop: () => server.stop(),
  };
}
