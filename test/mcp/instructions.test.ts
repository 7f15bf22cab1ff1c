import assert from 'node:assert/strict';
import { instructions } from '../../src/mcp/instructions.ts';

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
