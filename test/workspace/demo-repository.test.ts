import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEMO_BUG, makeDemoRepository } from '../../src/workspace/demo-repository.ts';

describe('the demo repository', () => {
  let folder: string;
  beforeEach(() => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'ckm-demo-')), 'demo');
  });
  afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

  it('has one commit on main, which anybody can add to, and the bug that its report tells of', async () => {
    await makeDemoRepository(folder);
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } }).trim();
    assert.match(git('log', '--format=%s'), /^Corner shop with a bug in the cart$/);
    assert.equal(git('status', '--porcelain', '--branch'), '## main');
    git('commit', '-q', '--allow-empty', '-m', 'More');
    assert.throws(
      () =>
        execFileSync(process.execPath, ['--test'], { cwd: folder, encoding: 'utf8', stdio: 'pipe', env: { PATH: process.env['PATH'] } }),
      ({ stdout }: { stdout: string }) => /quantities count/.test(stdout) && /# fail 1|ℹ fail 1/.test(stdout),
    );
    assert.match(DEMO_BUG, /"quantities count"/);
  });
});
