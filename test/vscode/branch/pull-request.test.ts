import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DelegationItem, delegationItem } from '../../../src/vscode/delegations/delegation-item.ts';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { playVscode } from '../played-vscode.ts';
import { ended, result } from '../sample-records.ts';

describe('Create Pull Request', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-request-')));
    makeRepository(root);
    gitIn(root, 'branch', result().branch);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function create(config: string): Promise<{ detail: string; opened: string[]; told: string; pushed: unknown[] }> {
    appendFileSync(path.join(root, '.git/config'), config);
    const played = await playVscode();
    const pushed: unknown[] = [];
    const repository = { rootUri: { fsPath: root }, push: async (...words: unknown[]) => void pushed.push(words) };
    played.extensions['vscode.git'] = { isActive: true, exports: { enabled: true, getAPI: () => ({ getRepository: () => repository }) } };
    played.answer = (_, buttons) => buttons.find((button) => button === 'Push');
    const work: DelegationItem = { ...delegationItem(ended(), null), actions: new Set(['pullRequest']) };
    const window = {
      worktreeOf: () => root,
      repositories: () => [],
      severalRepositories: () => false,
      refresh: async () => {},
      find: () => work,
    };
    const { createPullRequest } = await import('../../../src/vscode/branch/create-pull-request.ts');
    await createPullRequest(window as unknown as WindowContext, work);
    return { detail: played.details.find(Boolean) ?? '', opened: played.opened, told: played.told.join('\n'), pushed };
  }

  it('opens the page of where it has pushed, and tells no other host of the branch', async () => {
    const { detail, opened, pushed } = await create(
      '[remote "origin"]\n\turl = https://github.com/public/shop.git\n\tpushurl = git@gitlab.corp.example:own/shop.git\n',
    );
    assert.match(detail, /The branch goes to .*gitlab\.corp\.example/);
    assert.equal(pushed.length, 1);
    assert.equal(opened.length, 1);
    assert.match(opened[0]!, /^https:\/\/gitlab\.corp\.example\/own\/shop\//);
  });

  it('opens the page that is written down where git reaches it by another address', async () => {
    const { detail, opened } = await create(
      '[remote "origin"]\n\turl = https://github.com/public/shop.git\n[url "work:"]\n\tinsteadOf = https://github.com/\n',
    );
    assert.match(detail, /The branch goes to work:public\/shop\.git/);
    assert.match(opened[0]!, /^https:\/\/github\.com\/public\/shop\//);
  });

  it('opens none where no page is known there, and names what goes along', async () => {
    const { detail, opened, told } = await create(
      '[remote "origin"]\n\turl = https://github.com/public/shop.git\n\tpushurl = /srv/shop.git\n[push]\n\tpushOption = merge_request.create\n',
    );
    assert.deepEqual(opened, []);
    assert.match(told, /was pushed to \/srv\/shop\.git\. Where a pull request is written there is not known/);
    assert.match(detail, /has more done by a push: push\.pushoption=merge_request\.create/);
  });
});
