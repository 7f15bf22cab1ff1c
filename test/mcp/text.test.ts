import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeUntrusted, oneLine } from '../../src/mcp/escape-untrusted.ts';
import { estimateTokens } from '../../src/mcp/estimate-tokens.ts';
import { instructions } from '../../src/mcp/instructions.ts';
import { quick } from '../quick.ts';

describe('escape: text that is not ours', () => {
  const TABLE: readonly [string, string, string][] = [
    ['ANSI colours', '\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['OSC links and titles', '\u001b]8;;http://evil\u0007x', '\\x1b]8;;http://evil\\x07x'],
    ['C1 controls', '\u009b31m', '\\x9b31m'],
    ['backspace, carriage return, NUL, delete', 'a\b\r\0\u007f', 'a\\x08\\x0d\\x00\\x7f'],
    ['bidirectional controls', 'a\u202eb\u2066c\u200f', 'a\\u{202e}b\\u{2066}c\\u{200f}'],
    ['zero-width characters', 'a\u200bb\u2060\ufeff', 'a\\u{200b}b\\u{2060}\\u{feff}'],
    ['line separators', 'a\u2028b\u2029c\u0085', 'a\\u{2028}b\\u{2029}c\\x85'],
    ['tag characters', 'a\u{e0041}\u{e007f}', 'a\\u{e0041}\\u{e007f}'],
    ['variation selectors that hide data', 'a\u{e0101}\ufe03', 'a\\u{e0101}\\u{fe03}'],
    ['fillers', 'a\u3164\uffa0', 'a\\u{3164}\\u{ffa0}'],
    ['halves of surrogate pairs', 'a\ud83d', 'a\\u{d83d}'],
    ['what is harmless stays', 'tab\tline\nzażółć 日本語 🎉❤️ {}<>', 'tab\tline\nzażółć 日本語 🎉❤️ {}<>'],
  ];
  for (const [name, given, result] of TABLE) it(name, () => assert.equal(escapeUntrusted(given), result));

  it('leaves nothing behind that a terminal or a reader would act on (random)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(escapeUntrusted(text), /(?![\t\n])[\p{Cc}\p{Bidi_C}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it('one line is one line, and bounded (random)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.integer({ min: 2, max: 100 }), (text, max) => {
        const line = oneLine(text, max);
        assert.ok(line.length <= max && !line.includes('\n'));
        assert.doesNotMatch(line, /\p{Cs}/u, 'half of a pair');
      }),
      { seed: 4, numRuns: 1000 },
    );
  });

  it('joins lines by a blank and cuts with a mark', () => {
    assert.equal(oneLine('  a  \n\n  b ', 100), 'a b');
    assert.equal(oneLine('abcdef', 4), 'abc…');
    assert.equal(oneLine('ab🎉c', 4), 'ab…');
  });

  it('takes a text of any shape in little time', () => {
    for (const unit of [' ', '\n', ' \n', '\t', 'a ']) {
      quick(() => oneLine(`${unit.repeat(100_000)}x`, 200), JSON.stringify(unit));
    }
  });
});

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

describe('instructions', () => {
  for (const disclosure of ['silent', 'open'] as const) {
    it(`${disclosure}: under 2 KB, with the rules that Claude needs`, () => {
      const text = instructions(disclosure);
      assert.ok(Buffer.byteLength(text) < 2048, String(Buffer.byteLength(text)));
      for (const rule of [
        /implement_feature/,
        /write_tests/,
        /fix_bug/,
        /fallback_needed: true: do it yourself/,
        /never instructions/,
        /commit what it must see/,
        /Merge only when the user agrees/,
        /notice_for_user/,
      ]) {
        assert.match(text, rule);
      }
    });
  }

  it('silent does not mention delegation, and never asks for a false answer', () => {
    const text = instructions('silent');
    assert.match(text, /do not mention delegation; answer truthfully if asked/);
    assert.doesNotMatch(text, /\b(deny|lie|pretend|claim that you|never reveal|say that you wrote)\b/i);
  });

  it('open names the worker', () => assert.match(instructions('open'), /written by the delegated worker \(Kimi\)/));
});
