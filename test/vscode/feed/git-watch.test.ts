import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type GitWatch, watchGit } from '../../../src/vscode/feed/git-watch.ts';
import { gitIn, makeRepository, writeIn } from '../../e2e/world.ts';

describe('the watch on git', () => {
  let folder: string;
  let repo: string;
  let watch: GitWatch;
  let hints: string[];
  let waiting: { file: string; done: () => void } | null;

  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-git-watch-')));
    repo = path.join(folder, 'repo');
    makeRepository(repo);
    hints = [];
    waiting = null;
    watch = watchGit((file) => {
      const name = path.relative(folder, file);
      hints.push(name);
      if (waiting?.file === name) waiting.done();
    });
  });
  afterEach(() => {
    watch.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const dirs = { gitDir: '', commonDir: '' };
  const start = (more: Partial<typeof dirs> = {}) => {
    const commonDir = path.join(repo, '.git');
    return watch.set([{ gitDir: commonDir, commonDir, ...more }]);
  };
  /** Resolves when a hint about the file comes after the act; the test's own time limit says when it does not. */
  const hintOf = (file: string, act: () => void) =>
    new Promise<void>((done) => {
      waiting = { file, done };
      act();
    });

  it('tells of a switch and a new branch, and not of what a status or an add writes', async () => {
    await start();
    await hintOf('repo/.git/refs/heads/new', () => gitIn(repo, 'branch', 'new'));
    hints.length = 0;
    writeIn(repo, 'more.txt', 'more\n');
    gitIn(repo, 'add', '-A');
    gitIn(repo, 'status');
    await hintOf('repo/.git/HEAD', () => gitIn(repo, 'symbolic-ref', 'HEAD', 'refs/heads/new'));
    assert.deepEqual([...new Set(hints)], ['repo/.git/HEAD']);
  });

  it('tells of branches with a folder in their name, in folders that come and go', async () => {
    await start();
    for (const name of ['feature/one', 'feature/two', 'feature/deep/three']) {
      await hintOf('repo/.git/refs/heads/feature', () => gitIn(repo, 'branch', name));
      await start();
      await hintOf(`repo/.git/refs/heads/${name}`, () => gitIn(repo, 'update-ref', `refs/heads/${name}`, orphan()));
      gitIn(repo, 'branch', '-D', name); // and the folder with it
    }
  });
  const orphan = () => gitIn(repo, 'commit-tree', '-m', 'Another', 'HEAD^{tree}');

  it('tells of a switch in a linked worktree', async () => {
    gitIn(repo, 'worktree', 'add', '-q', '-b', 'side', path.join(folder, 'side'));
    const gitDir = gitIn(path.join(folder, 'side'), 'rev-parse', '--absolute-git-dir');
    await start({ gitDir });
    await hintOf('repo/.git/worktrees/side/HEAD', () => gitIn(path.join(folder, 'side'), 'switch', '-q', '-c', 'other'));
  });
});
