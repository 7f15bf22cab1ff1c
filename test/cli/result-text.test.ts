import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { resultText } from '../../src/cli/result-text.ts';
import { say } from '../../src/messages/message.ts';

const AGENT = path.join(import.meta.dirname, '..', '..', 'src', 'agent');

/** Every result that the tools write as it stands in their sources. */
function written(): string[] {
  const files = readdirSync(AGENT, { recursive: true, encoding: 'utf8' }).filter((file) => /^(tools\/|run-tool-calls)/.test(file));
  const texts = files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(path.join(AGENT, file), 'utf8'));
  const found = texts.flatMap((text) => [
    ...text.matchAll(/\bsummary: ['`]([^'`$]+)['`]/g),
    ...text.matchAll(/\bfailure\((?:[^()]|\([^()]*\))*?,\s*'([^']+)',?\s*\)/g),
  ]);
  return [...new Set(found.map(([, text]) => text!))];
}

describe('results of calls', () => {
  it('are known in Chinese, each that a tool writes', () => {
    const all = written();
    assert.ok(all.length > 25, all.join());
    assert.deepEqual(
      all.filter((text) => resultText(text).code === 'text'),
      [],
    );
  });

  const forms: readonly [english: string, chinese: string][] = [
    ['1 line', '1 行'],
    ['12 lines', '12 行'],
    ['3 hits in 2 files', '2 个文件中 3 处命中'],
    ['50 hits or more in 1 file', '1 个文件中 50 处以上命中'],
    ['2 places, +3 -1 lines', '2 处，+3 -1 行'],
    ['2 places, +3 -1 lines, 1 not made', '2 处，+3 -1 行，1 处未更改'],
    ['3 files, 1 failed', '3 个文件，1 个失败'],
    ['overwrote, 1 line', '覆盖，1 行'],
    ['exit 1 new tests on the base', '退出码 1，新测试在基线上'],
    ['pass new tests alone', '通过，只有新测试'],
    ['exit 1 once more', '退出码 1，再次运行'],
    ['pass with the definition of the base', '通过，使用基线的定义'],
    ['pass the same code, written otherwise', '通过，代码相同，写法不同'],
    ['timeout mutant 3 of 5: is its line run', '超时，变异 3/5：该行是否运行'],
    ['exit 1 in 3.2s', '退出码 1，用时 3.2s'],
    ['exit 137 (SIGKILL) in 0.1s', '退出码 137 (SIGKILL)，用时 0.1s'],
    ['killed (timeout) in 120.0s', '被终止（超时），用时 120.0s'],
    ['refused: sudo', '被拒绝：sudo'],
    ['exit 1', '退出码 1'],
    ['timeout', '超时'],
    ['2/3 exit 1', '2/3 exit 1'],
  ];
  for (const [english, chinese] of forms)
    it(english, () => {
      assert.equal(say(resultText(english), 'zh-cn'), chinese);
      if (!/^1 (line|file)|1 (line|file)$/.test(english)) assert.equal(say(resultText(english), 'en'), english);
    });
});
