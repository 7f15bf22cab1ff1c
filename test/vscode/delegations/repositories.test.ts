import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { belongsTo, readWindowFolders, worktreesOf } from '../../../src/vscode/delegations/repositories.ts';
import { unlessStuck } from '../../../src/vscode/delegations/unless-slow.ts';
import { readBranches } from '../../../src/workspace/repository-branches.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';

describe('the repositories of a window', () => {
  let home: string;
  let repo: string;
  before(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-open-')));
    repo = path.join(home, 'shop 商店');
    makeRepository(repo);
    mkdirSync(path.join(home, 'plain'));
    gitIn(repo, 'worktree', 'add', '-q', path.join(home, 'linked'), '-b', 'side');
    mkdirSync(path.join(home, 'empty'));
    gitIn(path.join(home, 'empty'), 'init', '-q');
  });
  after(() => rmSync(home, { recursive: true, force: true }));
  const of = (commonDir: string, repository: string) => ({ commonDir, repository });

  it('are found from folders, subfolders and linked worktrees; others are left out', async () => {
    const folders = ['', '/src']
      .map((folder) => `${repo}${folder}`)
      .concat(path.join(home, 'linked'), path.join(home, 'plain'), path.join(home, 'empty'), '/nowhere');
    const { repositories, unborn } = await readWindowFolders(folders);
    assert.deepEqual(unborn, [path.join(home, 'empty')], 'where only a first commit is missing');
    assert.deepEqual(
      repositories.map(({ root, commonDir }) => [root, commonDir]),
      [repo, repo, path.join(home, 'linked')].map((root) => [root, path.join(repo, '.git')]),
    );
  });

  it('are looked for in thousands of folders without holding up the window', async () => {
    const folders = Array.from({ length: 2000 }, (_, n) => path.join(home, 'many', `${n}`));
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    gitIn(path.join(home, 'empty'), 'status');
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    const { repositories, unborn } = await readWindowFolders([
      ...folders,
      repo,
      ...folders.slice(0, 500).map(() => path.join(home, 'empty')),
    ]);
    clearInterval(beat);
    assert.deepEqual([repositories.length, unborn.length], [1, 500]);
    assert.ok(longest < 1000, `held up for ${Math.round(longest)} ms`);
  });

  it('are found at once beside one that git would wait in, and so are their branches', async () => {
    const stuck = path.join(home, 'stuck');
    makeRepository(stuck);
    execFileSync('mkfifo', [path.join(stuck, '.git/pipe')]);
    appendFileSync(path.join(stuck, '.git/config'), '[include]\n\tpath = pipe\n');
    const begun = performance.now();
    const { repositories } = await readWindowFolders([stuck, repo]);
    assert.deepEqual(
      repositories.map(({ root }) => root),
      [repo],
    );
    assert.equal(await unlessStuck(stuck, () => readBranches(stuck, undefined, 20_000), `${stuck}/.git`), null);
    assert.ok(performance.now() - begun < 5000);
  });

  it('own their delegations, whatever worktree began them, and those of repositories below a folder', async () => {
    const open = await readWindowFolders([path.join(home, 'linked')]);
    assert.ok(belongsTo(open, of(path.join(repo, '.git'), repo)));
    assert.ok(!belongsTo(open, of('/other/.git', '/other')));
    const above = await readWindowFolders([home]);
    assert.deepEqual(above.repositories, []);
    assert.ok(belongsTo(above, of(path.join(repo, '.git'), repo)));
    assert.ok(!belongsTo(above, of('/x/.git', `${home}-other`)));
  });

  it('act in the first of several working trees that are open, and ask the same one for HEAD', async () => {
    const common = path.join(repo, '.git');
    const linked = path.join(home, 'linked');
    for (const folders of [
      [repo, linked],
      [linked, repo],
    ]) {
      const open = await readWindowFolders(folders);
      assert.equal(worktreesOf(open, [of(common, repo), of(common, linked)]).get(common), folders[0]);
      assert.equal(open.repositories.find(({ root }) => root === linked)?.gitDir, path.join(common, 'worktrees', 'linked'));
    }
    const none = await readWindowFolders([home]);
    assert.equal(worktreesOf(none, [of(common, linked), of(common, repo)]).get(common), linked);
  });

  it('never act where a .git file leads to the git dir of another working tree', async () => {
    const common = path.join(repo, '.git');
    for (const target of [common, path.join(common, 'worktrees/linked')]) {
      const claims = path.join(home, 'claims');
      mkdirSync(claims, { recursive: true });
      writeFileSync(path.join(claims, '.git'), `gitdir: ${target}\n`);
      const open = await readWindowFolders([claims, repo]);
      assert.deepEqual(
        open.repositories.map(({ root }) => root),
        [claims, repo],
      );
      assert.equal(worktreesOf(open, [of(common, repo)]).get(common), repo, target);
      assert.equal(worktreesOf(await readWindowFolders([claims]), [of(common, repo)]).get(common), repo, target);
    }
  });

  it('tell their branches, which are in HEAD, and where HEAD is', async () => {
    gitIn(repo, 'branch', 'feature/done');
    gitIn(repo, 'switch', '-q', '-c', 'feature/open');
    gitIn(repo, 'commit', '-q', '--allow-empty', '-m', 'More');
    gitIn(repo, 'switch', '-q', 'main');
    const branches = await readBranches(repo);
    assert.equal(branches?.head, 'main');
    assert.deepEqual([...(branches?.tips.keys() ?? [])].sort(), ['feature/done', 'feature/open', 'main', 'side']);
    assert.ok(branches?.merged.has('feature/done') && !branches.merged.has('feature/open'));
    assert.equal((await readBranches(path.join(home, 'linked')))?.head, 'side');
    assert.equal(await readBranches(path.join(home, 'plain')), null);
  });
});
