/** Which git dir a folder has, and where links and paths in it lead, is told as git and the system tell it: each is looked at. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { lookAtNested, oddInNestedGit, whyNotRead } from '../../src/workspace/odd-git-entries.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';

describe('ways in a repository that was brought', () => {
  let around: string;
  let top: string;
  let repo: string;
  beforeEach(() => {
    around = mkdtempSync(join(tmpdir(), 'ckm-ways-'));
    top = join(around, 'top');
    repo = join(top, 'repo');
    execFileSync('git', ['init', '-q', '-b', 'main', repo]);
    execFileSync('git', ['-C', repo, '-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'First']);
    mkdirSync(join(repo, 'sub'));
  });
  afterEach(() => rmSync(around, { recursive: true, force: true }));

  const git = (...names: string[]) => join(repo, '.git', ...names);
  function put(path: string, text: string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }
  /** Git would append lines to a file of the user's. */
  function hostile(gitDir: string): void {
    put(join(top, '.profile'), 'mine');
    rmSync(join(gitDir, 'logs/HEAD'), { force: true });
    mkdirSync(join(gitDir, 'logs'), { recursive: true });
    symlinkSync(join(top, '.profile'), join(gitDir, 'logs/HEAD'));
  }
  const code = async (folder: string) => {
    const why = whyNotRead(folder);
    const opened = await openRepository(folder, { home: top, xdgConfigHome: null });
    return [why?.code, opened.ok ? 'opened' : opened.reason.code];
  };
  const REFUSED = ['repo.linkOut', 'repo.linkOut'];

  const passedBy: Readonly<Record<string, (at: string) => unknown>> = {
    empty: () => {},
    'of a HEAD that names nothing': (at) => {
      for (const name of ['objects', 'refs']) mkdirSync(join(at, name));
      writeFileSync(join(at, 'HEAD'), 'nothing');
    },
    'of a HEAD that reads like a link': (at) => {
      for (const name of ['objects', 'refs']) mkdirSync(join(at, name));
      writeFileSync(join(at, 'HEAD'), 'refs/heads/main');
    },
    'without refs': (at) => {
      mkdirSync(join(at, 'objects'));
      writeFileSync(join(at, 'HEAD'), 'ref: refs/heads/main');
    },
  };
  for (const [what, lay] of Object.entries(passedBy))
    it(`past a .git that is none: ${what}`, async () => {
      mkdirSync(join(repo, 'sub/.git'));
      lay(join(repo, 'sub/.git'));
      assert.deepEqual(await code(join(repo, 'sub')), [undefined, 'opened']);
      hostile(git());
      assert.deepEqual(await code(join(repo, 'sub')), REFUSED);
    });

  it('to a git dir without the name of one', async () => {
    renameSync(git(), join(repo, 'sub/store'));
    const tree = join(repo, 'tree');
    put(join(tree, '.git'), `gitdir: ${join(repo, 'sub/store')}\n`);
    for (const [key, value] of [
      ['core.bare', 'false'],
      ['core.worktree', tree],
    ] as const)
      execFileSync('git', ['-C', join(repo, 'sub/store'), 'config', key, value]);
    mkdirSync(join(repo, 'sub/store/below'));
    hostile(join(repo, 'sub/store'));
    for (const folder of ['sub/store', 'sub/store/below', 'tree']) assert.deepEqual(await code(join(repo, folder)), REFUSED, folder);
  });

  const pointers: Readonly<Record<string, string>> = {
    'with a carriage return': 'gitdir: ../store\r\n',
    'up from where a link leads': 'gitdir: link/../../store\n',
  };
  for (const [what, text] of Object.entries(pointers))
    it(`by a .git file ${what}`, async () => {
      renameSync(git(), join(top, 'store'));
      symlinkSync('sub', join(repo, 'link'));
      put(git(), text);
      assert.equal(whyNotRead(repo), null);
      hostile(join(top, 'store'));
      assert.equal(whyNotRead(repo)?.code, 'repo.linkOut');
      assert.equal((await code(repo))[1], 'repo.linkOut');
    });

  for (const [what, text] of Object.entries({ 'with a blank': ' store', 'with a NUL': 'store\0x', 'behind a link': 'link/../store' }))
    it(`by a commondir ${what}`, async () => {
      const store = text.startsWith(' ') ? ' store' : 'store';
      mkdirSync(git(store));
      for (const name of readdirSync(git())) if (!['HEAD', store].includes(name)) renameSync(git(name), git(store, name));
      writeFileSync(git('commondir'), text);
      mkdirSync(git('far/deep'), { recursive: true });
      if (text.startsWith('link')) {
        symlinkSync(git('far/deep'), git('link'));
        renameSync(git(store), git('far/store'));
      }
      const real = text.startsWith('link') ? git('far/store') : git(store);
      assert.equal(whyNotRead(repo), null);
      hostile(real);
      assert.equal(whyNotRead(repo)?.code, 'repo.linkOut');
      assert.notEqual((await code(repo))[1], 'opened');
    });

  for (const there of [true, false])
    it(`through a link and up, to a file that is ${there ? '' : 'not '}there, beside one of ours`, () => {
      mkdirSync(join(top, 'folder'));
      if (there) put(join(top, '.profile'), 'mine');
      mkdirSync(git('own'));
      symlinkSync(join(top, 'folder'), git('own/out'));
      put(git('own/.profile'), 'decoy');
      rmSync(git('logs/HEAD'));
      symlinkSync('../own/out/../.profile', git('logs/HEAD'));
      assert.equal(whyNotRead(repo)?.code, 'repo.linkOut');
    });

  for (const at of ['logs/refs', 'refs/heads/way', 'worktrees/way'])
    it(`through a link within it at ${at}, to a link or a pipe behind it`, () => {
      rmSync(git(at), { recursive: true, force: true });
      mkdirSync(dirname(git(at)), { recursive: true });
      mkdirSync(git('own/deep/logs'), { recursive: true });
      symlinkSync(git('own/deep'), git(at));
      symlinkSync(git('own'), git('own/deep/round'));
      assert.equal(whyNotRead(repo), null);
      symlinkSync(join(top, '.profile'), git('own/deep/logs/HEAD'));
      assert.equal(whyNotRead(repo)?.code, 'repo.linkOut');
      rmSync(git('own/deep/logs/HEAD'));
      execFileSync('mkfifo', [git('own/deep/logs/HEAD')]);
      assert.equal(whyNotRead(repo)?.code, 'repo.oddFile');
    });

  const MANY: Readonly<Record<string, readonly [folder: string, target: string]>> = {
    'among the logs': ['logs/many', '../../HEAD'],
    'among the logs, to nothing': ['logs/many', '../none'],
    'among the refs, to folders': ['refs/many', '../../logs'],
    'in the git dir': ['.', 'HEAD'],
    'among the objects': ['objects/ab', '../../HEAD'],
    'beside them': ['objects', '../HEAD'],
    'among the rules': ['info', '../HEAD'],
  };
  for (const [where, [folder, target]] of Object.entries(MANY))
    it(`links without end ${where}, of which each can take a hundredth of a second`, () => {
      mkdirSync(git(folder), { recursive: true });
      for (let at = 0; at < 250; at++) symlinkSync(target, git(folder, `l${at}`));
      assert.equal(whyNotRead(repo), null);
      const real = performance.now;
      let now = 0;
      performance.now = () => (now += 10); // a look at one takes as long
      try {
        assert.ok(whyNotRead(repo));
        const asNested = oddInNestedGit(git(), lookAtNested());
        assert.deepEqual(asNested, folder.startsWith('refs') ? [git('refs')] : []);
      } finally {
        performance.now = real;
      }
    });

  /** What leads us to something that is all right. */
  const HERE = () => `/proc/self/cwd/${relative(process.cwd(), git('own'))}`;
  const byProcess: Readonly<Record<string, (here: string) => string>> = {
    'a log': (here) => link(git('logs/HEAD'), `${here}/file`),
    'the log of the stash': (here) => link(git('logs/refs/stash'), `${here}/file`),
    'branches, through another link': (here) => link(git('refs/heads/way'), link(join(top, 'way'), here)),
    'what is packed': (here) => link(git('packed-refs'), `${here}/file`),
    'what it holds by a link': (here) => link(git('objects/ab'), here),
    'what it holds by a list': (here) => put(git('objects/info/alternates'), `${here}\n`),
    'what it holds by a list, to nothing': (here) => put(git('objects/info/alternates'), `${here}/none\n`),
    'a list by the name of who reads it': () => link(git('objects/info/alternates'), '/proc/self/comm'),
    'rules by what the server hears': () => link(git('info/exclude'), '/dev/stdin'),
    'what is included': (here) => put(git('config'), `${readFileSync(git('config'), 'utf8')}[include]\n\tpath = ${here}/file\n`),
    'the git dir of a submodule': (here) => link(git('modules/part/HEAD'), `${here}/file`, git('modules/part/objects')),
    'what it shares': (here) => put(git('commondir'), here),
    'the git dir': (here) => {
      renameSync(git(), join(repo, 'store'));
      return put(git(), `gitdir: ${here.replace('.git/own', 'store')}\n`);
    },
  };
  function link(at: string, target: string, folder = dirname(at)): string {
    mkdirSync(folder, { recursive: true });
    mkdirSync(dirname(at), { recursive: true });
    rmSync(at, { force: true });
    symlinkSync(target, at);
    return at;
  }
  for (const [what, lay] of Object.entries(byProcess))
    it(`by what each process has of its own, which is another thing for git: ${what}`, function () {
      if (process.platform !== 'linux') this.skip();
      for (const name of ['objects', 'refs']) mkdirSync(git('own', name), { recursive: true });
      put(git('own/file'), '');
      assert.equal(whyNotRead(repo), null);
      lay(HERE());
      assert.match(whyNotRead(repo)?.code ?? '', /^repo\.odd(File|Borrowing)$/);
    });

  it('nor in a repository that a command laid', function () {
    if (process.platform !== 'linux') this.skip();
    mkdirSync(git('own'));
    for (const at of [git('index'), git('HEAD')]) {
      link(at, '/proc/self/comm');
      assert.deepEqual(oddInNestedGit(git(), lookAtNested()), [at]);
      rmSync(at);
    }
    put(git('HEAD'), 'ref: refs/heads/main\n');
    put(git('commondir'), HERE());
    assert.deepEqual(oddInNestedGit(git(), lookAtNested()), [git('commondir')]);
    assert.deepEqual(oddInNestedGit(link(join(repo, 'sub/.git'), HERE()), lookAtNested()), [join(repo, 'sub/.git')]);
  });

  it('a link that reads like itself is no endless way', () => {
    mkdirSync(join(top, 'folder'));
    mkdirSync(git('own'));
    symlinkSync(join(top, 'folder'), git('own/out'));
    rmSync(git('logs/HEAD'));
    symlinkSync('../own/out/../../logs/HEAD', git('logs/HEAD'));
    put(join(around, 'logs/HEAD'), '');
    assert.equal(whyNotRead(repo)?.code, 'repo.linkOut');
  });

  /** As `git new-workdir` and Android's `repo` lay them, but within the git dir itself. */
  const shared: Readonly<Record<string, (elsewhere: string) => void>> = {
    'to what has the same name there, and lies elsewhere': (elsewhere) => {
      mkdirSync(elsewhere);
      for (const at of [git('logs'), git('own/logs')]) symlinkSync(elsewhere, at);
    },
    'to nothing yet': (elsewhere) => symlinkSync(elsewhere, git('packed-refs')),
    'to a link there to nothing yet': (elsewhere) => {
      symlinkSync(elsewhere, git('own/packed-refs'));
      symlinkSync('own/packed-refs', git('packed-refs'));
    },
  };
  for (const [what, lay] of Object.entries(shared))
    it(`by links into one folder, one of them ${what}`, () => {
      mkdirSync(git('own'));
      for (const name of ['refs', 'objects']) {
        renameSync(git(name), git('own', name));
        symlinkSync(`own/${name}`, git(name));
      }
      rmSync(git('logs'), { recursive: true });
      symlinkSync(git('own/ORIG_HEAD'), git('ORIG_HEAD')); // to nothing yet, as new-workdir does
      assert.equal(whyNotRead(repo), null);
      lay(join(top, 'elsewhere'));
      assert.equal(whyNotRead(repo)?.code, 'repo.linkOut');
    });

  it('to objects of another repository', async () => {
    const other = join(top, 'other');
    execFileSync('git', ['clone', '-q', '--no-local', repo, other]);
    symlinkSync(join(other, '.git/objects/pack'), join(repo, 'link'));
    put(git('objects/info/alternates'), '../../link/..\n');
    const opened = await openRepository(repo, { home: top, xdgConfigHome: null });
    assert.ok(opened.ok && opened.repository.objectDirs.includes(join(other, '.git/objects')));
  });

  describe('by line breaks, behind which the answers of git would be those of whoever named a folder', () => {
    const other = () => join(around, 'other');
    /** @returns a git dir whose path reads like the answers about another repository */
    function named(): string {
      execFileSync('git', ['init', '-q', other()]);
      const head = execFileSync('git', ['-C', repo, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
      const answers = [join(other(), '.git'), 'false', 'sha1', '', other(), head, 'refs/heads/main', 'end'];
      const dir = join(repo, `x\n${answers.join('\n')}`);
      mkdirSync(dirname(dir), { recursive: true });
      symlinkSync(join(other(), '.git'), join(repo, 'x'));
      return dir;
    }
    const BREAK = ['repo.lineBreakInPath', 'repo.lineBreakInPath'];

    it('in a .git file', async () => {
      const dir = named();
      renameSync(git(), dir);
      writeFileSync(git(), `gitdir: ${dir}\n`);
      assert.deepEqual(await code(repo), BREAK);
    });

    it('in a link', async () => {
      const dir = named();
      renameSync(git(), dir);
      symlinkSync(dir, git());
      assert.deepEqual(await code(repo), BREAK);
    });

    it('in the common git dir', async () => {
      const dir = named();
      renameSync(git(), dir);
      put(join(repo, '.git/HEAD'), 'ref: refs/heads/main\n');
      writeFileSync(git('commondir'), `${dir}\n`);
      assert.deepEqual(await code(repo), BREAK);
    });

    it('in the name of its working tree', async () => {
      const dir = join(repo, 'tree\nmore');
      mkdirSync(dir);
      execFileSync('git', ['-C', repo, 'config', 'core.worktree', dir]);
      assert.deepEqual(await code(repo), [undefined, 'repo.lineBreakInPath']);
    });
  });

  it('to a file that is included', () => {
    mkdirSync(git('far/deep'), { recursive: true });
    symlinkSync('far/deep', git('link'));
    execFileSync('mkfifo', [git('far/pipe')]);
    appendFileSync(git('config'), '[include]\n\tpath = link/../pipe\n');
    assert.equal(whyNotRead(repo)?.code, 'repo.oddFile');
  });

  for (const key of ['core.attributesFile', 'core.excludesFile', 'diff.orderFile'])
    it(`to a file that ${key} names`, async () => {
      mkdirSync(git('far/deep'), { recursive: true });
      symlinkSync('far/deep', git('link'));
      execFileSync('mkfifo', [git('far/pipe')]);
      execFileSync('git', ['-C', repo, 'config', key, '.git/link/../pipe']);
      assert.deepEqual(await code(repo), [undefined, 'repo.oddFile']);
    });

  it('is told by the system everywhere, never by Node', () => {
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const other = sources.filter((name) => /\brealpathSync\(/.test(readFileSync(join('src', name), 'utf8')));
    assert.deepEqual(other, []);
  });
});
