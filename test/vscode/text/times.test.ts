import assert from 'node:assert/strict';
import { timesIn } from '../../../src/vscode/text/times.ts';
import { quick } from '../../quick.ts';

describe('moments', () => {
  it('are written as the language does, in a moment however many they are', () => {
    const at = new Date(2026, 10, 29, 9, 5, 7).getTime();
    for (const language of ['en', 'zh-cn']) {
      const { time, date } = timesIn(language);
      assert.equal(time(at), new Date(at).toLocaleTimeString(language, { hourCycle: 'h23' }));
      assert.equal(date(at), new Date(at).toLocaleString(language, { hourCycle: 'h23' }));
      assert.equal(time(Number.NaN), '?');
      quick(() => {
        for (let n = 0; n < 100_000; n++) time(at + n);
      });
    }
  });
});
