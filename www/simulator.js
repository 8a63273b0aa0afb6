// @ts-check
// The simulator's control API, and the faults that this page offers.

/** @typedef {'A' | 'B'} Side */
/** @typedef {{ fault: string, side?: Side, agent?: string }} FaultSpec */
/** @typedef {FaultSpec & { id: number }} ActiveFault */
/** @typedef {{ fault: string, label: string, hint: string, own?: boolean, once?: boolean, options?: Record<string, unknown> }} FaultKind */

/**
 * `own`: strikes this agent only. `once`: happens and is over, nothing to heal.
 * @type {{ title: string, faults: FaultKind[] }[]}
 */
export const FAULT_GROUPS = [
  {
    title: 'The five failures Cisco documents',
    faults: [
      { fault: 'notification-service-down', label: 'Notification Service down', hint: 'The XMPP connection breaks.' },
      { fault: 'network-lost', label: 'Agent’s network lost', hint: 'Nothing passes, sockets stay.', own: true },
      { fault: 'tomcat-down', label: 'Tomcat down', hint: 'No REST, finesse user leaves.' },
      { fault: 'web-app-down', label: 'Web app down', hint: 'REST is 404, finesse user leaves.' },
      { fault: 'cti-lost', label: 'CTI lost', hint: 'It says OUT_OF_SERVICE.' },
    ],
  },
  {
    title: 'More',
    faults: [
      { fault: 'node-down', label: 'Node down', hint: 'All connections are refused.' },
      { fault: 'side-silent', label: 'Side silent', hint: 'Nothing passes, for anyone.' },
      { fault: 'notification-service-frozen', label: 'Notification frozen', hint: 'Open socket, no one behind it.' },
      { fault: 'websocket-blocked', label: 'WebSocket blocked', hint: 'A proxy refuses new ones: BOSH serves.', own: true },
    ],
  },
  {
    title: 'Once, on the agent’s side',
    faults: [
      { fault: 'socket-cut', label: 'Cut the socket', hint: 'The server itself is well.', own: true, once: true },
      { fault: 'garbage', label: 'Send garbage', hint: 'Half a stanza arrives.', own: true, once: true, options: { kind: 'half-stanza' } },
      { fault: 'conflict', label: 'Sign in elsewhere', hint: 'The keeper stops and says so.', own: true, once: true, options: { for: 3_000 } },
    ],
  },
];

/** What the doctor names, and the pair plays. @type {typeof FAULT_GROUPS} */
export const DOCTOR_GROUPS = [
  {
    title: 'On the way',
    faults: [
      { fault: 'cors-disabled', label: 'CORS disabled', hint: 'Pages may not read what it answers.' },
      { fault: 'websocket-blocked', label: 'WebSocket blocked', hint: 'A proxy refuses it.' },
      { fault: 'bosh-blocked', label: 'BOSH blocked', hint: 'Its requests are reset.' },
      { fault: 'node-down', label: 'Node down', hint: 'All connections are refused.' },
      { fault: 'side-silent', label: 'Side silent', hint: 'Nothing passes.' },
    ],
  },
  {
    title: 'On the server',
    faults: [
      { fault: 'notification-service-down', label: 'Notification Service down', hint: 'REST lives.' },
      { fault: 'cti-lost', label: 'CTI lost', hint: 'It says OUT_OF_SERVICE.' },
      { fault: 'maintenance', label: 'Maintenance', hint: 'In service, for now.' },
      { fault: 'clock-skew', label: 'Clock ahead', hint: 'By ten minutes.' },
    ],
  },
];

const KINDS = new Map([...FAULT_GROUPS, ...DOCTOR_GROUPS].flatMap((group) => group.faults).map((kind) => [kind.fault, kind]));

/** @param {string} fault */
export const faultLabel = (fault) => KINDS.get(fault)?.label ?? fault.replaceAll('-', ' ');

/**
 * @param {string} path
 * @param {string} [method]
 * @param {unknown} [body]
 */
async function control(path, method = 'GET', body) {
  const response = await fetch(`/simulator/${path}`, {
    method,
    cache: 'no-store',
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The simulator answered ${response.status}: ${text.slice(0, 200)}`);
  return text ? JSON.parse(text) : null;
}

/** `names`: the same by the names that SystemInfo has. @returns {Promise<{ A: string, B: string, names: { A: string, B: string }, agents: string[] }>} */
export const hosts = () => control('hosts');

/** @returns {Promise<ActiveFault[]>} */
export const activeFaults = () => control('faults');

/**
 * @param {FaultSpec} spec
 * @returns {Promise<{ id: number }>}
 */
export const breakIt = (spec) => control('faults', 'POST', spec);

/** @param {number} id */
export const heal = (id) => control(`faults/${id}`, 'DELETE');

export const healAll = () => control('faults', 'DELETE');

/**
 * @param {string} agent
 * @param {'ring' | 'answer' | 'end'} what
 */
export const call = (agent, what) => control('calls', 'POST', { agent, do: what });
