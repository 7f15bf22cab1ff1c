import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { currentHead, openRepository, resolveCommit } from '../../src/workspace/open-repository.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { english } from '../messages/english.ts';
import { diverge, exists, layTraps, makeWorld, open, put, type World } from './world.ts';

describe('openRepository', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  const refused = async (path: string): Promise<string> => {
    const opening = await openRepository(path, world.user);
    if (opening.ok) assert.fail(`${path} was accepted`);
    return english(opening.reason);
  };

  it('tells where a repository stands', async () => {
    await world.git('branch', 'feature/a');
    const repository = await open(world);
    assert.equal(repository.root, world.repo);
    assert.equal(repository.prefix, '');
    assert.equal(repository.gitDir, join(world.repo, '.git'));
    assert.equal(repository.commonDir, join(world.repo, '.git'));
    assert.deepEqual(repository.objectDirs, [join(world.repo, '.git/objects')]);
    assert.equal(repository.head.branch, 'main');
    assert.equal(repository.head.commit, (await world.git('rev-parse', 'HEAD')).trim());
    assert.deepEqual([...repository.checkedOut], [['main', world.repo]]);
    assert.deepEqual([...repository.branches.keys()], ['feature/a', 'main']);
    assert.deepEqual(repository.defaultBranches, ['main']);
    assert.deepEqual(repository.identity, { name: 'Ada', email: 'ada@example.org' });
    assert.equal(repository.shallow, false);
  });

  it('refuses what is not a working tree, and says what to give', async () => {
    await world.gitIn(world.root, 'init', '-q', '--bare', 'bare.git');
    await world.gitIn(world.root, 'init', '-q', 'empty');
    await mkdir(join(world.root, 'plain'));
    assert.match(await refused('repo'), /must be absolute/);
    assert.match(await refused(`${world.repo}\0`), /NUL/);
    assert.match(await refused(join(world.root, 'nowhere')), /does not exist/);
    assert.match(await refused(join(world.repo, 'README.md')), /is a file/);
    assert.match(await refused(join(world.root, 'plain')), /not in a git repository/);
    assert.match(await refused(join(world.root, 'bare.git')), /bare repository/);
    assert.match(await refused(join(world.repo, '.git')), /inside a \.git folder/);
    assert.match(await refused(join(world.repo, '.git/refs')), /inside a \.git folder/);
    assert.match(await refused(join(world.root, 'empty')), /no commits yet; make a first commit/);
  });

  it('finds the root from a folder, through a symbolic link and with dots', async () => {
    await symlink(world.repo, join(world.root, 'link'));
    const repository = await open(world, join(world.root, 'link/src/../src'));
    assert.equal(repository.root, world.repo);
    assert.equal(repository.prefix, 'src');
  });

  it('knows a detached HEAD and a branch that is being rebased', async () => {
    await diverge(world, 'src/app.ts', 'export const answer = 1;\n', 'export const answer = 2;\n');
    await assert.rejects(world.git('rebase', 'main', 'topic'));
    const repository = await open(world);
    assert.equal(repository.head.branch, null);
    assert.equal(repository.checkedOut.get('topic'), world.repo);
  });

  it('reads a linked worktree, of a bare repository too', async () => {
    const linked = join(world.root, 'linked');
    await world.git('worktree', 'add', '-q', '-b', 'side', linked);
    const repository = await open(world, linked);
    assert.equal(repository.root, linked);
    assert.equal(repository.gitDir, join(world.repo, '.git/worktrees/linked'));
    assert.equal(repository.commonDir, join(world.repo, '.git'));
    assert.equal(repository.checkedOut.get('side'), linked);
    assert.equal(repository.checkedOut.get('main'), world.repo);

    await world.gitIn(world.root, 'clone', '-q', '--bare', world.repo, 'bare.git');
    const ofBare = join(world.root, 'of-bare');
    await world.gitIn(join(world.root, 'bare.git'), 'worktree', 'add', '-q', '-b', 'wt', ofBare);
    assert.equal((await open(world, ofBare)).head.branch, 'wt');
  });

  it('follows alternates and knows shallow clones and the remote default branch', async () => {
    await world.git('checkout', '-q', '-b', 'produktion');
    await world.write('a', 'a');
    await world.git('add', 'a');
    await world.git('commit', '-q', '-m', 'second');
    await world.gitIn(world.root, 'clone', '-q', '--shared', world.repo, 'one');
    await world.gitIn(world.root, 'clone', '-q', '--shared', join(world.root, 'one'), 'two');
    const two = await open(world, join(world.root, 'two'));
    const expected = ['two', 'one', 'repo'].map((name) => join(world.root, name, '.git/objects'));
    assert.deepEqual(two.objectDirs, expected);
    await world.gitIn(world.root, 'clone', '-q', '--depth=1', `file://${world.repo}`, 'shallow');
    const shallow = await open(world, join(world.root, 'shallow'));
    assert.equal(shallow.shallow, true);
    assert.deepEqual(shallow.defaultBranches, ['produktion']);
  });

  it('reads sha256 repositories and paths with spaces and Chinese', async () => {
    const other = await makeWorld({ folder: '我的 project', initArgs: ['--object-format=sha256'] });
    try {
      const repository = await open(other);
      assert.equal(repository.root, other.repo);
      assert.equal(repository.objectFormat, 'sha256');
      assert.equal(repository.head.commit.length, 64);
    } finally {
      await other.remove();
    }
  });

  it('resolves commits and refuses options as names', async () => {
    const repository = await open(world);
    assert.equal(await resolveCommit(repository, 'main'), repository.head.commit);
    assert.equal(await resolveCommit(repository, 'nothing'), null);
    assert.equal(await resolveCommit(repository, '--all'), null);
    assert.equal(await resolveCommit(repository, 'main\0'), null);
    assert.equal(await currentHead(repository), repository.head.commit);
  });

  it('runs nothing of the repository and changes nothing in it', async () => {
    const marker = await layTraps(world);
    const fake = join(world.repo, 'node_modules/.bin/git');
    await put(fake, `#!/bin/sh\necho fake >> '${marker}'\n`);
    await chmod(fake, 0o755);
    const before = await fingerprint(world.repo);
    const path = process.env.PATH;
    process.env.PATH = `${join(world.repo, 'node_modules/.bin')}:${path}`;
    try {
      await open(world);
    } finally {
      process.env.PATH = path;
    }
    assert.equal(await exists(marker), false);
    assert.deepEqual(await fingerprint(world.repo), before);
  });

  describe('a working tree that the configuration names', () => {
    const config = (...words: string[]) => world.git('config', ...words);
    let other: string;
    beforeEach(async () => {
      other = join(world.root, 'other');
      await Promise.all([mkdir(join(other, 'below'), { recursive: true }), put(join(other, 'private.txt'), 'private\n')]);
    });

    const ways: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['a folder around it', () => config('core.worktree', '../..')],
      ['the root of all', () => config('core.worktree', '/')],
      ['a folder beside it', () => config('core.worktree', other)],
      ['a folder in it', () => config('core.worktree', '../src')],
      [
        'a folder with another repository',
        async () => {
          await world.gitIn(other, 'init', '-q');
          await config('core.worktree', other);
        },
      ],
      [
        'a folder with a .git that is empty, or a link to nowhere',
        async () => {
          await symlink('nowhere', join(other, '.git'));
          await config('core.worktree', other);
        },
      ],
      [
        'in a file that is included',
        async () => {
          await put(join(world.root, 'more'), `[core]\n\tworktree = ${other}\n`);
          await config('include.path', join(world.root, 'more'));
        },
      ],
      [
        'in a file that is included by a condition',
        async () => {
          await put(join(world.root, 'more'), `[core]\n\tworktree = ${other}\n`);
          await config('includeIf.gitdir:/**.path', join(world.root, 'more'));
        },
      ],
      [
        'in the configuration of the worktree',
        async () => {
          await config('extensions.worktreeConfig', 'true');
          await put(join(world.repo, '.git/config.worktree'), `[core]\n\tworktree = ${other}\n`);
        },
      ],
      [
        'with core.bare',
        async () => {
          await config('core.worktree', other);
          await config('core.bare', 'true');
        },
      ],
    ];
    for (const [what, lay] of ways) {
      it(`widens nothing where it does not lead back: ${what}`, async () => {
        await lay();
        const opening = await openRepository(world.repo, world.user);
        // Git itself does not take it from a file that is included.
        if (/included/.test(what)) assert.equal(opening.ok && opening.repository.root, world.repo);
        else
          assert.match(opening.ok ? '' : english(opening.reason), /names .* as its working tree|bare repository|not inside a working tree/);
      });
    }

    it('is not taken from the environment of this program', async () => {
      const before = { ...process.env };
      Object.assign(process.env, { GIT_DIR: join(world.repo, '.git'), GIT_WORK_TREE: other });
      try {
        assert.equal((await open(world)).root, world.repo);
      } finally {
        for (const name of ['GIT_DIR', 'GIT_WORK_TREE']) delete process.env[name];
        Object.assign(process.env, before);
      }
    });

    it('is taken where it leads back: separate git dirs, worktrees, submodules', async () => {
      const at = (name: string) => join(world.root, name);
      await world.gitIn(world.root, 'clone', '-q', '--separate-git-dir', at('apart.git'), world.repo, at('apart'));
      await world.gitIn(at('apart'), 'worktree', 'add', '-q', at('linked'), '-b', 'linked');
      await config('extensions.worktreeConfig', 'true');
      await config('core.worktree', world.repo);
      await world.git('worktree', 'add', '-q', at('linked-2'), '-b', 'linked-2').catch(() => {});
      await world.gitIn(at('apart'), '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', world.repo, 'sub');
      for (const root of [world.repo, at('apart'), at('linked'), at('apart/sub')]) assert.equal((await open(world, root)).root, root);
      await world.git('init', '-q', '--separate-git-dir', at('moved.git'));
      assert.deepEqual([(await open(world)).gitDir, (await open(world)).root], [at('moved.git'), world.repo]);
    });
  });

  describe('what lies in the git dir', () => {
    for (const name of ['modules/a/HEAD', 'modules/b/c/commondir', 'modules/a/modules/d/refs/heads/x', 'reftable/tables.list'])
      it(`a pipe as ${name} is refused by its name`, async () => {
        const pipe = join(world.repo, '.git', name);
        for (const folder of ['modules/a/objects', 'modules/b/c/objects', 'modules/a/modules/d/objects', 'reftable'])
          await mkdir(join(world.repo, '.git', folder), { recursive: true });
        await mkdir(dirname(pipe), { recursive: true });
        assert.ok((await openRepository(world.repo, world.user)).ok);
        execFileSync('mkfifo', [pipe]);
        const said = await refused(world.repo);
        assert.ok(/ is a pipe/.test(said) && said.includes(name.startsWith('modules/a/modules') ? 'modules/d/refs' : name), said);
      });

    it('a socket, as of the watcher of files that git has, holds nobody up', async () => {
      const server = createServer();
      const folder = join(world.repo, '.git/worktrees/x');
      await mkdir(folder, { recursive: true });
      server.listen(join(folder, 'fsmonitor--daemon.ipc'));
      await once(server, 'listening');
      try {
        assert.ok((await openRepository(world.repo, world.user)).ok);
      } finally {
        server.close();
      }
    });
  });

  describe('a configuration that includes', () => {
    const config = (text: string) => appendFile(join(world.repo, '.git/config'), text);
    for (const [what, text] of [
      ['a pipe', '[include]\n\tpath = ../the-pipe\n'],
      ['a pipe in quotes, on a condition, after a comment', '# x\n[includeIf "gitdir:**"] ; y\n\tPath = "../the-pipe" # z\n'],
      ['a pipe on the line of its section', '[INCLUDE] path=../the-pipe\n'],
      ['a pipe in two lines, as Windows ends them', '[include]\r\n\tpath = ../the-\\\r\npipe\r\n'],
      ['a pipe by another file', '[include]\n\tpath = more\n'],
    ] as const)
      it(`${what} is refused by its name`, async () => {
        execFileSync('mkfifo', [join(world.repo, 'the-pipe')]);
        await writeFile(join(world.repo, '.git/more'), '[include]\n\tpath = ../the-pipe\n');
        await config(text);
        assert.match(await refused(world.repo), /the-pipe is a pipe/);
      });

    it('files that include each other many times over is refused, and one that includes a few is not', async () => {
      const file = (at: number) => join(world.repo, '.git', `c${at}`);
      await writeFile(file(9), '[user]\n\tname = Included\n');
      await config('[include]\n\tpath = c9\n\tpath = ~/absent\n\tpath = absent\n[user]\n\tpath = /dev/tty\n');
      assert.equal((await open(world)).identity?.name, 'Included');
      for (let at = 0; at < 9; at++) await writeFile(file(at), `[include]\n${`\tpath = c${at + 1}\n`.repeat(8)}`);
      await config('[include]\n\tpath = c0\n');
      assert.match(await refused(world.repo), /\.git\/config .*includes hundreds of files/);
    });
  });

  it('explains a repository that git does not trust or cannot read', async () => {
    await writeFile(join(world.repo, '.git/config'), '[core\n');
    assert.match(await refused(world.repo), /git cannot read .*bad config/);
    await writeFile(join(world.repo, '.git/config'), '[core]\nrepositoryformatversion = 1\n[extensions]\nofTomorrow = yes\n');
    assert.match(await refused(world.repo), /too old for the repository at .*, which needs oftomorrow: install a newer one/);
    await writeFile(join(world.repo, '.git/config'), '[core]\nrepositoryformatversion = 7\n');
    assert.match(await refused(world.repo), /too old for the repository at .*repo version <= 1, found 7/);
  });
});
