// A gadget as small as one can be: it keeps what it was told, so that a test can compare it with the truth.
window.start = async (options) => {
  const app = { statuses: [], resynced: [], told: [], errors: [], log: [], user: null, dialogs: new Map(), stops: {} };
  window.app = app;
  app.keeper = await FinesseKeeper.Keeper.connect({ transport: 'auto', expectedAgents: 1, log: (entry) => app.log.push(entry), ...options });
  const on = (name, heard) => app.keeper.addEventListener(name, ({ detail }) => heard(detail));
  on('status', (status) => {
    app.statuses.push({ at: Date.now(), ...status });
    document.getElementById('state').textContent = status.state;
  });
  on('resynced', (detail) => app.resynced.push({ at: Date.now(), ...detail }));
  on('error', ({ code, message }) => app.errors.push({ code, message }));
  on('notification', ({ kind, node, event, synthetic }) => app.told.push({ kind, node, event, synthetic }));
  on('user', ({ data }) => (app.user = data.state));
  on('dialog', ({ event, data }) => {
    for (const dialog of [data].flat()) {
      if (event === 'DELETE') app.dialogs.delete(dialog.id);
      else app.dialogs.set(dialog.id, dialog.state);
    }
  });
};

window.follow = (node) => (app.stops[node] = app.keeper.subscribe(node));
window.unfollow = (node) => app.stops[node]();

window.picture = () => ({
  status: app.keeper.status,
  statuses: app.statuses,
  resynced: app.resynced,
  told: app.told,
  errors: app.errors,
  user: app.user,
  dialogs: [...app.dialogs],
  log: app.log.map(({ kind, text }) => `${kind} ${text}`),
});
