import assert from 'node:assert/strict';
import fc from 'fast-check';
import { estimateTokens } from '../../src/mcp/estimate-tokens.ts';

describe('tokens: an estimate that is not too low', () => {
  /** Counts of o200k_base or cl100k_base, whichever is more; measured once, rounded up. */
  const TABLE: readonly [string, string, number][] = [
    ['code', 'function a(b,c){return b?c[d]:(e=f&&g||h,i(j,k)),l.m=n}\n'.repeat(10), 270],
    ['Chinese', '在登录接口上限制每个地址每分钟十次请求，超过之后返回四二九状态码，并且写明需要等待多少秒。'.repeat(10), 390],
    ['Japanese', 'このファイルはテストのために使われます。'.repeat(10), 170],
    ['Russian', 'Ограничить число запросов до десяти в минуту'.repeat(5), 90],
    ['emoji', '🎉🚀🔥✅🐛'.repeat(20), 280],
    ['Thai', 'จำกัดจำนวนคำขอต่อนาที'.repeat(5), 105],
    ['signs', '+++---===>>>{}[]();:,.!@#$%^&*'.repeat(20), 320],
    ['numbers', '12.5,0.003,-17\n'.repeat(60), 600],
    ['escapes', '\\x1b[31m\\u{202e}'.repeat(50), 550],
  ];
  for (const [name, text, real] of TABLE) {
    it(`${name}: at least ${real}, at most three times as much`, () => {
      const estimate = estimateTokens(text);
      assert.ok(estimate >= real && estimate <= real * 3, String(estimate));
    });
  }

  it('grows with the text, and is nothing for nothing', () => {
    assert.equal(estimateTokens(''), 0);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        assert.ok(estimateTokens(`${a}\n${b}`) >= Math.max(estimateTokens(a), estimateTokens(b)));
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
