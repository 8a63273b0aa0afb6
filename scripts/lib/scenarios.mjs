// What a part of the tests is made of: named scenarios, run a few at a time, told one a line, summed up in the last
// line. There is no way to skip one.

/**
 * Runs the scenarios ([{ name, run, seconds? }]) and prints each result. The process's exit code is set; returns
 * [{ name, ok, ms, error, value }]. A name given on the command line runs only those whose name contains it.
 */
export async function runScenarios(scenarios, { atOnce = 1 } = {}) {
  const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  const chosen = scenarios.filter(({ name }) => only.every((word) => name.includes(word)));
  const results = new Array(chosen.length);
  let next = 0;
  const worker = async () => {
    while (next < chosen.length) {
      const index = next++;
      results[index] = await runOne(chosen[index]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const failed = results.filter(({ ok }) => !ok).length;
  if (failed || !results.length) process.exitCode = 1;
  return results;
}

async function runOne({ name, run, seconds = 60 }) {
  const start = performance.now();
  const result = { name, ok: true };
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not finished after ${seconds} s`)), seconds * 1000);
  });
  try {
    result.value = await Promise.race([run(), late]);
  } catch (error) {
    result.ok = false;
    result.error = error;
  }
  clearTimeout(timer);
  result.ms = performance.now() - start;
  console.log(`${result.ok ? 'ok    ' : 'FAILED'} ${name} (${(result.ms / 1000).toFixed(1)} s)`);
  if (!result.ok) console.log(`       ${String(result.error?.stack ?? result.error).replaceAll('\n', '\n       ')}`);
  return result;
}

/** The last line of every part; scripts/test.mjs reads it. */
export function sumUp(results) {
  const failed = results.filter(({ ok }) => !ok).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
}
