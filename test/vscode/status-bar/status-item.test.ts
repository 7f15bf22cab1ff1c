import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/messages/translate.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { DelegationRecord } from '../../../src/vscode/feed/delegation-reader.ts';
import { statusItem } from '../../../src/vscode/status-bar/status-item.ts';
import { inWords } from '../../messages/english.ts';
import { ended, unfinished } from '../sample-records.ts';

describe('the status bar', () => {
  const item = (records: DelegationRecord[], more: { setUp?: boolean; seenUntil?: number; key?: string; everything?: string } = {}) =>
    statusItem({
      delegations: records.map((record) => delegationItem(record, null)),
      setUp: more.setUp ?? true,
      seenUntil: more.seenUntil ?? 0,
      working: { sandbox: 0, key: Date.parse(more.key ?? '1970'), everything: Date.parse(more.everything ?? '1970') },
      t: inEnglish,
    });

  it('is empty when there is nothing to know', () => {
    assert.equal(item([]), null);
    assert.equal(item([ended()], { seenUntil: Date.parse('2026-11-23') }), null);
  });

  it('says how far the only one is, and counts several', () => {
    assert.equal(item([unfinished('running'), ended()])?.text, '$(loading~spin) Kimi: step 3/50');
    assert.equal(item([unfinished('running'), unfinished('running')])?.text, '$(loading~spin) Kimi: 2 running');
  });

  it('tells ends that nobody has seen', () => {
    assert.equal(item([ended({ outcome: 'checks_failed' })])?.text, '$(warning) Kimi: 1 needs attention');
    assert.equal(item([ended()])?.text, '$(git-pull-request) Kimi: 1 to review');
    assert.equal(item([ended({ outcome: 'checks_failed' })], { seenUntil: Date.parse('2026-11-22T10:04:10.000Z') }), null);
  });

  it('stays loud about a broken set-up, seen or not, until something went better', () => {
    const broken = ended({ outcome: 'auth_failed', reason: inWords('the key was refused'), tip: null, change: null });
    const shown = item([broken], { seenUntil: Date.parse('2027-01-01') });
    assert.equal(shown?.text, '$(warning) Kimi does not work');
    assert.ok(shown?.warning);
    assert.match(shown?.tooltip ?? '', /key refused: the key was refused/);
    const later = ended({ startedAt: '2026-11-22T11:00:00.000Z', endedAt: '2026-11-22T11:01:00.000Z' });
    assert.equal(item([broken, later], { seenUntil: Date.parse('2027-01-01') }), null);
  });

  it('forgets a failure when what failed was seen to work since', () => {
    const end = (outcome: 'auth_failed' | 'sandbox_unavailable') => ended({ outcome, tip: null, change: null });
    const texts = (outcome: Parameters<typeof end>[0], more: Parameters<typeof item>[1]) =>
      item([end(outcome)], { seenUntil: Date.parse('2027-01-01'), ...more })?.text ?? null;
    const loud = '$(warning) Kimi does not work';
    assert.equal(texts('auth_failed', { key: '2026-11-22T00:00Z' }), loud, 'it worked before');
    assert.equal(texts('auth_failed', { key: '2026-11-23' }), null);
    assert.equal(texts('sandbox_unavailable', { key: '2026-11-23' }), loud, 'the key says nothing of the sandbox');
    assert.equal(texts('sandbox_unavailable', { everything: '2026-11-23' }), null);
  });

  it('leads to where the matter is seen, or mended', () => {
    assert.equal(item([unfinished('running')])?.command, 'view');
    assert.equal(item([ended()])?.command, 'view');
    assert.equal(item([ended({ outcome: 'checks_failed' })])?.command, 'view');
    assert.equal(item([ended({ outcome: 'auth_failed', tip: null, change: null })])?.command, 'checkSetup');
    assert.equal(item([], { setUp: false })?.command, 'setUp');
  });

  it('says when nothing is set up', () => assert.equal(item([], { setUp: false })?.text, '$(gear) Kimi: not set up'));
});
