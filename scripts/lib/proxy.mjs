// A TCP proxy on loopback whose links can be broken: what a network does to a client while the server is well.

import { connect, createServer } from 'node:net';

/**
 * Forwards to `port`. Resolves with { port, cut(), halfOpen(), heal(), refuse(yes), latency(ms), stop() }:
 * cut resets every link; halfOpen lets no byte pass on the links that exist, either way, while new ones work (a NAT
 * that forgot them); heal lets the held bytes go on; latency has every byte take so long each way, from now on.
 */
export async function startProxy(port) {
  const links = new Set();
  let refused = false;
  let delay = 0;
  const server = createServer({ noDelay: true }, (near) => {
    if (refused) return near.resetAndDestroy();
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    const link = { near, far, held: false };
    links.add(link);
    forward(link, near, far);
    forward(link, far, near);
  });
  const later = (go) => (delay ? setTimeout(go, delay) : go());
  const forward = (link, from, to) => {
    from.on('data', (bytes) => later(() => to.write(bytes)));
    from.on('error', () => {});
    from.on('close', () => {
      links.delete(link);
      if (!link.held) later(() => to.destroy());
    });
  };
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const each = (what) => links.forEach(what);
  return {
    port: server.address().port,
    cut: () => each(({ near, far }) => { near.resetAndDestroy(); far.resetAndDestroy(); }),
    halfOpen: () => each((link) => { link.held = true; link.near.pause(); link.far.pause(); }),
    heal: () => each((link) => { link.held = false; link.near.resume(); link.far.resume(); }),
    refuse: (yes) => { refused = yes; },
    latency: (ms) => { delay = ms; },
    stop() {
      each(({ near, far }) => { near.destroy(); far.destroy(); });
      return new Promise((done) => server.close(done));
    },
  };
}
