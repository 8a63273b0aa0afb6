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
  /** Nothing happens until `resume()`. */
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
  | 'moved';

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
  /** Address of the WebSocket; `/ws/` on the same host if left out. */
  websocket?: string;
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
  /** Asked for each time credentials are needed; they are not kept. */
  credentials: (question: CredentialsQuestion) => Credentials | Promise<Credentials>;
  /** The XMPP resource. A generated one if left out; `desktop` belongs to Cisco's own desktop. */
  resource?: string;
  /** How agents and Finesse speak. Default `auto`. */
  transport?: 'auto' | 'websocket';
  /** How many agents share the pair; sets how widely their retries are spread. Default 1000. */
  expectedAgents?: number;
  /** Send credentials to an alternate that only SystemInfo named. Default false. */
  trustAlternate?: boolean;
  /** Closes the keeper when it aborts. */
  signal?: AbortSignal;
  /** Told every timeline entry as it is made. */
  log?: (entry: TimelineEntry) => void;
}

/** Any part of an object that this package does not know: text, a list where an element repeats, or named parts. */
export type Tree = string | readonly Tree[] | { readonly [name: string]: Tree };

/** Parts that Finesse sent and this package does not know. */
export interface Extra {
  readonly extra?: { readonly [name: string]: Tree };
}

export type AgentState = Open<
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
  | 'UNKNOWN'
>;

/** Why an agent is not ready, or was signed out. */
export interface ReasonCode extends Extra {
  readonly category?: Open<'NOT_READY' | 'LOGOUT'>;
  readonly uri?: string;
  readonly code?: string;
  readonly label?: string;
  readonly forAll?: string;
  readonly systemCode?: string;
  readonly id?: string;
}

/** An agent (Finesse: User). */
export interface User extends Extra {
  readonly uri?: string;
  readonly roles?: readonly Open<'Agent' | 'Supervisor'>[];
  readonly loginId?: string;
  readonly loginName?: string;
  readonly state?: AgentState;
  /** ISO 8601, the server's clock. */
  readonly stateChangeTime?: string;
  readonly pendingState?: AgentState;
  readonly reasonCodeId?: string;
  readonly ReasonCode?: ReasonCode;
  readonly extension?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly teamId?: string;
  readonly teamName?: string;
  readonly dialogs?: string;
}
