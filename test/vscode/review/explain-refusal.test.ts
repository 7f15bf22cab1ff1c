import assert from 'node:assert/strict';
import type { ToolAnswer } from '../../../src/mcp/tool-answer.ts';
import { calls } from '../../../src/messages/en/calls.ts';
import type { Code, Message } from '../../../src/messages/message.ts';
import { inEnglish } from '../../../src/messages/translate.ts';
import { explainRefusal } from '../../../src/vscode/review/explain-refusal.ts';

const ARGS = Object.fromEntries(
  [
    'folder',
    'files',
    'file',
    'said',
    'why',
    'locks',
    'kept',
    'branch',
    'head',
    'wanted',
    'tip',
    'expected',
    'since',
    'commit',
    'paths',
    'hook',
    'how',
  ].map((name) => [name, `the ${name}`]),
);
const decision = { branch: 'feature/x', into: { branch: 'main', commit: 'c'.repeat(40) }, base: 'b'.repeat(40) };
const refused = (code: Code, files: string[] = []): ToolAnswer => ({
  text: 'in the words for Claude: call again with expected_tip',
  data: { outcome: 'refused', reason: { code, args: ARGS }, files },
});
const explained = (code: Code, files?: string[], at = decision) => explainRefusal(refused(code, files), at, inEnglish);

const checkedOut: readonly Code[] = ['merge.ownBranch', 'branch.checkedOut'];
const CODES: readonly Code[] = [
  'merge.conflict',
  'merge.uncommitted',
  'merge.untracked',
  'merge.unfinished.merge',
  'merge.unfinished.rebase',
  'merge.unfinished.cherryPick',
  'merge.unfinished.revert',
  'merge.nothingNew',
  'merge.tipMoved',
  'discard.tipMoved',
  'branch.moved',
  'branch.movedSince',
  'merge.otherHead',
  'merge.locked',
  'merge.filter',
  'merge.changedMeanwhile',
  'merge.otherFileSystem',
  'merge.unresolved',
  'merge.overlooked',
  'merge.submodule',
  'merge.collision',
  'merge.failed',
  'merge.broken',
  'merge.headMoved',
  'merge.notSigned',
  'merge.noFastForward',
  'merge.partOnly',
  'merge.notChanged',
  ...checkedOut,
  'decide.running',
];

describe('a refused decision', () => {
  it('is explained to people, with a way on', () => {
    for (const code of CODES) {
      const { text, next } = explained(code, ['a.ts', 'b.ts']);
      assert.doesNotMatch(text, /Claude|expected_tip|\{\w+\}/, code);
      assert.ok(next.length > 0 || checkedOut.includes(code), code);
    }
    assert.match(explained('merge.untracked', ['.env']).text, /^\.env of yours/);
    assert.match(
      explainRefusal({ text: refused('text').text }, decision, inEnglish).text,
      /in the words for Claude/,
      'what is not known is passed on',
    );
    const other: Message = { code: 'repo.oddFile', args: { file: 'x' } };
    const answer: ToolAnswer = { text: '', data: { outcome: 'refused', reason: other } };
    assert.match(explainRefusal(answer, decision, inEnglish).text, /^x /);
  });

  it('says that somebody else was quicker, without the names of our tools', () => {
    for (const code of ['merge.noBranch', 'decide.unknown'] as const)
      assert.deepEqual(explained(code), { text: 'This is not possible any more: the delegation changed meanwhile.', next: [] });
  });

  it('has its own way on for each refusal of a merge that there is', () => {
    const told: readonly Code[] = [
      'merge.done',
      'merge.doneBefore',
      'merge.preview',
      'merge.applied',
      'merge.partDone',
      'merge.partOf',
      'merge.checked',
      'merge.driversOff',
      'merge.hookLeft',
      'merge.hooksNotRun',
      'merge.hookLater',
      'merge.hunkRemoved',
      'merge.filesOne',
      'merge.filesMany',
      'merge.branchFound',
      'merge.branchAside',
      'merge.branchStays',
      'merge.wouldStash',
      'merge.stashed',
      'merge.stashKept',
      'merge.stashOnly',
      'merge.notNoted',
    ];
    const refusals = Object.keys(calls).filter((code) => code.startsWith('merge.') && !told.includes(code as Code)) as Code[];
    const unexplained = refusals.filter((code) => explained(code, ['a.ts']).next.includes('showSteps'));
    assert.deepEqual(unexplained, []);
  });

  it('names no way on that a window does not have, neither to people nor to Kimi', () => {
    const foreign = /skip_hooks|--no-verify|expected_tip|repo_path|how: apply|get_delegation/;
    for (const code of Object.keys(calls).filter((name) => name.startsWith('merge.')) as Code[]) {
      const { text, feedback } = explained(code, ['a.ts']);
      assert.doesNotMatch(text, foreign, code);
      assert.doesNotMatch(feedback ?? '', /skip_hooks|--no-verify|without hooks|how: apply/, code);
    }
    const { text, next, feedback } = explained('merge.hookFails');
    assert.match(
      text,
      /^Your hook the hook ran in the sandbox on the merged files and says no \(the how\): the said Nothing was changed\.$/,
    );
    assert.deepEqual(next, ['retry', 'mergeWithoutHooks']);
    assert.equal(feedback, 'The git hook the hook says no to your work (the how): the said Correct it on the branch.');
    for (const code of ['merge.hookRewrites', 'merge.hooksCannotRun', 'merge.hookEmptyMessage'] as const) {
      assert.ok(explained(code).next.includes('mergeWithoutHooks'), code);
      assert.equal(explained(code).feedback, undefined, code);
    }
  });

  it("leads to where it can be mended: the source control for what is the user's own, a retry for what the branch brought", () => {
    for (const code of ['merge.uncommitted', 'merge.untracked', 'merge.unresolved', 'merge.overlooked', 'merge.unfinished.rebase'] as const)
      assert.deepEqual(explained(code, ['a.ts']).next, ['openSourceControl', 'merge'], code);
    for (const code of ['merge.filter', 'merge.collision'] as const) {
      const { next, feedback } = explained(code, ['a.ts']);
      assert.deepEqual(next, ['retry', 'merge'], code);
      assert.match(feedback ?? '', /^Your work could not be merged: .*Correct it on the branch\.$/);
    }
  });

  it('offers to stash uncommitted changes that are in the way of a merge, once', () => {
    const { text, next } = explained('merge.uncommitted', ['src/cart.ts'], { ...decision, mayStash: true } as never);
    assert.equal(text, 'You have uncommitted changes in src/cart.ts, which feature/x changes too. Nothing was changed.');
    assert.deepEqual(next, ['stashAndMerge', 'openSourceControl']);
    assert.deepEqual(explained('merge.untracked', ['a.ts'], { ...decision, mayStash: true } as never).next, ['openSourceControl', 'merge']);
  });

  it('says why a merge stays, in words that a window has', () => {
    const codes = Object.keys(calls).filter((name) => name.startsWith('undoMerge.') && name !== 'undoMerge.done') as Code[];
    assert.equal(codes.length, 7);
    for (const code of codes) {
      const { text, next } = explained(code, ['a.ts']);
      assert.equal(next[0], 'openSourceControl', code);
      assert.doesNotMatch(text, /restore_delegation|undo_merge/, code);
    }
  });

  it('over a conflict offers to let Kimi rework it, and says how it can see the other side', () => {
    const { text, next, feedback } = explained('merge.conflict', ['src/cart.ts']);
    assert.match(text, /feature\/x and main both changed src\/cart\.ts/);
    assert.equal(next[0], 'retry');
    assert.match(feedback ?? '', /on main now, in src\/cart\.ts\. "git diff b{12} c{12}"/);
    assert.equal(explained('merge.conflict', ['x'], { ...decision, into: null as never }).feedback, undefined);
  });
});
