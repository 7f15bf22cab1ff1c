import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { RequestRecord } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, gitIn, makeRepository, makeWorld, run, type ServerOptions, task, type World, write, writeIn } from './world.ts';

const BRANCH = 'feature/work';
const SCRIPT = [write('done.txt', 'done\n'), run('cat done.txt src/greet.txt; git status --short; git log --oneline'), finish()];

/** Where a state puts the checkout that is worked on, and what else belongs to the user. */
interface Place {
  /** repo_path of the call. */
  at?: string;
  /** The repository, when it is not the world's own. */
  root?: string;
  /** Further folders of the user that must not change. */
  others?: string[];
}

/** States of a checkout, made with git as a user would. Each ends a delegation well and is left byte for byte as it was. */
const STATES: Record<string, (world: World) => Place | undefined> = {
  clean: () => undefined,
  dirty(world) {
    makeDirty(world.repo);
    return undefined;
  },
  staged(world) {
    makeDirty(world.repo);
    world.git('add', 'src/greet.txt', 'notes.md');
    world.write('src/greet.txt', 'staged, then changed again\n');
    world.git('rm', '-q', '--cached', 'README.md');
    return undefined;
  },
  'with stashes'(world) {
    world.write('src/greet.txt', 'stashed\n');
    world.git('stash');
    world.write('src/other.txt', 'stashed too\n');
    world.git('stash');
    return undefined;
  },
  detached(world) {
    world.git('checkout', '-q', '--detach');
    return undefined;
  },
  'mid-rebase'(world) {
    makeConflict(world);
    fails(() => world.git('rebase', 'theirs'));
    return undefined;
  },
  'mid-merge'(world) {
    makeConflict(world);
    fails(() => world.git('merge', 'theirs'));
    return undefined;
  },
  'mid-cherry-pick'(world) {
    makeConflict(world);
    fails(() => world.git('cherry-pick', 'theirs'));
    return undefined;
  },
  bisecting(world) {
    for (const word of ['one', 'two', 'three', 'four']) commit(world.repo, 'count.txt', `${word}\n`);
    world.git('bisect', 'start', 'HEAD', 'HEAD~4');
    return undefined;
  },
  'a linked worktree'(world) {
    const at = path.join(world.folder, 'linked');
    world.git('worktree', 'add', '-q', '-b', 'side', at);
    makeDirty(at);
    return { at, others: [at] };
  },
  "Claude's own worktree"(world) {
    const at = path.join(world.repo, '.claude', 'worktrees', 'brave-fox');
    world.git('worktree', 'add', '-q', '-b', 'worktree-brave-fox', at);
    commit(at, 'src/claude.txt', 'by Claude\n');
    return { at };
  },
  'a subdirectory given': (world) => ({ at: path.join(world.repo, 'src') }),
  'a symbolic link given'(world) {
    const at = path.join(world.folder, 'link');
    symlinkSync(world.repo, at);
    return { at };
  },
  'a shallow clone'(world) {
    commit(world.repo, 'second.txt', 'second\n');
    return cloned(world, '--depth', '1');
  },
  'a clone that borrows objects': (world) => cloned(world, '--shared'),
  'a sparse checkout'(world) {
    commit(world.repo, 'docs/guide.md', 'guide\n');
    const place = cloned(world);
    gitIn(place.root, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'docs');
    assert.ok(!existsSync(path.join(place.root, 'src')));
    return place;
  },
  'a submodule'(world) {
    const outer = path.join(world.folder, 'outer');
    makeRepository(outer);
    gitIn(outer, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', world.repo, 'inner');
    gitIn(outer, 'commit', '-q', '-m', 'Submodule');
    const root = path.join(outer, 'inner');
    return { root, others: [outer] };
  },
  'packed refs, a split index and an untracked cache'(world) {
    world.git('branch', 'old');
    world.git('tag', 'v1');
    world.git('gc', '-q');
    world.git('update-index', '--split-index', '--untracked-cache');
    makeDirty(world.repo);
    return undefined;
  },
  'files that git has not looked at since they were touched'(world) {
    execFileSync('touch', ['-d', '2020-01-01', path.join(world.repo, 'src/greet.txt')]);
    return undefined;
  },
  sha256(world) {
    const root = path.join(world.folder, 'sha256');
    mkdirSync(root);
    gitIn(root, 'init', '-q', '-b', 'main', '--object-format=sha256');
    makeRepository(root);
    return { root };
  },
};

describe('checkout states', () => {
  let world: World;
  const open = async (options: ServerOptions & { name?: string } = {}, script: Parameters<typeof makeWorld>[0] = SCRIPT) => {
    world = await makeWorld(script, options);
  };
  afterEach(() => world.close());
  const textOf = (request: RequestRecord | undefined) => request?.body.toString() ?? '';

  /** Everything of the user's that must stay, but the one new branch with its reflog. */
  async function userFiles(place: Required<Pick<Place, 'root'>> & Place): Promise<Record<string, Record<string, string>>> {
    const gitDir = path.resolve(place.root, gitIn(place.root, 'rev-parse', '--git-common-dir'));
    const prints: Record<string, Record<string, string>> = {};
    for (const folder of new Set([place.root, gitDir, ...(place.others ?? [])])) {
      const inside = path.relative(folder, gitDir);
      const may = ['objects', `refs/heads/${BRANCH}`, `logs/refs/heads/${BRANCH}`];
      prints[folder] = await fingerprint(folder, inside.startsWith('..') ? [] : may.map((name) => path.posix.join(inside, name)));
    }
    return prints;
  }

  /** Delegates in a prepared checkout and compares all of it before and after. */
  async function delegate(place: Place = {}, more: Record<string, unknown> = {}): Promise<string> {
    const root = place.root ?? world.repo;
    const head = gitIn(place.at ?? root, 'rev-parse', 'HEAD');
    const before = await userFiles({ ...place, root });
    const server = await world.another({ roots: [world.folder] });
    const report = await server.call('implement_feature', task({ repo: place.at ?? root }, BRANCH, more));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.deepEqual(await userFiles({ ...place, root }), before);
    assert.equal(gitIn(root, 'show', `${BRANCH}:done.txt`), 'done');
    if (!more.include_uncommitted) assert.equal(gitIn(root, 'rev-parse', `${BRANCH}^`), head);
    assert.equal(gitIn(root, 'for-each-ref', 'refs/claude-kimi'), '');
    gitIn(root, 'fsck', '--no-dangling', '--no-progress');
    return report;
  }

  for (const [name, prepare] of Object.entries(STATES)) {
    it(`${name}: ends well, and nothing of the user's changes but one branch`, async () => {
      await open();
      await delegate(prepare(world));
    });
  }

  it('spaces, quotes and Chinese in the path', async () => {
    await open({ name: `我的 仓库 "a" 'b' $(c)` });
    await delegate();
    assert.match(textOf(world.kimi.requests[2]), /done\\nhello\\n/, 'commands run there');
  });

  it('autocrlf: an edited file keeps its line ends on disk, and the branch holds what git would have made of it', async () => {
    await open({}, [
      { calls: [{ name: 'read_file', args: { path: 'src/lines.txt' } }] },
      { calls: [{ name: 'edit_file', args: { path: 'src/lines.txt', edits: [{ old_text: 'two', new_text: 'TWO' }] } }] },
      write('done.txt', 'done\n'),
      run('od -c src/lines.txt'),
      finish(),
    ]);
    commit(world.repo, 'src/lines.txt', 'one\ntwo\nthree\n');
    world.git('config', 'core.autocrlf', 'true');
    rmSync(path.join(world.repo, 'src/lines.txt'));
    world.git('checkout', '--', 'src/lines.txt');
    assert.equal(readFileSync(path.join(world.repo, 'src/lines.txt'), 'latin1'), 'one\r\ntwo\r\nthree\r\n');
    await delegate();
    assert.match(textOf(world.kimi.requests[4]), /T {3}W {3}O {2}\\\\r {2}\\\\n/);
    assert.equal(
      world.git('diff', '--stat', `main..${BRANCH}`, '--', 'src/lines.txt').split('\n')[1],
      ' 1 file changed, 1 insertion(+), 1 deletion(-)',
    );
    assert.ok(!execFileSync('git', ['-C', world.repo, 'cat-file', 'blob', `${BRANCH}:src/lines.txt`]).includes('\r'));
  });

  it('hooks and configured programs of the user and of the repository: none is started', async () => {
    await open();
    const marker = path.join(world.folder, 'marker');
    const program = (name: string) => {
      const file = path.join(world.folder, 'programs', name);
      writeIn(world.folder, `programs/${name}`, `#!/bin/sh\necho ${name} >> '${marker}'\ncat\n`);
      chmodSync(file, 0o755);
      return file;
    };
    for (const hook of HOOKS) {
      writeIn(world.repo, `.git/hooks/${hook}`, `#!/bin/sh\necho ${hook} >> '${marker}'\n`);
      chmodSync(path.join(world.repo, '.git/hooks', hook), 0o755);
    }
    writeIn(world.home, '.gitconfig', userConfiguration(program));
    writeIn(world.repo, '.gitattributes', '*.txt filter=evil diff=evil merge=evil\n');
    writeIn(world.repo, '.gitmodules', '[submodule "x"]\n\tpath = x\n\turl = ../x\n');
    commit(world.repo, 'more.txt', 'more\n');
    for (const [key, value] of Object.entries(REPOSITORY_PROGRAMS)) world.git('config', key, program(value));
    makeDirty(world.repo);
    rmSync(marker, { force: true });
    const before = await userFiles({ root: world.repo });
    const call = (branch: string, more: object) => world.server.call('implement_feature', task(world, branch, { ...more }));
    assert.equal(field(await call(BRANCH, { checks: ['git diff HEAD~1 --stat; cat done.txt'] }), 'outcome'), 'ready');
    assert.equal(field(await call(BRANCH, { task_spec: 'Once more.' }), 'outcome'), 'no_changes');
    assert.deepEqual(await userFiles({ root: world.repo }), before);
    assert.equal(field(await call('feature/dirty', { include_uncommitted: true }), 'outcome'), 'no_changes');
    assert.equal(existsSync(marker) ? readFileSync(marker, 'utf8') : '', '');
    world.git('status');
    assert.match(readFileSync(marker, 'utf8'), /fsmonitor/, 'the traps were armed');
  });

  describe('uncommitted work', () => {
    it('is not seen by the worker, and the report says so', async () => {
      await open();
      makeDirty(world.repo);
      const report = await delegate();
      assert.match(report, /^not seen by the worker: 4 uncommitted files \(README\.md, notes\.md, src\/greet\.txt, src\/other\.txt\)$/m);
      assert.match(textOf(world.kimi.requests[2]), /done\\nhello\\n/);
    });

    for (const [name, prepare] of Object.entries({
      dirty: STATES.dirty,
      staged: STATES.staged,
      'in a sparse checkout': STATES['a sparse checkout'],
      'in a linked worktree': STATES['a linked worktree'],
    })) {
      it(`can be included: ${name}`, async () => {
        await open();
        const place = prepare?.(world) ?? {};
        const at = place.at ?? place.root ?? world.repo;
        if (name === 'in a sparse checkout') writeIn(at, 'docs/new.md', 'new\n');
        const report = await delegate(place, { include_uncommitted: true });
        assert.match(report, /base: .* with the uncommitted changes\)/);
        assert.ok(!report.includes('not seen by the worker'));
        assert.match(report, /^files: 1, \+1 -0/m, "the user's own changes are not in the diff");
        for (const file of gitIn(at, 'ls-files', '--others', '--modified', '--exclude-standard').split('\n')) {
          const onDisk = existsSync(path.join(at, file)) ? readFileSync(path.join(at, file), 'utf8').trimEnd() : null;
          const inBase = gitIn(at, 'ls-tree', '-r', '--name-only', BRANCH, '--', file) ? gitIn(at, 'show', `${BRANCH}:${file}`) : null;
          if (name !== 'in a sparse checkout' || onDisk !== null) assert.equal(inBase, onDisk, file);
        }
        if (name === 'in a sparse checkout')
          assert.equal(gitIn(at, 'show', `${BRANCH}:src/greet.txt`), 'hello', 'what is not checked out stays');
      });
    }

    it('refuses a task that names it, and offers both ways out', async () => {
      await open();
      makeDirty(world.repo);
      const call = (text: string, more = {}) => world.server.call('implement_feature', task(world, BRANCH, { task_spec: text, ...more }));
      for (const text of ['Change src/greet.txt: say goodbye.', 'See "notes.md" for the plan.', 'It breaks at src/greet.txt:3.']) {
        const report = await call(text);
        assert.equal(field(report, 'outcome'), 'invalid_request', text);
        assert.match(field(report, 'reason') ?? '', /uncommitted changes.*(src\/greet\.txt|notes\.md)\. Commit.*include_uncommitted: true/);
      }
      assert.equal(world.kimi.requests.length, 0);
      assert.equal(field(await call('Change src/greet.txt: say goodbye.', { include_uncommitted: true }), 'outcome'), 'unverified');
    });

    it('that the base holds is known to later attempts too: it can be named, and nothing is said to be unseen', async () => {
      await open({}, ({ step }) => SCRIPT[step] ?? finish());
      makeDirty(world.repo);
      const call = (text: string, more = {}) => world.server.call('implement_feature', task(world, BRANCH, { task_spec: text, ...more }));
      await call('Write done.txt.', { include_uncommitted: true });
      for (const more of [{}, { include_uncommitted: true }]) {
        world.write('later.txt', 'later\n');
        rmSync(path.join(world.repo, 'later.txt'));
        const report = await call(`It belongs into src/greet.txt (${JSON.stringify(more)}).`, more);
        assert.notEqual(field(report, 'outcome'), 'invalid_request', report);
        assert.ok(!report.includes('not seen by the worker'), report);
        world.git('branch', '-D', BRANCH);
        await call('Write done.txt.', { include_uncommitted: true });
      }
    });

    it('that cannot be included is refused, never left out without a word', async () => {
      await open({}, ({ step }) => SCRIPT[step] ?? finish());
      world.git('tag', 'v1');
      commit(world.repo, 'src/more.txt', 'more\n');
      world.git('branch', 'feature/old', 'v1');
      makeDirty(world.repo);
      const call = (branch: string, more = {}) => world.server.call('implement_feature', task(world, branch, more));
      const all = { include_uncommitted: true };
      for (const [branch, more] of [
        ['feature/new', { base: 'v1' }],
        ['feature/old', {}],
      ] as const) {
        const report = await call(branch, { ...all, ...more });
        assert.equal(field(report, 'outcome'), 'invalid_request', report);
        assert.match(
          field(report, 'reason') ?? '',
          /only for work that begins at HEAD.*would not see README\.md, notes\.md, src\/greet\.txt/,
        );
      }
      assert.equal(world.kimi.requests.length, 0);

      assert.equal(field(await call(BRANCH, all), 'outcome'), 'unverified');
      world.write('src/greet.txt', 'changed once more\n');
      const feedback = { task_spec: 'Better, please.' };
      const refused = await call(BRANCH, { ...all, ...feedback });
      assert.equal(field(refused, 'outcome'), 'invalid_request', refused);
      assert.match(field(refused, 'reason') ?? '', /would not see src\/greet\.txt\. Call again without it/);
      const named = await call(BRANCH, { task_spec: 'Better in src/greet.txt.' });
      assert.match(field(named, 'reason') ?? '', /names files with uncommitted changes.*: src\/greet\.txt\. Commit or stash them/);
      assert.match(await call(BRANCH, feedback), /^not seen by the worker: 1 uncommitted file \(src\/greet\.txt\)$/m);
    });

    it('that an attempt began without is not taken in by a resume: the report says so', async () => {
      await open({}, ({ index }) => [write('done.txt', 'done\n'), { fault: '429_quota' as const }, finish()][index] ?? finish());
      makeDirty(world.repo);
      const call = (more = {}) => world.server.call('implement_feature', task(world, BRANCH, more));
      assert.equal(field(await call({ checks: ['true'] }), 'outcome'), 'quota_exhausted');
      const report = await call({ checks: ['true'], include_uncommitted: true });
      assert.equal(field(report, 'outcome'), 'needs_review', report);
      assert.match(report, /! include_uncommitted came too late/);
      assert.match(report, /^not seen by the worker: 4 uncommitted files/m);
    });

    it('does not refuse a task that names only what is committed', async () => {
      await open();
      makeDirty(world.repo);
      world.git('checkout', '--', 'README.md');
      const report = await world.server.call('implement_feature', task(world, BRANCH, { task_spec: 'Describe it in README.md.' }));
      assert.equal(field(report, 'outcome'), 'unverified', report);
    });
  });

  describe('meanwhile', () => {
    it('HEAD moves: the report says so, and which files overlap', async () => {
      await open({}, ({ step }) => {
        if (step === 1) {
          commit(world.repo, 'done.txt', 'by the user\n');
          commit(world.repo, 'src/greet.txt', 'hi\n');
        }
        return SCRIPT[step] ?? finish();
      });
      const base = world.git('rev-parse', '--short=7', 'HEAD');
      const report = await world.server.call('implement_feature', task(world, BRANCH));
      const now = world.git('rev-parse', '--short=7', 'HEAD');
      assert.match(report, new RegExp(`^since then: HEAD moved ${base} -> ${now}; overlapping files: done\\.txt$`, 'm'));
      assert.equal(world.git('rev-parse', '--short=7', `${BRANCH}^`), base);
    });

    it('the user checks the new branch out under another delegation of it: its checkout is not moved', async () => {
      await open({}, ({ index }) => {
        if (index === 4) world.git('checkout', '-q', BRANCH);
        return [...SCRIPT, run('echo again >> done.txt'), finish()][index] ?? finish();
      });
      await world.server.call('implement_feature', task(world, BRANCH));
      const tip = world.git('rev-parse', BRANCH);
      const report = await world.server.call('implement_feature', task(world, BRANCH, { task_spec: 'Once more.' }));
      assert.equal(field(report, 'outcome'), 'branch_moved', report);
      assert.equal(world.git('rev-parse', 'HEAD'), tip);
      assert.equal(world.git('status', '--porcelain'), '');
      assert.equal(world.git('show', `${field(report, 'kept at')}:done.txt`), 'done\nagain');
    });
  });

  describe('bounds', () => {
    const ask = async (server: World['server'], repo: string) => {
      const report = await server.call('implement_feature', task({ repo }, BRANCH));
      return [field(report, 'outcome'), field(report, 'reason') ?? ''] as const;
    };
    const refused = async (server: World['server'], repo: string, why: RegExp) => {
      const [outcome, reason] = await ask(server, repo);
      assert.equal(outcome, 'invalid_request', `${repo}: ${reason}`);
      assert.match(reason, why);
    };

    it("repo_path outside of the client's roots, of CLAUDE_PROJECT_DIR or of the server's directory is refused", async () => {
      await open();
      const other = path.join(world.folder, 'other');
      makeRepository(other);
      const outside = /outside of the folders that this client works in \(.*KIMI_DIRECTORIES/;
      await refused(world.server, other, outside);
      await refused(await world.another({ roots: [world.repo], cwd: other }), other, outside);
      await refused(await world.another({ env: { CLAUDE_PROJECT_DIR: world.repo }, cwd: other }), other, outside);
      await refused(await world.another({ cwd: '/' }), other, outside);
      await refused(world.server, path.join(world.repo, '..', 'other'), outside);
      const link = path.join(world.repo, 'link');
      symlinkSync(other, link);
      await refused(world.server, link, outside);
      assert.equal(world.kimi.requests.length, 0);
    });

    it('it is allowed where one of them says so', async () => {
      await open({}, ({ step }) => SCRIPT[step] ?? finish());
      const other = path.join(world.folder, 'other');
      makeRepository(other);
      const server = await world.another({ env: { KIMI_DIRECTORIES: `/nowhere:${world.folder}` } });
      assert.equal((await ask(server, other))[0], 'unverified');
      assert.equal((await ask(await world.another({ roots: [path.join(world.repo, 'src')], cwd: '/' }), world.repo))[0], 'unverified');
    });

    it('what is no working tree with a commit is refused, saying what it is', async () => {
      await open();
      const folder = (name: string) => path.join(world.folder, name);
      mkdirSync(folder('plain'));
      mkdirSync(folder('empty'));
      gitIn(folder('empty'), 'init', '-q');
      gitIn(world.repo, 'clone', '-q', '--bare', world.repo, folder('bare.git'));
      writeFileSync(folder('file'), '');
      const server = await world.another({ roots: [world.folder] });
      await refused(server, folder('plain'), /not in a git repository/);
      await refused(server, folder('empty'), /no commits yet/);
      await refused(server, folder('bare.git'), /bare repository/);
      await refused(server, path.join(world.repo, '.git'), /inside a \.git folder/);
      await refused(server, folder('file'), /is a file/);
      await refused(server, folder('missing'), /does not exist/);
      await refused(server, 'repo', /absolute/);
      assert.equal(world.kimi.requests.length, 0);
      assert.deepEqual(readdirSync(folder('plain')), []);
    });
  });
});

const HOOKS = [
  'applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg post-commit pre-rebase post-checkout',
  'post-merge pre-push pre-receive update proc-receive post-receive post-update reference-transaction push-to-checkout pre-auto-gc post-rewrite',
  'sendemail-validate fsmonitor-watchman post-index-change',
].flatMap((line) => line.split(' '));

/** Settings of the repository that name a program, and what the program is called here. */
const REPOSITORY_PROGRAMS = {
  'core.fsmonitor': 'fsmonitor',
  'core.pager': 'pager',
  'core.editor': 'editor',
  'core.sshCommand': 'ssh',
  'core.gitProxy': 'proxy',
  'core.alternateRefsCommand': 'alternate-refs',
  'core.askPass': 'askpass',
  'diff.external': 'external-diff',
  'diff.evil.textconv': 'textconv',
  'diff.evil.command': 'diff-command',
  'merge.evil.driver': 'merge-driver',
  'filter.evil.clean': 'clean',
  'filter.evil.smudge': 'smudge',
  'filter.evil.process': 'process',
  'gpg.program': 'gpg',
  'credential.helper': 'credentials',
  'uploadpack.packObjectsHook': 'pack-objects',
  'trailer.sign.command': 'trailer',
  'sequence.editor': 'sequence',
};

/** A user's global configuration with everything that could run something or change a commit. */
function userConfiguration(program: (name: string) => string): string {
  return `[user]
	name = Ann
	email = ann@example.org
	signingKey = 1234
[core]
	hooksPath = ${path.dirname(program('global-hooks'))}
	fsmonitor = ${program('global-fsmonitor')}
	pager = ${program('global-pager')}
[commit]
	gpgSign = true
	template = ${program('template')}
[tag]
	gpgSign = true
[log]
	showSignature = true
[gpg]
	program = ${program('global-gpg')}
[filter "evil"]
	clean = ${program('global-clean')}
	smudge = ${program('global-smudge')}
	required = true
[diff "evil"]
	textconv = ${program('global-textconv')}
	cachetextconv = true
[init]
	templateDir = ${path.dirname(program('template-dir'))}
[alias]
	status = !${program('alias')}
`;
}

function makeDirty(root: string): void {
  writeIn(root, 'src/greet.txt', 'changed, not committed\n');
  writeIn(root, 'notes.md', 'new, not committed\n');
  writeIn(root, 'README.md', '# Changed\n');
  writeIn(root, 'debug.log', 'ignored\n');
  rmSync(path.join(root, 'src/other.txt'));
}

/** Branches main (checked out) and theirs, which change the same line. */
function makeConflict(world: World): void {
  world.git('checkout', '-q', '-b', 'theirs');
  commit(world.repo, 'src/greet.txt', 'theirs\n');
  world.git('checkout', '-q', 'main');
  commit(world.repo, 'src/greet.txt', 'ours\n');
}

function commit(root: string, file: string, text: string): void {
  writeIn(root, file, text);
  gitIn(root, 'add', '-A');
  gitIn(root, 'commit', '-q', '-m', `Change ${file}`);
}

function cloned(world: World, ...options: string[]): { root: string } {
  const root = path.join(world.folder, 'clone');
  gitIn(world.repo, 'clone', '-q', ...options, `file://${world.repo}`.slice(options.includes('--shared') ? 7 : 0), root);
  gitIn(root, 'config', 'user.name', 'Ann');
  gitIn(root, 'config', 'user.email', 'ann@example.org');
  return { root };
}

/** For the git commands that a conflict makes fail. */
function fails(act: () => unknown): void {
  assert.throws(act);
}
