/**
 * What the doctor can find, by its stable code: the outcome, what happened, the likeliest cause, the next step. What is in
 * braces is filled in. `docs/doctor.md` shows this table, and a test compares the two. Where all is well the code is the name
 * of the check, and where the module does not load it is the error's.
 */
export const FINDINGS = {
  offline: ['bad', 'The browser is offline.', 'It has no network.', 'Connect this machine.'],
  'connect-src': ['bad', "The page's policy blocks {url}.", 'Its Content-Security-Policy does not list it.', 'Add {url} to connect-src.'],
  insecure: ['unsure', 'The page is not secure.', 'It came over http.', 'Serve it over https.'],
  mixed: ['bad', 'A page over https may not reach {url}.', 'It is an old address.', 'Give one over https or wss.'],
  cors: ['bad', '{url} answers, but not to pages of {origin}.', 'CORS is off or does not list them, or a proxy answers instead.', 'Run `utils finesse cors enable` and `utils finesse cors allowed_origin add {origin}` there; restart Tomcat and the Notification Service.'],
  unreachable: ['bad', '{url} does not answer this page.', 'It is down, its address or port wrong, its certificate not trusted, or the network (VPN) not there: a page cannot tell.', 'Open {url} in a new tab: it tells.'],
  silent: ['bad', '{url} does not answer in time.', 'It hangs, or a firewall or proxy swallows it.', 'Ask who runs the network.'],
  'wrong-answer': ['bad', '{url} answers {status}, not as Finesse does.', 'Another server or a proxy is there, or the web app is down.', 'Mend the address, or start Cisco Finesse Tomcat.'],
  'local-network': ['unsure', "The browser's permission for a local network: {state}.", 'A public page needs it.', 'Allow it for this site; an iframe needs allow="local-network-access" too.'],
  'cti-lost': ['bad', 'Finesse {deploymenttype} is {status}, CTI heartbeat {lastctiheartbeatstatus}.', 'It has lost its CTI server.', 'Look at the CTI server and the way to it.'],
  'out-of-service': ['bad', 'Finesse answers {status} {statusreason}', 'It is starting, or a service is down.', 'Wait some minutes; look at its services.'],
  maintenance: ['unsure', 'Finesse is in maintenance mode.', 'Its agents are moved.', 'Use the other side.'],
  'other-port': ['bad', '{url} does not answer, but {other} does.', 'The Notification Service is on 7443 before Finesse 12.6, with REST since.', 'Give `websocket` and `bosh` there.'],
  refused: ['bad', '{url} is closed before it opens.', 'A proxy lets no WebSocket through, or the Notification Service is down.', 'If BOSH fails too, begin there; else have the proxy let it through.'],
  'service-down': ['bad', '{url} does not answer, but REST does.', 'It is down, or a proxy swallows it.', 'Start the Cisco Finesse Notification Service.'],
  'no-plain': ['bad', 'The Notification Service offers {offered}.', 'It is set up otherwise.', 'Have it offer PLAIN.'],
  'clock-wrong': ['bad', "Finesse's clock is {seconds} s {way} this one.", 'One of them is not set by NTP.', 'Set it: Finesse reckons the forced-logout window on its own.'],
  'clock-off': ['unsure', "Finesse's clock is {seconds} s {way} this one.", 'One of them is not set by NTP.', 'Set it: Finesse reckons the forced-logout window on its own.'],
  'other-names': ['unsure', 'Finesse names {names}, not {given}.', 'An alias, or two pairs mixed.', 'Give hosts these names.'],
  skipped: ['skipped', 'Not tried.', 'Another finding or an option stands in the way.'],
  service: ['good', 'Finesse {deploymenttype} is {status}, CTI heartbeat {lastctiheartbeatstatus}.'],
  clock: ['good', "Finesse's clock is {seconds} s {way} this one."],
};
