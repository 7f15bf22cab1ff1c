/** What git is led to by a git dir that nobody has looked at: it stays within the places that a call may write. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { codeOfConfined } from '../../src/workspace/confine-git.ts';
import { disarmedCall } from '../../src/workspace/git-config.ts';
import { placesOfGitDir } from '../../src/workspace/git-places.ts';
import { withoutOwnRules } from '../../src/workspace/own-rules.ts';
import { exitCode, type GitCall, git, runGit, type Setting, startGit } from '../../src/workspace/run-git.ts';
import type { Repository } from '../../src/workspace/types.ts';
import { until } from '../until.ts';
import { makeWorld, open, type World } from './world.ts';

describe('a git that is confined', () => {
  let world: World;
  let repository: Repository;
  let home: string;
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });
  beforeEach(async () => {
    world = await makeWorld();
    repository = await open(world);
    home = world.user.home;
    writeFileSync(join(home, '.profile'), 'mine\n');
  });
  afterEach(() => {
    rmSync(shared, { force: true });
    return world.remove();
  });

  const shared = `/dev/shm/ckm-led-${process.pid}`;
  const profile = () => readFileSync(join(home, '.profile'), 'utf8');
  const inGit = (...names: string[]) => join(world.repo, '.git', ...names);
  function link(path: string, target: string): void {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(target, path);
  }
  /** A branch moves, with a line of the repository's choice in its log. */
  const moveBranch = (call: GitCall) => {
    const head = repository.head.commit;
    return runGit(['update-ref', '--create-reflog', '-m', 'echo led', 'refs/heads/led', head], { ...disarmedCall(repository), ...call });
  };

  const hostile = (command: string): readonly Setting[] => [['alias.led', `!${command}`]];

  it('is tried by one that ends with us, if it hangs', async () => {
    const hung = join(home, 'hung');
    const fake = join(home, 'git');
    writeFileSync(fake, `#!/bin/sh\ntrap '' TERM\nwhile :; do read -r _ < ${hung}; done\n`, { mode: 0o755 });
    execFileSync('mkfifo', [hung]);
    // Who opens the pipe to write is let go on as soon as it is read: git hangs then.
    const source = join(import.meta.dirname, '../../src/workspace/confine-git.ts');
    const script = `import(${JSON.stringify(source)}).then(({ findConfinement }) => {
      findConfinement(${JSON.stringify(fake)});
      require('node:fs').open(${JSON.stringify(hung)}, 'w', () => process.exit());
    });`;
    execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' });
    const running = () => readdirSync('/proc').filter((pid) => commandOf(pid).includes(fake));
    await until('it has ended', () => running().length === 0);
  });

  it('stays behind no server that is killed while it starts', async () => {
    const source = join(import.meta.dirname, '../../src/workspace/run-git.ts');
    const call = { gitDir: repository.gitDir, cwd: world.repo, user: world.user, programs: [] };
    const script = `import(${JSON.stringify(source)}).then(async ({ runGit, startGit }) => {
      const call = ${JSON.stringify(call)};
      await runGit(['update-index', '--refresh'], call);
      await startGit(['update-index', '--refresh'], call);
      process.kill(process.pid, 'SIGKILL');
    });`;
    for (let round = 0; round < 3; round++)
      assert.throws(() => execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' }), /SIGKILL|failed/);
    const left = () => readdirSync('/proc').filter((pid) => commandOf(pid).includes(`--git-dir=${repository.gitDir}`));
    await until('none is left', () => left().length === 0);
  });

  const commandOf = (pid: string) => {
    try {
      return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
    } catch {
      return ''; // it has ended meanwhile
    }
  };

  describe('by a link', () => {
    const LINKS: Readonly<Record<string, () => void>> = {
      'of the log': () => link(inGit('logs/refs/heads/led'), join(home, '.profile')),
      'of a folder of logs': () => {
        renameSync(join(home, '.profile'), join(home, 'led'));
        link(inGit('logs/refs/heads'), home);
      },
      'into memory that programs share': () => {
        rmSync(join(home, '.profile'));
        writeFileSync(shared, 'mine\n');
        link(inGit('logs/refs/heads/led'), shared);
      },
      'by a way of many links': () => {
        link(join(world.root, 'a'), join(home, '.profile'));
        link(inGit('logs/b'), '../../../a');
        link(inGit('logs/refs/heads/led'), '../../b');
      },
    };
    for (const [how, lay] of Object.entries(LINKS))
      it(`${how} appends nothing to a file of the user's`, async () => {
        lay();
        const file = [join(home, '.profile'), join(home, 'led'), shared].find(existsSync)!;
        await moveBranch({});
        assert.equal(readFileSync(file, 'utf8'), 'mine\n');
        await moveBranch({ writes: 'anywhere' });
        assert.match(readFileSync(file, 'utf8'), /echo led/, 'and would have, so this shows something');
      });

    it('of a ref writes no file of that name', async () => {
      link(inGit('refs/heads/led'), join(home, 'new-file'));
      await moveBranch({});
      assert.ok(!existsSync(join(home, 'new-file')));
    });

    it('of the refs, the objects or the index changes nothing in another folder', async () => {
      const other = join(world.root, 'other');
      execFileSync('git', ['init', '-q', other]);
      const before = listing(other);
      for (const name of ['refs', 'logs']) link(inGit(name), join(other, '.git', name));
      link(inGit('objects/pack'), join(other, '.git/objects/pack'));
      link(inGit('index'), join(other, 'index'));
      await moveBranch({});
      const stdin = Buffer.alloc(9000, 'x');
      for (const args of [
        ['hash-object', '-w', '--stdin'],
        ['read-tree', '--empty'],
        ['update-index', '--refresh'],
      ])
        await runGit(args, { ...disarmedCall(repository), stdin }).catch(() => {});
      assert.deepEqual(listing(other), before);
    });
  });

  it('by its commondir writes into no other repository, though a call of a working tree writes into the common one', async () => {
    const tree = join(world.root, 'linked');
    await git(['worktree', 'add', '-q', tree, '-b', 'second'], { cwd: world.repo, writes: 'anywhere' });
    const linked = await open(world, tree);
    await git(['update-ref', 'refs/heads/third', linked.head.commit], disarmedCall(linked));
    assert.ok(existsSync(inGit('refs/heads/third')));
    const other = join(world.root, 'other');
    execFileSync('git', ['init', '-q', other]);
    assert.ok(!placesOfGitDir(linked.gitDir).some((place) => place.startsWith(other)));
  });

  describe('reads contents that a model may be told', () => {
    const SECRET = 'of another repository\n';
    let other: string;
    let id: string;
    const loose = (folder: string, name = id) => join(folder, '.git/objects', name.slice(0, 2), name.slice(2));
    const told = async (call: GitCall) =>
      (await runGit(['cat-file', 'blob', id], { gitDir: repository.gitDir, ...call })).stdout.toString();
    const everywhere = () => ({ user: world.user });
    beforeEach(() => {
      other = join(world.root, 'other');
      execFileSync('git', ['init', '-q', other]);
      id = execFileSync('git', ['-C', other, 'hash-object', '-w', '--stdin'], { input: SECRET }).toString().trim();
    });

    it('of no object that is a link into another repository, or lies in a folder that is', async () => {
      link(loose(world.repo), loose(other));
      assert.equal(await told({}), '');
      assert.equal(await told(everywhere()), SECRET, 'and would have');
      link(dirname(loose(world.repo)), dirname(loose(other)));
      assert.equal(await told({}), '');
      assert.equal(await told(everywhere()), SECRET);
    });

    it('of no pack that is', async () => {
      execFileSync('git', ['-C', other, '-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x']);
      const pack = execFileSync('git', ['-C', other, 'pack-objects', '-q', join(other, 'pack')], { input: `${id}\n` })
        .toString()
        .trim();
      for (const end of ['pack', 'idx']) link(inGit(`objects/pack/pack-${pack}.${end}`), join(other, `pack-${pack}.${end}`));
      assert.equal(await told({}), '');
      assert.equal(await told(everywhere()), SECRET);
    });

    it('and goes to no working tree that the configuration names, as that of a submodule', async () => {
      execFileSync('git', ['-C', world.repo, 'hash-object', '-w', '--stdin'], { input: SECRET });
      execFileSync('git', ['-C', world.repo, 'config', 'core.worktree', '../../elsewhere']);
      assert.equal(await told({}), SECRET);
    });

    it('and of what is borrowed in the open, through links on the way to it, too', async () => {
      link(join(world.root, 'by-link'), other);
      writeFileSync(inGit('objects/info/alternates'), `${join(world.root, 'by-link/.git/objects')}\n`);
      assert.equal(await told({}), SECRET);
      link(join(world.root, 'repo-by-link'), world.repo);
      assert.equal(await told({ gitDir: join(world.root, 'repo-by-link/.git') }), SECRET);
    });

    const WAYS: Readonly<Record<string, () => string>> = {
      'a link of the git dir that says a whole path': () => {
        link(inGit('info/theirs'), join(other, '.git/objects'));
        return inGit('info/theirs');
      },
      'links to links': () => {
        link(join(world.root, 'far'), join(world.root, 'farther'));
        link(join(world.root, 'farther'), other);
        link(inGit('info/theirs'), '../../../far/.git');
        return '../info/theirs/objects';
      },
      'a folder of nobody’s, and up again': () => {
        mkdirSync(join(world.root, 'empty/deep'), { recursive: true });
        return join(world.root, 'empty/deep/../../other/.git/objects');
      },
      'a link, and up from where it leads': () => {
        mkdirSync(join(other, 'deep'));
        link(join(world.root, 'up'), join(other, 'deep'));
        return `${join(world.root, 'up')}/../.git/objects`;
      },
    };
    for (const [way, lay] of Object.entries(WAYS))
      it(`and of what is borrowed by ${way}`, async () => {
        writeFileSync(inGit('objects/info/alternates'), `${lay()}\n`);
        assert.equal(await told({}), SECRET);
        assert.equal(await told({ cwd: world.repo, indexFile: inGit('no-index') }), SECRET);
      });

    for (const far of ['', 'over another link'])
      it(`and of objects that lie elsewhere, by a link with a whole path ${far}`, async () => {
        await git(['hash-object', '-w', '--stdin'], { gitDir: repository.gitDir, stdin: SECRET });
        renameSync(inGit('objects'), join(world.root, 'big'));
        if (far) link(join(world.root, 'far'), join(world.root, 'big'));
        link(inGit('objects'), join(world.root, far ? 'far' : 'big'));
        assert.equal(await told({ indexFile: inGit('no-index') }), SECRET);
        const ofView = (call: GitCall) => runGit(['cat-file', 'blob', id], { ...call, indexFile: inGit('no-index') });
        assert.equal((await withoutOwnRules(repository, 40, ofView)).stdout.toString(), SECRET);
      });
  });

  it('is read-only where it reads, and the checkout is where no file is to come', async () => {
    const call = { gitDir: repository.gitDir, cwd: world.repo, user: world.user };
    const write = (file: string) => runGit(['led'], { ...call, config: hostile(`echo led >"${file}"`) });
    for (const file of [join(world.repo, 'led'), join(home, 'led'), join(world.root, 'led'), '/tmp/ckm-led']) {
      assert.notEqual((await write(file)).code, 0, file);
      assert.ok(!existsSync(file));
    }
    assert.equal((await write(inGit('led'))).code, 0, 'a command that may write, in the git dir');
    const smudge: readonly Setting[] = [['diff.led.textconv', `echo led >"${inGit('read')}"; cat`]];
    writeFileSync(inGit('info/attributes'), '* diff=led\n');
    await runGit(['log', '-p', '--textconv'], { ...call, config: smudge });
    assert.ok(!existsSync(inGit('read')));
  });

  it('has no network, whatever program it is led to', async () => {
    let asked = 0;
    const server = createServer((socket) => {
      asked += 1;
      socket.on('error', () => {}).end();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const call = {
      gitDir: repository.gitDir,
      user: world.user,
      config: [['alias.led', `!bash -c ': </dev/tcp/127.0.0.1/${port}'`]] as const,
    };
    try {
      assert.notEqual((await runGit(['led'], call)).code, 0);
      assert.equal(asked, 0);
      assert.equal((await runGit(['led'], { ...call, writes: 'anywhere' })).code, 0, 'and would have reached it');
    } finally {
      server.close();
    }
  });

  it('writes no more where programs of the user’s run in it, which have the network, a temp folder and the store of git-lfs', async () => {
    const server = createServer((socket) => void socket.on('error', () => {}).end());
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const store = join(world.root, 'store');
    mkdirSync(store);
    const call = { gitDir: repository.gitDir, cwd: world.repo, user: world.user, programs: [store] };
    const does = async (script: string) => (await runGit(['led'], { ...call, config: hostile(script) })).code === 0;
    try {
      for (const place of [inGit('led'), join(store, 'led'), '$TMPDIR/led']) assert.ok(await does(`echo led >"${place}"`), place);
      assert.ok(existsSync(join(store, 'led')) && !existsSync('/var/tmp/led'));
      for (const place of [join(home, 'led'), join(world.root, 'led'), '/tmp/ckm-led', shared])
        assert.ok(!(await does(`echo led >"${place}"`)), place);
      assert.ok(await does(`exec bash -c ': </dev/tcp/127.0.0.1/${port}'`));
      assert.ok(await does('[ ! -e /proc/self/fd/3 ] && [ ! -e /proc/self/fd/4 ]'), 'neither pipe of ours');
    } finally {
      server.close();
    }
  });

  describe('by a link, where git-lfs is set up for all repositories', () => {
    it('of the logs writes nothing of the user’s', async () => {
      link(inGit('logs/refs/heads/led'), join(home, '.profile'));
      await moveBranch({ programs: [] });
      assert.equal(profile(), 'mine\n');
      await moveBranch({ writes: 'anywhere' });
      assert.match(profile(), /led/, 'and would have');
      writeFileSync(join(home, '.profile'), 'mine\n');
    });
  });

  it('talks to no program of the user’s, by a socket or a signal, and sees none', async () => {
    const address = join(world.root, 'agent');
    const server = createServer((socket) => void socket.on('error', () => {}).end());
    await new Promise<void>((resolve) => void server.listen(address, resolve));
    const script = `
      const tried = (act) => { try { return act(); } catch ({ code }) { return code; } };
      const kill = () => process.kill(${process.pid}, 0);
      const environment = () => require('node:fs').readFileSync('/proc/${process.pid}/environ').length > 0;
      const write = () => require('node:fs').appendFileSync('/proc/sys/kernel/core_pattern', '');
      const end = (how) => { console.log(JSON.stringify([how, tried(kill), tried(environment), tried(write)])); process.exit(); };
      require('node:net').connect(process.argv[1]).on('connect', () => end('connected')).on('error', ({ code }) => end(code));`;
    const file = join(world.root, 'led.cjs');
    writeFileSync(file, script.replace('process.argv[1]', JSON.stringify(address)));
    const call = { gitDir: repository.gitDir, user: world.user, config: [['alias.led', `!'${process.execPath}' '${file}'`]] as const };
    const told = async (more: GitCall) => JSON.parse((await git(['led'], { ...call, ...more })).toString());
    try {
      const inside = await told({});
      assert.deepEqual(inside.slice(0, 3), ['EAFNOSUPPORT', 'ESRCH', 'ENOENT']);
      assert.match(inside[3], /^(EROFS|EACCES)$/);
      assert.deepEqual((await told({ writes: 'anywhere' })).slice(0, 3), ['connected', true, true], 'and would have');
    } finally {
      server.close();
    }
  });

  it('removes its lock files when it is ended', async () => {
    const controller = new AbortController();
    const child = await startGit(['update-ref', '--stdin'], { ...disarmedCall(repository), signal: controller.signal });
    child.stdin.write(`start\ncreate refs/heads/held ${repository.head.commit}\nprepare\n`);
    let said = '';
    for await (const chunk of child.stdout) {
      said += chunk;
      if (said.includes('prepare: ok')) break;
    }
    assert.ok(existsSync(inGit('refs/heads/held.lock')));
    controller.abort(new Error('enough'));
    await assert.rejects(exitCode(child), /enough/);
    assert.ok(!existsSync(inGit('refs/heads/held.lock')));
  });

  it('tells what keeps it from starting, which is no answer of git: 1 would be “no match”, or “conflicts”', async () => {
    const many = Array.from({ length: 3100 }, (_, at) => join(world.root, `${at}`));
    for (const path of many) writeFileSync(path, '');
    const grep = ['grep', '-e', 'nothing like this', 'HEAD'];
    await assert.rejects(runGit(grep, { gitDir: repository.gitDir, writes: many }), /arguments/);
    assert.equal((await runGit(grep, { gitDir: repository.gitDir })).code, 1);
  });

  it('tells a signal from an exit code of git', async () => {
    const killed = [['alias.led', '!kill -9 $PPID']] as const;
    assert.equal((await runGit(['led'], { gitDir: repository.gitDir, user: world.user, config: killed })).code, -1);
    assert.deepEqual([0, 1, 128, 129, 137, 143].map(codeOfConfined), [0, 1, 128, 129, -1, -1]);
  });

  it('writes where a git dir is only links into another one', async () => {
    const shared = join(world.root, 'shared.git');
    renameSync(inGit(), shared);
    mkdirSync(inGit());
    for (const name of ['objects', 'refs', 'logs', 'packed-refs', 'config', 'info', 'hooks']) symlinkSync(join(shared, name), inGit(name));
    writeFileSync(inGit('HEAD'), readFileSync(join(shared, 'HEAD')));
    const here = await open(world);
    await git(['update-ref', 'refs/heads/second', here.head.commit], disarmedCall(here));
    await git(['pack-refs', '--all'], disarmedCall(here));
    await git(['hash-object', '-w', '--stdin'], { gitDir: here.gitDir, writes: placesOfGitDir(here.gitDir), stdin: 'new' });
    assert.ok(lstatSync(join(shared, 'packed-refs')).isFile());
    assert.match(readFileSync(join(shared, 'packed-refs'), 'utf8'), /refs\/heads\/second/);
  });

  it('leaves nothing of the user changed by all of this', () => assert.equal(profile(), 'mine\n'));
});

function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}
