import assert from 'node:assert/strict';
import { jsonText } from '../../src/cli/json-text.ts';
import { escapeUntrusted } from '../../src/mcp/escape-untrusted.ts';

describe('JSON on a terminal', () => {
  it('holds nothing that a terminal obeys or that hides text, and is the same to a parser', () => {
    const value = {
      '\u009b31m': [
        '\u001b[31m',
        '\u009d52;c;x\u009c',
        '\u202eevil\u2066',
        '\u200b\u{e0041}',
        '\u2028',
        '\ufeff',
        'a\ufe03\u115f\u3164',
        '中文 🚀 é',
      ],
      n: 1,
    };
    for (const text of [jsonText(value), jsonText(value, 2)]) {
      assert.doesNotMatch(
        text,
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e0fff}]/u,
      );
      assert.equal(escapeUntrusted(text), text, 'nothing that the other texts escape');
      assert.match(text, /中文 🚀 é/);
      assert.deepEqual(JSON.parse(text), value);
    }
  });
});
