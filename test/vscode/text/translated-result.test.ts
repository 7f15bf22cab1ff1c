import assert from 'node:assert/strict';
import { durationText } from '../../../src/delegation/result/result-text.ts';
import { inEnglish } from '../../../src/messages/translate.ts';
import { costText } from '../../../src/vscode/text/translated-result.ts';

describe('words', () => {
  it('for money', () => {
    const words = (amount: number | null, currency: 'USD' | 'CNY' = 'USD') => costText({ amount, currency }, inEnglish);
    assert.deepEqual(
      [words(0), words(0.004), words(0.124), words(12), words(null)],
      ['$0.00', '<$0.01', '$0.12', '$12.00', 'cost unknown'],
    );
    assert.equal(words(0.861, 'CNY'), '¥0.86');
  });

  it('for time', () => {
    assert.deepEqual(
      [durationText(900), durationText(59_400), durationText(250_000), durationText(3_900_000)],
      ['1s', '59s', '4m 10s', '1h 5m'],
    );
  });
});
