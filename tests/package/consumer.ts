// Never run: what an application written in TypeScript may say, and what it may not.
import { Keeper, KeeperError, loadParsers } from 'finesse-keeper';
import type { ConnectOptions, Dialog, DoctorReport, Finding, Notification, Overflow, Status, TimelineEntry, Tree, User } from 'finesse-keeper';

export async function desktop(password: string): Promise<Keeper> {
  const options: ConnectOptions = {
    hosts: ['https://fin-a.example.com:8445', { rest: 'https://fin-b.example.com:8445', websocket: 'wss://fin-b.example.com/ws/' }],
    user: '1001',
    credentials: async ({ reason, side, signal }) => {
      const why: 'connect' | 'reconnect' | 'refused' | 'refresh' = reason;
      signal.throwIfAborted();
      return side === 'A' && why ? { password } : { token: 'token' };
    },
    signal: AbortSignal.timeout(1_000),
    resume: 'ask',
    log: (entry: TimelineEntry) => console.log(entry.at, entry.text),
  };
  const keeper = await Keeper.connect(options);
  keeper.addEventListener('status', ({ detail }) => show(detail));
  keeper.addEventListener('user', ({ detail }) => agent(detail.data));
  keeper.addEventListener('dialog', ({ detail }) => {
    const calls: readonly Dialog[] = detail.kind === 'dialogs' ? detail.data : [detail.data];
    for (const call of calls) for (const end of call.participants) console.log(call.state, end.actions.includes('ANSWER'));
  });
  keeper.addEventListener('signedout', ({ detail: { by, code, state, resumable, at } }) => {
    console.log(by === 'supervisor', code === 255, state === 'NOT_READY', at);
    if (resumable) keeper.signInAgain();
  });
  keeper.addEventListener('signedin', ({ detail: { ready, why } }) => console.log(ready, why === 'untouched'));
  keeper.addEventListener('moved', ({ detail: { from, to } }) => console.log(from, to));
  keeper.addEventListener('error', ({ detail }) => console.log(detail.code, detail.nextStep, detail.node));
  await keeper.ready({ signal: AbortSignal.timeout(1_000) }).catch((error: unknown) => {
    if (error instanceof KeeperError && error.reason === 'conflict') keeper.resume();
  });
  try {
    const { how, requestId } = await keeper.signIn({ extension: '2001', mobileAgent: { mode: 'CALL_BY_CALL', dialNumber: '5551' } });
    console.log(how === 'notification', requestId.length);
    await keeper.setState('NOT_READY', { reasonCode: '16', signal: AbortSignal.timeout(1_000) });
    const { status, body } = await keeper.request('GET', '/finesse/api/User/1001');
    console.log(status, body.length);
    const done = await keeper.request('PUT', '/finesse/api/Dialog/1', '<Dialog/>');
    console.log(done.outcome === 'applied' ? done.how : done.body);
    await keeper.signOut();
    // @ts-expect-error LOGOUT is signOut()
    await keeper.setState('LOGOUT');
  } catch (error) {
    if (error instanceof KeeperError && error.code === 'refused') console.log(error.status, error.apiErrors?.[0]?.errorType);
  }
  const stop: () => void = keeper.subscribe('/finesse/api/Team/5/Users');
  stop();
  return keeper;
}

export async function follow(keeper: Keeper): Promise<void> {
  for await (const notification of keeper.notifications({ limit: 10 })) told(notification);
  const { at, side, kind, text } = keeper.timeline()[0]!;
  console.log(at, side, kind, text, keeper.explain());
  await keeper.close();
  // @ts-expect-error made by connect only
  new Keeper();
  // @ts-expect-error the keeper says what its state is, not the application
  keeper.status.state = 'in-service';
  // @ts-expect-error a user is asked for
  await Keeper.connect({ hosts: [], credentials: () => ({ password: '' }) });
}

function told(notification: Notification | Overflow): void {
  switch (notification.kind) {
    case 'overflow':
      return console.log(notification.dropped);
    case 'systeminfo':
      return console.log(notification.data.status === 'IN_SERVICE', notification.data.primaryNode?.host);
    case 'apierrors':
      return notification.data.forEach(({ errorType, errorMessage }) => console.log(errorType, errorMessage));
    case 'user':
      return agent(notification.data);
    case 'dialog':
      return console.log(notification.data.mediaProperties?.callvariables[0]?.value);
    case 'dialogs':
      return notification.data.forEach(({ id }) => console.log(id));
    case 'team':
      return notification.data.users.forEach(({ loginId, state }) => console.log(loginId, state === 'READY'));
    case 'queue':
      return console.log((notification.data.statistics?.callsInQueue ?? 0) + 1);
    case 'queues':
      return notification.data.forEach(({ name }) => console.log(name));
    case 'media':
      return console.log(notification.data.state === 'INTERRUPTED', notification.data.routable === true);
    case 'teammessage':
      return console.log(notification.data.content, new Date((notification.data.createdAt ?? 0) * 1_000));
    case 'desktopconfig':
      return console.log(notification.data.isAlternateSystemAvailable);
    case 'notification':
      return console.log(notification.source, notification.data === null ? 'gone' : leaf(notification.data));
    default:
      return exhausted(notification);
  }
}

/** The first text in plain data. */
function leaf(tree: Tree): string {
  if (typeof tree === 'string') return tree;
  const inside = Array.isArray(tree) ? tree[0] : tree['name'];
  return inside === undefined ? '' : leaf(inside);
}

function exhausted(nothing: never): void {
  console.log(nothing);
}

export async function gadget(text: string): Promise<void> {
  const { parseNotification, parseSystemInfo } = await loadParsers();
  told(parseNotification(text, '/finesse/api/User/1001'));
  console.log(parseSystemInfo(text).xmppDomain.length, parseNotification(text).event === 'PUT');
  // @ts-expect-error what Finesse sent is not changed
  parseSystemInfo(text).status = 'IN_SERVICE';
}

export async function examine(hosts: string[]): Promise<string> {
  const found: Finding[] = [];
  const report: DoctorReport = await Keeper.doctor({ hosts, transport: 'websocket', timeout: 5_000, onFinding: (finding) => found.push(finding) });
  for (const { host, findings } of report.sides) console.log(host, findings.filter(({ outcome, code }) => outcome === 'bad' && code === 'cors'));
  console.log(report.ok, report.page[0]?.check === 'online', found[0]?.side === 'A', found[0]?.ms);
  // @ts-expect-error nobody signs in
  await Keeper.doctor({ hosts, user: '1001' });
  return report.summary;
}

function show({ state, side, reason, cause, sides, forcedLogout, nextTryAt }: Status): void {
  const where: 'A' | 'B' | null = side;
  const logout = forcedLogout?.side === 'A' ? forcedLogout.latest : null;
  console.log(state === 'in-service', where, reason === 'cti', cause === 'unknown', sides[0]?.usable, logout, nextTryAt);
}

function agent({ state, stateChangeTime, ReasonCode, teams }: User): void {
  console.log(state === 'NOT_READY', stateChangeTime, ReasonCode?.code, teams.length);
}
