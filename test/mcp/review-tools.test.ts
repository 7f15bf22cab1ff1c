import assert from 'node:assert/strict';
import { decisionAnswer } from '../../src/mcp/review-tools.ts';
import { message, sentences } from '../../src/messages/message.ts';

describe('the answer of a decision', () => {
  it('has the command that takes it back to its end, however long the names of files are', () => {
    const names = Array.from({ length: 8 }, (_, index) => `packages/a-long-name/source/components/${'x'.repeat(200)}/file-${index}.ts`);
    const undo = `git restore --staged --worktree -- ${names.join(' ')}`;
    const files = message('merge.filesMany', { count: 8 });
    const text = sentences([
      message('merge.hooksNotRun', { hooks: ['pre-commit'], files: names.slice(0, 1) }),
      message('merge.applied', { files, into: 'main', names, branch: 'feature/x', undo }),
    ]);
    const answer = decisionAnswer('feature/x', 'merged', { ok: true, text, outcome: 'applied' });
    assert.ok(answer.text.endsWith(`To take it back: ${undo}`), answer.text.slice(-200));
    assert.equal(answer.data?.outcome, 'applied');
  });
});
