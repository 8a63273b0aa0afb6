/**
 * `<finesse-status>`: what a keeper is doing, for the people at the desktop. Side, state, reason, next try and forced-logout
 * clock; opened, what happened, as a picture and in words.
 *
 * Attributes: `open`; `lang` (else the closest one on the page) for numbers and times; `theme` (`light` or `dark`, else as
 * the person prefers). Its content is shown between the summary and what happened.
 *
 * Event: `toggle`, when it was opened or closed.
 *
 * Custom properties, to be set on the element; by default every text keeps a contrast of 4.5 : 1, in both themes:
 * `--finesse-ground`, `--finesse-ink` (text), `--finesse-quiet` (lesser text), `--finesse-line`, `--finesse-strong-line`
 * (borders of buttons, edges of lanes), `--finesse-good`, `--finesse-bad`, `--finesse-doubt`, and the states
 * `--finesse-connecting` (of the focus too), `--finesse-settling`, `--finesse-reconnecting`, `--finesse-moving`.
 *
 * Parts: `summary` (with `state`, `reason`, `facts`, `why`, `warning`), `timeline` (`toggle`, `tools`, `chart`, `readout`,
 * `legend`), `words` (`list`), and `button` for every button but the toggle.
 */

import type { Keeper, Reason, Side, SideHealth, SignedOut, State, Status } from './index.js';

/**
 * All that the element says by itself. Words that it has none for are shown as they come. What the keeper says, its
 * explanation and the lines of its timeline, is English; `why` can say it otherwise.
 */
export interface StatusTexts {
  /** The summary's name, for screen readers. */
  readonly label: string;
  /** Shown without a keeper. */
  readonly none: string;
  readonly states: Readonly<Record<State, string>>;
  /** A state on a side. */
  readonly on: (state: string, side: Side) => string;
  /** A state that leads to a side. */
  readonly to: (state: string, side: Side) => string;
  /** States where there is little room; `suspect` while an answer is overdue. */
  readonly short: Readonly<Record<string, string>>;
  readonly reasons: Readonly<Record<Reason, string>>;
  /** Empty for what goes without saying. */
  readonly transports: Readonly<Record<NonNullable<Status['transport']>, string>>;
  /** How long in this state. */
  readonly since: (duration: string) => string;
  readonly trying: string;
  readonly suspect: string;
  /** How long until the next attempt. */
  readonly nextTry: (duration: string) => string;
  /** Until when a stopped keeper has to wait. */
  readonly resumeIn: (duration: string) => string;
  /** Default: what the keeper explains. */
  readonly why: (status: Status, explained: string) => string;
  /** It begins in `wait`, empty once it has, and ends at `until`, which is `left` from now: both empty while a call holds it up. */
  readonly forcedLogout: (window: { side: Side; wait: string; until: string; left: string }) => string;
  /** Who signed the agent out, and when. */
  readonly signedOut: (out: { by: SignedOut['by']; state: SignedOut['state']; code: string; at: string }) => string;
  readonly resume: string;
  readonly again: string;
  /** The button that opens it, and the picture's name. */
  readonly happened: string;
  /** How to read the picture; a description of it for screen readers. */
  readonly hint: string;
  readonly earlier: string;
  readonly later: string;
  readonly now: string;
  /** The name of a side's lane. */
  readonly lane: (side: Side) => string;
  readonly laneHint: string;
  readonly agent: string;
  readonly agentHint: string;
  /** A state in which an answer is overdue. */
  readonly silent: (state: string) => string;
  /** The agent went to a side. */
  readonly moved: (to: Side) => string;
  readonly readings: Readonly<Record<SideHealth['reading'], string>>;
  /** Finesse's states, as in `UserState`. */
  readonly agentStates: Readonly<Record<string, string>>;
  readonly legend: Readonly<Record<'connection' | 'note' | 'attempt' | 'in' | 'said' | 'resynced', string>>;
  readonly words: string;
  readonly all: string;
  /** What a line is about: a `TimelineEntry['kind']`, as it is in the timeline by default, or `own`, a note of yours. */
  readonly kinds: Readonly<Record<string, string>>;
  /** A note of yours began. */
  readonly noteBegan: (text: string) => string;
  /** It is over. */
  readonly noteEnded: (text: string) => string;
}

/** Some of the texts; the others stay as they are in English. */
export type SomeStatusTexts = {
  readonly [Name in keyof StatusTexts]?: StatusTexts[Name] extends Readonly<Record<string, string>>
    ? Readonly<Record<string, string>>
    : StatusTexts[Name];
};

/** Something of your own: a bar in the picture if it lasts, and always a line among the words. */
export interface StatusNote {
  readonly at: number;
  /** Its end; null while it lasts. Without it, it has no duration. */
  readonly until?: number | null;
  /** Whose lane it belongs to; the agent's if none. */
  readonly side?: Side | null;
  readonly text: string;
}

/** The element. */
export interface FinesseStatus extends HTMLElement {
  /** Whom it shows. Several elements may show one keeper. Throws a `TypeError` for what is none. */
  keeper: Keeper | null;
  /** All texts. */
  get texts(): StatusTexts;
  /** Given some, the others are English. Throws a `TypeError` that names a text which cannot be. */
  set texts(some: SomeStatusTexts);
  /** Told beside what the keeper tells. */
  notes: readonly StatusNote[];
  /** Whether what happened is shown. */
  open: boolean;
}

/**
 * Registers the element. Again it does nothing, as on a server; throws `NotSupportedError` where the name is another element's.
 */
export function defineStatus(name?: string): void;

/** The texts as they are by default. */
export const english: StatusTexts;

declare global {
  interface HTMLElementTagNameMap {
    'finesse-status': FinesseStatus;
  }
}
