// A document with a mistake of each kind, and what must be found in it: a check that finds nothing anywhere proves nothing.

import { parse } from './blocks.mjs';
import { checkBlocks } from './classes.mjs';
import { compile } from './compile.mjs';
import { differences, wordsOf } from './words.mjs';

const FENCE = '```';
const page = `# Mistakes

${FENCE}js
keeper.signUp();
shout('hello');
if (keeper.status.state === 'stoped') keeper.resume();
${FENCE}

${FENCE}ts
const side: number = keeper.status.side;
${FENCE}

${FENCE}xml
<Module>
  <Content type="html"><![CDATA[
    <p><b>bold</p>
    <script>
      FinesseKeeper.connect();
    </script>
  ]]></Content>
</Modul>
${FENCE}

${FENCE}html
<p>text<br>
<script type="module">
  keeper.subscribe(5);
</script>
${FENCE}

${FENCE}json
{ one: 1 }
${FENCE}

${FENCE}sh
npm run nothing
npm test && rm everything
${FENCE}

${FENCE}
nobody says what this is
${FENCE}

    indented();

In a sentence: \`npm run nowhere\`.

| \`state\` | |
|---|---|
| \`well\`, \`ill\` | |
| \`well\` | |

${FENCE}js
without an end
`;

const expected = [
  "mistakes.md:4: Property 'signUp'",
  "mistakes.md:5: Cannot find name 'shout'",
  'mistakes.md:6: This comparison appears to be unintentional',
  "mistakes.md:10: Type 'string | null'",
  'mistakes.md:16: </p> ends b',
  'mistakes.md:16: <p> has no end',
  "mistakes.md:18: Property 'connect' does not exist",
  'mistakes.md:21: unexpected close tag',
  'mistakes.md:21: unmatched closing tag',
  'mistakes.md:25: <p> has no end',
  "mistakes.md:27: Argument of type 'number'",
  'mistakes.md:32: Expected property name',
  'mistakes.md:36: there is no "npm run nothing"',
  'mistakes.md:36: there is no npm script nothing',
  'mistakes.md:37: there is no "rm everything"',
  'mistakes.md:40: "" is no kind of block',
  'mistakes.md:44: code by indentation',
  'mistakes.md:46: there is no npm script nowhere',
  'mistakes.md:53: a fence without an end',
  'words: `dead` is missing',
  'words: there is no `ill`',
  'words: `well` stands there twice',
];

export async function findsOut(installed) {
  const document = parse('mistakes.md', page);
  const words = differences(wordsOf(document, '`state`'), ['well', 'dead'], 'words');
  const found = [...checkBlocks(document), ...compile([document], installed), ...words];
  const missed = expected.filter((start) => !found.some((it) => it.startsWith(start)));
  const others = found.filter((it) => !expected.some((start) => it.startsWith(start)));
  if (missed.length || others.length) throw new Error(`not found: ${missed.join('; ')}\nfound, and no mistake: ${others.join('; ')}`);
}
