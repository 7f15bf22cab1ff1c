import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { belongsTo, readBranches, readPlaces, rootsOf } from '../../src/vscode/repositories.ts';
import { proposeBranch, proposeChecks } from '../../src/vscode/work/propose.ts';
import { branchNameProblem } from '../../src/workspace/branch-name.ts';
import { gitIn, makeRepository } from '../e2e/world.ts';

describe('proposed branch names', () => {
  const free = () => false;
  const cases: [Parameters<typeof proposeBranch>[0], string, string][] = [
    ['feature', 'Add rate limiting to /api/auth/*', 'feature/rate-limiting-api-auth'],
    ['bug', 'Fix the NaN in total()', 'fix/nan-total'],
    ['tests', 'Write tests for the cart', 'tests/cart'],
    ['feature', '购物车支持数量', 'feature/购物车支持数量'],
    ['feature', '???', 'feature/task'],
    ['feature', 'add it', 'feature/add-it'],
    ['bug', '\n\n  TypeError: x is undefined\n at y', 'fix/typeerror-x-undefined'],
  ];
  for (const [kind, text, expected] of cases) it(expected, () => assert.equal(proposeBranch(kind, text, free), expected));

  it('avoid names that are taken', () => {
    const taken = new Set(['tests/cart', 'tests/cart-2']);
    assert.equal(
      proposeBranch('tests', 'cart', (name) => taken.has(name)),
      'tests/cart-3',
    );
  });

  it('are valid and short whatever the task is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const name = proposeBranch('feature', text, free);
        assert.equal(branchNameProblem(name), null, name);
        assert.ok([...name].length <= 50, name);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe('proposed checks', () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-propose-')));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const write = (name: string, text = '') => writeFileSync(path.join(root, name), text);

  const cases: [string, Record<string, string>, string[]][] = [
    ['nothing', {}, []],
    ['npm', { 'package.json': '{"scripts":{"lint":"x","test":"y"}}' }, ['npm test', 'npm run lint']],
    ['pnpm', { 'package.json': '{"scripts":{"test":"y"}}', 'pnpm-lock.yaml': '' }, ['pnpm test']],
    ["npm init's placeholder", { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' }, []],
    ['broken JSON', { 'package.json': '{' }, []],
    ['pytest', { 'pyproject.toml': '[tool.pytest.ini_options]' }, ['python -m pytest -q']],
    ['Go and make', { 'go.mod': 'module x', Makefile: 'all:\ntest: all\n' }, ['go test ./...', 'make test']],
    ['Rust', { 'Cargo.toml': '' }, ['cargo test']],
  ];
  for (const [what, files, expected] of cases) {
    it(`for ${what}`, async () => {
      for (const [name, text] of Object.entries(files)) write(name, text);
      assert.deepEqual(await proposeChecks(root), expected);
    });
  }
});

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
