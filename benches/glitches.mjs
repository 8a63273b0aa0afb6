// What short failures cost: the keeper beside "at once to the other node" and "the same node every second". The same worlds
// from the same seeds, the same glitches in them; only the policies differ. See tests/glitches.rs.

import { run } from '../scripts/lib/run.mjs';
import { table } from '../scripts/lib/table.mjs';

const COUNT = '10000';

export async function glitches() {
  const rows = [['policy', 'glitches', 'sign-outs', 'moves', 'logins a glitch']];
  const onLine = (line) => {
    const figures = /^(\S.*?) +(\d+) +(\d+) +(\d+) +(\d+\.\d+)$/.exec(line);
    if (figures) rows.push(figures.slice(1));
  };
  const args = ['test', '--test', 'glitches', '--', '--nocapture'];
  await run('cargo', args, { env: { GLITCHES: process.env.GLITCHES ?? COUNT }, quiet: true, onLine });
  if (rows.length !== 4) throw new Error(`three policies were to be counted, not ${rows.length - 1}`);
  return table([rows[0], ...rows.slice(1).sort(([a], [b]) => (b === 'finesse-keeper') - (a === 'finesse-keeper') || a.localeCompare(b))]);
}
