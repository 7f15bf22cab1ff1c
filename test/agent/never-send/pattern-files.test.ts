import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openNeverSend } from '../../../src/delegation/attempt/open-never-send.ts';
import { openRepository } from '../../../src/workspace/open-repository.ts';
import { gitIn, makeRepository, writeIn } from '../../e2e/world.ts';

describe('a list of what is never sent, where somebody lays it', () => {
  let top: string;
  let repo: string;
  beforeEach(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-lists-')));
    repo = path.join(top, 'work', 'shop');
    makeRepository(repo);
    for (const file of ['customers/a.csv', 'src/customers/b.csv', 'src/a.ts']) writeIn(repo, file, 'x\n');
    commit(repo);
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  function commit(at: string): void {
    gitIn(at, 'add', '-A');
    gitIn(at, 'commit', '-qm', 'More');
  }

  async function rulesAt(root: string) {
    const opened = await openRepository(root);
    assert.ok(opened.ok);
    const { repository } = opened;
    return (await openNeverSend(repository, { gitDir: repository.commonDir }, [], { base: repository.head.commit, trees: [] })).rules;
  }

  /** Of these files, those that are kept back. */
  async function withheldIn(root: string, ...files: string[]): Promise<string[]> {
    return (await rulesAt(root)).among(files.length > 0 ? files : ['customers/a.csv', 'src/customers/b.csv', 'src/a.ts']);
  }

  for (const where of ['commit', 'checkout'] as const)
    it(`counts in a folder below, for what is there alone (${where})`, async () => {
      writeIn(repo, 'src/.kimiignore', 'customers/\n/a.ts\n');
      if (where === 'commit') {
        commit(repo);
        rmSync(path.join(repo, 'src/.kimiignore'));
      }
      assert.deepEqual(await withheldIn(repo), ['src/customers/b.csv', 'src/a.ts']);
    });

  for (const name of ['.KimiIgnore', '.kimignore', '.kimi-ignore', '.kimi_ignore', 'kimiignore', '.kimiignore.txt', '.KimiIgnored'])
    it(`counts by another case of its name, and by one that is nearly right (${name})`, async () => {
      writeIn(repo, name, '/customers/\n');
      assert.deepEqual(await withheldIn(repo), ['customers/a.csv']);
      commit(repo);
      rmSync(path.join(repo, name));
      assert.deepEqual(await withheldIn(repo), ['customers/a.csv']);
    });

  it('is none by a name that only holds such a word', async () => {
    for (const name of ['kimiignore.ts', 'docs/kimi-ignore.md', '.gitignore-kimi', '.kimi/ignore']) writeIn(repo, name, '/customers/\n');
    commit(repo);
    assert.deepEqual(await withheldIn(repo), []);
  });

  it('counts in a linked worktree, also one of an older commit, where only the main one has it', async () => {
    const linked = path.join(top, 'linked');
    gitIn(repo, 'worktree', 'add', '-q', linked, '-b', 'side');
    writeIn(repo, '.kimiignore', '/customers/\n');
    writeIn(repo, 'src/.kimiignore', '*.ts\n');
    assert.deepEqual(await withheldIn(linked), ['customers/a.csv', 'src/a.ts']);
    commit(repo);
    assert.deepEqual(await withheldIn(linked), ['customers/a.csv', 'src/a.ts']);
  });

  it('counts for a submodule where the repository around it names what lies there, in a linked worktree of it too', async () => {
    const around = path.join(top, 'work', 'around');
    makeRepository(around);
    const words = ['-c', 'protocol.file.allow=always', '-C', around, 'submodule', 'add', '-q', repo, 'lib'];
    execFileSync('git', words, { env: { ...process.env, HOME: top }, stdio: 'ignore' });
    writeIn(around, '.kimiignore', 'lib/customers/\n');
    const linked = path.join(top, 'linked');
    gitIn(path.join(around, 'lib'), 'worktree', 'add', '-q', linked, '-b', 'side');
    for (const root of [path.join(around, 'lib'), linked]) assert.deepEqual(await withheldIn(root), ['customers/a.csv'], root);
  });

  it('counts in a folder around several repositories, as it is meant from there', async () => {
    writeIn(top, 'work/.kimiignore', 'shop/customers/\n/src/\n/other/**\n');
    assert.deepEqual(await withheldIn(repo), ['customers/a.csv']);
    writeIn(top, '.kimiignore', '*.ts\n');
    assert.deepEqual(await withheldIn(repo), ['customers/a.csv', 'src/a.ts']);
    writeIn(top, '.kimiignore', 'work/\n');
    assert.deepEqual(await withheldIn(repo), ['customers/a.csv', 'src/customers/b.csv', 'src/a.ts']);
  });

  it('keeps all back where more of them lie in folders than anybody has', async () => {
    for (let at = 0; at < 300; at++) writeIn(repo, `parts/${at}/.kimiignore`, 'plan.txt\n');
    assert.deepEqual(await withheldIn(repo, 'src/a.ts'), []);
    commit(repo);
    assert.deepEqual(await withheldIn(repo, 'src/a.ts'), ['src/a.ts']);
  }).timeout(20_000);

  it('takes a moment where hundreds of them are as long as may be, in a commit or in the checkout alone', async () => {
    const long = Array.from({ length: 1000 }, (_, at) => `part-${at}/[x]/`.padEnd(250, 'y')).join('\n');
    for (let at = 0; at < 400; at++) writeIn(repo, `parts/${at}/a.txt`, 'x\n');
    commit(repo);
    for (let at = 0; at < 400; at++) writeIn(repo, `parts/${at}/.kimiignore`, long);
    for (const where of ['checkout', 'commit'] as const) {
      if (where === 'commit') commit(repo);
      const start = performance.now();
      assert.deepEqual(await withheldIn(repo, 'src/a.ts'), ['src/a.ts'], where);
      assert.ok(performance.now() - start < 5000, where);
    }
  }).timeout(60_000);
});
