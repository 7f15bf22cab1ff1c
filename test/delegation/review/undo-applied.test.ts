import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { undoApplied } from '../../../src/delegation/review/undo-applied.ts';

/** The names of files are the model's, and the command is there to be run. */
describe('the command that takes back what was applied', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-undo-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@a', ...args], { cwd: folder, encoding: 'utf8' });
  const at = (name: string) => path.join(folder, name);

  it('touches no other file, and starts nothing, whatever they are called', () => {
    git('init', '-q');
    for (const name of ['a.ts', 'b.ts']) writeFileSync(at(name), 'before\n');
    git('add', '.');
    git('commit', '-q', '-m', 'begin');
    for (const name of [
      ':(top)',
      ':',
      ':!a.ts',
      '*',
      '[ab].ts',
      '$(touch started)',
      '`touch started`',
      "it's; touch started",
      '-x',
      'a.ts',
    ]) {
      writeFileSync(at(name), 'applied\n');
      git('--literal-pathspecs', 'add', '--', name);
      writeFileSync(at('b.ts'), 'of the user\n');
      execFileSync('sh', ['-c', undoApplied([name], 'f'.repeat(40))], { cwd: folder });
      assert.equal(readFileSync(at('b.ts'), 'utf8'), 'of the user\n', name);
      assert.equal(git('status', '--porcelain'), ' M b.ts\n', name);
    }
    assert.ok(!existsSync(at('started')));
    assert.equal(undoApplied(['src/a.ts', 'b c.ts'], ''), "git restore --staged --worktree -- src/a.ts 'b c.ts'");
  });
});
