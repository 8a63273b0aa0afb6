// Runs in the page: each client signed in to the same notification service, each through a proxy of its own, and what
// it told its application: [{ at, up }]. Every client is used as its documentation shows; the
// page has loaded xmpp.js as its own bundle, the global XMPP.

import { Strophe, $pres } from 'strophe.js';

const told = { 'finesse-keeper': [], 'strophe.js': [], '@xmpp/client': [] };
const tell = (name, up) => {
  const last = told[name].at(-1);
  if (last?.up !== up) told[name].push({ at: performance.now(), up });
};

async function startKeeper({ rest, websocket, user, password }) {
  const { Keeper } = await import('/dist/finesse-keeper.js');
  const keeper = await Keeper.connect({ hosts: [{ rest, websocket }], user, credentials: () => ({ password }), expectedAgents: 1 });
  keeper.addEventListener('status', ({ detail }) => tell('finesse-keeper', detail.state === 'in-service'));
  window.keeper = keeper;
  await keeper.ready();
}

/** Strophe leaves reconnecting to the application: this one tries again a second later, as xmpp.js does by itself. */
function startStrophe({ websocket, user, password }) {
  const connection = new Strophe.Connection(websocket);
  return new Promise((done) => {
    const connect = () => connection.connect(`${user}@localhost/bench`, password, (status) => {
      if (status === Strophe.Status.CONNECTED) {
        connection.send($pres());
        tell('strophe.js', true);
        done();
      }
      if (status === Strophe.Status.DISCONNECTED || status === Strophe.Status.CONNFAIL) tell('strophe.js', false);
      if (status === Strophe.Status.DISCONNECTED) setTimeout(connect, 1_000);
    });
    connect();
  });
}

function startXmpp({ websocket, user, password }) {
  const xmpp = window.XMPP.client({ service: websocket, domain: 'localhost', resource: 'bench', username: user, password });
  xmpp.on('error', () => {});
  xmpp.on('disconnect', () => tell('@xmpp/client', false));
  xmpp.streamManagement.on('resumed', () => tell('@xmpp/client', true));
  return new Promise((done) => {
    xmpp.on('online', () => {
      tell('@xmpp/client', true);
      done();
    });
    xmpp.start().catch(() => {});
  });
}

window.start = (options) => Promise.all([
  startKeeper(options['finesse-keeper']), startStrophe(options['strophe.js']), startXmpp(options['@xmpp/client']),
]);

/** When each noticed and was back, in milliseconds after `since`; null if not by now. */
window.answer = (since) => Object.fromEntries(Object.entries(told).map(([name, entries]) => {
  const after = entries.filter(({ at }) => at >= since);
  const down = after.find(({ up }) => !up);
  const back = down && after.find(({ at, up }) => up && at > down.at);
  return [name, { noticed: down ? down.at - since : null, back: back ? back.at - since : null }];
}));
