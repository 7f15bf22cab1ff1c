import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import { english } from '../messages/english.ts';
import { exists, IDENTITY, makeWorld, open, text, type World } from './world.ts';

describe('merge into the checkout', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  /** A branch with what `change` does to the files; the checkout is back on main and clean. */
  const branchWith = async (change: () => Promise<unknown>): Promise<string> => {
    await world.git('switch', '-q', '-c', 'kimi/work');
    await change();
    await world.git('add', '-A', '--force', '.');
    await world.git('commit', '-q', '-m', 'work');
    const tip = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('switch', '-q', 'main');
    return tip;
  };
  const merge = async (tip: string) =>
    mergeIntoCheckout({ repository: await open(world), tip, how: 'squash', message: 'Merge', identity: IDENTITY });
  const refused = async (tip: string, name: string) => {
    const before = await world.git('rev-parse', 'HEAD');
    const result = await merge(tip);
    assert.ok(!result.ok, `the merge went through over ${name}`);
    assert.ok(english(result.reason).includes(name), english(result.reason));
    assert.equal(await world.git('rev-parse', 'HEAD'), before);
  };

  it('looks at a change of any size: more names than one command line holds', async () => {
    const name = (n: number) => `generated/${'long-folder-name/'.repeat(60)}${n}-${'x'.repeat(180)}.txt`;
    await world.git('config', 'gc.auto', '0');
    const tip = await branchWith(async () => {
      for (let n = 0; n < 2000; n++) await world.write(name(n), `${n}\n`);
    });
    await world.write(name(1321), 'mine\n');
    await refused(tip, name(1321));
    await rm(join(world.repo, 'generated'), { recursive: true });
    const result = await merge(tip);
    assert.ok(result.ok && result.files.length === 2000, JSON.stringify(result));
    assert.equal(await text(join(world.repo, name(1321))), '1321\n');
  }).timeout(60_000);

  it('never overwrites a file that git ignores', async () => {
    const tip = await branchWith(async () => {
      await world.write('.gitignore', '*.log\n');
      await world.write('ignored/keys.env', 'KEY=template\n');
    });
    await world.write('ignored/keys.env', 'KEY=mine\n');
    await refused(tip, 'ignored/keys.env');
    assert.equal(await text(join(world.repo, 'ignored/keys.env')), 'KEY=mine\n');
    assert.equal(await text(join(world.repo, '.gitignore')), 'ignored/\n*.log\n');
  });

  it('never removes an ignored file or link that stands where a folder would come', async () => {
    const tip = await branchWith(() => world.write('data.log/deep/file', 'kimi\n'));
    await world.write('data.log', 'mine\n');
    await refused(tip, 'data.log');
    assert.equal(await text(join(world.repo, 'data.log')), 'mine\n');

    await world.git('clean', '-fdxq');
    await mkdir(join(world.root, 'elsewhere'));
    await symlink(join(world.root, 'elsewhere'), join(world.repo, 'data.log'));
    await refused(tip, 'data.log');
    assert.equal(await readlink(join(world.repo, 'data.log')), join(world.root, 'elsewhere'));
    assert.equal(await exists(join(world.root, 'elsewhere/deep')), false);
  });

  it('never removes a folder with ignored files that stands where a file would come', async () => {
    const tip = await branchWith(() => world.write('ignored', 'kimi\n'));
    await world.write('ignored/cache/mine', 'mine\n');
    await refused(tip, 'ignored/cache/mine');
    assert.equal(await text(join(world.repo, 'ignored/cache/mine')), 'mine\n');
  });

  it('never overwrites an ignored link, a broken one included', async () => {
    const tip = await branchWith(() => world.write('local.log', 'kimi\n'));
    await symlink('/nonexistent/target', join(world.repo, 'local.log'));
    await refused(tip, 'local.log');
    assert.ok((await lstat(join(world.repo, 'local.log'))).isSymbolicLink());
  });

  it('lets a folder take the place of a tracked file, and a file that of a tracked folder', async () => {
    const tip = await branchWith(async () => {
      await world.git('rm', '-q', 'README.md', 'src/app.ts');
      await world.write('README.md/part.md', 'part\n');
      await world.write('src', 'one file\n');
    });
    await mkdir(join(world.repo, 'empty'));
    assert.equal((await merge(tip)).ok, true);
    assert.equal(await text(join(world.repo, 'README.md/part.md')), 'part\n');
    assert.equal(await text(join(world.repo, 'src')), 'one file\n');
    assert.equal(await world.git('status', '--porcelain'), '');
  });

  it('names uncommitted changes that it would overwrite, staged or not, and touches nothing', async () => {
    const tip = await branchWith(async () => {
      await world.write('src/app.ts', 'kimi\n');
      await world.write('README.md', 'kimi\n');
    });
    await world.write('src/app.ts', 'mine\n');
    await world.write('README.md', 'mine\n');
    await world.git('add', 'README.md');
    const result = await merge(tip);
    assert.ok(!result.ok);
    assert.deepEqual([result.reason.code, result.files], ['merge.uncommitted', ['README.md', 'src/app.ts']]);
    assert.match(english(result.reason), /^uncommitted changes in README\.md, src\/app\.ts would be overwritten/);
    assert.equal(await world.git('status', '--porcelain'), 'M  README.md\n M src/app.ts\n');
    assert.equal(await text(join(world.repo, 'src/app.ts')), 'mine\n');
  });

  it('makes one commit, or one with the branch as its second parent', async () => {
    const base = (await world.git('rev-parse', 'HEAD')).trim();
    const tip = await branchWith(() => world.write('a.txt', 'kimi\n'));
    for (const [how, parents] of [
      ['squash', [base]],
      ['merge', [base, tip]],
    ] as const) {
      const result = await mergeIntoCheckout({
        repository: await open(world),
        tip,
        how,
        message: 'Take it\n\nWhy.',
        identity: IDENTITY,
      });
      assert.ok(result.ok && result.files.length === 1, JSON.stringify(result));
      assert.deepEqual((await world.git('rev-parse', 'HEAD^@')).trim().split('\n'), parents);
      assert.equal(await world.git('log', '-1', '--format=%an <%ae> %at %B'), 'Ada <ada@example.org> 1700000000 Take it\n\nWhy.\n\n');
      await world.git('reset', '-q', '--hard', base);
    }
  });

  const UNFINISHED: readonly (readonly [string, string[]])[] = [
    ['a merge', ['merge', 'other']],
    ['a rebase', ['rebase', 'other']],
    ['a rebase', ['rebase', '--apply', 'other']],
    ['a cherry-pick', ['cherry-pick', 'other']],
    ['a revert', ['revert', 'HEAD~1']],
  ];
  const inReftable = UNFINISHED.filter(([what]) => what === 'a cherry-pick').map((row) => ['reftable', row] as const);
  for (const [format, [what, command]] of [...UNFINISHED.map((row) => ['files', row] as const), ...inReftable]) {
    it(`begins nothing while ${command.join(' ')} is unfinished, with ${format} for refs`, async function () {
      if (format === 'reftable') {
        await world.remove();
        world = await makeWorld({ initArgs: ['--ref-format=reftable'] }).catch(() => this.skip()); // git has it from 2.45 on
      }
      const tip = await branchWith(() => world.write('a.txt', 'kimi\n'));
      await world.git('switch', '-q', '-c', 'other');
      await world.write('src/app.ts', 'theirs\n');
      await world.git('commit', '-qam', 'theirs');
      await world.git('switch', '-q', 'main');
      for (const content of ['ours\n', 'ours again\n']) {
        await world.write('src/app.ts', content);
        await world.git('commit', '-qam', content);
      }
      await assert.rejects(world.git(...command), /Command failed/);
      const before = await world.git('status');
      const result = await merge(tip);
      assert.ok(!result.ok);
      assert.match(result.reason.code, /^merge\.unfinished\./);
      assert.ok(english(result.reason).startsWith(`${what} is unfinished in ${world.repo}.`), english(result.reason));
      assert.equal(await world.git('status'), before);
    });
  }

  it('says when HEAD has the changes already, and makes no commit', async () => {
    const tip = await branchWith(() => world.write('a.txt', 'kimi\n'));
    await world.write('a.txt', 'kimi\n');
    await world.git('add', 'a.txt');
    await world.git('commit', '-q', '-m', 'the same by hand');
    const head = await world.git('rev-parse', 'HEAD');
    const result = await merge(tip);
    assert.deepEqual([result.ok, !result.ok && result.reason.code], [false, 'merge.nothingNew']);
    assert.equal(await world.git('rev-parse', 'HEAD'), head);
  });

  it('names the files that conflict, and touches nothing', async () => {
    const tip = await branchWith(() => world.write('src/app.ts', 'kimi\n'));
    await world.write('src/app.ts', 'mine\n');
    await world.git('commit', '-qam', 'mine');
    const result = await merge(tip);
    assert.ok(!result.ok);
    assert.deepEqual([result.reason.code, result.files], ['merge.conflict', ['src/app.ts']]);
    assert.equal(await text(join(world.repo, 'src/app.ts')), 'mine\n');
    assert.equal(await world.git('status', '--porcelain'), '');
  });

  describe('a submodule of the user', () => {
    const makeTree = async (lines: readonly string[]) =>
      execFileSync('git', ['-C', world.repo, 'mktree', '--missing'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' }).trim();
    const commitTree = async (lines: readonly string[]) =>
      (await world.git('commit-tree', '-p', 'HEAD', '-m', 'work', await makeTree(lines))).trim();
    const inSubmodule = (...args: string[]) => world.gitIn(join(world.repo, 'lib'), ...args);
    beforeEach(async () => {
      await world.gitIn(world.root, 'clone', '-q', world.repo, join(world.repo, 'lib'));
      await world.git('add', 'lib');
      await world.git('commit', '-q', '-m', 'a submodule');
    });

    for (const [what, path] of [
      ['a file in its place', 'lib'],
      ['a folder in its place', 'lib/inside.txt'],
    ] as const)
      it(`stays, and ${what} is refused`, async () => {
        const entry = (await world.git('rev-parse', 'HEAD:README.md')).trim();
        const tree = (await world.git('ls-tree', 'HEAD')).split('\n').filter((line) => line && !line.endsWith('\tlib'));
        const made =
          path === 'lib' ? `100644 blob ${entry}\tlib` : `040000 tree ${await makeTree([`100644 blob ${entry}\tinside.txt`])}\tlib`;
        const tip = await commitTree([...tree, made]);
        const before = [await world.git('status', '--porcelain=v2'), await inSubmodule('status', '--porcelain=v2', '--branch')];
        await refused(tip, 'a submodule stands where lib');
        assert.deepEqual([await world.git('status', '--porcelain=v2'), await inSubmodule('status', '--porcelain=v2', '--branch')], before);
      });

    it('keeps its files when the branch removes it, as after any merge', async () => {
      const tree = (await world.git('ls-tree', 'HEAD')).split('\n').filter((line) => line && !line.endsWith('\tlib'));
      const result = await merge(await commitTree(tree));
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.equal(await exists(join(world.repo, 'lib/README.md')), true);
      assert.equal(await world.git('status', '--porcelain'), '?? lib/\n');
    });

    it('that moves to another commit moves in the index only', async () => {
      await inSubmodule('commit', '-q', '--allow-empty', '-m', 'newer');
      const newer = (await inSubmodule('rev-parse', 'HEAD')).trim();
      await inSubmodule('reset', '-q', '--hard', 'HEAD~');
      const tree = (await world.git('ls-tree', 'HEAD')).split('\n').filter((line) => line && !line.endsWith('\tlib'));
      const result = await merge(await commitTree([...tree, `160000 commit ${newer}\tlib`]));
      assert.equal(result.ok, true, JSON.stringify(result));
      assert.equal(await world.git('status', '--porcelain'), ' M lib\n');
    });
  });
});
