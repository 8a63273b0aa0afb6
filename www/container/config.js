// @ts-check
// What Finesse's desktop gives to its gadgets: `finesse.gadget.Config` and the preferences (facts 6).

import { basic } from './rest.js';

/** @typedef {import('./parameters.js').Settings} Settings */
/** @typedef {import('./rest.js').SystemInfo} SystemInfo */

/**
 * The keys of which the facts speak. `host` is the server as the browser reaches it; `restHost` is for requests by
 * `gadgets.io.makeRequest`, which Finesse's Shindig makes on the server, that is on itself, and this page makes here.
 * @param {Settings} settings
 * @param {string} side Its address by the name that SystemInfo gives it.
 * @param {SystemInfo} system
 * @param {{ password: string, token: string }} secrets
 */
export function configOf({ agent, config }, side, { domain, pubsub }, { password, token }) {
  const { protocol, hostname, port } = new URL(side);
  const scheme = protocol.slice(0, -1);
  const known = port || (scheme === 'https' ? '443' : '80');
  const common = {
    scheme,
    host: hostname,
    hostPort: known,
    restHost: 'localhost',
    localhostFQDN: hostname,
    localhostPort: known,
    xmppDomain: domain,
    pubsubDomain: pubsub,
    extension: `2${agent}`,
    mobileAgentMode: '',
    mobileAgentDialNumber: '',
    locale: 'en_US',
    language: 'en',
    country: 'US',
    clientDriftInMillis: 0,
  };
  if (config === 'password') return { ...common, id: agent, password };
  if (config === 'token') return { ...common, id: agent, token, authToken: token, systemAuthMode: 'SSO' };
  // without the id: it has to be taken out of this one
  return { ...common, authorization: basic(agent, password) };
}
