// <finesse-status> under a strict policy, with a keeper that goes through everything a keeper can say, and more.

import { launchBrowser } from '../../scripts/lib/browser.mjs';
import { at } from '../../scripts/lib/paths.mjs';
import { startStatic } from '../../scripts/lib/static.mjs';
import { check } from './client.mjs';

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'";
const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>finesse-status under test</title><link rel="icon" href="data:,">
<main><h1>finesse-status under test</h1></main><script type="module" src="/tests/status-page.js"></script></html>`;

/** Serves a page that has nothing but the element. */
export const serveStatus = (installed) => startStatic({
  folders: { '/finesse-keeper/': installed, '/tests/': at('tests', 'browser') }, texts: { '/': html }, headers: { 'content-security-policy': POLICY },
});

/** Runs a scenario on such a page. Nothing may be thrown in it, and its policy has to be kept. */
export async function withStatus(engine, served, { run }) {
  const browser = await launchBrowser(engine);
  try {
    const page = await browser.newPage();
    await page.goto(`${served.url}/`);
    await page.waitForFunction(() => window.ready);
    await run(page, engine);
    const { violations, thrown } = await page.evaluate(() => ({ violations, thrown }));
    check(!violations.length && !thrown.length, `violations: ${violations}; thrown: ${thrown}`);
  } finally {
    await browser.close();
  }
}

/** How each is told: state, what is shown, the buttons. */
const STATES = [
  [{ state: 'locating', side: null, reason: 'starting' }, 'Looking for a server', 'starting'],
  [{ state: 'connecting', reason: 'starting' }, 'Connecting to A', 'starting'],
  [{ state: 'connecting', reason: 'tomcat' }, 'Reconnecting to A', 'Tomcat down'],
  [{ state: 'settling', reason: 'starting' }, 'Catching up on A', 'starting'],
  [{ state: 'in-service', reason: null }, 'In service on A', ''],
  [{ state: 'waiting', reason: 'cti' }, 'Waiting on A', 'CTI lost'],
  [{ state: 'waiting', reason: 'container', transport: 'hub' }, 'Waiting on A', 'the desktop has lost its connection'],
  [{ state: 'reconnecting', reason: 'own-network' }, 'Reconnecting to A', 'own network lost'],
  [{ state: 'moving', side: 'B', reason: 'node' }, 'Moving to B', 'node down'],
  [{ state: 'stopped', reason: 'conflict' }, 'Stopped', 'signed in elsewhere', 'Resume'],
  [{ state: 'stopped', reason: 'credentials-refused' }, 'Stopped', 'password refused', 'Resume'],
  [{ state: 'stopped', reason: 'closed' }, 'Stopped', 'closed'],
  [{ state: 'stopped', reason: 'page-left' }, 'Stopped', 'page left'],
  [{ state: 'stopped', reason: 'internal' }, 'Stopped', 'failed inside'],
  // of a newer package
  [{ state: 'pondering', reason: 'full-moon', transport: 'pigeon' }, 'pondering on A', 'full-moon'],
  [{ state: 'constructor', side: null, reason: 'toString' }, 'constructor', 'toString'],
  [{ state: 'stopped', reason: 'full-moon' }, 'Stopped', 'full-moon', 'Resume'],
];

export const status = [
  {
    name: 'status: every state and reason in words, those of newer servers as they are',
    run: async (page) => {
      await page.evaluate(() => place());
      for (const [change, state, reason, ...buttons] of STATES) {
        const shown = await page.evaluate(async (given) => {
          keeper.become({ side: 'A', transport: null, nextTryAt: null, ...given });
          await drawn();
          return { state: text('state'), reason: text('reason'), facts: text('facts'), why: text('why'), buttons: buttons(), heard: aloud().join('') };
        }, change);
        const told = JSON.stringify(shown);
        check(shown.state === state && shown.reason === reason && String(shown.buttons) === String(buttons), `${JSON.stringify(change)}: ${told}`);
        check(shown.why === 'Explained by the keeper.', told);
        const by = { hub: 'through the desktop', pigeon: 'pigeon' }[change.transport] ?? '';
        check(shown.facts.includes(by), told);
      }
      const reasons = await page.evaluate(async () => {
        const shown = [];
        for (const reason of Object.keys(english.reasons)) {
          keeper.become({ state: 'waiting', reason });
          await drawn();
          if (text('reason') !== english.reasons[reason]) shown.push(reason);
        }
        element.keeper = null;
        await drawn();
        return { shown, none: text('state'), facts: text('facts') };
      });
      check(!reasons.shown.length && reasons.none === 'Not connected yet' && reasons.facts === '', JSON.stringify(reasons));
    },
  },
  {
    name: 'status: next try and forced-logout clock count, in few words for long times',
    run: async (page) => {
      await page.evaluate(() => {
        place();
        const now = Date.now();
        keeper.become({ state: 'reconnecting', reason: 'node', nextTryAt: now + 90_000, forcedLogout: { side: 'A', earliest: now + 30_000, latest: now + 150_000 } });
      });
      for (const part of ['facts', 'warning']) {
        const first = await page.evaluate((name) => drawn().then(() => text(name)), part);
        await page.waitForFunction(([name, former]) => text(name) !== former, [part, first], { timeout: 5_000 });
      }
      const told = await page.evaluate(async () => {
        const [facts, warning] = [text('facts'), text('warning')];
        const now = Date.now();
        keeper.become({ state: 'stopped', reason: 'credentials-refused', nextTryAt: now + 200_000, forcedLogout: { side: 'B', earliest: now - 1, latest: null } });
        await drawn();
        const call = text('warning');
        keeper.become({ state: 'in-service', reason: null, nextTryAt: null, forcedLogout: null, suspect: true });
        await drawn();
        return { facts, warning, call, suspect: text('facts'), gone: text('warning'), tone: part('summary').className };
      });
      check(/^for \d sec · next try in 1 min \d\d sec$/.test(told.facts), told.facts);
      check(/^Side A misses the agent and may sign them out in \d\d sec, until .+, 2 min \d\d sec from now/.test(told.warning), told.warning);
      check(told.call.includes('at any moment, until 3 minutes after the call'), told.call);
      check(told.suspect.includes('a ping is unanswered') && told.gone === '' && told.tone === 'summary suspect', JSON.stringify(told));
    },
  },
  {
    name: 'status: buttons for what a person can do, and the focus stays when they go',
    run: async (page) => {
      await page.evaluate(() => {
        place();
        keeper.become({ state: 'stopped', reason: 'conflict' });
      });
      const focused = () => page.evaluate(() => element.shadowRoot.activeElement?.getAttribute('part'));
      await page.getByRole('button', { name: 'Resume' }).focus();
      await page.keyboard.press('Enter');
      await page.evaluate(() => keeper.become({ state: 'connecting', reason: 'starting' }));
      await page.waitForFunction(() => buttons().length === 0);
      check(await focused() === 'summary', `after Resume the focus is on ${await focused()}`);
      const out = { by: 'connection', code: 255, state: 'LOGOUT', resumable: true, at: Date.now() };
      await page.evaluate((detail) => keeper.tell('signedout', detail), out);
      check((await page.evaluate(() => drawn().then(() => text('warning')))).startsWith('Signed out by Finesse, for the lost connection, at '), 'not told');
      await page.getByRole('button', { name: 'Sign in again' }).focus();
      await page.keyboard.press('Space');
      await page.evaluate(() => keeper.tell('user', { data: { loginId: '1002', state: 'NOT_READY' } })); // another's
      check(String(await page.evaluate(() => drawn().then(buttons))) === 'Sign in again', 'another agent took the button away');
      await page.evaluate(() => keeper.tell('user', { data: { loginId: '1001', state: 'NOT_READY' } }));
      await page.waitForFunction(() => buttons().length === 0);
      check(await focused() === 'summary', `after signing in the focus is on ${await focused()}`);
      for (const [change, expected] of [[{ resumable: false, by: 'supervisor' }, ''], [{ state: 'NOT_READY' }, 'Sign in again']]) {
        const shown = await page.evaluate(async (detail) => {
          keeper.tell('signedout', detail);
          await drawn();
          return String(buttons());
        }, { ...out, ...change });
        check(shown === expected, `${JSON.stringify(change)}: ${shown}`);
      }
      const end = await page.evaluate(async () => {
        keeper.tell('signedin', { ready: true, why: null });
        await drawn();
        return [String(buttons()), String(keeper.asked)];
      });
      check(end[0] === '' && end[1] === 'resume,signInAgain', String(end));
    },
  },
  {
    name: 'status: other texts, other languages, and a clear refusal of what cannot be',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        place(undefined, { lang: 'de' });
        element.texts = {
          states: { 'in-service': 'Im Dienst' }, on: (state, side) => `${state} auf ${side}`, since: (duration) => `seit ${duration}`,
          why: ({ state }) => `Grund: ${state}`, happened: 'Verlauf', hint: '',
        };
        await drawn();
        const german = [text('state'), text('facts'), text('why'), part('why').lang, text('toggle'), element.texts.resume, element.texts.states.moving];
        element.texts = {};
        element.removeAttribute('lang');
        document.documentElement.lang = 'fr';
        await drawn();
        const french = [text('state'), text('facts'), part('why').lang];
        const box = document.createElement('div');
        box.lang = 'de';
        box.attachShadow({ mode: 'open' }).append(element); // the closest language is the host's
        document.querySelector('main').append(box);
        await drawn();
        const inside = text('facts');
        element.lang = 'no_such language!';
        await drawn();
        return { german, french, inside, odd: text('facts') };
      });
      check(JSON.stringify(told.german.slice(2)) === '["Grund: in-service","","▸ Verlauf","Resume","Moving"]', JSON.stringify(told));
      check(told.german[0] === 'Im Dienst auf A' && /^seit \d Sek\.$/.test(told.german[1]), JSON.stringify(told));
      check(told.french[0] === 'In service on A' && /^for \d+\ss$/.test(told.french[1]) && told.french[2] === 'en', JSON.stringify(told));
      check(/^for \d Sek\.$/.test(told.inside) && /^for \d sec$/.test(told.odd), JSON.stringify(told));
      const refused = await page.evaluate(() => {
        const names = [];
        for (const [name, bad] of [['texts', 'x'], ['texts', null], ['texts', true], ['texts', { nextTry: 'soon' }], ['texts', { nexttry: String }], ['texts', { states: 'x' }],
          ['keeper', {}], ['keeper', 5], ['notes', {}], ['notes', [{ at: 'now', text: 'x' }]], ['notes', [null]]]) {
          try {
            element[name] = bad;
            names.push(`${name} took ${JSON.stringify(bad)}`);
          } catch (error) {
            if (!(error instanceof TypeError && error.message.startsWith(`finesse-status: ${name}`))) names.push(`${name}: ${error}`);
          }
        }
        return { names, kept: element.keeper === keeper, state: text('state') };
      });
      check(!refused.names.length && refused.kept, JSON.stringify(refused));
    },
  },
  {
    name: 'status: a keeper of another frame is one',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        const frame = document.createElement('iframe');
        document.body.append(frame);
        const { EventTarget: Theirs, CustomEvent: TheirEvent, Function: TheirFunction } = frame.contentWindow;
        const { status } = new FakeKeeper();
        const theirs = (act) => Object.setPrototypeOf(act, TheirFunction.prototype);
        const keeper = Object.assign(new Theirs(), { user: '1001', status, timeline: theirs(() => []), explain: theirs(() => 'From the frame.') });
        place(keeper);
        await drawn();
        const first = text('state');
        keeper.status = { ...status, state: 'waiting', reason: 'cti' };
        keeper.dispatchEvent(new TheirEvent('status', { detail: keeper.status }));
        await drawn();
        return [keeper.timeline instanceof Function, first, text('state'), text('why')];
      });
      check(told.join() === 'false,In service on A,Waiting on A,From the frame.', JSON.stringify(told));
    },
  },
  {
    name: 'status: opened, closed and read by keys',
    run: async (page) => {
      await page.evaluate(() => {
        const start = Date.now() - 50_000;
        const old = new FakeKeeper();
        old.line('state', 'reconnecting: node', start);
        old.line('link', 'connected, present and subscribed', start + 20_000);
        old.line('state', 'in-service', start + 20_000);
        place(old);
        window.toggles = [];
        element.addEventListener('toggle', () => toggles.push(element.open));
      });
      const chart = () => page.evaluate(() => ({ now: Number(part('chart').getAttribute('aria-valuenow')), said: part('chart').getAttribute('aria-valuetext'), readout: text('readout') }));
      await page.keyboard.press('Tab');
      const toggle = await page.evaluate(() => [element.shadowRoot.activeElement?.getAttribute('part'), part('toggle').getAttribute('aria-expanded'), part('words').hidden]);
      check(String(toggle) === 'toggle,false,true', String(toggle));
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => part('toggle').getAttribute('aria-expanded') === 'true' && part('list').childElementCount === 3);
      await page.evaluate(() => part('chart').focus());
      const before = await chart();
      check(before.now === 100 && before.said === 'In service on A', JSON.stringify(before));
      for (let press = 0; press < 25; press += 1) await page.keyboard.press('ArrowLeft');
      await page.waitForFunction(() => part('chart').getAttribute('aria-valuetext').includes('In service on A'));
      for (let press = 0; press < 15; press += 1) await page.keyboard.press('ArrowLeft');
      await page.waitForFunction(() => /Reconnecting to A \(node down\)/.test(part('chart').getAttribute('aria-valuetext')));
      const past = await chart();
      check(past.now < 40 && past.readout === past.said && /^\d?\d:\d\d:\d\d/.test(past.said), JSON.stringify(past));
      await page.keyboard.press('ArrowRight');
      await page.waitForFunction((former) => part('chart').getAttribute('aria-valuetext') !== former, past.said);
      const pressed = () => page.evaluate(() => [...part('tools').querySelectorAll('[aria-pressed="true"]')].map((button) => button.textContent).join());
      // a young story fits into the window: there is nothing to scroll to
      const keys = [['Home', '1 min'], ['-', '2 min'], ['-', '5 min'], ['-', '5 min'], ['+', '2 min'], ['End', '2 min'], ['PageUp', '2 min'], ['PageDown', '2 min']];
      for (const [key, expected] of keys) {
        await page.keyboard.press(key);
        await page.evaluate(() => drawn());
        check(await pressed() === `${expected},Now`, `${key}: ${await pressed()}`);
      }
      await page.evaluate(() => (element.open = false));
      const end = await page.evaluate(() => [element.shadowRoot.activeElement?.getAttribute('part'), String(toggles), element.hasAttribute('open')]);
      check(String(end) === 'toggle,true,false,false', `closed with the focus inside: ${end}`);
    },
  },
  {
    name: 'status: the picture scrolls back, and its window follows the keys\' cursor',
    run: async (page) => {
      await page.evaluate(() => {
        const old = new FakeKeeper();
        for (let minute = 10; minute > 0; minute -= 1) old.line('state', minute % 2 ? 'in-service' : 'reconnecting: cti', Date.now() - minute * 60_000);
        place(old, { open: '' });
        part('chart').focus();
      });
      const pressed = () => page.evaluate(() => drawn().then(() => [...part('tools').querySelectorAll('[aria-pressed="true"]')].map((button) => button.textContent).join()));
      check(await pressed() === '1 min,Now', await pressed());
      for (const [key, expected] of [['PageUp', '1 min'], ['PageUp', '1 min'], ['End', '1 min,Now'], ['Home', '1 min'], ['End', '1 min,Now']]) {
        await page.keyboard.press(key);
        check(await pressed() === expected, `${key}: ${await pressed()}`);
      }
      for (let press = 0; press < 70; press += 1) await page.keyboard.press('ArrowLeft');
      check(await pressed() === '1 min', 'the window did not follow the cursor');
      await page.getByRole('button', { name: 'Now' }).click();
      check(await pressed() === '1 min,Now', await pressed());
      // read by the pointer, and dragged
      const { x, y, width } = await page.evaluate(() => part('chart').getBoundingClientRect().toJSON());
      await page.mouse.move(x + width * 0.6, y + 20);
      await page.waitForFunction(() => / · (In service|Reconnecting)/.test(text('readout')));
      await page.mouse.down();
      await page.mouse.move(x + width * 0.9, y + 20, { steps: 5 });
      await page.mouse.up();
      check(await pressed() === '1 min', 'dragging did not scroll');
      await page.mouse.move(x, y - 200 > 0 ? y - 200 : 0);
      await page.waitForFunction(() => text('readout') === english.hint);
    },
  },
  {
    name: 'status: a server without another has one lane, until another is known',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        place(undefined, { open: '' });
        const { sides } = keeper.status;
        const lanes = async (change) => {
          keeper.become(change);
          await drawn();
          const titles = [...part('chart').querySelectorAll('text.title')].map((title) => title.textContent).join();
          return { titles, height: part('chart').getBoundingClientRect().height };
        };
        return [await lanes({}), await lanes({ sides: sides.slice(0, 1) }), await lanes({ sides })];
      });
      const [two, one, again] = told;
      check(two.titles === 'Side A,Side B,Agent' && one.titles === 'Side A,Agent', JSON.stringify(told));
      check(again.titles === two.titles && again.height === two.height && one.height < two.height, JSON.stringify(told));
    },
  },
  {
    name: 'status: an outage is told aloud once, and interrupts only where a person must act',
    run: async (page) => {
      await page.evaluate(() => {
        place();
        window.heard = [];
        const hear = (role) => new MutationObserver(() => heard.push([role, element.shadowRoot.querySelector(`[role="${role}"]`).textContent]))
          .observe(element.shadowRoot.querySelector(`[role="${role}"]`), { childList: true, characterData: true, subtree: true });
        hear('status');
        hear('alert');
      });
      /** What is said from here on, without what is taken back. */
      const heardAfter = (change, type = 'status') => page.evaluate(async ([given, name]) => {
        heard.length = 0;
        if (name === 'status') keeper.become(given);
        else keeper.tell(name, given);
        await drawn();
        return heard.filter(([, words]) => words).map(([role, words]) => `${role}: ${words}`);
      }, [change, type]);
      const says = async (change, expected, type) => {
        const said = await heardAfter(change, type);
        const right = said.length === expected.length && expected.every((pattern, i) => pattern.test(said[i]));
        check(right, `${JSON.stringify(change)}: ${JSON.stringify(said)}`);
      };
      const now = Date.now();
      const clock = { side: 'A', earliest: now + 60_000, latest: now + 180_000 };
      await says({ suspect: true, forcedLogout: clock }, []);
      await says({ suspect: false, forcedLogout: null }, []);
      await says({ state: 'reconnecting', reason: 'connection-lost', forcedLogout: clock, nextTryAt: now + 5_000 },
        [/^status: Reconnecting to A: connection lost\. Side A misses the agent/]);
      await says({ state: 'connecting', reason: 'connection-lost' }, []);
      await says({ state: 'reconnecting', reason: 'notification-service', nextTryAt: now + 9_000 }, []);
      // seconds pass, and are shown
      const facts = await page.evaluate(() => text('facts'));
      await page.evaluate(() => (heard.length = 0));
      await page.waitForFunction((former) => text('facts') !== former, facts, { timeout: 5_000 });
      check((await page.evaluate(() => heard.length)) === 0, 'seconds are counted aloud');
      await says({ state: 'moving', side: 'B', reason: 'node' }, [/^status: Moving to B: node down\.$/]);
      await says({ state: 'settling' }, []);
      await says({ state: 'in-service', reason: null, nextTryAt: null }, [/^status: In service on B\.$/]);
      await says({ forcedLogout: null }, []);
      await says({ state: 'stopped', reason: 'credentials-refused', forcedLogout: { ...clock, side: 'B' } },
        [/^alert: Stopped: password refused\. Explained by the keeper\. Side B misses/]);
      await says({ state: 'connecting', reason: 'starting', forcedLogout: null }, []);
      await says({ state: 'stopped', reason: 'credentials-refused' }, [/^alert: Stopped: password refused\. Explained by the keeper\.$/]);
      await says({ state: 'in-service', reason: null }, [/^status: In service on B\.$/]);
      const out = { by: 'connection', code: 255, state: 'LOGOUT', resumable: true, at: now };
      await says(out, [/^alert: Signed out by Finesse/], 'signedout');
      await says({ ready: false, why: 'untouched' }, [], 'signedin');
      await says({ ...out, at: now + 1 }, [/^alert: Signed out by Finesse/], 'signedout');
      await says({ state: 'stopped', reason: 'closed' }, [/^status: Stopped: closed\.$/]);
      const first = await page.evaluate(async () => {
        const stopped = new FakeKeeper();
        stopped.become({ state: 'stopped', reason: 'conflict' });
        place(stopped);
        await drawn();
        return aloud().join('');
      });
      check(first === '', `how a keeper is found is no news: ${first}`);
    },
  },
  {
    name: 'status: several elements of one keeper show the same, and one of them speaks',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        place();
        const first = element;
        first.hidden = true;
        place(keeper);
        const second = element;
        place(keeper);
        await drawn();
        keeper.become({ state: 'reconnecting', reason: 'tomcat' });
        await drawn();
        const spoken = [first, second, element].map((each) => aloud(each).join(''));
        second.remove();
        keeper.become({ state: 'in-service', reason: null });
        await drawn();
        return { spoken, after: aloud().join(''), shown: text('state'), listening: keeper.listening };
      });
      check(told.spoken[0] === '' && told.spoken[1].startsWith('Reconnecting to A') && told.spoken[2] === '', JSON.stringify(told));
      check(told.after === 'In service on A.' && told.shown === 'In service on A' && told.listening === 6, JSON.stringify(told));
    },
  },
  {
    name: 'status: removed, it lets go of everything; back, it knows what happened meanwhile',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        place(undefined, { open: '' });
        await drawn();
        const alive = [keeper.listening > 0, timers.size];
        keeper.tell('user', { data: { loginId: '1001', state: 'READY' } });
        element.remove();
        await drawn();
        const gone = [keeper.listening, timers.size];
        const looks = keeper.looks;
        keeper.become({ state: 'reconnecting', reason: 'cti' });
        keeper.line('read', 'out: out of service');
        keeper.line('notification', 'PUT /finesse/api/User/1001 LOGOUT');
        await drawn();
        const unseen = keeper.looks - looks;
        document.querySelector('main').append(element);
        await drawn();
        const back = [text('state'), keeper.listening > 0, timers.size];
        const classes = [...part('chart').querySelectorAll('rect')].map((rect) => rect.getAttribute('class'));
        element.keeper = null;
        await drawn();
        const freed = [keeper.listening, timers.size, part('chart').querySelectorAll('rect').length];
        return { alive, gone, unseen, back, freed, classes };
      });
      check(String(told.alive) === 'true,1' && String(told.gone) === '0,0' && told.unseen === 0, JSON.stringify(told));
      check(String(told.back) === 'Reconnecting to A,true,1' && String(told.freed) === '0,0,0', JSON.stringify(told));
      for (const kind of ['band reconnecting', 'band READY', 'band LOGOUT', 'reading out']) check(told.classes.includes(kind), `${kind} is not among ${told.classes}`);
    },
  },
  {
    name: 'status: nothing is done in a hidden page, nor drawn off the screen',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        let hidden = false;
        Object.defineProperty(document, 'hidden', { get: () => hidden });
        const turn = async (to) => {
          hidden = to;
          document.dispatchEvent(new Event('visibilitychange'));
          await drawn();
        };
        place(undefined, { open: '' });
        await drawn();
        await turn(true);
        let changes = 0;
        const observer = new MutationObserver((all) => (changes += all.length));
        observer.observe(element.shadowRoot, { subtree: true, childList: true, attributes: true, characterData: true });
        keeper.become({ state: 'reconnecting', reason: 'cti' });
        await drawn();
        const asleep = [changes, timers.size, text('state')];
        await turn(false);
        return { asleep, awake: [changes > 0, timers.size, text('state'), aloud()[0]] };
      });
      check(String(told.asleep) === '0,0,In service on A' && String(told.awake) === 'true,1,Reconnecting to A,Reconnecting to A: CTI lost.', JSON.stringify(told));
      await page.evaluate(() => {
        const far = document.createElement('div');
        far.className = 'far';
        const tall = new CSSStyleSheet();
        tall.replaceSync('.far { height: 5000px; }');
        document.adoptedStyleSheets = [tall];
        document.querySelector('main').prepend(far);
      });
      await page.waitForFunction(() => timers.size === 0, undefined, { timeout: 5_000 });
      const off = await page.evaluate(async () => {
        keeper.become({ state: 'in-service', reason: null });
        await drawn();
        return [text('state'), aloud()[0], timers.size];
      });
      check(String(off) === 'Reconnecting to A,In service on A.,0', `off the screen: ${off}`);
      await page.evaluate(() => element.scrollIntoView());
      await page.waitForFunction(() => text('state') === 'In service on A' && timers.size === 1, undefined, { timeout: 5_000 });
    },
  },
  {
    name: 'status: a thousand lines and notes of the page, and what stays is not touched',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        const now = Date.now();
        const long = new FakeKeeper();
        const kinds = ['state', 'read', 'link', 'presence', 'notice', 'move', 'resync', 'notification', 'request', 'page'];
        for (let i = 0; i < 1_000; i += 1) long.line(kinds[i % 10], i % 10 ? `line ${i}` : `${i % 20 ? 'in-service' : 'waiting: cti'}`, now - (1_000 - i) * 100);
        place(long, { open: '' });
        element.notes = [{ at: now - 40_000, until: now - 20_000, side: 'A', text: 'a fault' }, { at: now - 30_000, until: null, text: 'a lasting one' }, { at: now - 10_000, text: 'pressed' }];
        await drawn();
        const lines = () => [...part('list').children];
        const before = lines();
        const labels = [...part('chart').querySelectorAll('text')].map((label) => label.textContent);
        const newest = before[0].textContent;
        long.line('error', 'the last word');
        long.become({ state: 'reconnecting', reason: 'cti' });
        await drawn();
        const after = lines();
        const box = part('list').previousElementSibling.querySelector('input');
        box.click();
        await drawn();
        return {
          before: before.length, newest, added: after.length - before.length, same: before.every((line) => after.includes(line)),
          noted: after.filter((line) => line.className.startsWith('own')).map((line) => line.lastChild.textContent), labels, all: lines().length,
          sorted: [after[0].textContent.includes('reconnecting: cti'), after[1].textContent.includes('the last word')],
        };
      });
      check(told.before === 704 && told.all === 1006 && told.added === 2 && told.same, JSON.stringify({ ...told, labels: '' }));
      check(String(told.noted) === 'pressed,a fault: over,a lasting one,a fault' && String(told.sorted) === 'true,true', JSON.stringify(told));
      check(told.labels.includes('a fault') && told.labels.includes('a lasting one') && !told.labels.includes('pressed'), String(told.labels));
    },
  },
  {
    name: 'status: defined once, late, or not at all where the name is taken',
    run: async (page) => {
      const told = await page.evaluate(async () => {
        const [early, keeper] = [document.createElement('finesse-status'), new FakeKeeper()];
        early.keeper = keeper;
        early.open = true;
        early.textContent = 'content of the page';
        document.querySelector('main').append(early);
        const bare = early.shadowRoot;
        defineStatus();
        defineStatus();
        defineStatus('other-status');
        await drawn();
        customElements.define('taken-name', class extends HTMLElement {});
        const refused = [];
        for (const name of ['taken-name', 'Not a name']) {
          try {
            defineStatus(name);
          } catch ({ name: kind }) {
            refused.push(kind);
          }
        }
        const other = document.createElement('other-status');
        const slot = early.shadowRoot.querySelector('slot');
        return {
          bare, text: text('state', early), open: early.open, attribute: early.hasAttribute('open'), own: Object.keys(early), refused,
          other: other.shadowRoot !== null && other.keeper === null, content: slot.assignedNodes()[0].textContent,
        };
      });
      check(told.bare === null && told.text === 'In service on A' && told.open && told.attribute && !told.own.length, JSON.stringify(told));
      check(told.other && told.content === 'content of the page' && String(told.refused) === 'NotSupportedError,SyntaxError', JSON.stringify(told));
    },
  },
  {
    name: 'status: its colours keep a contrast of 4.5 : 1 in both themes, and are the page\'s to change',
    run: async (page) => {
      await page.evaluate(() => place());
      for (const theme of ['light', 'dark']) {
        const colours = await page.evaluate(async (name) => {
          element.setAttribute('theme', name);
          await drawn();
          const style = getComputedStyle(element);
          const names = ['ground', 'ink', 'quiet', 'good', 'bad', 'doubt', 'connecting', 'settling', 'reconnecting', 'moving'];
          return Object.fromEntries(names.map((each) => [each, style.getPropertyValue(`--finesse-${each}`).trim()]));
        }, theme);
        const { ground, ...others } = colours;
        for (const [name, colour] of Object.entries(others)) {
          check(contrast(rgb(colour), rgb(ground)) >= 4.5, `${theme}: ${name} ${colour} on ${ground}`);
        }
        // a label that stands beside its bar lies on a lane of the tint of what was read
        for (const tint of ['good', 'bad', 'doubt']) {
          const lane = rgb(ground).map((part, i) => part * 0.87 + rgb(colours[tint])[i] * 0.13);
          check(contrast(rgb(colours.bad), lane) >= 4.5, `${theme}: bad on a lane of ${tint} is ${contrast(rgb(colours.bad), lane)}`);
        }
      }
      const own = await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('finesse-status { --finesse-good: rgb(1, 2, 3); } finesse-status::part(state) { letter-spacing: 3px; }');
        document.adoptedStyleSheets = [sheet];
        const { color, letterSpacing } = getComputedStyle(part('state'));
        return [color, letterSpacing];
      });
      check(String(own) === 'rgb(1, 2, 3),3px', String(own));
    },
  },
];

/** @param {string} hex #rgb or #rrggbb */
function rgb(hex) {
  const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1);
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}

/** As WCAG 2.1 measures it. */
function contrast(one, other) {
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
