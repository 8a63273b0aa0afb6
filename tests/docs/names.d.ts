// What the prose of the documents leaves open: the application's own functions, what a gadget finds around it, what a bundler makes
// of an import. Everything else a block says must be its own, the browser's or the package's. A name that no block uses is told.
/// <reference types="finesse-keeper/iife" />

type Keeper = import('finesse-keeper').Keeper;
type Dialog = import('finesse-keeper').Dialog;
type TeamUser = import('finesse-keeper').TeamUser;

/** As `Keeper.connect` has given it. */
declare const keeper: Keeper;
/** A call's. */
declare const id: string;

// what the application does
declare function askTheAgent(signal: AbortSignal): Promise<string>;
declare function show(text: string): void;
declare function showCalls(calls: readonly Dialog[]): void;
declare function showTeam(users: readonly TeamUser[]): void;
declare function showWarning(text: string): void;
declare function showWhy(code: string, nextStep: string, apiErrors?: import('finesse-keeper').KeeperError['apiErrors']): void;
declare function setEnabled(enabled: boolean): void;
declare function offer(text: string, act: () => void): void;
declare function remember(open: boolean): void;
declare function clock(at: number): string;
/** XML that answers a call. */
declare function answerOf(id: string): string;

/** OpenSocial's, as far as gadgets here use it. */
declare const gadgets: {
  readonly Hub: { subscribe(topic: string, callback: (topic: string, data: { readonly content: string }) => void): string };
  readonly HubSettings: { onConnect: () => void };
  readonly Prefs: new () => { getString(name: string): string };
  readonly window: { adjustHeight(): void };
};

/** The page in docs/container.md, for tests. */
declare const container: {
  publish(word: string): void;
  fail(): void;
  recover(): void;
  unload(): void;
  conflict(): Promise<void>;
  maintenance(): Promise<void>;
  state(): object;
};

/** In a page of one's own an element is what the HTML beside says. */
interface Document {
  getElementById(id: string): any;
}
