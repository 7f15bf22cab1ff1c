import assert from 'node:assert/strict';
import type { DelegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import { delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { playVscode } from '../played-vscode.ts';
import { ended, TIP } from '../sample-records.ts';

describe('feedback that takes minutes to write', () => {
  const work = (more: Partial<DelegationItem> = {}): DelegationItem => ({ ...delegationItem(ended(), null), ...more });
  const newer = delegationItem(ended({ tip: 'd'.repeat(40) }), null);
  const merged = delegationItem({ ...ended(), disposition: { state: 'merged', at: '', tip: TIP, commit: TIP, into: 'main' } }, null);

  async function send(how: 'retry' | 'comments', now: DelegationItem | undefined): Promise<{ calls: number; told: string[] }> {
    const played = await playVscode();
    const { retryWithFeedback } = await import('../../../src/vscode/task/retry-with-feedback.ts');
    const { sendComments } = await import('../../../src/vscode/task/send-comments.ts');
    let found: DelegationItem | undefined = work();
    played.write = () => {
      found = now;
      return 'It is wrong';
    };
    let calls = 0;
    const began = new Error('began');
    const window = {
      worktreeOf: () => '/work/shop',
      refresh: async () => {},
      find: () => found,
      drafts: { get: () => undefined, set() {}, delete() {} },
      ownTasks: {
        during: () => {
          calls++;
          throw began;
        },
      },
      onDidChange: () => ({ dispose() {} }),
      delegations: () => [],
      findByBranch: () => undefined,
    } as unknown as WindowContext;
    const mayDelegate = async () => true;
    const comments = {
      of: () => [{ file: 'a.ts', line: 1, text: 'no' }],
      forget() {},
      onDidChange: () => ({ dispose() {} }),
      dispose() {},
    };
    const sent = how === 'retry' ? retryWithFeedback(window, work(), mayDelegate) : sendComments(window, work(), comments, mayDelegate);
    await sent.catch((error: unknown) => assert.equal(error, began));
    return { calls, told: [...played.told] };
  }

  for (const how of ['retry', 'comments'] as const)
    it(`is sent on the work that it is about, and on none that came, or was merged, meanwhile (${how})`, async () => {
      assert.deepEqual(await send(how, work()), { calls: 1, told: [] });
      for (const now of [newer, merged, undefined]) {
        const { calls, told } = await send(how, now);
        assert.equal(calls, 0);
        assert.match(told.join('\n'), /the delegation changed meanwhile/);
      }
    });
});
