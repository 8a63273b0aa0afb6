// An application as small as one can be: it keeps what it was told, so that a test can compare it with the truth.
import { Keeper, KeeperError, loadParsers } from 'finesse-keeper';

window.api = { Keeper, KeeperError, loadParsers };
window.thrown = [];
const note = (error) => window.thrown.push(String(error));
window.addEventListener('error', (event) => note(event.error ?? event.message));
window.addEventListener('unhandledrejection', (event) => note(event.reason));

window.start = async ({ password, tokens, abortable, throwing, ...options }) => {
  const app = {
    password,
    throwing,
    asked: [],
    statuses: [],
    moving: [],
    moved: [],
    resynced: [],
    errors: [],
    log: [],
    count: 0,
    user: null,
    dialogs: new Map(),
    abort: new AbortController(),
  };
  window.app = app;
  app.keeper = await Keeper.connect({
    ...options,
    credentials: async ({ reason, side }) => {
      app.asked.push({ at: Date.now(), reason, side });
      if (tokens) return (await fetch(tokens.from, { method: 'POST', body: JSON.stringify(tokens.wish) })).json();
      if (!app.password) throw new Error('the agent gave none');
      return { password: app.password };
    },
    log: (entry) => {
      app.log.push(entry);
      if (app.throwing) throw new Error('from the log');
    },
    ...(abortable && { signal: app.abort.signal }),
  });
  if (throwing) {
    app.keeper.addEventListener('status', () => {
      if (app.throwing) throw new Error('from a listener');
    });
  }
  const keep = (list) => (event) => list.push({ at: Date.now(), ...event.detail });
  app.keeper.addEventListener('status', keep(app.statuses));
  app.keeper.addEventListener('moved', keep(app.moved));
  app.keeper.addEventListener('moving', keep(app.moving));
  app.keeper.addEventListener('resynced', keep(app.resynced));
  app.keeper.addEventListener('error', ({ detail }) => {
    const { code, message, nextStep, node, cause } = detail;
    app.errors.push({ code, message, nextStep, node, cause: cause && String(cause), typed: detail instanceof KeeperError });
  });
  app.keeper.addEventListener('notification', () => (app.count += 1));
  app.keeper.addEventListener('user', ({ detail }) => (app.user = detail.data));
  app.keeper.addEventListener('dialog', ({ detail }) => {
    const gone = detail.event === 'DELETE';
    for (const dialog of [detail.data].flat()) {
      if (gone) app.dialogs.delete(dialog.id);
      else app.dialogs.set(dialog.id, dialog);
    }
  });
};

/** What this application would show. */
window.picture = () => ({
  status: app.keeper.status,
  statuses: app.statuses,
  moving: app.moving,
  moved: app.moved,
  resynced: app.resynced,
  errors: app.errors,
  asked: app.asked,
  count: app.count,
  user: app.user && { state: app.user.state, since: Date.parse(app.user.stateChangeTime) },
  dialogs: [...app.dialogs.values()].map(({ id, state }) => ({ id, state })),
});
