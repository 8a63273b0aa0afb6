/**
 * Keeps a Cisco Finesse agent connected, signed in and up to date while servers and networks fail.
 *
 * Our own times are milliseconds since the epoch. Finesse's objects keep Finesse's names and units; ids and dialled
 * numbers are strings; enumerations are string unions that stay open, since a server may be newer than this package.
 */

import type {
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

/** The first or the second server of the pair, in the order of `hosts`. */
export type Side = 'A' | 'B';

/** What the keeper is doing. */
export type State =
  /** Reading both sides for the first time. */
  | 'locating'
  /** Opening an XMPP session. */
  | 'connecting'
  /** Signed in to the notification service; what is missing before service is being waited for. */
  | 'settling'
  | 'in-service'
  /** Connected, and waiting for the server to be whole again. */
  | 'waiting'
  /** Not connected; the side is being read until it is well. */
  | 'reconnecting'
  /** Going to the other side. */
  | 'moving'
  /** Nothing happens until `resume()`; by `page-left` until the page is shown again; by `closed` for good. */
  | 'stopped';

/** Why the keeper is not in service. */
export type Reason =
  | 'starting'
  | 'connection-lost'
  | 'own-network'
  | 'unreachable'
  | 'notification-service'
  | 'tomcat'
  | 'web-app'
  | 'cti'
  | 'out-of-service'
  | 'node'
  | 'conflict'
  | 'credentials-refused'
  | 'credentials-missing'
  | 'closed'
  | 'page-left'
  | 'moved'
  /** A defect of finesse-keeper itself: see the `error` event `internal`. */
  | 'internal';

/** What is known of one server. */
export interface SideHealth {
  /** Its REST address. */
  readonly host: string;
  /** What the last read of SystemInfo said. `unclear`: something answered, but not Finesse. */
  readonly reading: 'unknown' | 'in' | 'out' | 'unreachable' | 'unclear';
  /** When that read ended. */
  readonly readAt: number | null;
  /** More about it, in words. */
  readonly detail: string;
  /** Presence of the `finesse` user there. */
  readonly finesse: 'unknown' | 'present' | 'absent';
  /** Whether our XMPP session is there. */
  readonly connected: boolean;
  /** False where a certificate, CORS or a permission hides the side from this page: no safety net. */
  readonly usable: boolean;
}

/** The whole state, as an application shows it. */
export interface Status {
  readonly state: State;
  /** Where, once that is known. */
  readonly side: Side | null;
  /** The kind of connection that stands, while one does. */
  readonly transport: 'websocket' | 'bosh' | null;
  /** Since when in this state. */
  readonly since: number;
  readonly reason: Reason | null;
  /** Cisco's name of the service that failed, where one can be named. */
  readonly service: string | null;
  /** An answer is overdue; nothing is decided yet. */
  readonly suspect: boolean;
  /** When Finesse may sign the agent out for our absence. */
  readonly forcedLogout: { readonly earliest: number; readonly latest: number } | null;
  /** When the next attempt is due. Stopped for refused credentials: until when `resume()` has to wait, if it has to. */
  readonly nextTryAt: number | null;
  /** The home side first. */
  readonly sides: readonly SideHealth[];
}

/** One line of the timeline. Holds no password and no token. */
export interface TimelineEntry {
  readonly at: number;
  readonly side: Side | null;
  readonly kind:
    | 'state'
    | 'read'
    | 'link'
    | 'presence'
    | 'notice'
    | 'move'
    | 'resync'
    | 'notification'
    | 'page'
    | 'note'
    | 'error';
  readonly text: string;
}

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

export interface ConnectOptions {
  /** One or two servers, the home side first. A single one learns its alternate from SystemInfo. */
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
   */
  transport?: 'auto' | 'websocket' | 'bosh';
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

export * from './finesse.js';

/** So many notifications were dropped before the next one: the reader of `notifications()` was too slow. */
export interface Overflow {
  readonly kind: 'overflow';
  readonly dropped: number;
}

/** The events of a keeper, by name, with what their `detail` is. */
export interface KeeperEvents {
  status: Status;
  user: UserNotification;
  dialog: DialogNotification | DialogsNotification;
  team: TeamNotification;
  queue: QueueNotification | QueuesNotification;
  media: MediaNotification;
  teammessage: TeamMessageNotification;
  systeminfo: SystemInfoNotification;
  desktopconfig: DesktopConfigNotification;
  apierrors: ApiErrorsNotification;
  /** Every notification, whatever its kind. */
  notification: Notification;
  /** It will go to the other side, as `move({ within })` asked: 15 s before it does. */
  moving: { readonly to: Side; readonly at: number };
  moved: { readonly from: Side; readonly to: Side };
  /** What changed while the keeper was away has been told. `gap` in milliseconds. */
  resynced: { readonly gap: number; readonly changes: number };
  /** A failure that ended nothing. */
  error: KeeperError;
}

/** What went wrong, and what to do about it. */
export class KeeperError extends Error {
  /**
   * From `connect`: `config` (an option cannot be used), `csp` (the page's policy forbids WebAssembly), `too-old` (the
   * browser cannot run it), `corrupt` (a build step damaged the file). From `ready`: `stopped`. From `subscribe`:
   * `bad-node` (it is no string). From `notifications`: `config` (its limit). From the parsers: `bad-text` (there is no such object in it).
   *
   * As the event `error`: `no-credentials` (the provider failed, or was silent for 30 s), `maintenance` (a side is in
   * maintenance mode: `move({})` spreads a site over ten minutes), `alternate-unusable` (the browser hides the other side: certificate or
   * CORS), `bad-node` (no path that can be subscribed), `subscription-failed` (the server refused one),
   * `bad-frame` and `bad-notification` (what came could not be understood: what it told is read again),
   * `resync-failed` (the agent or the calls cannot be read; it is tried again), `overflow` (more happened at once than
   * is kept: some events are lost), `internal` (a defect of finesse-keeper: it has closed its connections).
   */
  readonly code: Open<
    | 'config'
    | 'csp'
    | 'too-old'
    | 'corrupt'
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
  /** What was thrown beneath it; for `no-credentials`, by the provider. */
  readonly cause?: unknown;
}

/** What reads Finesse's texts by itself, without a keeper. */
export interface Parsers {
  /**
   * Reads a notification as a gadget gets it, `<Update>…`, or the whole stanza. `node` is the node that it came on, where
   * the text does not say it: a team's node has one agent told as a team. Throws `KeeperError` (`bad-text`).
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
   */
  subscribe(node: string): () => void;

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

  /** Says goodbye and lets go of everything; resolves when it is done. */
  close(): Promise<void>;

  /** What happened and why, oldest first; bounded. */
  timeline(): TimelineEntry[];

  /** The state in one line. */
  explain(): string;

  addEventListener<Name extends keyof KeeperEvents>(
    type: Name,
    listener: ((event: CustomEvent<KeeperEvents[Name]>) => void) | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;

  removeEventListener<Name extends keyof KeeperEvents>(
    type: Name,
    listener: ((event: CustomEvent<KeeperEvents[Name]>) => void) | null,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}
