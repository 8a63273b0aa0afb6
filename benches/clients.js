// Runs in the page: each client as its documentation shows it, at an address of its own. The page loads xmpp.js as its
// own bundle, the global XMPP.

import { sessions } from './watch.js';
import { Strophe, $iq, $pres } from 'strophe.js';
import { createClient } from 'stanza';

/**
 * Each starts a client, which calls `tell(up)` when it tells its application that it is up or down, and `present()` when
 * it is bound and a ping that followed its presence is answered: nothing less shows that the presence was taken.
 * Resolves with the function that ends it.
 */
const clients = { 'finesse-keeper': startKeeper, 'strophe.js': startStrophe, '@xmpp/client': startXmpp, stanza: startStanza };

async function startKeeper({ rest, websocket, bosh, transport, user, password }, { tell, present }) {
  const { Keeper } = await import('/dist/finesse-keeper.js');
  const keeper = await Keeper.connect({
    hosts: [{ rest, websocket, bosh }], transport, user, credentials: () => ({ password }), expectedAgents: 1,
    log: ({ text }) => text.startsWith('connected, present and subscribed') && present(),
  });
  keeper.addEventListener('status', ({ detail }) => tell(detail.state === 'in-service'));
  return () => keeper.close();
}

/** Strophe leaves reconnecting to the application: this one tries again a second later, as xmpp.js does by itself. */
function startStrophe({ address, user, password }, { tell, present }) {
  const connection = new Strophe.Connection(address);
  let ended;
  const connect = () => connection.connect(`${user}@localhost/bench`, password, (status) => {
    if (status === Strophe.Status.CONNECTED) {
      connection.send($pres());
      connection.sendIQ($iq({ type: 'get', to: 'localhost' }).c('ping', { xmlns: 'urn:xmpp:ping' }), present);
      tell(true);
    }
    if (status === Strophe.Status.DISCONNECTED || status === Strophe.Status.CONNFAIL) tell(false);
    if (status === Strophe.Status.DISCONNECTED) ended ? ended() : setTimeout(connect, 1_000);
  });
  connect();
  return () => new Promise((done) => {
    ended = done;
    connection.disconnect();
  });
}

function startXmpp({ address, user, password }, { tell, present }) {
  const { client, xml } = window.XMPP;
  const xmpp = client({ service: address, domain: 'localhost', resource: 'bench', username: user, password });
  xmpp.on('error', () => {});
  xmpp.on('disconnect', () => tell(false));
  xmpp.streamManagement.on('resumed', () => tell(true));
  xmpp.on('online', async () => {
    tell(true);
    await xmpp.send(xml('presence'));
    await xmpp.iqCaller.get(xml('ping', 'urn:xmpp:ping'), 'localhost');
    present();
  });
  xmpp.start().catch(() => {});
  return () => xmpp.stop();
}

/** Stanza reconnects by itself once it is told to. */
function startStanza({ address, transport, user, password }, { tell, present }) {
  const client = createClient({
    jid: `${user}@localhost`, resource: 'bench', password, transports: { [transport]: address }, autoReconnect: true,
  });
  client.on('disconnected', () => tell(false));
  client.on('stream:management:resumed', () => tell(true));
  client.on('session:started', async () => {
    tell(true);
    client.sendPresence();
    await client.ping('localhost');
    present();
  });
  client.connect();
  return () => new Promise((done) => {
    client.once('disconnected', done);
    client.disconnect();
  });
}

/** What runs, by its name: { address, told: [{ at, up }], waiting, end }. */
const running = {};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Starts a client. */
async function start(name, options) {
  const own = { address: options[options.transport], told: [], waiting: [] };
  running[name] = own;
  own.end = await clients[options.client]({ ...options, address: own.address }, {
    tell(up) {
      if (own.told.at(-1)?.up !== up) own.told.push({ at: performance.now(), up });
    },
    present() {
      const { asked, opened = asked } = sessions.get(own.address);
      const now = performance.now();
      own.waiting.splice(0).forEach((done) => done({ sinceAsked: now - asked, sinceOpened: now - opened }));
    },
  });
}

/** How long the next session takes from its first request, and from its open socket, until it is present. */
window.next = (name, limit) => Promise.race([new Promise((done) => running[name].waiting.push(done)), sleep(limit)]);

/** Starts them all; resolves when each has told that it is up, within `limit`. */
window.start = (all, limit) => Promise.all(Object.entries(all).map(async ([name, options]) => {
  const end = performance.now() + limit;
  await start(name, options);
  while (!running[name].told.at(-1)?.up) {
    if (performance.now() > end) throw new Error(`${name} does not come up`);
    await sleep(20);
  }
}));

/** One login, from its first request. */
window.login = async (name, options, limit) => {
  const starting = start(name, options);
  const took = await window.next(name, limit);
  await starting;
  await Promise.race([running[name].end(), sleep(limit)]);
  return took?.sinceAsked;
};

/** When each told that it was down and up again, in milliseconds after `since`; null if not by now. */
window.answer = (since) => Object.fromEntries(Object.entries(running).map(([name, { told }]) => {
  const after = told.filter(({ at }) => at >= since);
  const down = after.find(({ up }) => !up);
  const back = down && after.find(({ at, up }) => up && at > down.at);
  return [name, { noticed: down ? down.at - since : null, back: back ? back.at - since : null }];
}));

/** The BOSH session that is under way at this client's address: { sid, rid }. */
window.session = (name) => sessions.get(running[name].address);
