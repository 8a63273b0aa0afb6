/** What went wrong, as a stable `code`, and what to do about it, in words. */
export class KeeperError extends Error {
  constructor(code, message, nextStep, more = {}) {
    const { cause, ...fields } = more;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'KeeperError';
    this.code = code;
    this.nextStep = nextStep;
    Object.assign(this, fields);
  }
}

/** What the core says went wrong, as an error; `more` is beside what it says. */
export function failure({ code, message, nextStep, ...fields }, more) {
  return new KeeperError(code, message, nextStep, { ...fields, ...more });
}

/** Calls into the core, and throws what it says went wrong. Anything else is thrown as it is. */
export function told(call) {
  try {
    return call();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) {
      throw new KeeperError('internal', 'finesse-keeper has failed inside.', 'Report this error with its cause.', { cause: error });
    }
    throw error?.code && !(error instanceof KeeperError) ? failure(error) : error;
  }
}
