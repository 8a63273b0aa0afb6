// Finesse's objects. Written by `UPDATE=1 cargo test --test types` from the tables that they are read by.

/** One of these words, or one that is newer than this package. */
export type Open<Word extends string> = Word | (string & {});

/**
 * Plain data: an element with nothing but text is a string, any other an object by the names of its children. A
 * child that comes more than once is an array, an attribute a member `@name`, text beside children `#text`.
 */
export type Tree = string | Tree[] | { readonly [name: string]: Tree };

/**
 * One of Finesse's objects, with Finesse's own names and units. A text, number or object that is absent is null, as
 * is an empty number or truth value; a list that is absent is empty, and so is a text that every such object has (type
 * `string`). Numbers are exact up to 2^53.
 */
export interface FinesseObject {
  /**
   * What this package does not know, by name; and what it could not read, under the name of a field that is as if absent.
   */
  readonly extra?: { readonly [name: string]: Tree };
}

/**
 * Whether a call is wrapped up.
 * - `REQUIRED`: It must be.
 * - `OPTIONAL`: It may be.
 * - `NOT_ALLOWED`: It may not be.
 * - `REQUIRED_WITH_WRAP_UP_DATA`: It must be, with a reason.
 */
export type WrapUp = Open<
  | 'REQUIRED'
  | 'OPTIONAL'
  | 'NOT_ALLOWED'
  | 'REQUIRED_WITH_WRAP_UP_DATA'
>;

/**
 * How an agent at a telephone anywhere is called.
 * - `CALL_BY_CALL`: For each call.
 * - `NAILED_CONNECTION`: Once, for all calls.
 */
export type MobileMode = Open<
  | 'CALL_BY_CALL'
  | 'NAILED_CONNECTION'
>;

/**
 * What an agent may do.
 * - `Agent`: Take calls.
 * - `Supervisor`: See and change others.
 */
export type Role = Open<
  | 'Agent'
  | 'Supervisor'
>;

/**
 * The state of an agent. CCX does not publish `HOLD`.
 * - `LOGIN`: Signing in; never lasts.
 * - `LOGOUT`: Signed out.
 * - `NOT_READY`: Takes no calls.
 * - `READY`: Waits for a call.
 * - `RESERVED`: A call is on its way.
 * - `RESERVED_OUTBOUND`: A call of an outbound campaign is on its way.
 * - `RESERVED_OUTBOUND_PREVIEW`: The same, shown before it is made.
 * - `TALKING`: On a call.
 * - `HOLD`: On a call that is held.
 * - `WORK`: Wraps up, Not Ready after it.
 * - `WORK_READY`: Wraps up, Ready after it.
 * - `UNKNOWN`: Finesse does not know.
 */
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
  | 'UNKNOWN'
>;

/**
 * What a participant can do now.
 * - `MAKE_CALL`: Make a call.
 * - `ANSWER`: Answer it.
 * - `HOLD`: Hold it.
 * - `RETRIEVE`: Take it back from hold.
 * - `DROP`: Leave it.
 * - `UPDATE_CALL_DATA`: Change its variables.
 * - `CONSULT_CALL`: Ask someone else meanwhile.
 * - `TRANSFER`: Hand it over.
 * - `TRANSFER_SST`: Hand it over in one step.
 * - `CONFERENCE`: Bring the other in.
 * - `BARGE_CALL`: Come in as a supervisor.
 * - `SILENT_MONITOR`: Listen as a supervisor.
 * - `PARTICIPANT_DROP`: Put another out.
 * - `SEND_DTMF`: Send tones.
 * - `RECLASSIFY`: Classify an outbound call anew.
 * - `UPDATE_SCHEDULED_CALLBACK`: Change the promised call back.
 * - `CANCEL_SCHEDULED_CALLBACK`: Withdraw the promised call back.
 * - `ACCEPT`: Take a preview call or a task.
 * - `REJECT`: Refuse a preview call.
 * - `CLOSE`: Refuse a preview call for good; end a task.
 * - `START`: Begin to work on a task.
 * - `PAUSE`: Let a task rest.
 * - `RESUME`: Go on with a task.
 * - `WRAP_UP`: Wrap a task up.
 * - `END`: End a task.
 */
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
  | 'START'
  | 'PAUSE'
  | 'RESUME'
  | 'WRAP_UP'
  | 'END'
>;

/**
 * A kind of device.
 * - `AGENT_DEVICE`: An agent's.
 */
export type MediaAddressType = Open<
  | 'AGENT_DEVICE'
>;

/**
 * The state of one participant.
 * - `INITIATING`: The telephone is being taken off hook.
 * - `INITIATED`: The number is being called.
 * - `ALERTING`: It rings.
 * - `ACTIVE`: On the call.
 * - `FAILED`: Could not be reached; see `stateCause`.
 * - `HELD`: The call is held.
 * - `WRAP_UP`: The call is over and is wrapped up.
 * - `DROPPED`: Has left.
 * - `ACCEPTED`: Taken.
 * - `OFFERED`: A task is offered.
 * - `PAUSED`: A task rests.
 * - `WRAPPING_UP`: A task is wrapped up.
 * - `INTERRUPTED`: A task of higher priority came between.
 * - `CLOSED`: A task is over.
 */
export type ParticipantState = Open<
  | 'INITIATING'
  | 'INITIATED'
  | 'ALERTING'
  | 'ACTIVE'
  | 'FAILED'
  | 'HELD'
  | 'WRAP_UP'
  | 'DROPPED'
  | 'ACCEPTED'
  | 'OFFERED'
  | 'PAUSED'
  | 'WRAPPING_UP'
  | 'INTERRUPTED'
  | 'CLOSED'
>;

/**
 * Why a participant could not be reached.
 * - `BUSY`: The line is busy.
 * - `BAD_DESTINATION`: There is no such number.
 * - `DEVICE_RESOURCE_NOT_AVAILABLE`: The device lacks what it takes.
 * - `OTHER`: Anything else.
 */
export type StateCause = Open<
  | 'BUSY'
  | 'BAD_DESTINATION'
  | 'DEVICE_RESOURCE_NOT_AVAILABLE'
  | 'OTHER'
>;

/**
 * The state of a call or task.
 * - `INITIATING`: The agent's telephone is being taken off hook.
 * - `INITIATED`: The number is being called.
 * - `ALERTING`: It rings.
 * - `ACTIVE`: Both talk; the task is worked on.
 * - `FAILED`: It came to nothing; see the participants' `stateCause`.
 * - `DROPPED`: It is over.
 * - `ACCEPTED`: Taken (a preview call, a task).
 * - `OFFERED`: A task is offered.
 * - `PAUSED`: A task rests.
 * - `WRAPPING_UP`: A task is wrapped up.
 * - `INTERRUPTED`: A task of higher priority came between.
 * - `CLOSED`: A task is over.
 * - `UNKNOWN`: A task that was found again after a failure; it can only be ended.
 */
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
  | 'UNKNOWN'
>;

/**
 * The state of an agent in a medium. `LOGIN` is an action and no state.
 * - `INTERRUPTED`: A medium of higher priority came between.
 * - `LOGOUT`: Signed out.
 * - `NOT_READY`: Takes no tasks.
 * - `READY`: Waits for a task.
 * - `RESERVED`: A task is offered.
 * - `ACTIVE`: Works on a task.
 * - `WORK`: Was on a task while Finesse or the peripheral gateway failed over.
 */
export type MediaState = Open<
  | 'INTERRUPTED'
  | 'LOGOUT'
  | 'NOT_READY'
  | 'READY'
  | 'RESERVED'
  | 'ACTIVE'
  | 'WORK'
>;

/**
 * What becomes of an offer that interrupts.
 * - `ACCEPT`: The agent is interrupted.
 * - `IGNORE`: The agent goes on.
 */
export type InterruptAction = Open<
  | 'ACCEPT'
  | 'IGNORE'
>;

/**
 * What becomes of the tasks of an agent who signs out.
 * - `CLOSE`: They are closed.
 * - `TRANSFER`: They go to others.
 */
export type DialogLogoutAction = Open<
  | 'CLOSE'
  | 'TRANSFER'
>;

/**
 * What Finesse is part of.
 * - `UCCE`: Unified Contact Center Enterprise.
 * - `UCCX`: Unified Contact Center Express.
 */
export type DeploymentType = Open<
  | 'UCCE'
  | 'UCCX'
>;

/**
 * How the last heartbeat with the CTI server went.
 * - `success`: It was answered.
 * - `failure`: It was not.
 */
export type HeartbeatStatus = Open<
  | 'success'
  | 'failure'
>;

/**
 * A maintenance mode; empty where none was ever begun.
 * - `INITIATING`: It begins.
 * - `IN_PROGRESS`: Desktops are moved to the other node.
 * - `COMPLETED`: It is over.
 * - `FAILED`: It came to nothing.
 */
export type MaintenanceMode = Open<
  | 'INITIATING'
  | 'IN_PROGRESS'
  | 'COMPLETED'
  | 'FAILED'
>;

/**
 * The state of a Finesse server.
 * - `IN_SERVICE`: Ordinary operation.
 * - `OUT_OF_SERVICE`: Every other request is answered 503.
 * - `PARTIAL_SERVICE`: A dependency is missing; requests are answered 503 too.
 */
export type ServiceStatus = Open<
  | 'IN_SERVICE'
  | 'OUT_OF_SERVICE'
  | 'PARTIAL_SERVICE'
>;

/**
 * How agents sign in.
 * - `NON_SSO`: With a password.
 * - `SSO`: By an identity provider.
 * - `HYBRID`: Some so, some so.
 */
export type AuthMode = Open<
  | 'NON_SSO'
  | 'SSO'
  | 'HYBRID'
>;

/** Why an agent is in a state. */
export interface ReasonCode extends FinesseObject {
  /** `NOT_READY`, `LOGOUT`. */
  readonly category: string | null;
  /** Where this object is. */
  readonly uri: string | null;
  /** The code, which is not the id of the reason. */
  readonly code: number | null;
  /** Its name. */
  readonly label: string | null;
  /** Every team may use it. */
  readonly forAll: boolean | null;
  /** The system gives it, not an agent. */
  readonly systemCode: boolean | null;
  /** Its id in the database. */
  readonly id: string | null;
}

/** What the administrator set for an agent. */
export interface Settings extends FinesseObject {
  /** Whether incoming calls are wrapped up. */
  readonly wrapUpOnIncoming: WrapUp | null;
  /** Whether outgoing calls are wrapped up. */
  readonly wrapUpOnOutgoing: WrapUp | null;
  /** How a device is chosen at sign-in (12.5). */
  readonly deviceSelection: string | null;
}

/** An agent at a telephone anywhere. */
export interface MobileAgent extends FinesseObject {
  /** How it is called. */
  readonly mode: MobileMode | null;
  /** The number that is called. */
  readonly dialNumber: string | null;
}

/** A team that a supervisor sees. */
export interface TeamSummary extends FinesseObject {
  /** Where this object is. */
  readonly uri: string | null;
  /** Its id. */
  readonly id: string | null;
  /** Its name. */
  readonly name: string | null;
}

/** An agent. */
export interface User extends FinesseObject {
  /** Where this object is. */
  readonly uri: string | null;
  /** What the agent may do. */
  readonly roles: readonly Role[];
  /** The id that REST and XMPP know the agent by. */
  readonly loginId: string;
  /** The name that the agent signs in with. */
  readonly loginName: string | null;
  /** The state. */
  readonly state: UserState;
  /** Since when, on the server's clock (ISO 8601, UTC); may be empty. */
  readonly stateChangeTime: string | null;
  /** The medium: its id (`1` for voice) or its name. */
  readonly mediaType: string | null;
  /** The state after the call; empty for none. On CCX `LOGOUT` while Finesse fails over during a call. */
  readonly pendingState: UserState | null;
  /** The reason's id in the database; `-1` for none. */
  readonly reasonCodeId: string | null;
  /** The reason. */
  readonly ReasonCode: ReasonCode | null;
  /** What the administrator set. */
  readonly settings: Settings | null;
  /** Seconds of wrap-up. */
  readonly wrapUpTimer: number | null;
  /** The agent's number. */
  readonly extension: string | null;
  /** For an agent at a telephone anywhere. */
  readonly mobileAgent: MobileAgent | null;
  /** Given name. */
  readonly firstName: string | null;
  /** Family name. */
  readonly lastName: string | null;
  /** The team's id. */
  readonly teamId: string | null;
  /** The team's name. */
  readonly teamName: string | null;
  /** CCE: the skill target's id. */
  readonly skillTargetId: string | null;
  /** Where the agent's calls are. */
  readonly dialogs: string | null;
  /** The teams that a supervisor sees. */
  readonly teams: readonly TeamSummary[];
  /** CCX: `BUSY` with other media. */
  readonly mediaState: string | null;
  /** The device in use (12.5). */
  readonly activeDeviceId: string | null;
  /** The devices to choose from (12.5), in a form that Cisco's pages do not give. */
  readonly devices: Tree | null;
}

/** A variable of a call: `callVariable1` to `callVariable10`, `user.…` (ECC), `BA…` (outbound). */
export interface CallVariable extends FinesseObject {
  /** Its name. */
  readonly name: string;
  /** Its value. */
  readonly value: string;
}

/** What is known of a call beside its participants. */
export interface MediaProperties extends FinesseObject {
  /** The medium's id. */
  readonly mediaId: string | null;
  /** The number that was dialled. */
  readonly dialedNumber: string | null;
  /** The number that the network delivered it to. */
  readonly DNIS: string | null;
  /** The kind of call: `ACD_IN`, `CONSULT`, … (Cisco lists them under "Dialog", call types). */
  readonly callType: string | null;
  /** How an outbound call ended, as its agent or the dialler classified it (`VOICE`, `BUSY`, …). */
  readonly outboundClassification: string | null;
  /** The queue's number. */
  readonly queueNumber: string | null;
  /** The queue's name. */
  readonly queueName: string | null;
  /** The router's key of the call: with `callKeyPrefix` it is unique. */
  readonly callKeyCallId: string | null;
  /** The part of the call among several with one key. */
  readonly callKeySequenceNum: string | null;
  /** The router's day. */
  readonly callKeyPrefix: string | null;
  /** The wrap-up reason. */
  readonly wrapUpReason: string | null;
  /** The wrap-up reasons. */
  readonly wrapUpItems: readonly string[];
  /** The call's variables. */
  readonly callvariables: readonly CallVariable[];
}

/** One end of a call. */
export interface Participant extends FinesseObject {
  /** What it can do now. */
  readonly actions: readonly Action[];
  /** The participant's number. */
  readonly mediaAddress: string | null;
  /** What kind of device it is; empty for others than agents. */
  readonly mediaAddressType: MediaAddressType | null;
  /** When the participant came to the call (ISO 8601, UTC). */
  readonly startTime: string | null;
  /** The participant's state. */
  readonly state: ParticipantState;
  /** Why the participant could not be reached; null or empty unless the state is `FAILED`. */
  readonly stateCause: StateCause | null;
  /** Since when the participant has this state, on the server's clock (ISO 8601, UTC). */
  readonly stateChangeTime: string | null;
}

/** A call back that was promised. */
export interface ScheduledCallbackInfo extends FinesseObject {
  /** When, in the time zone of the customer, as in `2014-03-07T14:30`. */
  readonly callbackTime: string | null;
  /** To which number. */
  readonly callbackNumber: string | null;
}

/** A call or a task. */
export interface Dialog extends FinesseObject {
  /** Another call or task that belongs to this one, as the one that it consults for. */
  readonly associatedDialogUri: string | null;
  /** Digits for a call; with underscores for a task. */
  readonly id: string;
  /** The id of the consulting call. */
  readonly secondaryId: string | null;
  /** `Voice`, or the name of a medium. */
  readonly mediaType: string | null;
  /** Who calls. For calls that a dialler makes, the agent. */
  readonly fromAddress: string | null;
  /** The number that was dialled at first, which may be a route point's. */
  readonly toAddress: string | null;
  /** The customer's number without the dialler's prefix (CCE, direct preview). */
  readonly callbackNumber: string | null;
  /** Where this object is. */
  readonly uri: string | null;
  /** The state of the call or task. */
  readonly state: DialogState;
  /** What is known of the call beside its participants. */
  readonly mediaProperties: MediaProperties | null;
  /** Who takes part. */
  readonly participants: readonly Participant[];
  /** A call back that was promised. */
  readonly scheduledCallbackInfo: ScheduledCallbackInfo | null;
}

/** What a team tells of one of its agents. */
export interface TeamUser extends FinesseObject {
  /** Where the agent is. */
  readonly uri: string | null;
  /** The id that REST and XMPP know the agent by. */
  readonly loginId: string;
  /** Given name. */
  readonly firstName: string | null;
  /** Family name. */
  readonly lastName: string | null;
  /** The state. */
  readonly state: UserState;
  /** Since when, on the server's clock (ISO 8601, UTC); may be empty. */
  readonly stateChangeTime: string | null;
  /** The state after the call; empty for none. */
  readonly pendingState: UserState | null;
  /** The reason. */
  readonly ReasonCode: ReasonCode | null;
  /** The agent's number. */
  readonly extension: string | null;
  /** Where the agent's calls are. */
  readonly dialogs: string | null;
  /** The medium: its id (`1` for voice) or its name. */
  readonly mediaType: string | null;
  /** CCX: `BUSY` with other media. */
  readonly mediaState: string | null;
}

/** A team. Notifications have those agents who changed, or all. */
export interface Team extends FinesseObject {
  /** Where this object is. */
  readonly uri: string | null;
  /** The team's id. */
  readonly id: string | null;
  /** The team's name; absent where the notification is about one agent. */
  readonly name: string | null;
  /** Those of its agents whom the notification is about. */
  readonly users: readonly TeamUser[];
}

/** Who wrote a message. */
export interface CreatedBy extends FinesseObject {
  /** The id that REST and XMPP know the supervisor by. */
  readonly id: string | null;
  /** Given name. */
  readonly firstName: string | null;
  /** Family name. */
  readonly lastName: string | null;
}

/** A message of a supervisor to teams. */
export interface TeamMessage extends FinesseObject {
  /** Where this object is. */
  readonly uri: string | null;
  /** Its id, a UUID. */
  readonly id: string | null;
  /** Who wrote it. */
  readonly createdBy: CreatedBy | null;
  /** When, in seconds since 1970. */
  readonly createdAt: number | null;
  /** For how many seconds it is shown. */
  readonly duration: number | null;
  /** The message, of 255 characters at most. */
  readonly content: string | null;
  /** The ids of the teams. */
  readonly teams: readonly string[];
}

/** The figures of a queue. Where it is assigned to no one a number is -1, a text empty or `-1`. */
export interface Statistics extends FinesseObject {
  /** Calls that wait. */
  readonly callsInQueue: number | null;
  /**
   * When the longest of them began to wait (ISO 8601 without fractions, UTC); empty or `-1` where there is none, so
   * look before you make a date of it.
   */
  readonly startTimeOfLongestCallInQueue: string | null;
  /** Agents who wait for a call. */
  readonly agentsReady: number | null;
  /** Agents who take no calls. */
  readonly agentsNotReady: number | null;
  /** Agents with the calls of other queues. */
  readonly agentsBusyOther: number | null;
  /** Agents signed in. */
  readonly agentsLoggedOn: number | null;
  /** Agents on incoming calls. */
  readonly agentsTalkingInbound: number | null;
  /** Agents on outgoing calls. */
  readonly agentsTalkingOutbound: number | null;
  /** Agents on internal calls. */
  readonly agentsTalkingInternal: number | null;
  /** Agents who wrap up, Not Ready after it. */
  readonly agentsWrapUpNotReady: number | null;
  /** Agents who wrap up, Ready after it. */
  readonly agentsWrapUpReady: number | null;
}

/** A queue. */
export interface Queue extends FinesseObject {
  /** Where this object is. */
  readonly uri: string | null;
  /** Its id. */
  readonly id: string | null;
  /** Its name. */
  readonly name: string | null;
  /** Its figures. */
  readonly statistics: Statistics | null;
}

/** An agent in one medium. */
export interface Media extends FinesseObject {
  /** Where this object is. */
  readonly uri: string | null;
  /** The id of the agent, or of the medium: Cisco's pages disagree. */
  readonly id: string | null;
  /** The id of the media routing domain. */
  readonly mrdId: string | null;
  /** The medium's name. */
  readonly name: string | null;
  /** The medium's description, which Finesse may escape twice. */
  readonly description: string | null;
  /** The agent's state in the medium. */
  readonly state: MediaState | null;
  /** Since when, on the server's clock (ISO 8601, UTC). */
  readonly stateChangeTime: string | null;
  /** Tasks are pushed to the agent. */
  readonly routable: boolean | null;
  /** Tasks of other media may interrupt the agent's in this one. */
  readonly interruptible: boolean | null;
  /** Tasks at the same time, 1 to 10. */
  readonly maxDialogLimit: number | null;
  /** What becomes of an offer that interrupts. */
  readonly interruptAction: InterruptAction | null;
  /** What becomes of the tasks of an agent who signs out. */
  readonly dialogLogoutAction: DialogLogoutAction | null;
  /** The reason's id in the database; `-1` for none. */
  readonly reasonCodeId: string | null;
  /** The reason. */
  readonly ReasonCode: ReasonCode | null;
  /** The connection to the medium stands. */
  readonly mediaConnected: boolean | null;
  /** Finesse serves the medium (12.6(2)). */
  readonly finesseAssociated: boolean | null;
  /** The channel (12.6(2)). */
  readonly channel: string | null;
  /** The media class (12.6(2)). */
  readonly mediaClass: string | null;
}

/** One of the two nodes. */
export interface NodeAddress extends FinesseObject {
  /** The host name. */
  readonly host: string;
  /** The REST port (12.6). */
  readonly httpsPort: number | null;
  /** The port of the notification service (12.6). */
  readonly xmppPort: number | null;
  /** The TLS port of the notification service (12.6). */
  readonly xmppSecurePort: number | null;
}

/** A CTI server that the node knows (12.6). */
export interface CtiServer extends FinesseObject {
  /** The host name. */
  readonly host: string | null;
  /** For how long the node has been connected to it, in seconds; Cisco's pages say no more. */
  readonly connectedDuration: number | null;
  /** The one in use. */
  readonly active: boolean | null;
}

/** What a server says of itself. All of 12.5 and 12.6; in older versions and on CCX some fields are absent. */
export interface SystemInfo extends FinesseObject {
  /** The server's clock (ISO 8601, UTC). Some servers write `currentTimeStamp`. */
  readonly currentTimestamp: string | null;
  /** What Finesse is part of. */
  readonly deploymentType: DeploymentType;
  /** How the last heartbeat with the CTI server went. */
  readonly lastCTIHeartbeatStatus: HeartbeatStatus | null;
  /** The last heartbeat that CTI answered, in milliseconds since 1970. */
  readonly lastSuccessCTIHeartbeatTime: number | null;
  /** The version of the CTI protocol. From 24 on there is maintenance mode. */
  readonly ctiVersion: number | null;
  /** Seconds. */
  readonly ctiHeartbeatInterval: number | null;
  /** The CTI server's maintenance mode (12.6). */
  readonly ctiMMode: MaintenanceMode | null;
  /** Seconds in it; negative when not (12.6). */
  readonly ctiTimeInMMode: number | null;
  /** Finesse's maintenance mode (12.6). */
  readonly finesseMMode: MaintenanceMode | null;
  /** Seconds in it; negative when not (12.6). */
  readonly finesseTimeInMMode: number | null;
  /** CCX: the licence. */
  readonly license: string | null;
  /** CCE: the peripheral. */
  readonly peripheralId: string | null;
  /** The first node (the publisher). */
  readonly primaryNode: NodeAddress | null;
  /** The second node. In a deployment of one it is absent, or has no host. */
  readonly secondaryNode: NodeAddress | null;
  /** Whether the server serves. */
  readonly status: ServiceStatus;
  /** Why not, in words that Cisco does not list. */
  readonly statusReason: string;
  /** How agents sign in. */
  readonly systemAuthMode: AuthMode | null;
  /** Minutes east of Greenwich. */
  readonly timezoneOffset: number | null;
  /** Where this object is. */
  readonly uri: string | null;
  /** The domain of agents' XMPP addresses. */
  readonly xmppDomain: string;
  /** The publish-subscribe service. */
  readonly xmppPubSubDomain: string;
  /** The CTI servers (12.6). */
  readonly ctiServers: readonly CtiServer[];
}

/** The configuration of the desktop. */
export interface DesktopConfig extends FinesseObject {
  /** What Finesse is part of. */
  readonly deploymentType: DeploymentType | null;
  /** What is shown before anyone signs in. */
  readonly securityBannerMessage: string | null;
  /** Whether the server serves. */
  readonly systemStatus: ServiceStatus | null;
  /** The server's name and port. */
  readonly host: string | null;
  /** The other server serves. */
  readonly isAlternateSystemAvailable: boolean | null;
  /** CCX: the licence, `STANDARD`, `ENHANCED` or `PREMIUM`; empty on CCE. */
  readonly desktopLicensed: string | null;
  /** How agents sign in. */
  readonly systemAuthMode: AuthMode | null;
  /** Agents may sign in at a telephone anywhere. */
  readonly enableMobileAgentLogin: boolean | null;
  /** The request came by a reverse proxy. */
  readonly isProxyRequest: boolean | null;
  /** Go to the other server. */
  readonly redirectToAlternateHost: boolean | null;
  /** The other server's name and port. */
  readonly alternateHost: string | null;
}

/** One error. */
export interface ApiError extends FinesseObject {
  /** The class (`Invalid Input`, `Call Operation Failure`, …). */
  readonly errorType: string | null;
  /** The error itself (`SERVER_OUT_OF_SERVICE`, `CF_RESOURCE_BUSY`, …). */
  readonly errorMessage: string | null;
  /** What it is about: a CTI code, a parameter. */
  readonly errorData: string | null;
  /** The medium of an asynchronous media error. */
  readonly errorMedia: string | null;
  /** The peripheral's own code (12.5). */
  readonly peripheralErrorCode: string | null;
  /** The peripheral's own name for it (12.5). */
  readonly peripheralErrorMsg: string | null;
  /** The peripheral's own words (12.5). */
  readonly peripheralErrorText: string | null;
}

/** What Finesse publishes. */
export interface NotificationOf<Kind extends string, Data> {
  /** What it is about: narrows `data`. */
  readonly kind: Kind;
  /** Changed, new, or gone; in capitals however Finesse wrote it. Empty for an object without a notification around it. */
  readonly event: Open<'PUT' | 'POST' | 'DELETE'>;
  /** The REST path of the object, which may differ from the node. */
  readonly source: string;
  /** The node it was published to. */
  readonly node: string;
  /** The `requestId` of the request that caused it; empty if none did. */
  readonly requestId: string;
  /** The object as it is now: whole, but that a team may have those of its agents only who changed, and what is gone its address only. */
  readonly data: Data;
  /** Found by reading after a gap, rather than sent by Finesse. */
  readonly synthetic: boolean;
}

/** An agent changed. (Of one who was deleted Finesse gives no data: that is `notification`.) */
export type UserNotification = NotificationOf<'user', User>;

/** A call or task changed. */
export type DialogNotification = NotificationOf<'dialog', Dialog>;

/** Calls or tasks came (`POST`) or went (`DELETE`). */
export type DialogsNotification = NotificationOf<'dialogs', readonly Dialog[]>;

/** Agents of a team changed. */
export type TeamNotification = NotificationOf<'team', Team>;

/** The figures of a queue changed. */
export type QueueNotification = NotificationOf<'queue', Queue>;

/** Queues were given to an agent (`POST`) or taken (`DELETE`). */
export type QueuesNotification = NotificationOf<'queues', readonly Queue[]>;

/** An agent's state in a medium changed. */
export type MediaNotification = NotificationOf<'media', Media>;

/** A supervisor tells teams something. */
export type TeamMessageNotification = NotificationOf<'teammessage', TeamMessage>;

/** A server went out of service or came back. */
export type SystemInfoNotification = NotificationOf<'systeminfo', SystemInfo>;

/** What a server tells its own desktop changed. */
export type DesktopConfigNotification = NotificationOf<'desktopconfig', DesktopConfig>;

/** A request that Finesse had accepted failed. */
export type ApiErrorsNotification = NotificationOf<'apierrors', readonly ApiError[]>;

/** An object that this package has no type for; or null: Finesse gave no data, as of an agent who was deleted. */
export type OtherNotification = NotificationOf<'notification', Tree | null>;

/** Any of them: `kind` tells which. */
export type Notification =
  | UserNotification
  | DialogNotification
  | DialogsNotification
  | TeamNotification
  | QueueNotification
  | QueuesNotification
  | MediaNotification
  | TeamMessageNotification
  | SystemInfoNotification
  | DesktopConfigNotification
  | ApiErrorsNotification
  | OtherNotification;
