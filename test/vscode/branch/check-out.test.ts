import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DelegationItem, delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { playVscode } from '../played-vscode.ts';
import { ended } from '../sample-records.ts';

describe('Check Out, where VS Code has no git', () => {
  let top: string;
  const at = (name: string) => path.join(top, name);
  beforeEach(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-out-')));
    makeRepository(at('repo'));
    gitIn(at('repo'), 'branch', 'kimi/a');
    writeFileSync(at('profile'), 'mine\n');
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  async function checkedOut(): Promise<{ branch: string; told: string }> {
    const played = await playVscode();
    const { checkOut } = await import('../../../src/vscode/branch/check-out.ts');
    const work = { ...delegationItem(ended(), null), delivered: { branch: 'kimi/a' } } as DelegationItem;
    const window = { worktreeOf: () => at('repo'), headOf: () => null, find: () => work, refresh: async () => {} };
    await checkOut(window as unknown as WindowContext, work);
    return { branch: gitIn(at('repo'), 'branch', '--show-current'), told: played.told.join('\n') };
  }

  it('switches to the branch', async () => {
    assert.equal((await checkedOut()).branch, 'kimi/a');
  });

  it('writes nothing through a link that was laid since the work was made', async () => {
    rmSync(at('repo/.git/logs/HEAD'));
    symlinkSync(at('profile'), at('repo/.git/logs/HEAD'));
    const { branch, told } = await checkedOut();
    assert.equal(branch, 'main');
    assert.match(told, /kimi\/a cannot be checked out: .*logs\/HEAD is a link that leads out of the git folder/);
    assert.equal(readFileSync(at('profile'), 'utf8'), 'mine\n');
  });
});
