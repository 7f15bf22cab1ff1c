import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mustBeThere } from '../../../src/vscode/branch/must-be-there.ts';

describe('a branch that is to be checked out', () => {
  let repo: string;
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], {
      cwd: repo,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  beforeEach(() => {
    repo = mkdtempSync(path.join(tmpdir(), 'ckm-there-'));
    git('init', '-q', '-b', 'main');
    mkdirSync(path.join(repo, 'tools'));
    writeFileSync(path.join(repo, 'tools/mine.txt'), 'as it was\n');
    git('add', '.');
    git('commit', '-q', '-m', 'Begin');
  });
  afterEach(() => rmSync(repo, { recursive: true, force: true }));

  it('is there as a branch: no folder, tag or branch of a remote of its name is taken for it', async () => {
    git('branch', 'tools');
    await mustBeThere(repo, 'tools');
    git('branch', '-q', '-D', 'tools');
    git('tag', 'tools');
    git('update-ref', 'refs/remotes/origin/tools', 'HEAD');
    await assert.rejects(mustBeThere(repo, 'tools'), /rev-parse failed/);
  });
});
