import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/messages/translate.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { isWantedEnd } from '../../../src/vscode/task/wanted-end.ts';
import { endWords } from '../../../src/vscode/text/end-words.ts';
import { ended, unfinished } from '../sample-records.ts';

const ends = {
  ready: delegationItem(ended(), null),
  failed: delegationItem(ended({ outcome: 'checks_failed' }), null),
  killed: delegationItem(unfinished('interrupted', { step: 7 }), null),
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
    assert.deepEqual(told('failures'), ['failed', 'killed']);
    assert.deepEqual(told('all'), ['ready', 'failed', 'killed']);
  });

  it('is told in words, also where its server was killed and nothing says how it ended', () => {
    assert.equal(endWords(ends.killed, inEnglish), 'Interrupted after step 7. The work so far is kept.');
    assert.match(endWords(ends.ready, inEnglish), /npm test/);
  });
});
