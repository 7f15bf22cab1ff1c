import assert from 'node:assert/strict';
import { reportLines } from '../../../src/cli/report-lines.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
import { seenTexts } from '../../../src/delegation/result/seen-text.ts';
import { type Language, say } from '../../../src/messages/message.ts';
import { sampleResult } from '../sample-result.ts';

type Seen = NonNullable<AttemptResult['seen']>[number];
const ran = (more: Partial<Seen> = {}): Seen => ({
  ...{ command: 'npx vitest run', exitCode: 0, counts: { passed: 3, failed: 0, skipped: 1 }, killed: null, ms: 10 },
  ...{ afterLastEdit: true, before: null },
  ...more,
});
const BEFORE = { exitCode: 1, counts: { passed: 2, failed: 1, skipped: 0 } };

const SAID: readonly [Seen, english: string, chinese: string][] = [
  [
    ran({ before: BEFORE }),
    "seen: the worker's last run after its last edit: npx vitest run, exit 0, 3 passed, 1 skipped; before its first edit exit 1, 2 passed, 1 failed",
    '所见：执行者在最后一次编辑之后的最后一次运行：npx vitest run，退出码 0、3 个通过、1 个跳过；首次编辑之前：退出码 1、2 个通过、1 个失败',
  ],
  [
    ran({ afterLastEdit: false, exitCode: null, counts: null }),
    "seen: the worker's last run, before its last edit: npx vitest run, exit code not told",
    '所见：执行者的最后一次运行，在其最后一次编辑之前：npx vitest run，退出码不明',
  ],
  [
    ran({ afterLastEdit: null, killed: 'timeout', exitCode: null, counts: null }),
    "seen: the worker's last run, after its last edit unless a later command changed files: npx vitest run, stopped (timeout)",
    '所见：执行者的最后一次运行，在其最后一次编辑之后，除非后来有命令改动了文件：npx vitest run，已停止（timeout）',
  ],
];

describe('what the worker itself tested', () => {
  const texts = (seen: Seen[], language: Language, more: Partial<AttemptResult> = {}) =>
    seenTexts(sampleResult({ seen, checks: [], ...more })).map((text) => say(text, language));

  for (const [run, english, chinese] of SAID)
    it(english, () => {
      assert.deepEqual(texts([run], 'en'), [english]);
      assert.deepEqual(texts([run], 'zh-cn'), [chinese]);
    });

  it('is told once of proved work, three times of other, and not of what is a check', () => {
    const many = [1, 2, 3, 4].map((n) => ran({ command: `npm test ${n}` }));
    assert.equal(texts(many, 'en', { outcome: 'unverified' }).length, 3);
    assert.equal(texts(many, 'en', { outcome: 'ready' }).length, 1);
    const result = { exitCode: 0, killed: null, durationMs: 1, counts: null, failing: [], tail: '' };
    const check = { command: 'npm test', base: result, result, verdict: 'pass' as const, newFailures: 0 };
    assert.deepEqual(seenTexts(sampleResult({ seen: [ran({ command: 'npm test' })], checks: [check] })), []);
  });

  it('stands in the report of a terminal, in its language', () => {
    const terminal = (language: Language): Terminal => ({
      ...({ columns: null, program: 'x', language, paint: (_: string, text: string) => text } as unknown as Terminal),
      say: (text) => say(text, language),
      sentence: (text) => say(text, language),
    });
    const lines = (language: Language) =>
      reportLines(sampleResult({ seen: [SAID[0]![0]], checks: [] }), null, terminal(language)).join('\n');
    assert.ok(lines('en').includes(`  ${SAID[0]![1]}`), lines('en'));
    assert.ok(lines('zh-cn').includes(`  ${SAID[0]![2]}`), lines('zh-cn'));
  });
});
