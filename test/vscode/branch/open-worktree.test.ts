import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DelegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { playVscode } from '../played-vscode.ts';

describe('a working tree beside the checkout', () => {
  let top: string;
  const at = (name: string) => path.join(top, name);
  beforeEach(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-beside-')));
    makeRepository(at('repo'));
    gitIn(at('repo'), 'branch', 'kimi/a');
    mkdirSync(at('config'));
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  /** @param answer what the user types, of each proposal */
  async function open(answer: (proposed: string) => string | undefined): Promise<string[]> {
    const played = await playVscode();
    const proposals: string[] = [];
    played.type = (proposed) => {
      proposals.push(proposed);
      return answer(proposed);
    };
    const { openWorktree } = await import('../../../src/vscode/branch/open-worktree.ts');
    const window = { worktreeOf: () => at('repo'), refresh: async () => {} } as unknown as WindowContext;
    await openWorktree(window, { delivered: { branch: 'kimi/a' } } as DelegationItem);
    return proposals;
  }

  it('is made where it was proposed', async () => {
    assert.deepEqual(await open((proposed) => proposed), [at('repo.worktrees/kimi-a')]);
    assert.ok(existsSync(at('repo.worktrees/kimi-a/README.md')));
  });

  it('is proposed where a link beside the repository leads, which may have come with it', async () => {
    symlinkSync('config', at('repo.worktrees'));
    assert.deepEqual(await open(() => undefined), [at('config/kimi-a')]);
  });

  const MOVES: readonly [string, () => void][] = [
    [
      'came to lead elsewhere',
      () => {
        mkdirSync(at('repo.worktrees'));
        renameSync(at('repo.worktrees'), at('moved'));
        symlinkSync('config', at('repo.worktrees'));
      },
    ],
    [
      'is a link by now',
      () => {
        mkdirSync(at('repo.worktrees'));
        symlinkSync('../config', at('repo.worktrees/kimi-a'));
      },
    ],
  ];
  for (const [what, move] of MOVES)
    it(`is asked for again where the folder ${what}`, async () => {
      let asked = 0;
      const proposals = await open((proposed) => {
        if (asked++ > 0) return undefined;
        move();
        return proposed;
      });
      assert.equal(proposals.length, 2);
      assert.ok(!existsSync(at('config/README.md')) && !existsSync(at('config/kimi-a')));
    });
});
