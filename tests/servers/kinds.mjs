// The real servers, by the name of their set-up step.

import { startEjabberd } from './ejabberd/ejabberd.mjs';
import { startOpenfire } from './openfire/openfire.mjs';
import { startProsody } from './prosody/prosody.mjs';

/** { KIND: { name, start({ name, users, settings }) → a Server } } */
export const kinds = {
  openfire: { name: 'Openfire', start: startOpenfire },
  prosody: { name: 'Prosody', start: startProsody },
  ejabberd: { name: 'ejabberd', start: startEjabberd },
};
