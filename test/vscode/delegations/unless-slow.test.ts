import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unlessSlow } from '../../../src/vscode/delegations/unless-slow.ts';
import { readBranches } from '../../../src/workspace/repository-branches.ts';

describe('git in a repository that does not answer', () => {
  let repo: string;
  beforeEach(() => {
    repo = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-slow-')));
    execFileSync('git', ['init', '-q', repo]);
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', 'commit', '-q', '--allow-empty', '-m', 'x'], {
      cwd: repo,
    });
  });
  afterEach(() => rmSync(repo, { recursive: true, force: true }));

  for (const file of ['packed-refs', 'refs/heads/pipe'])
    it(`is stopped, and asked no more for a minute: ${file} is a pipe`, async () => {
      execFileSync('mkfifo', [path.join(repo, '.git', file)]);
      let asked = 0;
      const ask = () => {
        asked += 1;
        return readBranches(repo, undefined, 300);
      };
      let now = 1_000_000;
      assert.equal(await unlessSlow(repo, ask, () => now), null);
      assert.equal(await unlessSlow(repo, ask, () => now + 59_000), null);
      assert.equal(asked, 1);
      rmSync(path.join(repo, '.git', file));
      now += 61_000;
      assert.equal((await unlessSlow(repo, ask, () => now))?.tips.size, 1);
    });
});
