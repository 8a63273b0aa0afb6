/**
 * Keeps a Cisco Finesse agent connected, signed in and up to date while servers and networks fail.
 *
 * Our own times are milliseconds since the epoch. Finesse's objects keep Finesse's names and units; ids and dialled
 * numbers are strings; enumerations are string unions that stay open, since a server may be newer than this package.
 */

import type { DoctorOptions, DoctorReport } from './doctor.js';
import type {
  ApiError,
  ApiErrorsNotification,
  DesktopConfigNotification,
  DialogNotification,
  DialogsNotification,
  MediaNotification,
  Notification,
  Open,
  QueueNotification,
  QueuesNotification,
  SystemInfo,
  SystemInfoNotification,
  TeamMessageNotification,
  TeamNotification,
  UserNotification,
} from './finesse.js';
import type { Reason, Side, SignedIn, SignedOut, Status, TimelineEntry } from './state.js';

/** One server. */
export interface Host {
  /** Base address without `/finesse/api`, as `https://fin-a.example.com:8445`. */
  rest: string;
  /** Address of the WebSocket; `/ws/` on the same host if left out, on port 7443 where Finesse is older than 12.6. */
  websocket?: string;
  /** Address of BOSH; `/http-bind/` where the WebSocket is, if left out. */
  bosh?: string;
}

/** Why credentials are asked for. */
export interface CredentialsQuestion {
  /**
   * `refused`: the last ones were; ask the user again. `refresh`: a new token is needed, and no user: three quarters of
   * the old one's life are over, or it was refused after it had been accepted.
   */
  readonly reason: 'connect' | 'reconnect' | 'refused' | 'refresh';
  /** The side that they will be sent to. */
  readonly side: Side;
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
}

/**
 * A password is kept as long as the session that it opened. So is a token; one whose life is given, in seconds, is used
 * without asking as long as it lasts, and asked for again (`refresh`) at three quarters of it, over an outage too. REST
 * uses a new one at once, XMPP at the next connection.
 */
export type Credentials = { password: string } | { token: string; expiresIn?: number };

/** What `Keeper.connect` takes. */
export interface ConnectOptions {
  /** One or two servers, the home side first; one with `transport: 'hub'`. A single one learns its alternate from SystemInfo. */
  hosts: readonly (string | Host)[];
  /** The agent's login id. */
  user: string;
  /**
   * Asked for each new session, unless a token is good for longer. It has 30 s: no answer until then, or a failure, is a
   * failed attempt (`no-credentials`), and is asked for again. Refused before they were ever accepted, credentials stop
   * the keeper; later, a token is renewed once, and a password asked for once more after a minute. There are never more
   * than three refusals in five minutes, over both sides, all tabs and reloads: the fifth would lock the agent out for
   * five minutes.
   */
  credentials: (question: CredentialsQuestion) => Credentials | Promise<Credentials>;
  /** The XMPP resource. A generated one if left out, kept over a reload; `desktop` belongs to Cisco's own desktop. */
  resource?: string;
  /**
   * How to reach the notification service. Default `auto`: over WebSocket, or over BOSH where something on the way lets
   * no WebSocket through; what has logged in is remembered for the keeper's life, and a WebSocket looked for again later.
   *
   * In a gadget `auto` is `hub`: the connection of the desktop around it. Then the keeper opens none, never moves and never signs
   * anyone in by itself, whatever `move` and `resume` say; it watches, tells, and reads again after a failure. Of two `hosts`
   * the desktop's own counts. `own`, `websocket` and `bosh` give a gadget a connection of its own; `own` is what `auto` is elsewhere. **Beware**: a second XMPP resource of the agent can keep a dead desktop looking alive, so that nobody is
   * told that it is gone, and a desktop that goes while it stays starts no forced logout until it closes.
   */
  transport?: 'auto' | 'websocket' | 'bosh' | 'hub' | 'own';
  /**
   * How REST is asked. `fetch`: by the browser. `makeRequest`: by the server of a gadget's container (`gadgets.io.makeRequest`),
   * which needs neither CORS nor a certificate that the browser trusts; the default with `hub` where there is one. There an answer
   * other than XML or text may come changed, and requests that were sent cannot be aborted. BOSH is the browser's in any case.
   */
  restBy?: 'fetch' | 'makeRequest';
  /**
   * What to do when Finesse signs the agent out for our absence (reason codes 255, 50001, 50002; on CCX 255), which the event
   * `signedout` tells. `ask`, the default: nothing until `signInAgain()`. `always`: sign in again at once. `never`: nothing.
   */
  resume?: 'ask' | 'always' | 'never';
  /** The side to begin on. Default `A`, the first one. */
  home?: Side;
  /** `never`: goes to the other side only by `move()`. The other side is watched all the same. Default `auto`. */
  move?: 'auto' | 'never';
  /** How many agents share the pair; sets how widely their retries are spread. Default 1000. */
  expectedAgents?: number;
  /** Send credentials to an alternate that only SystemInfo named. Default false. */
  trustAlternate?: boolean;
  /** Closes the keeper when it aborts. */
  signal?: AbortSignal;
  /** Told every timeline entry as it is made. */
  log?: (entry: TimelineEntry) => void;
}

/**
 * The options of a gadget: `hosts`, `user` and `credentials` that are left out are taken from `finesse.gadget.Config`. That is
 * `scheme`, `host` and `hostPort` (with `restBy: 'makeRequest'` the same server is reached at `restHost` and `localhostPort`), `id`, and `password`, `authorization`,
 * `authToken` or `token`; both generations of its keys.
 */
export type GadgetOptions = Partial<ConnectOptions> & Required<Pick<ConnectOptions, 'transport'>>;

export * from './doctor.js';
export * from './finesse.js';
export * from './state.js';

/** So many notifications were dropped before the next one: the reader of `notifications()` was too slow. */
export interface Overflow {
  /** Tells it from a notification. */
  readonly kind: 'overflow';
  /** How many. */
  readonly dropped: number;
}

/** How an agent signs in. */
export interface SignInOptions extends RequestOptions {
  /** The number of the agent's telephone. */
  extension: string;
  /** Which of several devices (12.5). */
  activeDeviceId?: string;
  /** For an agent at a telephone anywhere. */
  mobileAgent?: { mode: 'CALL_BY_CALL' | 'NAILED_CONNECTION'; dialNumber: string };
}

/** A change of the agent's state. */
export interface StateOptions extends RequestOptions {
  /** The reason's id in the database (`ReasonCode.id`, as `/finesse/api/User/{id}/ReasonCodes` lists it), not its code. */
  reasonCode?: string;
}

/** What every request takes. */
export interface RequestOptions {
  /** Gives the request up: not sent, it never is; sent, it may be carried out all the same. Rejects with `aborted`. */
  signal?: AbortSignal;
}

/** A change was carried out. */
export interface Applied {
  /** Seen, not merely accepted. */
  readonly outcome: 'applied';
  /**
   * What showed it. `notification`: one that bears the request's own `requestId`. `state`: the agent was seen in the state
   * asked for, after the request went out. `resync`: the same, in what was read after a failure.
   */
  readonly how: 'notification' | 'state' | 'resync';
  /** What the request went out with: Finesse's logs have it. */
  readonly requestId: string;
}

/** It was answered at once: a read, or a change that Finesse makes before it answers (any success but 202). */
export interface Answered {
  /** Done, or read, when Finesse answered. */
  readonly outcome: 'answered';
  /** The HTTP status. */
  readonly status: number;
  /** As it came. */
  readonly body: string;
  /** Empty for a read. */
  readonly requestId: string;
}

/** The events of a keeper, by name, with what their `detail` is. */
export interface KeeperEvents {
  /** Something of the status changed. */
  status: Status;
  /** The agent changed, or another one that is subscribed: `data.loginId` says whose it is. */
  user: UserNotification;
  /** Calls or tasks came or went (`dialogs`), or one changed (`dialog`): `kind` tells which. */
  dialog: DialogNotification | DialogsNotification;
  /** Agents of a team changed. */
  team: TeamNotification;
  /** The figures of a queue changed (`queue`), or queues were given to an agent or taken (`queues`). */
  queue: QueueNotification | QueuesNotification;
  /** An agent's state in a medium changed. */
  media: MediaNotification;
  /** A supervisor tells teams something. */
  teammessage: TeamMessageNotification;
  /** A server went out of service or came back. */
  systeminfo: SystemInfoNotification;
  /** What a server tells its own desktop changed. */
  desktopconfig: DesktopConfigNotification;
  /** A request that Finesse had accepted failed. */
  apierrors: ApiErrorsNotification;
  /** Every notification, whatever its kind. */
  notification: Notification;
  /** It will go to the other side, as `move({ within })` asked: 15 s before it does. */
  moving: { readonly to: Side; readonly at: number };
  /** It has a session on the other side. */
  moved: { readonly from: Side; readonly to: Side };
  /**
   * What changed while the keeper was away has been told, `gap` milliseconds in all, by so many notifications marked
   * `synthetic`: calls that ended, calls that began, calls that changed, the agent, then what else is subscribed. It comes
   * once all of that was read, which may be after `in-service`.
   *
   * A call (or task) that began and ended within the gap is unknowable: nothing on the server tells of it. Of one that
   * changed more than once only the last state is told.
   */
  resynced: { readonly gap: number; readonly changes: number };
  /** The agent was signed out, or made Not Ready in its stead, and did not ask for it. Told once. */
  signedout: SignedOut;
  /** A forced logout has been undone. */
  signedin: SignedIn;
  /** A failure that ended nothing. */
  error: KeeperError;
}

/** What went wrong, and what to do about it. */
export class KeeperError extends Error {
  /**
   * From `connect`: `config` (an option cannot be used), `csp` (the page's policy forbids WebAssembly), `too-old` (the
   * browser cannot run it), `corrupt` (a build step damaged the file), `no-page` (here is neither a page nor a worker, as in
   * Node; from `doctor`, too); from `finesse-keeper/slim` also `not-initialized`, `module-missing` and `module-mismatch`.
   * From `ready`: `stopped`. From `subscribe`: `bad-node` (it is no string). From `notifications`: `config` (its limit). From the parsers: `bad-text` (there is no such object in it).
   *
   * From requests: `refused` (Finesse says no: `status`, `apiErrors`; not carried out), `not-applied` (failed on the way,
   * and not carried out), `unknown` (it may have been carried out, or may still be), `not-connected` (not in service: not
   * sent), `aborted` (by its signal), `too-many` (100 are under way), `bad-path` (not under `/finesse/api/`), `config` (an
   * argument), `internal`.
   *
   * As the event `error`: `no-credentials` (the provider failed, or was silent for 30 s), `maintenance` (a side is in
   * maintenance mode: `move({})` spreads a site over ten minutes), `alternate-unusable` (the browser hides the other side: CORS or a
   * permission), `bad-node` (no path that can be subscribed), `subscription-failed` (the server refused one),
   * `bad-frame` and `bad-notification` (what came could not be understood: what it told is read again),
   * `resync-failed` (the agent, the calls or what is subscribed cannot be read; it is tried again), `not-reread` (a node
   * that the server does not let this agent read, or of a kind that cannot be: what changes there during a gap is not
   * told; said once), `media-settings-lost` (another side did not know what the agent chose at sign-in to a medium, and
   * signing in again failed), `sign-in-failed` (a forced
   * logout could not be undone), `overflow` (more happened at once than
   * is kept: some events are lost), `internal` (a defect of finesse-keeper: it has closed its connections).
   */
  readonly code: Open<
    | 'config'
    | 'csp'
    | 'too-old'
    | 'corrupt'
    | 'no-page'
    | 'not-initialized'
    | 'module-missing'
    | 'module-mismatch'
    | 'stopped'
    | 'no-credentials'
    | 'maintenance'
    | 'alternate-unusable'
    | 'bad-node'
    | 'subscription-failed'
    | 'bad-frame'
    | 'bad-notification'
    | 'bad-text'
    | 'resync-failed'
    | 'not-reread'
    | 'media-settings-lost'
    | 'sign-in-failed'
    | 'refused'
    | 'not-applied'
    | 'unknown'
    | 'not-connected'
    | 'aborted'
    | 'too-many'
    | 'bad-path'
    | 'overflow'
    | 'internal'
  >;
  /** What a person or program can do. */
  readonly nextStep: string;
  /** `config`: which option. */
  readonly field?: string;
  /** `stopped`: why. */
  readonly reason?: Reason;
  /** The node it is about, if it is about one. */
  readonly node?: string;
  /** Of a request: what it went out with; empty if it did not, or is a read. */
  readonly requestId?: string;
  /** `refused`: the HTTP status; null where it was accepted first and refused by a notification. */
  readonly status?: number | null;
  /** `refused`: what Finesse says, with the codes of the peripheral where it gives them; empty if it was not Finesse. */
  readonly apiErrors?: readonly ApiError[];
  /** What was thrown beneath it; for `no-credentials`, by the provider. */
  readonly cause?: unknown;
}

/** What reads Finesse's texts by itself, without a keeper. */
export interface Parsers {
  /**
   * Reads a notification of at most 1 MiB as a gadget gets it, `<Update>…`, or the whole stanza (of several items in one
   * the first: Finesse sends one). `node` is the node that it came on, or its topic (`finesse.api.Team.5.Users`). Give it
   * for a team's: Finesse publishes an agent of a team as it publishes your own, and only the node tells a `team` from a
   * `user`. Throws `KeeperError` (`bad-text`, `bad-node`).
   */
  parseNotification(text: string, node?: string): Notification;
  /** Reads SystemInfo. Throws `KeeperError` (`bad-text`). */
  parseSystemInfo(text: string): SystemInfo;
}

/** For gadgets that get their notifications from Finesse's own desktop. Rejects with `KeeperError` as `connect` does. */
export function loadParsers(): Promise<Parsers>;

/** Keeps one agent connected. Made by `Keeper.connect`. */
export class Keeper extends EventTarget {
  private constructor();

  /**
   * Resolves once the options and the WebAssembly module are good, before anything is connected. No event comes
   * before the next macrotask, so that listeners can be added. Rejects with `KeeperError`.
   */
  static connect(options: ConnectOptions): Promise<Keeper>;
  static connect(options: GadgetOptions): Promise<Keeper>;

  /**
   * Finds out why a page cannot connect, before there is a keeper: what lies between this page and each server (address,
   * certificate, CORS, mixed content, policies, permissions, WebSocket, BOSH, ports), and what the servers say of themselves.
   * In a page or a worker. It signs in nowhere, sends no credentials and no cookies (but those which a browser by itself adds to
   * a WebSocket's handshake), asks no other host, and does without WebAssembly.
   *
   * Whatever it finds, it resolves. Rejects with `KeeperError` (`config`), or with the reason of its `signal`.
   */
  static doctor(options: DoctorOptions): Promise<DoctorReport>;

  /** The agent's login id, as `connect` was given it. */
  readonly user: string;

  /** The whole state, as of now. */
  readonly status: Status;

  /**
   * Resolves in service. Rejects with `KeeperError` (`stopped`) when stopped, or with the signal's reason. A page that
   * was left is waited for: shown again from the back/forward cache, it goes on by itself.
   */
  ready(options?: { signal?: AbortSignal }): Promise<void>;

  /**
   * Every notification from now on, until the keeper is closed, the signal aborts or the loop is left. At most
   * `limit` (default 1000) wait for a slow reader; past that the oldest are dropped, and how many is told by an
   * `Overflow` before the next.
   */
  notifications(options?: {
    signal?: AbortSignal;
    limit?: number;
  }): AsyncIterableIterator<Notification | Overflow>;

  /**
   * Receives what is published on a node that is not automatic, such as `/finesse/api/Team/5/Users`. Counted: the
   * last one to stop unsubscribes. Returns the function that stops it.
   *
   * What the node is about is read once it is subscribed, and again after every gap; what differs from what was told comes
   * as notifications marked `synthetic`. That can be done for `User/{id}`, `User/{id}/Dialogs`, `User/{id}/Dialogs/Media`,
   * `User/{id}/Queues`, `User/{id}/Media`, `User/{id}/Media/{mrd}`, `Team/{id}/Users`, `Queue/{id}` and `SystemInfo`; for
   * others `not-reread` says that it cannot. Of a team those agents are told who differ, by `DELETE` those who left it.
   *
   * With `User/{id}/Media` or `User/{id}/Media/{mrd}` of the agent's own, the keeper also signs in to a medium again whose
   * `maxDialogLimit`, `interruptAction` or `dialogLogoutAction` are not any more what they were before a gap (Finesse's
   * other side does not know them): as told before it, for an agent who was signed in there and still is.
   */
  subscribe(node: string): () => void;

  /**
   * Undoes the forced logout that the event `signedout` last called `resumable`: signs in again with the extension, the device
   * and the mobile agent's number of before, as soon as a side is in service, and makes the agent `READY` where that is what they
   * had chosen and somebody is there. The event `signedin` says how it ended, or the error `sign-in-failed` that it failed.
   * Where there is nothing to undo, nothing happens but a line in the timeline.
   */
  signInAgain(): void;

  /**
   * Signs the agent in. One who is signed in keeps the state. As for all requests:
   *
   * - Finesse's 202 is not the outcome. The promise resolves once the change is *seen*: in a notification that bears the
   *   request's `requestId`, or by the agent's own state; it rejects with `refused` when Finesse says no, at once or later.
   * - Across a failure it is settled after the resync, by the state that is read then: applied, `not-applied` or `unknown`.
   *   `not-applied` is told only when nothing of the request can be under way any more: 20 s after its exchange ended, and
   *   where it got no answer, as long again after the gap as it lasted (TCP sends again what was lost). What cannot be
   *   compared, as an action on a call whose notification was lost, is `unknown`. Within two minutes it is settled in any case.
   * - The `requestId` is best effort on Finesse's side, and missing in task routing. Without it the agent's own state still
   *   settles `signIn`, `setState` and `signOut`; a `request` that was accepted is `unknown` after 20 s.
   * - Nothing is sent twice: whether to ask again is yours to say. (A browser may repeat by itself what it sent on a connection
   *   that the server had just closed.)
   * - One change at a time for each object: later ones wait, at most two minutes, and are given back as `not-connected` if
   *   the service is lost meanwhile. Out of service nothing is sent, and nothing is kept for later: `not-connected`.
   * - Credentials go to the side that serves, and to no other host. A 401 is `refused`, and has other credentials asked for.
   */
  signIn(options: SignInOptions): Promise<Applied>;

  /** Changes the agent's state. During a call the state after it counts, where Finesse tells it (`pendingState`). */
  setState(state: 'READY' | 'NOT_READY', options?: StateOptions): Promise<Applied>;

  /** Signs the agent out; on CCE only from NOT_READY. */
  signOut(options?: StateOptions): Promise<Applied>;

  /**
   * Whatever else Finesse can do: answer, hold, transfer, wrap-up, reads. `path` begins with `/finesse/api/`; ids in it are
   * yours to encode. `body` is XML. A GET waits for nothing and resolves with what was answered, if that was a success.
   */
  request(method: 'GET', path: string, body?: undefined, options?: RequestOptions): Promise<Answered>;
  request(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: string, options?: RequestOptions): Promise<Applied | Answered>;

  /**
   * Leaves the state `stopped`, unless by `closed`. After three refusals in five minutes it waits until one more could lock
   * nobody out: see `status.nextTryAt`.
   */
  resume(): void;

  /**
   * Goes to the other side, as for maintenance. Where that cannot be, nothing happens but a line in the timeline: when
   * there is no other side, when its last read did not say that it is in service, when there is no session to leave,
   * and within 60 s of the last move (twice as long after each further move within 10 minutes, at most 8 minutes).
   * `status` tells whether it went: `moving`, then the other side.
   *
   * With an object it goes at a random moment of the next `within` milliseconds (default ten minutes), so that a site does
   * not go at once; tells so 15 s ahead (event `moving`); not during a call; and where it cannot go, tries again each minute until
   * the time is over. Another call takes the place of this one.
   */
  move(when?: { within?: number }): void;

  /** Says goodbye and lets go of everything; resolves when the browser has the goodbye, without waiting for the server. */
  close(): Promise<void>;

  /** What happened and why, oldest first; bounded. */
  timeline(): TimelineEntry[];

  /**
   * Two sentences that an agent can read to a help desk: since when, and whose fault it most likely is, or that the
   * cause is unknown; what is being done, and what a person can do. Names Cisco's service and the server. For ten
   * minutes after it is over an outage is still spoken of, and so is another server that could not take over. Times are
   * as this computer's clock shows them. The same as a word for programs: `status.cause`.
   */
  explain(): string;

  /** Listens to an event, whose `detail` is of its own type. */
  addEventListener<Name extends keyof KeeperEvents>(
    type: Name,
    listener: ((event: CustomEvent<KeeperEvents[Name]>) => void) | null,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void;
  /** Listens to any event. */
  addEventListener(...listener: Parameters<EventTarget['addEventListener']>): void;

  /** Listens no more. */
  removeEventListener<Name extends keyof KeeperEvents>(
    type: Name,
    listener: ((event: CustomEvent<KeeperEvents[Name]>) => void) | null,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void;
  /** Listens no more. */
  removeEventListener(...listener: Parameters<EventTarget['removeEventListener']>): void;
}
