// Plain text tables.

/** Rows of cells, the first row being the heads; numbers are set to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? '').length)));
  const line = (row) => row.map((cell, column) => {
    const text = String(cell ?? '');
    return /^[\d.,]+( \w+)?$/.test(text) ? text.padStart(widths[column]) : text.padEnd(widths[column]);
  }).join('  ').trimEnd();
  return [line(rows[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.slice(1).map(line)].join('\n');
}

/** 1234 ms as "1.2 s". */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
/** Bytes as kB of 1,000. */
export const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
