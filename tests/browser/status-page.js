// <finesse-status> with a keeper that a test can put into any state, and what a test asks of the page.
import { defineStatus, english } from '/finesse-keeper/dist/status.js';

window.violations = [];
addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
window.thrown = [];
addEventListener('error', (event) => thrown.push(String(event.error ?? event.message)));

/** The timers that are set. */
window.timers = new Set();
const [set, clear] = [window.setTimeout, window.clearTimeout];
window.setTimeout = (act, ms) => {
  const id = set(() => {
    timers.delete(id);
    act();
  }, ms);
  timers.add(id);
  return id;
};
window.clearTimeout = (id) => {
  timers.delete(id);
  clear(id);
};

const side = (name, connected) => ({
  host: `https://fin-${name}.example.com:8445`, reading: 'in', readAt: Date.now(), detail: 'in service', finesse: 'present', connected, usable: true,
});

/** As much of a keeper as the element is promised. */
class FakeKeeper extends EventTarget {
  user = '1001';
  entries = [];
  /** What was asked of it, and how many listeners it has. */
  asked = [];
  listening = 0;
  looks = 0;
  #status = {
    state: 'in-service', side: 'A', transport: 'websocket', since: Date.now(), reason: null, service: null, cause: null, suspect: false,
    forcedLogout: null, nextTryAt: null, sides: [side('a', true), side('b', false)],
  };

  get status() {
    this.looks += 1;
    return this.#status;
  }

  timeline() {
    return [...this.entries];
  }

  explain() {
    return 'Explained by the keeper.';
  }

  resume() {
    this.asked.push('resume');
  }

  signInAgain() {
    this.asked.push('signInAgain');
  }

  addEventListener(...given) {
    this.listening += 1;
    super.addEventListener(...given);
  }

  removeEventListener(...given) {
    this.listening -= 1;
    super.removeEventListener(...given);
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  line(kind, text, at = Date.now()) {
    this.entries.push({ at, side: this.#status.side, kind, text });
  }

  become(change) {
    const { state, side } = this.#status;
    this.#status = { ...this.#status, ...change };
    const { state: now, side: here, reason } = this.#status;
    if (now !== state || here !== side) this.#status.since = Date.now();
    this.line('state', now + (reason ? `: ${reason}` : ''));
    this.tell('status', this.#status);
  }
}

/** A new element at the end of the page, with a keeper of its own unless one is given. */
window.place = (keeper = new FakeKeeper(), attributes = {}) => {
  defineStatus();
  const element = document.createElement('finesse-status');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  document.querySelector('main').append(element);
  element.keeper = keeper;
  return Object.assign(window, { element, keeper });
};

/** A part of the element. */
window.part = (name, of = window.element) => of.shadowRoot.querySelector(`[part="${name}"]`);
window.text = (name, of) => part(name, of).textContent;
/** The words on the buttons that can be pressed in the summary. */
window.buttons = () => [...part('summary').querySelectorAll('button:not([hidden])')].map((button) => button.textContent);
/** What the live regions say. */
window.aloud = (of = window.element) => ['status', 'alert'].map((role) => of.shadowRoot.querySelector(`[role="${role}"]`).textContent);
/** Everything drawn by now: renderings wait for the end of the task. */
window.drawn = () => new Promise((done) => set(done));

Object.assign(window, { FakeKeeper, defineStatus, english, ready: true });
