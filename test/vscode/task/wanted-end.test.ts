import assert from 'node:assert/strict';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { isWantedEnd } from '../../../src/vscode/task/wanted-end.ts';
import { ended } from '../sample-records.ts';

const ends = {
  ready: delegationItem(ended(), null),
  failed: delegationItem(ended({ outcome: 'checks_failed' }), null),
  cancelled: delegationItem(ended({ outcome: 'cancelled', tip: null, change: null }), null),
  discarded: delegationItem(
    ended({ outcome: 'checks_failed' }, { disposition: { state: 'discarded', at: '', tip: null, commit: null, into: null } }),
    null,
  ),
};

describe('the end of a delegation that Claude has started', () => {
  const told = (wanted: string) => Object.entries(ends).flatMap(([name, end]) => (isWantedEnd(end, wanted) ? [name] : []));

  it('is told as the setting says, and never what was cancelled or decided about', () => {
    assert.deepEqual(told('off'), []);
    assert.deepEqual(told('failures'), ['failed']);
    assert.deepEqual(told('all'), ['ready', 'failed']);
  });
});
