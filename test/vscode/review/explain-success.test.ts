import assert from 'node:assert/strict';
import { type Message, message, sentences } from '../../../src/messages/message.ts';
import { inEnglish } from '../../../src/messages/translate.ts';
import { explainSuccess, stashTexts } from '../../../src/vscode/review/explain-success.ts';

const done = (branch: Message) =>
  message('merge.done', { files: message('merge.filesOne'), into: 'main', commit: 'abc1234', before: 'def5678', branch });
const aside = message('merge.branchAside', { branch: 'fix/x' });
const told = (reason: Message | null) => explainSuccess(reason, inEnglish);

describe('what the window says besides that it is merged', () => {
  it('is the command that takes it back, and where the branch is when it stays', () => {
    assert.deepEqual(told(done(aside)), { notes: ['To take it back: git reset --keep def5678'], isWarning: false });
    const stays = message('merge.branchStays', { branch: 'fix/x', why: message('text', { text: 'the disk is full.' }) });
    assert.deepEqual(told(done(stays)).notes, ['fix/x stays: the disk is full. To take it back: git reset --keep def5678']);
    const earlier = (branch: Message) =>
      message('merge.doneBefore', { files: message('merge.filesOne'), into: 'main', commit: 'abc1234', branch });
    assert.deepEqual(told(earlier(aside)).notes, []);
    assert.deepEqual(told(earlier(stays)).notes, ['fix/x stays: the disk is full']);
    const applied = { files: message('merge.filesOne'), into: 'main', names: 'a.ts', branch: 'fix/x', undo: 'git restore -- a.ts' };
    assert.deepEqual(told(message('merge.applied', applied)).notes, ['To take it back: git restore -- a.ts']);
  });

  it('is what came of hooks, as a warning where they did not run', () => {
    const notRun = message('merge.hooksNotRun', { hooks: ['pre-commit'], files: ['.husky/pre-commit'] });
    const later = message('merge.hookLater', { hook: 'post-commit' });
    assert.deepEqual(told(sentences([notRun, later, done(aside)])), {
      notes: [
        'Your hooks pre-commit did not run, as the branch changes what they load: .husky/pre-commit.',
        'Your hook post-commit did not run: git hook run post-commit.',
        'To take it back: git reset --keep def5678',
      ],
      isWarning: true,
    });
    const left = message('merge.hookLeft', { files: ['coverage.txt'] });
    assert.deepEqual(told(sentences([left, done(aside)])).isWarning, false);
  });

  it('is no command where a button does it, and what would be stashed stands in the question', () => {
    const stash = message('merge.wouldStash', { files: ['a.ts'] });
    assert.deepEqual(explainSuccess(done(aside), inEnglish, { canUndo: true }).notes, []);
    assert.deepEqual(stashTexts(sentences([stash, done(aside)]), inEnglish), [
      'Your uncommitted changes in a.ts would be stashed meanwhile and come back after it.',
    ]);
    assert.deepEqual(stashTexts(done(aside), inEnglish), []);
    assert.equal(told(sentences([message('merge.stashKept', { files: ['a.ts'] }), done(aside)])).isWarning, true);
  });

  it('is nothing where a button takes it back, or nothing is told', () => {
    assert.deepEqual(told(message('discard.deleted', { branch: 'fix/x', tip: 'abc1234' })), { notes: [], isWarning: false });
    assert.deepEqual(told(null), { notes: [], isWarning: false });
  });
});
