// Notifications as Finesse sends them: escaped, in a stanza. Each is another one, so that nobody profits from having seen it.

const escaped = (xml) => xml.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const stanza = (node, update) => `<message xmlns="jabber:client" from="pubsub.fin-a.example.com" to="1001@fin-a.example.com" `
  + `id="${node}__1001@fin-a.example.com__k15Q3"><event xmlns="http://jabber.org/protocol/pubsub#event"><items node="${node}">`
  + `<item id="0b6afdb5-5870-4b69-b649-7e7a8c69c0c0"><notification xmlns="http://jabber.org/protocol/pubsub">${escaped(update)}`
  + '</notification></item></items></event></message>';

const element = (name, text) => `<${name}>${text}</${name}>`;
const time = (number) => `2026-03-05T07:${String(number % 60).padStart(2, '0')}:07.${String(number % 1000).padStart(3, '0')}Z`;

function participant(number, address, actions) {
  return element('Participant', element('actions', actions.map((action) => element('action', action)).join(''))
    + element('mediaAddress', address) + element('mediaAddressType', 'AGENT_DEVICE') + element('startTime', time(number))
    + element('state', 'ACTIVE') + element('stateCause', '') + element('stateChangeTime', time(number + 1)));
}

/** A call with ten variables and two participants, 2.5 kB. */
export function call(number) {
  const id = String(16_800_000 + number);
  const values = [`Müller & Söhne ${number}`, '', 'premium', '', `ticket-${number}`, 'de-DE', '', `https://crm.example.com/case/${number}?view=full`, '42', 'x'];
  const variables = values.map((value, index) => element('CallVariable', element('name', `callVariable${index + 1}`) + element('value', value.replaceAll('&', '&amp;'))));
  const properties = element('mediaId', '1') + element('dialedNumber', '08001234567') + element('DNIS', '08001234567') + element('callType', 'ACD_IN')
    + element('outboundClassification', '') + element('queueNumber', '5001') + element('queueName', 'Sales') + element('callKeyCallId', id)
    + element('callKeyPrefix', '152300') + element('wrapUpReason', '') + element('callvariables', variables.join(''));
  const dialog = element('associatedDialogUri', '') + element('fromAddress', `0170${number}`) + element('id', id) + element('mediaType', 'Voice')
    + element('mediaProperties', properties)
    + element('participants', participant(number, `0170${number}`, ['HOLD', 'DROP', 'UPDATE_CALL_DATA', 'CONSULT_CALL', 'TRANSFER_SST'])
      + participant(number, '1081001', ['HOLD', 'DROP']))
    + element('state', 'ACTIVE') + element('toAddress', '1081001') + element('uri', `/finesse/api/Dialog/${id}`);
  const update = element('Update', element('data', element('dialog', dialog)) + element('event', 'PUT') + element('requestId', '')
    + element('source', `/finesse/api/Dialog/${id}`));
  return stanza('/finesse/api/User/1001/Dialogs', update);
}

/** A team of 300 agents, 100 kB. */
export function team(number) {
  const agents = Array.from({ length: 300 }, (_, index) => element('User', element('uri', `/finesse/api/User/${1001 + index}`)
    + element('loginId', String(1001 + index)) + element('firstName', `First${index}`) + element('lastName', `Last${index}`)
    + element('pendingState', '') + element('state', (index + number) % 3 ? 'READY' : 'NOT_READY') + element('stateChangeTime', time(number + index))
    + (index % 5 ? '' : element('ReasonCode', element('category', 'NOT_READY') + element('uri', '/finesse/api/ReasonCode/1') + element('code', String(number))
      + element('label', 'Lunch') + element('id', '1')))));
  const data = element('team', element('uri', '/finesse/api/Team/5') + element('id', '5') + element('name', 'Sales') + element('users', agents.join('')));
  const update = element('Update', element('data', data) + element('event', 'PUT') + element('requestId', '') + element('source', '/finesse/api/Team/5'));
  return stanza('/finesse/api/Team/5/Users', update);
}
