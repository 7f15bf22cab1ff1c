import assert from 'node:assert/strict';
import { asOffered } from '../../../src/vscode/delegations/as-offered.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import { ended, TIP } from '../sample-records.ts';

const BASE = { at: '2026-01-01T00:00:00.000Z', tip: TIP, commit: 'a'.repeat(40), into: 'main' };
const merged = { state: 'merged', ...BASE } as const;
const discarded = { state: 'discarded', ...BASE, commit: null, into: null } as const;
const item = (disposition: DelegationRecord['disposition']) => delegationItem({ ...ended(), disposition }, null);

describe('a button of an old message that asks nothing more', () => {
  it('is about the merge, the discard and the attempt that the message spoke of, and not about a newer one', () => {
    assert.equal(asOffered(item(merged), 'undoMerge'), asOffered(item({ ...merged }), 'undoMerge'));
    for (const newer of [{ ...merged, commit: 'b'.repeat(40) }, { ...merged, at: '2026-01-02T00:00:00.000Z' }, discarded, null])
      assert.notEqual(asOffered(item(merged), 'undoMerge'), asOffered(item(newer), 'undoMerge'));
    for (const newer of [{ ...discarded, at: '2026-01-02T00:00:00.000Z' }, { ...discarded, tip: null }, merged, null])
      for (const action of ['undo', 'restore'] as const)
        assert.notEqual(asOffered(item(discarded), action), asOffered(item(newer), action));
    const first = item(null);
    const second = { ...first, lastAttempt: { ...first.lastAttempt!, number: 2 } };
    for (const action of ['resume', 'cancel'] as const) assert.notEqual(asOffered(first, action), asOffered(second, action));
  });

  it('is about whatever is there where a click asks first, or shows', () => {
    for (const action of ['merge', 'discard', 'retry', 'review', 'pullRequest', 'name'] as const)
      assert.equal(asOffered(item(null), action), null);
  });
});
