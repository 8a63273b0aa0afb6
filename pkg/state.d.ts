/**
 * What a keeper says of itself: its state and why, its servers, forced logouts, the timeline. Times are milliseconds since the epoch.
 */

import type { Open } from './finesse.js';

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
  /** The link broke, and it is not known yet why. */
  | 'connection-lost'
  /** Nothing answers on either side, from one moment on, or the browser says that it is offline. */
  | 'own-network'
  /** Nothing serves, and what is seen does not tell why. */
  | 'unreachable'
  | 'notification-service'
  | 'tomcat'
  | 'web-app'
  | 'cti'
  | 'out-of-service'
  /** No Finesse answers on this machine, and the network works. */
  | 'node'
  /** Something between the page and this host: a certificate, CORS, a permission, a proxy. */
  | 'between'
  /** The server still holds the agent's former session. */
  | 'ghost'
  | 'conflict'
  | 'credentials-refused'
  | 'credentials-missing'
  /** In a gadget: the desktop around it says that its connection does not stand. Stand still; all is read again after it. */
  | 'container'
  | 'closed'
  | 'page-left'
  | 'moved'
  /** A defect of finesse-keeper itself: see the `error` event `internal`. */
  | 'internal';

/** Whose fault it most likely is. `unknown` where what was seen does not tell. */
export type Cause =
  | Exclude<Reason, 'starting' | 'connection-lost' | 'unreachable'>
  /** The side that serves is in maintenance mode. */
  | 'maintenance'
  /** The machine, or the page, slept. */
  | 'slept'
  | 'unknown';

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
  /**
   * False where CORS or a permission hides the side from this page: no safety net. (A certificate that is not trusted looks like a
   * side that does not answer.)
   */
  readonly usable: boolean;
}

/**
 * The time in which a side may sign the agent out, since it sees no presence of this keeper. After a move that is the side
 * that was left, though the agent is present on the other.
 */
export interface ForcedLogout {
  /** The side that may do it. */
  readonly side: Side;
  /** Not before: 60 s after the last sign of us there, or at once where a side in service was left. */
  readonly earliest: number;
  /** Not after: 180 s. Null while a call holds it up: then until 180 s after its end. */
  readonly latest: number | null;
}

/** The agent was signed out, and did not ask for it. */
export interface SignedOut {
  /** Who did it: Finesse, since the way to the agent was lost; a supervisor; or the system for another reason. */
  readonly by: Open<'connection' | 'supervisor' | 'system'>;
  /** The reason's code (`ReasonCode.code`, not the id): 255, 50001 and 50002 are by `connection`. */
  readonly code: number;
  /** `NOT_READY`: still signed in, and made Not Ready instead (CCE with "Logout on Agent Disconnect" 0). */
  readonly state: 'LOGOUT' | 'NOT_READY';
  /**
   * It came for the absence of this keeper, by its code and its time on the server's clock, and `signInAgain()` undoes it.
   * On CCX that is code 255 alone. Never with `resume: 'never'`, nor where there is nothing to give back.
   */
  readonly resumable: boolean;
  /** When it happened. */
  readonly at: number;
}

/** The keeper has undone a forced logout. */
export interface SignedIn {
  /** `READY` again, or left as signing in leaves an agent: Not Ready, unless a call goes on. */
  readonly ready: boolean;
  /**
   * Why not ready. It was not `READY` that was last chosen through this keeper, or somebody changed it (`not-chosen-here`); the
   * agent was away for more than 180 s, or the machine slept; it would have ended a wrap-up; nobody has touched the page since
   * the connection was lost; somebody else has changed the agent meanwhile; Finesse refused it.
   */
  readonly why: Open<
    'not-chosen-here' | 'away-too-long' | 'slept' | 'wrap-up' | 'untouched' | 'changed' | 'refused'
  > | null;
}

/** The whole state, as an application shows it. */
export interface Status {
  /** What the keeper is doing. */
  readonly state: State;
  /** Where, once that is known. */
  readonly side: Side | null;
  /** The kind of connection that stands, while one does. */
  readonly transport: 'websocket' | 'bosh' | 'hub' | null;
  /** Since when in this state. */
  readonly since: number;
  /** Why not in service; null while it is. */
  readonly reason: Reason | null;
  /** Cisco's name of the service that failed, where one can be named. */
  readonly service: string | null;
  /** Whose fault it most likely is: of what is wrong now, or else of the last time out of service; null before any. */
  readonly cause: Cause | null;
  /** An answer is overdue; nothing is decided yet. */
  readonly suspect: boolean;
  /** When Finesse may sign the agent out for our absence; null while nothing of the kind is to be expected. */
  readonly forcedLogout: ForcedLogout | null;
  /** When the next attempt is due. Stopped for refused credentials: until when `resume()` has to wait, if it has to. */
  readonly nextTryAt: number | null;
  /** The home side first. */
  readonly sides: readonly SideHealth[];
}

/** One line of the timeline. Holds no password and no token. */
export interface TimelineEntry {
  /** When. */
  readonly at: number;
  /** The side that it is about, if it is about one. */
  readonly side: Side | null;
  /** What it is about. */
  readonly kind:
    | 'state'
    | 'read'
    | 'link'
    | 'presence'
    | 'notice'
    | 'move'
    | 'resync'
    | 'notification'
    | 'request'
    | 'page'
    | 'note'
    | 'error';
  /** What happened, in words. */
  readonly text: string;
}
