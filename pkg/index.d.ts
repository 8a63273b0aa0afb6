/**
 * Keeps a Cisco Finesse agent connected, signed in and up to date while servers and networks fail.
 *
 * Our own times are milliseconds since the epoch. Finesse's objects keep Finesse's names and units; ids and dialled
 * numbers are strings; enumerations are string unions that stay open, since a server may be newer than this package.
 */

/** One of these, or a text that a newer server may send. */
type Open<T extends string> = T | (string & {});

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
  /** When the next attempt is due. */
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
  /** `refused`: the last ones were; ask the user again. */
  readonly reason: 'connect' | 'reconnect' | 'refused';
  /** The side that they will be sent to. */
  readonly side: Side;
  /** Aborts when the answer is no longer wanted. */
  readonly signal: AbortSignal;
}

export type Credentials = { password: string } | { token: string };

export interface ConnectOptions {
  /** One or two servers, the home side first. A single one learns its alternate from SystemInfo. */
  hosts: readonly (string | Host)[];
  /** The agent's login id. */
  user: string;
  /**
   * Asked for each new session; the answer is kept as long as that session lives, for its REST reads. It has 30 s: no
   * answer until then, or a failure, is a failed attempt (`no-credentials`), and is asked for again.
   */
  credentials: (question: CredentialsQuestion) => Credentials | Promise<Credentials>;
  /** The XMPP resource. A generated one if left out; `desktop` belongs to Cisco's own desktop. */
  resource?: string;
  /**
   * How to reach the notification service. Default `auto`: over WebSocket, or over BOSH where something on the way lets
   * no WebSocket through; what has logged in is remembered for the keeper's life, and a WebSocket looked for again later.
   */
  transport?: 'auto' | 'websocket' | 'bosh';
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
 * Data that this package has no type for: an element with nothing but text is a string, any other an object by the
 * names of its children; a child that comes more than once is an array. An attribute is a member `@name`, text beside
 * children or attributes the member `#text`.
 */
export type Tree = string | readonly Tree[] | { readonly [name: string]: Tree };

/**
 * What every object of Finesse has beside its fields. A field that Finesse left out is null; a list is empty then, and
 * so is the text of a field whose type knows no null.
 */
interface FinesseObject {
  /** Elements that this package does not know; a newer Finesse may send some. */
  readonly extra?: { readonly [name: string]: Tree };
}

export type Role = Open<'Agent' | 'Supervisor'>;

/** The state of an agent. CCX does not publish `HOLD`. */
export type UserState = Open<
  | 'LOGIN'
  | 'LOGOUT'
  | 'NOT_READY'
  | 'READY'
  | 'RESERVED'
  | 'RESERVED_OUTBOUND'
  | 'RESERVED_OUTBOUND_PREVIEW'
  | 'TALKING'
  | 'HOLD'
  | 'WORK'
  | 'WORK_READY'
>;

/** Why an agent is in a state. */
export interface ReasonCode extends FinesseObject {
  readonly category: Open<'NOT_READY' | 'LOGOUT'> | null;
  readonly uri: string | null;
  readonly code: number | null;
  readonly label: string | null;
  readonly forAll: boolean | null;
  readonly systemCode: boolean | null;
  readonly id: string | null;
}

/** What the administrator set for an agent. */
export interface Settings extends FinesseObject {
  readonly wrapUpOnIncoming: Open<'REQUIRED' | 'OPTIONAL' | 'NOT_ALLOWED' | 'REQUIRED_WITH_WRAP_UP_DATA'> | null;
  readonly wrapUpOnOutgoing: Open<'REQUIRED' | 'OPTIONAL' | 'NOT_ALLOWED' | 'REQUIRED_WITH_WRAP_UP_DATA'> | null;
  readonly deviceSelection: string | null;
}

/** An agent at a telephone anywhere. */
export interface MobileAgent extends FinesseObject {
  readonly mode: Open<'CALL_BY_CALL' | 'NAILED_CONNECTION'> | null;
  readonly dialNumber: string | null;
}

/** A team that a supervisor sees. */
export interface TeamSummary extends FinesseObject {
  readonly uri: string | null;
  readonly id: string | null;
  readonly name: string | null;
}

/** An agent. */
export interface User extends FinesseObject {
  readonly uri: string | null;
  readonly roles: readonly Role[];
  readonly loginId: string;
  readonly loginName: string | null;
  readonly state: UserState;
  /** ISO 8601, on the server's clock; may be empty. */
  readonly stateChangeTime: string | null;
  readonly mediaType: string | null;
  /** The state after the call. On CCX `LOGOUT` while Finesse fails over during a call. */
  readonly pendingState: UserState | null;
  /** `-1` for none. */
  readonly reasonCodeId: string | null;
  readonly ReasonCode: ReasonCode | null;
  readonly settings: Settings | null;
  /** Seconds. */
  readonly wrapUpTimer: number | null;
  readonly extension: string | null;
  readonly mobileAgent: MobileAgent | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly teamId: string | null;
  readonly teamName: string | null;
  readonly skillTargetId: string | null;
  readonly dialogs: string | null;
  readonly teams: readonly TeamSummary[];
  readonly mediaState: string | null;
  readonly activeDeviceId: string | null;
  readonly devices: Tree | null;
}

/** The state of a call or task. */
export type DialogState = Open<
  | 'INITIATING'
  | 'INITIATED'
  | 'ALERTING'
  | 'ACTIVE'
  | 'FAILED'
  | 'DROPPED'
  | 'ACCEPTED'
  | 'OFFERED'
  | 'PAUSED'
  | 'WRAPPING_UP'
  | 'INTERRUPTED'
  | 'CLOSED'
>;

export type ParticipantState = Open<
  'INITIATING' | 'INITIATED' | 'ALERTING' | 'ACTIVE' | 'FAILED' | 'HELD' | 'WRAP_UP' | 'DROPPED' | 'ACCEPTED'
>;

/** What a participant can do now. */
export type Action = Open<
  | 'MAKE_CALL'
  | 'ANSWER'
  | 'HOLD'
  | 'RETRIEVE'
  | 'DROP'
  | 'UPDATE_CALL_DATA'
  | 'CONSULT_CALL'
  | 'TRANSFER'
  | 'TRANSFER_SST'
  | 'CONFERENCE'
  | 'BARGE_CALL'
  | 'SILENT_MONITOR'
  | 'PARTICIPANT_DROP'
  | 'SEND_DTMF'
  | 'RECLASSIFY'
  | 'UPDATE_SCHEDULED_CALLBACK'
  | 'CANCEL_SCHEDULED_CALLBACK'
  | 'ACCEPT'
  | 'REJECT'
  | 'CLOSE'
>;

/** A variable of a call: `callVariable1` to `callVariable10`, `user.…` (ECC), `BA…` (outbound). */
export interface CallVariable extends FinesseObject {
  readonly name: string;
  readonly value: string;
}

/** What is known of a call beside its participants. */
export interface MediaProperties extends FinesseObject {
  readonly mediaId: string | null;
  readonly dialedNumber: string | null;
  readonly DNIS: string | null;
  readonly callType: string | null;
  readonly outboundClassification: string | null;
  readonly queueNumber: string | null;
  readonly queueName: string | null;
  readonly callKeyCallId: string | null;
  readonly callKeySequenceNum: string | null;
  readonly callKeyPrefix: string | null;
  readonly wrapUpReason: string | null;
  readonly wrapUpItems: readonly string[];
  readonly callvariables: readonly CallVariable[];
}

/** One end of a call. */
export interface Participant extends FinesseObject {
  readonly actions: readonly Action[];
  readonly mediaAddress: string | null;
  readonly mediaAddressType: Open<'AGENT_DEVICE'> | null;
  readonly startTime: string | null;
  readonly state: ParticipantState;
  readonly stateCause: Open<'BUSY' | 'BAD_DESTINATION' | 'DEVICE_RESOURCE_NOT_AVAILABLE' | 'OTHER'> | null;
  readonly stateChangeTime: string | null;
}

export interface ScheduledCallbackInfo extends FinesseObject {
  readonly callbackTime: string | null;
  readonly callbackNumber: string | null;
}

/** A call or a task. */
export interface Dialog extends FinesseObject {
  readonly associatedDialogUri: string | null;
  /** Digits for a call; with underscores for a task. */
  readonly id: string;
  readonly secondaryId: string | null;
  /** `Voice`, or the name of a medium. */
  readonly mediaType: string | null;
  readonly fromAddress: string | null;
  readonly toAddress: string | null;
  readonly callbackNumber: string | null;
  readonly uri: string | null;
  readonly state: DialogState;
  readonly mediaProperties: MediaProperties | null;
  readonly participants: readonly Participant[];
  readonly scheduledCallbackInfo: ScheduledCallbackInfo | null;
}

/** One of the two nodes of a deployment. */
export interface NodeAddress extends FinesseObject {
  readonly host: string;
  readonly httpsPort: number | null;
  readonly xmppPort: number | null;
  readonly xmppSecurePort: number | null;
}

export interface CtiServer extends FinesseObject {
  readonly host: string | null;
  readonly connectedDuration: number | null;
  readonly active: boolean | null;
}

/** What a server says of itself. In older versions and on CCX some fields are null or empty. */
export interface SystemInfo extends FinesseObject {
  /** ISO 8601, the server's clock. */
  readonly currentTimestamp: string | null;
  readonly deploymentType: Open<'UCCE' | 'UCCX'>;
  readonly lastCTIHeartbeatStatus: Open<'success' | 'failure'> | null;
  /** Milliseconds since the epoch. */
  readonly lastSuccessCTIHeartbeatTime: number | null;
  readonly ctiVersion: number | null;
  readonly ctiHeartbeatInterval: number | null;
  readonly ctiMMode: Open<'INITIATING' | 'IN_PROGRESS'> | null;
  readonly ctiTimeInMMode: number | null;
  readonly finesseMMode: Open<'IN_PROGRESS'> | null;
  readonly finesseTimeInMMode: number | null;
  readonly license: string | null;
  readonly peripheralId: string | null;
  readonly primaryNode: NodeAddress | null;
  readonly secondaryNode: NodeAddress | null;
  readonly status: Open<'IN_SERVICE' | 'OUT_OF_SERVICE' | 'PARTIAL_SERVICE'>;
  readonly statusReason: string;
  readonly systemAuthMode: Open<'NON_SSO' | 'SSO' | 'HYBRID'> | null;
  /** Minutes. */
  readonly timezoneOffset: number | null;
  readonly uri: string | null;
  readonly xmppDomain: string;
  readonly xmppPubSubDomain: string;
  readonly ctiServers: readonly CtiServer[];
}

/** Why a request that Finesse had accepted failed. */
export interface ApiError extends FinesseObject {
  readonly errorType: string | null;
  readonly errorMessage: string | null;
  readonly errorData: string | null;
  readonly errorMedia: string | null;
  readonly peripheralErrorCode: string | null;
  readonly peripheralErrorMsg: string | null;
  readonly peripheralErrorText: string | null;
}

interface NotificationOf<Kind extends string, Data> {
  readonly kind: Kind;
  readonly event: Open<'PUT' | 'POST' | 'DELETE'>;
  /** The REST path of the object, which may differ from the node. */
  readonly source: string;
  /** The node it was published to. */
  readonly node: string;
  /** The `requestId` of the request that caused it; empty if none did. */
  readonly requestId: string;
  /** The whole object as it is now. */
  readonly data: Data;
  /** Found by reading after a gap, rather than sent by Finesse. */
  readonly synthetic: boolean;
}

export type UserNotification = NotificationOf<'user', User>;
/** A call that changed. */
export type DialogNotification = NotificationOf<'dialog', Dialog>;
/** Calls that came (`POST`) or went (`DELETE`). */
export type DialogsNotification = NotificationOf<'dialogs', readonly Dialog[]>;
export type SystemInfoNotification = NotificationOf<'systeminfo', SystemInfo>;
export type ApiErrorsNotification = NotificationOf<'apierrors', readonly ApiError[]>;
/** An object that this package has no type for; null if it is gone. */
export type OtherNotification = NotificationOf<'notification', Tree | null>;

export type Notification =
  | UserNotification
  | DialogNotification
  | DialogsNotification
  | SystemInfoNotification
  | ApiErrorsNotification
  | OtherNotification;

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
  systeminfo: SystemInfoNotification;
  apierrors: ApiErrorsNotification;
  /** Every notification, whatever its kind. */
  notification: Notification;
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
   * `bad-node` (it is no string). From `notifications`: `config` (its limit).
   *
   * As the event `error`: `no-credentials` (the provider failed, or was silent for 30 s), `maintenance` (a side is in
   * maintenance mode: `move()` when it suits), `alternate-unusable` (the browser hides the other side: certificate or
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

  /** Leaves the state `stopped`, unless by `closed`. */
  resume(): void;

  /**
   * Goes to the other side, as for maintenance. Where that cannot be, nothing happens but a line in the timeline: when
   * there is no other side, when its last read did not say that it is in service, when there is no session to leave,
   * and within 60 s of the last move (twice as long after each further move within 10 minutes, at most 8 minutes).
   * `status` tells whether it went: `moving`, then the other side.
   */
  move(): void;

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
