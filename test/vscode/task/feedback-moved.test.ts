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

  const stopped = work({ actions: new Set(['resume']), lastAttempt: { ...work().lastAttempt!, number: 1 } });
  const another = work({ actions: new Set(['resume']), lastAttempt: { ...work().lastAttempt!, number: 2 } });

  async function send(how: 'retry' | 'comments' | 'resume', now: DelegationItem | undefined): Promise<{ calls: number; told: string[] }> {
    const played = await playVscode();
    const { retryWithFeedback } = await import('../../../src/vscode/task/retry-with-feedback.ts');
    const { sendComments } = await import('../../../src/vscode/task/send-comments.ts');
    const { resumeTask } = await import('../../../src/vscode/task/resume-task.ts');
    const asked = how === 'resume' ? stopped : work();
    let found: DelegationItem | undefined = asked;
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
    const mayDelegate = async () => {
      if (how === 'resume') found = now;
      return true;
    };
    const comments = {
      of: () => [{ file: 'a.ts', line: 1, text: 'no' }],
      forget() {},
      onDidChange: () => ({ dispose() {} }),
      dispose() {},
    };
    const sent =
      how === 'resume'
        ? resumeTask(window, asked, mayDelegate)
        : how === 'retry'
          ? retryWithFeedback(window, work(), mayDelegate)
          : sendComments(window, work(), comments, mayDelegate);
    await sent.catch((error: unknown) => assert.equal(error, began));
    return { calls, told: [...played.told] };
  }

  it('is the same for a question that Resume asks before: it goes on with the attempt that was there', async () => {
    assert.deepEqual(await send('resume', stopped), { calls: 1, told: [] });
    for (const now of [another, merged, undefined]) assert.equal((await send('resume', now)).calls, 0);
  });

  for (const how of ['retry', 'comments'] as const)
    it(`is sent on the work that it is about, and on none that came, or was merged, meanwhile (${how})`, async () => {
      assert.deepEqual(await send(how, work()), { calls: 1, told: [] });
      for (const now of [newer, merged, undefined]) {
        const { calls, told } = await send(how, now);
        assert.equal(calls, 0);
        assert.match(told.join('\n'), /the delegation changed meanwhile/);
      }
    });

  it('is sent without comments that were taken back meanwhile', async () => {
    const played = await playVscode();
    const { sendComments } = await import('../../../src/vscode/task/send-comments.ts');
    const all = ['no', 'nor this'].map((text, at) => ({ file: 'a.ts', line: at + 1, text }));
    for (const [left, words, sent] of [
      [all.slice(1), 'Besides', 'Besides\n\na.ts:2: nor this'],
      [[], 'Besides', 'Besides'],
      [[], '', undefined],
    ] as const) {
      let comments: readonly (typeof all)[number][] = all;
      played.write = () => {
        comments = left;
        return words;
      };
      const calls: unknown[] = [];
      const over = new Error('over');
      const window = {
        worktreeOf: () => '/work/shop',
        refresh: async () => {},
        find: () => work(),
        drafts: { get: () => undefined, set() {}, delete() {} },
        ownTasks: { during: (_: string, __: string, act: () => unknown) => act() },
        onDidChange: () => ({ dispose() {} }),
        findByBranch: () => undefined,
        server: async () => ({
          call: async (_: string, args: unknown) => {
            calls.push(args);
            throw over;
          },
        }),
      } as unknown as WindowContext;
      const told = { of: () => comments, forget() {}, onDidChange: () => ({ dispose() {} }), dispose() {} };
      await sendComments(window, work(), told, async () => true).catch((error: unknown) => assert.equal(error, over));
      assert.equal((calls[0] as { task_spec: string } | undefined)?.task_spec, sent);
    }
  });
});
