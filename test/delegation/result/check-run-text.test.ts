import assert from 'node:assert/strict';
import { checkRunText } from '../../../src/delegation/result/result-text.ts';
import { say } from '../../../src/messages/message.ts';

const run = (killed: string | null, exitCode: number | null = null) => ({
  ...{ exitCode, killed, durationMs: 1, counts: null, failing: [], tail: '' },
});

describe('one side of a check', () => {
  const reasons: Readonly<Record<string, [string, string]>> = {
    timeout: ['stopped (time limit)', '已停止（超过时间限制）'],
    memory: ['stopped (too much memory)', '已停止（占用内存过多）'],
    processes: ['stopped (too many processes)', '已停止（进程过多）'],
    disk: ['stopped (too much disk space)', '已停止（占用磁盘过多）'],
    cancelled: ['stopped (cancelled)', '已停止（已取消）'],
    'of a newer version': ['stopped (of a newer version)', '已停止（of a newer version）'],
  };
  for (const [killed, [english, chinese]] of Object.entries(reasons))
    it(`says in each language why it was stopped: ${killed}`, () => {
      assert.equal(say(checkRunText(run(killed)), 'en'), english);
      assert.equal(say(checkRunText(run(killed)), 'zh-cn'), chinese);
    });
});
