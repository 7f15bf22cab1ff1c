import assert from 'node:assert/strict';
import { storedDrafts } from '../../../src/vscode/task/stored-drafts.ts';
import { memory } from '../memory.ts';

describe('texts that are not sent yet', () => {
  it('survive a reload, the newest of them', () => {
    const kept = memory();
    const drafts = storedDrafts(kept);
    for (let index = 0; index < 60; index++) drafts.set(`key ${index}`, `text ${index}`);
    drafts.set('key 0', 'written anew');
    const after = storedDrafts(kept);
    assert.equal(after.get('key 0'), 'written anew');
    assert.equal(after.get('key 59'), 'text 59');
    assert.equal(after.get('key 1'), undefined);
  });

  it('are kept when the reason of a refusal is put behind them, once', () => {
    const drafts = storedDrafts(memory());
    drafts.add('x', 'Your work conflicts with main.');
    assert.equal(drafts.get('x'), 'Your work conflicts with main.');
    drafts.set('x', 'The discount begins at 40.00.');
    for (let click = 0; click < 2; click++) drafts.add('x', 'Your work conflicts with main.');
    assert.equal(drafts.get('x'), 'The discount begins at 40.00.\n\nYour work conflicts with main.');
  });
});
