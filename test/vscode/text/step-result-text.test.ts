import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { inEnglish, type Translate } from '../../../src/messages/translate.ts';
import { stepResultText } from '../../../src/vscode/text/step-result-text.ts';

const bundle = JSON.parse(readFileSync('l10n/bundle.l10n.zh-cn.json', 'utf8')) as Record<string, string>;
const inChinese = ((text: string, ...values: readonly unknown[]) =>
  (bundle[text] ?? text).replace(/\{(\d+)\}/g, (_, at) => String(values[Number(at)]))) as Translate;

const SAID: readonly (readonly [journal: string, english: string, chinese: RegExp])[] = [
  ['1 place, +1 -2 lines', '1 place, +1 −2 lines', /^1 处, \+1 −2 行$/],
  ['3 places, +9 -0 lines, 1 not made', '3 places, +9 −0 lines, 1 not made', /1 处未修改$/],
  ['13 lines', '13 lines', /^13 行$/],
  ['2 files', '2 files', /^2 个文件$/],
  ['4 hits in 2 files', '4 hits · 2 files', /^4 处匹配 · 2 个文件$/],
  ['500 hits or more in 9 files', '500 hits or more · 9 files', /^至少 500 处匹配 · 9 个文件$/],
  ['exit 1 in 0.5s', 'exit 1 in 0.5s', /用时 0\.5 秒$/],
  ['exit 139 (SIGSEGV) in 12.0s', 'exit 139 (SIGSEGV) in 12.0s', /\(SIGSEGV\)，用时 12\.0 秒$/],
  ['killed (timeout) in 120.0s', 'stopped (time limit) in 120.0s', /用时 120\.0 秒$/],
  ['created, 24 lines, ignored by git', 'created, 24 lines, ignored by git', /^已创建, 24 行, 被 git 忽略$/],
  ['old_text not found', 'the text to change was not found', /^没有找到要修改的文字$/],
  ['timeout', 'stopped (time limit)', /./],
  ['pass', 'pass', /^通过$/],
];

describe('what came of a step', () => {
  for (const [journal, english, chinese] of SAID)
    it(`is told in the language of the window: ${journal}`, () => {
      assert.equal(stepResultText(journal, inEnglish), english);
      assert.match(stepResultText(journal, inChinese), chinese);
    });

  it('stands as it was written where nobody knows its words', () => {
    for (const other of ['4/4', 'refused: sudo', 'exit 1 mutant 3 of 5', '', 'pass new tests alone'])
      assert.equal(stepResultText(other, inEnglish), other);
  });
});
