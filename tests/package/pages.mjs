// Pages without a build step, in each engine: what works, and what is told where something is wrong.

import { check, dist, esm, file, html, moduleScript, page, slim } from './project.mjs';
import { attempts } from './slim.mjs';
import { fails, serveAndVisit } from './visit.mjs';

const POLICY = "default-src 'none'; script-src 'self'; connect-src http: ws:";
const ALLOWED = POLICY.replace("'self'", "'self' 'wasm-unsafe-eval'");

const texts = {
  '/module.html': moduleScript,
  '/main.js': esm('./dist/finesse-keeper.js'),
  '/plain.html': html('<script src="./dist/finesse-keeper.iife.js"></script><script src="./plain.js"></script>'),
  '/plain.js': page('FinesseKeeper.Keeper'),
  // its file beside the page, and not beside the script
  '/slim/slim.html': moduleScript,
  '/slim/main.js': slim('../dist/slim.js', "'./module.wasm'"),
  get '/slim/module.wasm'() {
    return file('module.wasm'); // installed by then
  },
  '/worker.html': html('<script type="module" src="./starts-worker.js"></script>'),
  '/starts-worker.js': `
    const worker = new Worker('./main.js', { type: 'module', name: location.search });
    worker.onmessage = ({ data }) => { window.outcome = data; };
    worker.onerror = ({ message }) => { window.outcome = { message }; };`,
};

/** One letter of the packed module is another one. */
function damaged() {
  const whole = file('finesse-keeper.js').toString();
  const begin = whole.indexOf('packed:"') + 20_000;
  const other = whole[begin] === 'A' ? 'B' : 'A';
  return { '/dist/finesse-keeper.js': whole.slice(0, begin) + other + whole.slice(begin + 1) };
}

export const pages = (engine) => {
  const visit = (path, { policy, more, look } = {}) => () => serveAndVisit(engine, path, {
    folders: { '/dist/': dist }, texts: { ...texts, ...more }, headers: policy && { 'content-security-policy': policy },
  }, look);
  const tooOld = (script) => `delete globalThis.WebAssembly; ${script}`;
  const forbidden = { policy: POLICY, look: fails('csp', "'wasm-unsafe-eval'") };
  const unreachable = { policy: ALLOWED.replace('http: ', ''), look: fails('module-missing', 'connect-src') };
  return [
    { name: 'plain module script', run: visit('/module.html') },
    { name: 'module worker, without a document', run: visit('/worker.html') },
    { name: 'classic script with a global', run: visit('/plain.html') },
    { name: 'slim: plain module script', run: visit('/slim/slim.html') },
    { name: "strict policy with 'wasm-unsafe-eval'", run: visit('/module.html', { policy: ALLOWED }) },
    { name: "slim: strict policy with 'wasm-unsafe-eval'", run: visit('/slim/slim.html', { policy: ALLOWED }) },
    { name: 'strict policy without it says what to add', run: visit('/module.html', forbidden) },
    { name: 'slim: strict policy without it says what to add', run: visit('/slim/slim.html', forbidden) },
    { name: 'slim: a policy against fetching says what to add', run: visit('/slim/slim.html', unreachable) },
    { name: 'a damaged file says so', run: visit('/module.html', { more: damaged(), look: fails('corrupt') }) },
    { name: 'a browser without WebAssembly is too old', run: visit('/module.html', { more: { '/main.js': tooOld(texts['/main.js']) }, look: fails('too-old') }) },
    { name: 'slim: a browser without WebAssembly is too old', run: visit('/slim/slim.html', { more: { '/slim/main.js': tooOld(texts['/slim/main.js']) }, look: fails('too-old') }) },
    { name: 'slim: whatever is given', run: () => attempts(engine) },
  ].map(({ name, run }) => ({ name: `${engine}: ${name}`, run }));
};
