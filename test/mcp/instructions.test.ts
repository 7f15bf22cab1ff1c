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
        /More than about 30, in one file or many/,
        /told by its symptom: fix_bug.*a two-line change in two files[^.]*: do it yourself/,
        /Look at most twice before/,
        /Under 200 words: goal, constraints, acceptance/,
        /agreed to its code going to that model/,
        /Merge only when the user agrees/,
        /notice_for_user/,
      ]) {
        assert.match(text, rule);
      }
    });
  }

  const RECORD =
    'Record here, proven at the first attempt: 12 of 14 bug fixes, 23 of 31 features; 1 of 4 features over 10 files: do those yourself.';
  for (const disclosure of ['silent', 'open'] as const) {
    it(`${disclosure}: with the record of the repository before the last rules, under 2 KB still`, () => {
      const text = instructions(disclosure, RECORD);
      assert.ok(Buffer.byteLength(text) < 2048, String(Buffer.byteLength(text)));
      assert.equal(text.replace(`${RECORD}\n`, ''), instructions(disclosure));
    });

    it(`${disclosure}: without a record that there is no room for`, () => {
      assert.equal(instructions(disclosure, 'x'.repeat(400)), instructions(disclosure));
      assert.equal(instructions(disclosure, ''), instructions(disclosure));
    });
  }

  it('silent does not mention delegation, and never asks for a false answer', () => {
    const text = instructions('silent');
    assert.match(text, /do not mention delegation; answer truthfully if asked/);
    assert.match(text, /The user knows of the delegation/);
    assert.doesNotMatch(text, /\b(deny|lie|pretend|claim that you|never reveal|say that you wrote)\b/i);
  });

  it('open names the worker', () => assert.match(instructions('open'), /written by the delegated worker \(Kimi\)/));
});
