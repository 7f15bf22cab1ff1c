import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { zhCn } from '../../src/messages/zh-cn.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const json = (name: string) => JSON.parse(readFileSync(path.join(ROOT, name), 'utf8')) as Record<string, string>;
/** The Chinese half of the README, without code. */
const readme = () => {
  const text = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  const half = text.slice(text.indexOf('## 中文'), text.indexOf('## License'));
  const lines = half.replaceAll(/^(?:> )?```[\s\S]*?```/gm, '').split('\n');
  return Object.fromEntries(lines.map((line, at) => [`README, Chinese line ${at}`, line.replace(/ \|$/, '')]));
};
const ALL: Readonly<Record<string, string>> = {
  ...zhCn,
  ...json('l10n/bundle.l10n.zh-cn.json'),
  ...json('package.nls.zh-cn.json'),
  ...readme(),
};
/** Without the addresses of links, and without VS Code's own colon between the category of a command and its name. */
const TEXTS = Object.entries(ALL).map(
  ([name, text]) => [name, text.replaceAll(/\]\([^)]*\)/g, ']').replaceAll(/(Kimi Delegate|工作区): /g, '$1 ')] as const,
);
/** Stands for words of ours in Chinese. */
const OURS = new Set(['{times}', '{time}', '{files}', '{age}', '无法合并：{0}']);

const HAN = '[\\u4e00-\\u9fff]';
const FULL = '，。：；、？！（）「」《》';
/** Marks around words that are shown as they are: what stands outside of them is what they stand beside. */
const MARKS = '[`*_\\[\\]]*';
const RULES: readonly (readonly [string, RegExp])[] = [
  [
    'a comma, colon, semicolon, question or exclamation mark beside Chinese is a Chinese one',
    new RegExp(`${HAN}${MARKS}[,:;?!](?!//)|[,;?!]${HAN}`),
  ],
  ['parentheses beside Chinese are Chinese ones', new RegExp(`${HAN}${MARKS}\\(|\\)${MARKS}${HAN}`)],
  ['a full stop beside Chinese is a Chinese one', new RegExp(`${HAN}\\.(?![\\w…])`)],
  ['no blank stands beside Chinese punctuation', new RegExp(`[${FULL}] |(?<=\\S) [${FULL}]`)],
  ['a blank stands between Chinese and Latin', new RegExp(`${HAN}[A-Za-z0-9{\`]|[A-Za-z0-9}%\`]${HAN}`)],
];

describe('Chinese texts', () => {
  for (const [rule, broken] of RULES)
    it(rule, () => {
      const found = TEXTS.flatMap(([name, text]) => {
        const hits = [...text.matchAll(new RegExp(broken, 'g'))].filter(
          ({ index }) => ![...OURS].some((word) => text.slice(0, index + 1).endsWith(word)),
        );
        return hits.map(({ index }) => `${name}: …${text.slice(Math.max(0, index - 12), index + 12)}…`);
      });
      assert.deepEqual(found, []);
    });
});
