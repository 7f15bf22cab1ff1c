import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { zhCn } from '../../src/messages/zh-cn.ts';
import { PAGES, ROOT, readPage } from '../pages.ts';

const json = (name: string) => JSON.parse(readFileSync(path.join(ROOT, name), 'utf8')) as Record<string, string>;
/** The Chinese halves of the documents, without code. */
const documents = () =>
  Object.fromEntries(
    PAGES.flatMap((page) => {
      const lines = readPage(page).chinese.replaceAll(/^(?:> )?```[\s\S]*?```/gm, (code) => code.replaceAll(/[^\n]/g, ''));
      return lines.split('\n').map((line, at) => [`${page}, Chinese line ${at}`, line.replace(/ \|$/, '')]);
    }),
  );
const ALL: Readonly<Record<string, string>> = {
  ...zhCn,
  ...json('l10n/bundle.l10n.zh-cn.json'),
  ...json('package.nls.zh-cn.json'),
  ...documents(),
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
  [
    'a comma or semicolon in Chinese is a Chinese one beside Latin, too',
    new RegExp(`^(?=.*${HAN})(?:\`[^\`]*\`|[^\`])*?[,;](?=[\\s\`]|$)`),
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
