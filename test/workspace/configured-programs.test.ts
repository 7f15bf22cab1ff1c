/** What a configuration names runs nothing when we look at a repository. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { addWorktree } from '../../src/workspace/add-worktree.ts';
import { disarmedCall } from '../../src/workspace/git-config.ts';
import { conflictsWithHead } from '../../src/workspace/merge-into-checkout.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';
import { readChange } from '../../src/workspace/read-change.ts';
import { git } from '../../src/workspace/run-git.ts';
import { showDiff } from '../../src/workspace/show-diff.ts';
import { snapshotUncommitted, uncommittedPaths } from '../../src/workspace/uncommitted.ts';
import { userTools } from '../../src/workspace/user-tools.ts';
import { IDENTITY, makeWorkspace, makeWorld, open, put, type World } from './world.ts';

describe('programs that a configuration names', () => {
  let world: World;
  let evil: string;
  const hasRun = () => existsSync(join(world.root, 'ran'));
  beforeEach(async () => {
    world = await makeWorld();
    evil = join(world.root, 'evil.sh');
    await put(evil, `#!/bin/sh\ntouch '${join(world.root, 'ran')}'\n`);
    await chmod(evil, 0o755);
  });
  afterEach(() => world.remove());

  /** Opens the repository and reads what changed in it, from the index and from objects. */
  async function lookAround(): Promise<void> {
    const { repository, privateGit, base } = await makeWorkspace(world);
    await uncommittedPaths(repository);
    const { commit } = await snapshotUncommitted(repository, privateGit, base, IDENTITY);
    await readChange(privateGit, base, commit);
  }

  for (const name of ['plain', 'a=b', 'a.b', '=', 'Ä', 'x.clean', 'a = b', '"\\', ' ', '']) {
    it(`filter, diff and merge drivers by the name ${JSON.stringify(name)}`, async () => {
      for (const key of ['filter.N.clean', 'filter.N.smudge', 'filter.N.process', 'diff.N.command', 'diff.N.textconv', 'merge.N.driver'])
        await world.git(
          'config',
          key.replace('N', () => name),
          evil,
        );
      await world.git('config', `filter.${name}.required`, 'true');
      const isAttribute = /^[^\s"]*$/.test(name);
      await world.write('.gitattributes', isAttribute ? `* filter=${name} diff=${name} merge=${name}\n` : '\n');
      await world.write('src/app.ts', 'export const answer = 43;\n');
      await lookAround();
      assert.ok(!hasRun());
      await world.git('diff').catch(() => {});
      assert.equal(hasRun(), isAttribute, 'the user runs it');
    });
  }

  it('drivers without a name: a merge and a diff for the user run none', async () => {
    await world.write('.gitattributes', '* diff= merge=\n');
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'attributes');
    for (const key of ['diff..command', 'diff..textconv', 'merge..driver']) await world.git('config', key, evil);
    await world.git('switch', '-qc', 'work');
    for (const [branch, answer] of [
      ['work', 43],
      ['main', 44],
    ] as const) {
      await world.git('switch', '-q', branch);
      await world.write('src/app.ts', `export const answer = ${answer};\n`);
      await world.git('commit', '-qam', branch);
    }
    const repository = await open(world);
    assert.deepEqual(await conflictsWithHead(repository, (await world.git('rev-parse', 'work')).trim()), ['src/app.ts']);
    assert.deepEqual((await userTools(repository, 'cat')).words, ['--no-ext-diff', '--no-textconv']);
    assert.ok(!hasRun());
    await world.git('merge', 'work').catch(() => {});
    assert.ok(hasRun(), 'the user runs it');
  });

  for (const key of ['filter', 'merge', 'hook'])
    it(`a ${key} whose name is no UTF-8, and could not be kept from running, is refused`, async () => {
      appendFileSync(join(world.repo, '.git/config'), Buffer.from(`[${key} "\xff"]\n\tclean = ${evil}\n`, 'latin1'));
      const opening = await openRepository(world.repo, world.user);
      assert.equal(opening.ok ? 'opened' : opening.reason.code, 'repo.oddName');
    });

  const ways: readonly (readonly [what: string, url: string, settings: readonly (readonly [key: string, value: string])[]])[] = [
    ['ext::, which the configuration allows', 'ext::EVIL', [['protocol.ext.allow', 'always']]],
    [
      'a folder, with another upload-pack',
      '/',
      [
        ['protocol.file.allow', 'always'],
        ['remote.origin.uploadpack', 'EVIL'],
      ],
    ],
    [
      'ssh, by another program',
      'ssh://host.invalid/x',
      [
        ['protocol.ssh.allow', 'always'],
        ['core.sshCommand', 'EVIL'],
      ],
    ],
    [
      'git://, through a proxy',
      'git://host.invalid/x',
      [
        ['protocol.git.allow', 'always'],
        ['core.gitProxy', 'EVIL'],
      ],
    ],
  ];
  for (const [what, url, settings] of ways) {
    it(`missing objects are not fetched by ${what}`, async () => {
      const promisor = [
        ['core.repositoryformatversion', '1'],
        ['extensions.partialClone', 'origin'],
        ['remote.origin.promisor', 'true'],
        ['remote.origin.url', url],
      ] as const;
      for (const [key, value] of [...promisor, ...settings]) await world.git('config', key, value.replace('EVIL', evil));
      await world.write('src/app.ts', 'export const answer = 43;\n');
      await world.git('commit', '-qam', 'second');
      const id = (await world.git('rev-parse', 'HEAD~1:src/app.ts')).trim();
      rmSync(join(world.repo, '.git/objects', id.slice(0, 2), id.slice(2)));
      await assert.rejects(readChange(await open(world), 'HEAD~1', 'HEAD'));
      // Versions of git that know no GIT_NO_LAZY_FETCH get as far as the protocol.
      await assert.rejects(git(['ls-remote', 'origin'], disarmedCall(await open(world))), /not allowed/);
      assert.ok(!hasRun());
      await world.git('cat-file', 'blob', id).catch(() => {});
      assert.ok(hasRun(), 'the user runs it');
    });
  }

  it('a diff for the user: none that the repository alone names, and those that the user names everywhere', async () => {
    const diff = async () => {
      const { settings, words } = await userTools(await open(world), 'cat');
      const given = settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
      return execFileSync('git', [...given, 'diff', ...words, 'HEAD~1', 'HEAD'], {
        cwd: world.repo,
        env: { PATH: process.env.PATH, HOME: world.user.home, GIT_CONFIG_NOSYSTEM: '1' },
        encoding: 'utf8',
      });
    };
    await world.write('src/app.ts', 'export const answer = 43;\n');
    await world.git('commit', '-qam', 'second');
    await world.write('.gitattributes', '* filter=x diff=x\n');
    for (const [key, value] of [
      ['diff.external', evil],
      ['diff.x.command', evil],
      ['diff.x.textconv', evil],
      ['filter.x.smudge', evil],
      ['filter.x.clean', evil],
      ['core.pager', evil],
      ['pager.diff', evil],
      ['core.fsmonitor', evil],
    ] as const)
      await world.git('config', key, value);
    assert.match(await diff(), /^\+export const answer = 43;$/m);
    assert.ok(!hasRun());
    assert.ok((await userTools(await open(world), undefined)).settings.some(([key, value]) => key === 'core.pager' && value === 'less'));
    for (const key of ['diff.external', 'diff.x.command', 'diff.x.textconv']) await world.git('config', '--unset', key);
    await world.git('config', '--global', 'diff.external', evil);
    await diff();
    assert.ok(hasRun(), "the user's own runs");
  });

  it('a diff for the user: none of what is included only by the name of a link that leads to the git dir', async () => {
    renameSync(join(world.repo, '.git'), join(world.repo, '.real'));
    symlinkSync('.real', join(world.repo, '.git'));
    await world.write('src/app.ts', 'export const answer = 43;\n');
    await world.git('commit', '-qam', 'second');
    await world.git('config', 'includeIf.gitdir:**/.git.path', 'more');
    writeFileSync(join(world.repo, '.real/more'), `[diff]\n\texternal = ${evil}\n`);
    const shown = join(world.root, 'shown');
    const wanted = { base: 'HEAD~1', tip: 'HEAD', format: [`--output=${shown}`], paths: [] };
    assert.equal(await showDiff(await open(world), wanted, { PATH: process.env.PATH, HOME: world.user.home }), 0);
    assert.match(readFileSync(shown, 'utf8'), /^\+export const answer = 43;$/m);
    assert.ok(!hasRun());
    await world.git('diff', 'HEAD~1', 'HEAD').catch(() => {});
    assert.ok(hasRun(), 'the user runs it');
  });

  it('a second working tree: a filter by a relative path is the script of the checkout, not of the branch', async () => {
    const seen = join(world.repo, '.git/seen');
    const script = (word: string) => `echo ${word} >> '${seen}'\ncat\n`;
    await world.write('a/smudge.sh', script('mine'));
    await world.write('.gitattributes', '*.bin filter=x\n');
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'second');
    await world.git('switch', '-qc', 'work');
    await world.write('a/smudge.sh', script('evil'));
    await world.write('z.bin', 'z\n');
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'work');
    await world.git('switch', '-q', '-');
    await put(join(world.repo, '.git/more'), '[filter "x"]\n\tsmudge = sh a/smudge.sh\n');
    const folder = join(world.root, 'beside');
    for (const condition of ['onbranch:work', 'gitdir:**/worktrees/**', 'onbranch:**']) {
      await world.git('config', `includeIf.${condition}.path`, 'more');
      rmSync(seen, { force: true });
      await addWorktree(await open(world), folder, 'work');
      assert.equal(readFileSync(join(folder, 'z.bin'), 'utf8'), 'z\n');
      assert.match(readFileSync(seen, 'utf8'), /^(mine\n)+$/, condition);
      assert.equal(await world.gitIn(folder, 'status', '--porcelain'), '');
      await world.git('config', '--unset', `includeIf.${condition}.path`);
      if (condition !== 'onbranch:**') await world.git('worktree', 'remove', '--force', folder);
    }
    await assert.rejects(addWorktree(await open(world), `${folder}-2`, 'work'), /already checked out|already used/);
    await world.git('branch', 'broken');
    await world.git('config', 'filter.led.smudge', 'exit 1');
    await world.git('config', 'filter.led.required', 'true');
    await put(join(world.repo, '.git/info/attributes'), '*.md filter=led\n');
    await assert.rejects(addWorktree(await open(world), `${folder}-2`, 'broken'));
    assert.ok(!existsSync(`${folder}-2`));
    assert.doesNotMatch(await world.git('worktree', 'list'), /broken/);
  });
});
