import assert from 'node:assert/strict';
import { type DelegationItem, delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { playVscode } from '../played-vscode.ts';
import { ended } from '../sample-records.ts';

describe('the working tree that a question of the window is about', () => {
  const [SHOP, LINKED] = ['/work/shop', '/work/shop.linked'];
  const work: DelegationItem = delegationItem(ended(), null);
  const opened = (...roots: string[]) => roots.map((root) => ({ folder: root, root, gitDir: '', commonDir: work.identity.commonDir }));

  /**
   * @param then the folders that are open when the answer comes
   * @param tried the same when the merge was tried, before the question stands
   */
  async function ask(how: 'merge' | 'apply' | 'discard', now: readonly string[], then: readonly string[], tried = now) {
    const played = await playVscode();
    const decisions = await import('../../../src/vscode/review/merge-discard.ts');
    let open = now;
    const calls: Record<string, unknown>[] = [];
    const window = {
      worktreeOf: () => open[0],
      repositories: () => opened(...open),
      severalRepositories: () => false,
      headOf: () => ({ branch: null, commit: 'a'.repeat(40) }),
      refresh: async () => {},
      find: () => work,
      server: async () => ({
        call: async (_: string, args: Record<string, unknown>) => {
          calls.push(args);
          if (args.preview) open = tried;
          const outcome = args.preview ? 'previewed' : how === 'apply' ? 'applied' : how === 'discard' ? 'discarded' : 'merged';
          return { text: '', data: { outcome } };
        },
      }),
    } as unknown as WindowContext;
    let detail = '';
    played.answer = (_, buttons) => {
      const yes = buttons.find((button) => ['Squash Merge', 'Apply', 'Discard'].includes(button));
      if (yes) {
        open = then;
        detail = played.details.at(-1) ?? '';
      }
      return yes;
    };
    if (how === 'merge') await decisions.merge(window, work);
    else if (how === 'apply') await decisions.applyToWorkingTree(window, work);
    else await decisions.discard(window, work);
    return { detail, calls };
  }

  for (const how of ['merge', 'apply', 'discard'] as const)
    it(`is named where it is not the only one, and stays the one that was named (${how})`, async () => {
      for (const now of [[LINKED], [SHOP, LINKED], [LINKED, SHOP]]) {
        const { detail, calls } = await ask(how, now, now.toReversed());
        assert.match(detail, new RegExp(`^In ${now[0]}$`, 'm'));
        assert.ok(calls.length > 0);
        for (const { repo_path } of calls) assert.equal(repo_path, now[0]);
      }
      assert.doesNotMatch((await ask(how, [SHOP], [SHOP])).detail, /^In /m);
    });

  it('is named as it was where folders change while the merge is tried', async () => {
    for (const tried of [[SHOP, LINKED], [SHOP], []]) {
      const { detail, calls } = await ask('merge', [LINKED, SHOP], tried, tried);
      assert.match(detail, new RegExp(`^In ${LINKED}$`, 'm'));
      assert.deepEqual([...new Set(calls.map(({ repo_path }) => repo_path))], [LINKED]);
    }
    assert.match((await ask('merge', [SHOP], [LINKED], [LINKED])).detail, new RegExp(`^In ${SHOP}$`, 'm'));
  });

  it('is merged into at the commit that was checked out, where no branch is', async () => {
    for (const how of ['merge', 'apply'] as const) assert.equal((await ask(how, [SHOP], [SHOP])).calls.at(-1)?.into, 'a'.repeat(40));
  });
});
