import assert from 'node:assert/strict';
import fc from 'fast-check';
import { escapeUntrusted, oneLine } from '../../src/mcp/escape-untrusted.ts';
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
    ['what nobody sees of music and shorthand', '\u{1d173}\u{1bca0}\ufff0', '\\u{1d173}\\u{1bca0}\\u{fff0}'],
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
