import { failure } from './error.js';

/** What each outcome that is no success means, and what to do about it. */
const ERRORS = {
  'not-applied': ['It failed on the way, and was not carried out.', 'Ask again, if it is still wanted.'],
  unknown: ['It may have been carried out, or may still be.', 'Look at what it is about before you ask again.'],
  'not-connected': ['It was not sent: not in service.', 'Ask again when in service.'],
  aborted: ['It was given up. With a requestId it was sent.', 'Look at what it is about before you ask again.'],
  'too-many': ['It was not sent: too many are under way.', 'Wait until some are settled.'],
  'bad-path': ['It was not sent: no path of Finesse.', 'Give a path under /finesse/api/.'],
};

/** Where Finesse itself says no, the same again is refused again; these pass, and so does what is not said by Finesse. */
const PASSING = [undefined, 'CF_RESOURCE_BUSY', 'SERVER_OUT_OF_SERVICE'];

/** Settles a promise with what the core says became of a request. */
export function settle({ outcome, requestId, how, status, body, apiErrors }, resolve, reject) {
  if (outcome === 'applied') return resolve({ outcome, how, requestId });
  if (outcome === 'answered') return resolve({ outcome, status, body, requestId });
  if (outcome !== 'refused') {
    const [message, nextStep] = ERRORS[outcome];
    return reject(failure({ code: outcome, message, nextStep, requestId }));
  }
  const words = apiErrors.map(({ errorType, errorMessage }) => `${errorType}: ${errorMessage}`);
  if (status) words.unshift(`HTTP ${status}`);
  const again = PASSING.includes(apiErrors[0]?.errorMessage);
  const nextStep = again ? 'Ask again in a few seconds.' : 'Tell the agent why.';
  reject(failure({ code: outcome, message: `Refused: ${words.join(', ')}`, nextStep, requestId, status, apiErrors }));
}
