// What a part of the tests is made of: named scenarios, run a few at a time, told one a line, summed up in the last
// line. There is no way to skip one.

/**
 * Runs the scenarios ([{ name, run, seconds? }]) and prints each result; resolves with
 * [{ name, ok, ms, error, value }]. Words on the command line choose those whose name contains them all.
 */
export async function runScenarios(scenarios, { atOnce = 1 } = {}) {
  const chosen = scenarios.filter(({ name }) => isChosen(name));
  const results = new Array(chosen.length);
  let next = 0;
  const worker = async () => {
    while (next < chosen.length) {
      const index = next++;
      results[index] = await runOne(chosen[index]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));

/** Whether the words on the command line choose a scenario of this name. */
export const isChosen = (name) => only.every((word) => name.includes(word));

/** Runs one scenario, prints how it went and resolves with that. */
export async function runOne({ name, run, seconds = 60 }) {
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
  if (!result.ok) tell(result.error);
  return result;
}

const tell = (error) => console.log(`       ${String(error?.stack ?? error).replaceAll('\n', '\n       ')}`);

/** What was rejected while nobody waited for it: a failure, which the scenarios that are yet to run need not suffer for. */
let strays = 0;
process.on('unhandledRejection', (error) => {
  strays += 1;
  console.log('FAILED nobody waited for this');
  tell(error);
});

/** The last line of every part, which scripts/test.mjs reads, and the exit code. To have run nothing is a failure. */
export function sumUp(results) {
  const passed = results.filter(({ ok }) => ok).length;
  const failed = results.length - passed + strays;
  process.exitCode = failed || !results.length ? 1 : 0;
  console.log(`${passed} passed, ${failed} failed`);
}
