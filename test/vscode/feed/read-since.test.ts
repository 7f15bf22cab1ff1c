import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { createReadSince } from '../../../src/vscode/feed/read-since.ts';
import { isWantedEnd } from '../../../src/vscode/task/wanted-end.ts';
import { ended, unfinished } from '../sample-records.ts';

describe('what is known of branches when an attempt ends', () => {
  const none = { tips: new Map(), merged: new Set<string>(), head: 'main' };
  const failed = ended({ outcome: 'checks_failed' });

  it('is older than its branch, and must not make it one that was removed, of which nobody is told', () => {
    assert.equal(delegationItem(failed, none).ending, 'gone');
    assert.ok(!isWantedEnd(delegationItem(failed, none), 'failures'));
    assert.ok(isWantedEnd(delegationItem(failed, null), 'failures'));
    const since = createReadSince();
    since.begin([unfinished('running')])();
    assert.ok(!since.covers(failed));
    const isDone = since.begin([failed]);
    assert.ok(!since.covers(failed), 'not before it is read');
    isDone();
    assert.ok(since.covers(failed));
  });

  it('stays known while an attempt only goes on, and not when somebody decides', () => {
    const since = createReadSince();
    since.begin([unfinished('running')])();
    assert.ok(since.covers(unfinished('running', { step: 40 })));
    since.begin([failed])();
    assert.ok(!since.covers({ ...failed, disposition: { state: 'discarded', at: '', tip: null, commit: null, into: null } }));
    assert.ok(!createReadSince().covers(failed), 'what was never looked at');
  });
});
