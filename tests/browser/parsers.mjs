// Reading without a keeper, in a page: what crosses from the module to JavaScript is what the vectors say.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { at } from '../../scripts/lib/paths.mjs';
import { check } from './client.mjs';

function vectors(folder) {
  const path = at('tests', 'vectors', folder);
  const read = (name, ending) => readFileSync(join(path, `${name}.${ending}`), 'utf8');
  const names = readdirSync(path).filter((name) => name.endsWith('.xml')).map((name) => name.slice(0, -4));
  return names.map((name) => ({ name, xml: read(name, 'xml'), told: JSON.parse(read(name, 'json')) }));
}

export const parsers = [
  {
    name: 'loadParsers() reads every vector as it is written beside it',
    run: async ({ page }) => {
      const [notifications, infos] = [vectors('notifications').filter(({ told }) => told.length), vectors('system-info')];
      const read = await page.evaluate(async ([stanzas, bodies]) => {
        const { parseNotification, parseSystemInfo } = await window.api.loadParsers();
        return [stanzas.map((stanza) => parseNotification(stanza)), bodies.map((body) => parseSystemInfo(body))];
      }, [notifications.map(({ xml }) => xml), infos.map(({ xml }) => xml)]);
      const expected = [notifications.map(({ told }) => told[0]), infos.map(({ told }) => told)];
      for (const [kind, list] of [notifications, infos].entries()) {
        list.forEach(({ name }, index) => check(isDeepStrictEqual(read[kind][index], expected[kind][index]), `${name}: ${JSON.stringify(read[kind][index])}`));
      }
      check(notifications.length > 30 && infos.length > 5, `${notifications.length} notifications, ${infos.length} infos`);
    },
  },
  {
    name: 'a parser refuses what is none, and reads the next',
    run: async ({ page }) => {
      const told = await page.evaluate(async () => {
        const { parseNotification, parseSystemInfo } = await window.api.loadParsers();
        const silly = ['', 'hello', '<Update>', '<!DOCTYPE a><a/>', '<message/>', `${'<a>'.repeat(10_000)}`, `<a>${'x'.repeat(2 << 20)}</a>`, '<a>\0</a>'];
        const codes = silly.flatMap((text) => [parseNotification, parseSystemInfo].map((parse) => {
          try {
            return parse(text);
          } catch (error) {
            return error instanceof window.api.KeeperError && error.nextStep && error.code;
          }
        }));
        const wrong = [[null], [{ content: '' }], [undefined, 'n'], ['<Update/>', 5], ['<Update/>', null], ['<html/>'], ['{"a":']].map((given) => {
          try {
            return parseNotification(...given);
          } catch (error) {
            return error instanceof window.api.KeeperError && error.nextStep && error.code;
          }
        });
        const odd = '<Update><event>PUT</event><data><x><__proto__>p</__proto__><é>ü😀</é></x></data></Update>';
        const { data } = parseNotification(odd, '/finesse/api/X');
        const own = Object.hasOwn(data.x, '__proto__') && ({}).p === undefined;
        const alone = parseNotification('<Update><event>PUT</event><data><user><loginId>1</loginId></user></data></Update>', '/finesse/api/Team/5/Users');
        const topics = ['Team.5.Users', 'User.a.b', 'User.a.b.Dialogs.Media', 'User.1.Media.5001', 'User.1.Media.5001.Dialogs', 'SystemInfo', 'Queue.7'];
        const nodes = topics.map((topic) => parseNotification('<Update/>', `finesse.api.${topic}`).node);
        const bare = parseNotification('{"a":"1","b":"2"}').data.b;
        return { codes, wrong: wrong.join(), nodes: nodes.join(), bare, own, text: data.x['é'], alone: [alone.kind, alone.data.id, alone.data.users[0].loginId].join() };
      });
      check(told.codes.every((code) => code === 'bad-text'), `${told.codes}`);
      check(told.wrong === 'bad-text,bad-text,bad-text,bad-node,bad-node,bad-text,bad-text', told.wrong);
      const nodes = ['Team/5/Users', 'User/a.b', 'User/a.b/Dialogs/Media', 'User/1/Media/5001', 'User/1/Media/5001/Dialogs', 'SystemInfo', 'Queue/7'];
      check(told.nodes === nodes.map((node) => `/finesse/api/${node}`).join(), told.nodes);
      check(told.bare === '2' && told.own && told.text === 'ü😀' && told.alone === 'team,5,1', JSON.stringify(told));
    },
  },
];
