// Where benches/run.mjs looks for it.
export { startOpenfire } from '../servers/openfire/openfire.mjs';
