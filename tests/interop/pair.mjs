// A pair as agents meet it: two real notification services of one kind, and before them the simulator as Finesse's web
// app, whose REST is plain for all.

import { join } from 'node:path';
import { startSimulator } from '../../scripts/lib/simulator.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { until } from '../../scripts/lib/wait.mjs';
import { kinds } from '../servers/kinds.mjs';

/** `kind` names the servers, `agents` are all that will ever sign in; `installed` is the unpacked package. */
export async function startPair({ kind, agents, browser, installed }) {
  const [a, b] = await Promise.all(['a', 'b'].map((name) => kinds[kind].start({ name, users: agents })));
  const args = ['--notification-service-a', a.ws, '--notification-service-b', b.ws];
  const simulator = await startSimulator({ agents, args, name: `interop-${kind}` });
  const pages = await startStatic({
    folders: { '/dist/': join(installed, 'dist') },
    texts: { '/': '<!doctype html><meta charset="utf-8"><title>interop</title>' },
  });
  const pair = new Pair({ kind, browser, a, b, simulator, pages });
  await pair.finesseOn('A', 'B');
  return pair;
}

class Pair {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** The notification service of a side. */
  server(side) {
    return side === 'A' ? this.a : this.b;
  }

  /** What the simulator knows of an agent. */
  async agent(id) {
    return (await this.simulator.world()).agents.find((agent) => agent.id === id);
  }

  /** Waits until `finesse` is available on these sides. */
  async finesseOn(...sides) {
    const there = async () => (await this.simulator.world()).sides.filter(({ finesse }) => finesse).map(({ side }) => side);
    await until(`finesse on ${sides.join(' and ')}`, async () => {
      const found = await there();
      return sides.every((side) => found.includes(side));
    }, 30_000);
  }

  /** As it was at first, whatever was done to it. */
  async mend() {
    await this.simulator.healAll();
    await Promise.all([this.a.mend(), this.b.mend()]);
    await this.finesseOn('A', 'B');
  }

  async stop() {
    await Promise.all([this.simulator.stop(), this.a.stop(), this.b.stop(), this.pages.stop()]);
  }
}
