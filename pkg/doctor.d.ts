/**
 * What `Keeper.doctor` is asked and what it tells. A report is plain data: it can be shown, sent and kept as JSON. Each code,
 * what was seen and what to do about it: `docs/doctor.md` in the repository.
 */

import type { Open } from './finesse.js';
import type { Host, Side } from './index.js';

/** What is to be examined. */
export interface DoctorOptions {
  /** As for `connect`: one or two servers, the home side first. */
  hosts: readonly (string | Host)[];
  /** As for `connect`; what it leaves out is `skipped`. Default `auto`: both ways are tried. */
  transport?: 'auto' | 'websocket' | 'bosh' | 'hub';
  /** Gives up; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** The whole of it takes no longer, in milliseconds, and no step of it more than a fifth. Default 15000. */
  timeout?: number;
  /** Told each finding as it is made, before the report. What it throws, the promise rejects with. */
  onFinding?: (finding: Finding) => void;
}

/** What was found out. */
export interface DoctorReport {
  /** Nothing is bad. */
  readonly ok: boolean;
  /** What is worst, and the one next step to begin with. */
  readonly summary: string;
  /** The servers, in the order of `hosts`. What needs a SystemInfo is left out where that could not be read. */
  readonly sides: readonly DoctorSide[];
  /** The page itself. */
  readonly page: readonly Finding[];
}

/** What was found out about one server. */
export interface DoctorSide {
  /** Its REST address. */
  readonly host: string;
  /** In the order in which they were made. */
  readonly findings: readonly Finding[];
}

/** What is looked at. */
export type Check = Open<
  /** The browser has a network. */
  | 'online'
  /** The page is a secure context. */
  | 'secure'
  /** The keeper's WebAssembly module loads here. */
  | 'wasm'
  /** SystemInfo can be read from this page: address, certificate, CORS. */
  | 'rest'
  /** Where that failed: whether the browser lets this page reach a local network. */
  | 'network'
  /** Finesse is in service, by what SystemInfo says. */
  | 'service'
  /** The notification service is where this version of Finesse has it. */
  | 'port'
  /** A WebSocket opens, and XMPP answers. */
  | 'websocket'
  /** BOSH is answered. */
  | 'bosh'
  /** Signing in by SASL PLAIN is offered. */
  | 'login'
  /** SystemInfo names the servers that `hosts` names; a server alone may be one of its pair. */
  | 'nodes'
  /** The server's clock goes as this machine's. */
  | 'clock'
>;

/** One check and its outcome, in words for people and a code for programs. */
export interface Finding {
  /** The server that it is about; null for the page. */
  readonly side: Side | null;
  /** What was looked at. */
  readonly check: Check;
  /** What was found: where all is well the name of the check, where the module does not load the code of that error. */
  readonly code: Open<
    | 'offline'
    | 'insecure'
    | 'csp'
    | 'too-old'
    | 'corrupt'
    | 'not-initialized'
    | 'module-missing'
    | 'module-mismatch'
    | 'connect-src'
    | 'mixed'
    | 'cors'
    | 'unreachable'
    | 'silent'
    | 'wrong-answer'
    | 'local-network'
    | 'cti-lost'
    | 'out-of-service'
    | 'maintenance'
    | 'other-port'
    | 'refused'
    | 'service-down'
    | 'no-plain'
    | 'other-names'
    | 'clock-wrong'
    | 'clock-off'
    | 'skipped'
  > | Check;
  /** `unsure`: it may be well, or there is another way. `skipped`: an option, or another finding, stands in the way. */
  readonly outcome: 'good' | 'bad' | 'unsure' | 'skipped';
  /** What was asked or looked at; empty for what was not tried. */
  readonly tried: string;
  /** What happened. */
  readonly happened: string;
  /** The likeliest cause, since browsers hide some from pages; empty where nothing is wrong. */
  readonly likely: string;
  /** What to do about it; empty where there is nothing to do. */
  readonly nextStep: string;
  /** How long the answer took, where a server was asked. */
  readonly ms: number | null;
}
