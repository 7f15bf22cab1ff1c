import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { belongsTo, readBranches, readPlaces, rootsOf } from '../../../src/vscode/delegations/repositories.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';

describe('the repositories of a window', () => {
  let home: string;
  let repo: string;
  before(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-places-')));
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
    const { repositories } = await readPlaces(folders);
    assert.deepEqual(
      repositories.map(({ root, commonDir }) => [root, commonDir]),
      [repo, repo, path.join(home, 'linked')].map((root) => [root, path.join(repo, '.git')]),
    );
  });

  it('own their delegations, whatever worktree began them, and those of repositories below a folder', async () => {
    const places = await readPlaces([path.join(home, 'linked')]);
    assert.ok(belongsTo(places, of(path.join(repo, '.git'), repo)));
    assert.ok(!belongsTo(places, of('/other/.git', '/other')));
    const above = await readPlaces([home]);
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
      const places = await readPlaces(folders);
      assert.equal(rootsOf(places, [of(common, repo), of(common, linked)]).get(common), folders[0]);
      assert.equal(places.repositories.find(({ root }) => root === linked)?.gitDir, path.join(common, 'worktrees', 'linked'));
    }
    const none = await readPlaces([home]);
    assert.equal(rootsOf(none, [of(common, linked), of(common, repo)]).get(common), linked);
  });

  it('tell their branches, which are in HEAD, and where HEAD is', async () => {
    gitIn(repo, 'branch', 'feature/done');
    gitIn(repo, 'switch', '-q', '-c', 'feature/open');
    gitIn(repo, 'commit', '-q', '--allow-empty', '-m', 'More');
    gitIn(repo, 'switch', '-q', 'main');
    const facts = await readBranches(repo);
    assert.equal(facts?.head, 'main');
    assert.deepEqual([...(facts?.branches.keys() ?? [])].sort(), ['feature/done', 'feature/open', 'main', 'side']);
    assert.ok(facts?.merged.has('feature/done') && !facts.merged.has('feature/open'));
    assert.equal((await readBranches(path.join(home, 'linked')))?.head, 'side');
    assert.equal(await readBranches(path.join(home, 'plain')), null);
  });
});
