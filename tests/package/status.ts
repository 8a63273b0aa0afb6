// Never run: what an application written in TypeScript may say to the status element, and what it may not.
import type { Keeper } from 'finesse-keeper';
import { defineStatus, english } from 'finesse-keeper/status';
import type { FinesseStatus, SomeStatusTexts, StatusNote, StatusTexts } from 'finesse-keeper/status';

export function show(keeper: Keeper): FinesseStatus {
  defineStatus();
  defineStatus('my-status');
  const element = document.createElement('finesse-status');
  element.keeper = keeper;
  const texts: SomeStatusTexts = {
    states: { 'in-service': 'Im Dienst' },
    reasons: { container: 'Desktop getrennt', newer: 'neu' },
    nextTry: (duration) => `nächster Versuch in ${duration}`,
    why: ({ cause }, explained) => (cause === 'own-network' ? 'Ihr Netz' : explained),
    forcedLogout: ({ side, wait, until, left }) => [side, wait, until, left].join(),
  };
  element.texts = texts;
  const all: StatusTexts = element.texts;
  const notes: readonly StatusNote[] = [{ at: Date.now(), until: null, side: 'A', text: 'VPN' }, { at: 0, text: all.resume }];
  element.notes = notes;
  element.open = !element.open;
  element.addEventListener('toggle', () => console.log(element.open, keeper.user, english.states.moving));
  // @ts-expect-error a text with numbers is a function
  element.texts = { nextTry: 'soon' };
  // @ts-expect-error there is no such text
  element.texts = { nextTrial: 'soon' };
  // @ts-expect-error a note has a time
  element.notes = [{ text: 'x' }];
  element.keeper = null;
  return element;
}
