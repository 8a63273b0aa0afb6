// A static file server on loopback, for pages under test.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
  '.xml': 'application/xml',
};

/**
 * Serves folders ({ '/': dir, '/pkg/': dir }; the longest prefix wins) and given texts ({ '/page.html': '…' }).
 * `headers` go with every answer, say a Content-Security-Policy. Resolves with { url, stop() }.
 */
export async function startStatic({ folders = {}, texts = {}, headers = {}, port = 0 } = {}) {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const server = createServer(async (request, response) => {
    let path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const answer = (status, body, type = 'text/plain') => response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers }).end(body);
    if (path in texts) return answer(200, texts[path], types[extname(path)] ?? types['.html']);
    if (path.endsWith('/')) path += 'index.html';
    const prefix = prefixes.find((each) => path.startsWith(each));
    if (!prefix) return answer(404, 'nothing here');
    const file = join(folders[prefix], normalize(`/${path.slice(prefix.length)}`));
    try {
      answer(200, await readFile(file), types[extname(file)] ?? 'application/octet-stream');
    } catch {
      answer(404, 'nothing here');
    }
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    }),
  };
}
