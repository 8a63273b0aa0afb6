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
