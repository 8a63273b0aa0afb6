// What each client adds to a page.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { at } from '../scripts/lib/paths.mjs';
import { kb, table } from '../scripts/lib/table.mjs';
import { folder, ratio, us, xmppBundle } from './stage.mjs';

export async function sizes() {
  mkdirSync(folder, { recursive: true });
  const files = {
    [us]: at('pkg', 'dist', 'finesse-keeper.js'), 'strophe.js': await bundled('strophe.js'), '@xmpp/client': xmppBundle,
    stanza: await bundled('stanza'),
  };
  const zipped = (file) => gzipSync(readFileSync(file), { level: 9 }).length;
  const rows = Object.entries(files).map(([name, file]) => [
    name, kb(readFileSync(file).length), kb(zipped(file)), ratio(zipped(file), zipped(files[us])),
  ]);
  return table([['size', 'minified', 'min + gzip', 'x ours'], ...rows]);
}

async function bundled(name) {
  const outfile = join(folder, 'bundled', `${name}.js`);
  await esbuild({
    stdin: { contents: `export * from '${name}'`, resolveDir: at() }, bundle: true, minify: true, format: 'esm',
    platform: 'browser', legalComments: 'none', outfile, logLevel: 'warning',
  });
  return outfile;
}
