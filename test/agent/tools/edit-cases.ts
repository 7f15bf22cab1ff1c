import assert from 'node:assert/strict';
import { applyEdits } from '../../../src/agent/tools/edit/apply-edits.ts';
import type { Edit } from '../../../src/agent/tools/edit/find-edit-block.ts';

export type EditCase = readonly [
  name: string,
  before: string,
  edits: readonly (readonly [oldText: string, newText: string, all?: 'all'])[],
  /** The text afterwards, or what the refusal must say. */
  expected: string | RegExp,
  /** What a note must say, or what is said of an edit that was not made. */
  note?: RegExp,
];

export function testEach(cases: readonly EditCase[]): void {
  for (const [name, before, edits, expected, note] of cases) {
    it(name, () => {
      const result = applyEdits(before, edits.map(toWanted));
      if (expected instanceof RegExp) {
        assert.ok(!result.ok, `should be refused, gave ${result.ok && JSON.stringify(result.text)}`);
        assert.match(result.message, expected);
        return;
      }
      assert.ok(result.ok, `refused: ${!result.ok && result.message}`);
      assert.equal(result.text, expected);
      assert.match([...result.notes, ...result.failures].join('; '), note ?? /^$/);
    });
  }
}

export function toWanted([oldText, newText, all]: readonly [string, string, 'all'?]): Edit {
  return { oldText, newText, replaceAll: all === 'all' };
}
