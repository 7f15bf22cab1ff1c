/** What a repository brings in its git dir (from an archive, a shared drive) leads nobody out of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importLfsObjects } from '../../src/workspace/content-filters.ts';
import { finish, makeWorld, run, task, type World, write, writeIn } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { BRANCH, hostilePlay } from './hostile.ts';

const SECRET = 'the-secret-of-the-user';
const LINES = Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join('');

describe('red team: what a repository brings in its git dir', () => {
  let world: World;
  const play = hostilePlay((made) => {
    world = made;
  });
  afterEach(() => world.close());
  const state = () => world.server.call('get_delegation', { repo_path: world.repo });
  const atHome = () => fingerprint(world.home, ['.claude-kimi-mcp']);

  describe('58: a merge of ours that "broke off"', () => {
    const folder = () => path.join(world.repo, '.git/claude-kimi-merge');
    const stamp = (file: string) => {
      const { ino, size, mtimeNs } = lstatSync(file, { bigint: true });
      return `${ino}:${size}:${mtimeNs}`;
    };
    /** @returns what the journal says beside what every one says */
    const cases: Readonly<Record<string, () => object>> = {
      'writes a file outside': () => ({ moves: [{ path: '../home/.bashrc', before: 'x', after: null }] }),
      'writes one through a link of the working tree': () => {
        symlinkSync(world.home, path.join(world.repo, 'out'));
        return { moves: [{ path: 'out/.profile', before: 'x', after: null }] };
      },
      'writes into its own git dir': () => ({ moves: [{ path: '.git/hooks/pre-commit', before: 'x', after: null }] }),
      'removes a file outside': () => ({ moves: [{ path: '../home/notes', before: null, after: stamp(path.join(world.home, 'notes')) }] }),
      'removes a file through a link': () => {
        symlinkSync(world.home, path.join(world.repo, 'out'));
        return { moves: [{ path: 'out/notes', before: null, after: stamp(path.join(world.home, 'notes')) }] };
      },
      'removes a folder outside': () => ({ made: ['../home/empty'] }),
      'makes a folder outside': () => ({ folders: [['../home/made', 0o777]] }),
      'gives git an option in the place of a commit': () => {
        writeFileSync(path.join(folder(), 'complete'), '');
        return { before: world.git('rev-parse', 'HEAD'), after: `--output=${world.home}/written` };
      },
      'takes a file that a link leads to': () => {
        rmSync(path.join(folder(), 'old'), { recursive: true });
        symlinkSync(path.join(world.home, 'private'), path.join(folder(), 'old'));
        return { moves: [{ path: 'got', before: 'x', after: null }] };
      },
      'removes a folder that a link leads to': () => {
        rmSync(path.join(folder(), 'new'), { recursive: true });
        symlinkSync(path.join(world.home, '.claude-kimi-merge-0123456789ab/new'), path.join(folder(), 'new'));
        return {};
      },
    };
    for (const [what, make] of Object.entries(cases))
      it(what, async () => {
        await play(() => []);
        for (const name of ['notes', 'private/0', '.claude-kimi-merge-0123456789ab/new/file']) writeIn(world.home, name, 'mine\n');
        mkdirSync(path.join(world.home, 'empty'));
        for (const name of ['new', 'old']) mkdirSync(path.join(folder(), name), { recursive: true });
        writeFileSync(path.join(folder(), 'old/0'), 'evil\n');
        const head = world.git('rev-parse', 'HEAD');
        const journal = { version: 1, before: head, after: head, index: { before: 'a', after: 'b' }, moves: [], folders: [], made: [] };
        writeFileSync(path.join(folder(), 'journal.json'), JSON.stringify({ ...journal, ...make() }));
        const before = await atHome();
        const folders = () => ['empty', 'made', 'written'].map((name) => existsSync(path.join(world.home, name)));
        const were = folders();
        await state();
        assert.deepEqual([await atHome(), folders()], [before, were]);
        assert.ok(!existsSync(path.join(world.repo, '.git/hooks/pre-commit')) && !existsSync(path.join(world.repo, 'got')));
      });

    it('is a link to a folder of the user', async () => {
      await play(() => []);
      const nothing = { before: 'a', after: 'a', index: { before: 'a', after: 'b' }, moves: [], folders: [], made: [] };
      writeIn(world.home, 'mine/journal.json', JSON.stringify({ version: 1, ...nothing }));
      symlinkSync(path.join(world.home, 'mine'), folder());
      const before = await atHome();
      await state();
      assert.deepEqual(await atHome(), before);
    });

    it('is a pipe', async () => {
      await play(() => []);
      mkdirSync(folder());
      execFileSync('mkfifo', [path.join(folder(), 'journal.json')]);
      await state();
    }).timeout(20_000);
  });

  /** Delegates work that changes the first line of a file, and merges it. */
  async function merge(prepare: () => unknown, more: Record<string, unknown> = {}): Promise<string> {
    writeIn(world.repo, 'src/long.txt', LINES);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Long');
    await world.server.call('implement_feature', task(world, BRANCH));
    prepare();
    const expected_tip = world.git('rev-parse', BRANCH);
    return world.server.call('merge_delegation', { repo_path: world.repo, branch_name: BRANCH, expected_tip, ...more });
  }
  const CHANGE: Turn = run("sed -i '1s/.*/theirs/' src/long.txt");

  it('59: links among its hooks lead no hook to a secret; one to a program, or to a script of the project, is followed', async () => {
    await play(() => [write('new.txt', 'new\n')]);
    const report = await merge(() => {
      writeIn(world.home, '.ssh/id_x', SECRET);
      writeIn(world.folder, 'dotfiles/hook', '#!/bin/sh\ncat "$(dirname "$0")/data" "$(dirname "$0")/words" >> "$1"; true\n');
      chmodSync(path.join(world.folder, 'dotfiles/hook'), 0o755);
      writeIn(world.repo, 'words.txt', 'words of the project\n');
      const hooks = path.join(world.repo, '.git/hooks');
      symlinkSync(path.join(world.home, '.ssh/id_x'), path.join(hooks, 'data'));
      symlinkSync('../../words.txt', path.join(hooks, 'words'));
      symlinkSync(path.join(world.folder, 'dotfiles/hook'), path.join(hooks, 'commit-msg'));
    });
    assert.equal(field(report, 'outcome'), 'merged', report);
    const said = world.git('log', '-1', '--format=%B');
    assert.match(said, /words of the project/);
    assert.doesNotMatch(said + report, new RegExp(SECRET));
  });

  it('60: programs of its configuration do not run where changes are stashed for a merge', async () => {
    await play(() => [CHANGE]);
    const marker = path.join(world.folder, 'ran');
    const report = await merge(
      () => {
        const program = path.join(world.folder, 'evil');
        writeFileSync(program, `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
        const head = world.git('rev-parse', 'HEAD');
        const lines = [`tree ${world.git('rev-parse', 'HEAD^{tree}')}`, `parent ${head}`, `parent ${head}`];
        const who = 'A <a@example.org> 1700000000 +0000';
        const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEz\n -----END PGP SIGNATURE-----';
        writeFileSync(path.join(world.folder, 'raw'), `${[...lines, `author ${who}`, `committer ${who}`, signature].join('\n')}\n\nWIP\n`);
        world.git('stash', 'store', '-m', 'old', world.git('hash-object', '-t', 'commit', '-w', path.join(world.folder, 'raw')));
        for (const key of ['gpg.program', 'gpg.openpgp.program', 'diff.evil.command', 'diff.evil.textconv', 'core.editor', 'core.pager'])
          world.git('config', key, program);
        for (const key of ['log.showSignature', 'stash.showPatch', 'stash.showStat']) world.git('config', key, 'true');
        for (const key of ['merge.evil.driver', 'merge.default']) world.git('config', key, key === 'merge.default' ? 'evil' : program);
        writeIn(world.repo, '.git/info/attributes', '* diff=evil merge=evil\n');
        writeIn(world.repo, 'src/long.txt', `${LINES}mine\n`);
      },
      { autostash: true },
    );
    assert.match(report, /were stashed meanwhile, and are back/);
    assert.ok(!existsSync(marker));
  });

  it('61: objects of LFS are written into its own store only, whatever its configuration and links say', async () => {
    const outside = () => path.join(world.folder, 'elsewhere');
    const link = (at: string) => {
      mkdirSync(path.dirname(path.join(world.repo, at)), { recursive: true });
      symlinkSync(outside(), path.join(world.repo, at));
    };
    const ways: readonly (() => unknown)[] = [
      () => world.git('config', 'lfs.storage', outside()),
      () => world.git('config', 'lfs.storage', '../../elsewhere'),
      () => link('.git/lfs/objects'),
      () => {
        for (let n = 0; n < 256; n++) link(`.git/lfs/objects/${n.toString(16).padStart(2, '0')}`);
      },
    ];
    for (const way of ways) {
      await play(() => [write('big.bin', 'big\n'), write('small.txt', 'small\n')]);
      mkdirSync(outside());
      for (const kind of ['clean', 'smudge']) world.git('config', `filter.lfs.${kind}`, `git-lfs ${kind} -- %f`);
      world.git('config', 'filter.lfs.process', 'git-lfs filter-process');
      writeIn(world.repo, '.gitattributes', '*.bin filter=lfs -text\n');
      world.git('add', '-A');
      world.git('commit', '-q', '-m', 'LFS');
      way();
      const report = await world.server.call('implement_feature', task(world, BRANCH));
      assert.deepEqual(await fingerprint(outside()), {}, String(way));
      const isRefused = /^outcome: invalid_request [\s\S]*outside of the folders/.test(report); // by a store that it named itself
      if (!isRefused) assert.match(world.git('ls-tree', '--name-only', BRANCH), /small\.txt/, report);
      if (way !== ways.at(-1)) await world.close();
    }
  });

  it('62: pipes in its git dir are named, and nobody waits for them', async () => {
    for (const at of [
      ...['refs/heads/foo', 'refs/stash', 'logs/refs/heads/main', 'worktrees/x/HEAD', 'worktrees/x/gitdir'],
      ...['objects/info/commit-graph', 'objects/pack/multi-pack-index', `sharedindex.${'0'.repeat(40)}`],
      ...['HEAD', 'HEAD^{tree}', 'HEAD:README.md', '../alternate/info/alternates', `../alternate/pack/pack-${'0'.repeat(40)}.idx`],
    ]) {
      world = await makeWorld(() => finish());
      if (at.startsWith('../')) writeIn(world.repo, '.git/objects/info/alternates', '../../alternate\n');
      const object = at.startsWith('HEAD') ? world.git('rev-parse', at) : null;
      const pipe = path.join(world.repo, '.git', object === null ? at : `objects/${object.slice(0, 2)}/${object.slice(2)}`);
      mkdirSync(path.dirname(pipe), { recursive: true });
      rmSync(pipe, { force: true });
      execFileSync('mkfifo', [pipe]);
      const report = await world.server.call('implement_feature', task(world, BRANCH, { include_uncommitted: true }));
      assert.equal(field(report, 'outcome'), 'invalid_request', `${at}: ${report}`);
      assert.ok(report.includes(path.basename(pipe)), report);
      if (!at.endsWith('.idx')) await world.close();
    }
  }).timeout(60_000);

  it('64: links of its logs and refs lead no line of git, and no file, out of it: at a start, a merge and what takes that back', async () => {
    const log = path.join('.git/logs/HEAD');
    const ways: Readonly<Record<string, (home: string) => readonly [at: string, target: string]>> = {
      'of HEAD': (home) => [log, path.join(home, '.bashrc')],
      'of a branch': (home) => ['.git/logs/refs/heads/main', path.join(home, '.bashrc')],
      'of all branches': (home) => ['.git/logs/refs/heads', path.join(home, 'mine')],
      'of all refs': (home) => ['.git/logs/refs', path.join(home, 'mine')],
      'to what is not there yet': (home) => [log, path.join(home, '.profile')],
      'over a link that is not there yet': () => [log, '../on'],
      'of a folder of branches': (home) => ['.git/refs/heads/team/feature', path.join(home, 'mine')],
      'over a folder of the project': () => ['.git/logs', '../logs'],
    };
    for (const [what, way] of Object.entries(ways)) {
      await play(() => [CHANGE]);
      writeIn(world.home, '.bashrc', 'mine\n');
      mkdirSync(path.join(world.home, 'mine'));
      mkdirSync(path.join(world.repo, 'logs'));
      symlinkSync(path.join(world.home, '.bashrc'), path.join(world.repo, 'logs/HEAD'));
      world.git('config', 'core.logAllRefUpdates', 'always');
      world.git('config', 'user.name', '$(touch ran)');
      const lay = () => {
        const [at, target] = way(world.home);
        const link = path.join(world.repo, at);
        mkdirSync(path.dirname(link), { recursive: true });
        rmSync(link, { recursive: true, force: true });
        if (target === '../on') symlinkSync(path.join(world.home, '.profile'), path.join(world.repo, '.git/on'));
        symlinkSync(target, link);
      };
      const before = await atHome();
      const report = await merge(lay);
      assert.match(report, /^outcome: invalid_request [\s\S]*is a link that leads out of the git folder/, what);
      for (const [tool, more] of [
        ['implement_feature', { task_spec: 'Again.', attempt: 2 }],
        ['restore_delegation', { undo_merge: true }],
        ['discard_delegation', {}],
      ] as const)
        await world.server.call(tool, { repo_path: world.repo, branch_name: BRANCH, ...more });
      assert.deepEqual(await atHome(), before, what);
      if (what !== Object.keys(ways).at(-1)) await world.close();
    }
  }).timeout(90_000);

  it('63: an edit of a file whose name is no UTF-8 is not overwritten by a merge, nor one that git does not know', async () => {
    const name = (folder: string) => Buffer.concat([Buffer.from(`${world.repo}/${folder}/`), Buffer.from([0xff, 0x62])]);
    for (const more of [{}, { autostash: true }]) {
      await play(() => [
        run(`for f in odd/*; do printf 'theirs\\n' > "$f"; done; mkdir -p hidden; printf theirs > "$(printf 'hidden/\\377b')"`),
      ]);
      mkdirSync(path.join(world.repo, 'odd'));
      writeFileSync(name('odd'), 'first\n');
      const report = await merge(() => {
        writeFileSync(name('odd'), 'mine\n');
      }, more);
      assert.equal(field(report, 'outcome'), 'refused', report);
      assert.equal(readFileSync(name('odd'), 'utf8'), 'mine\n');
      world.git('checkout', '-q', '--', 'odd');
      writeIn(world.repo, '.git/info/exclude', 'hidden/\n');
      mkdirSync(path.join(world.repo, 'hidden'));
      writeFileSync(name('hidden'), 'mine\n');
      const expected_tip = world.git('rev-parse', BRANCH);
      const again = await world.server.call('merge_delegation', { repo_path: world.repo, branch_name: BRANCH, expected_tip, ...more });
      assert.equal(field(again, 'outcome'), 'refused', again);
      assert.equal(readFileSync(name('hidden'), 'utf8'), 'mine\n');
      if (!('autostash' in more)) await world.close();
    }
  });

  it('65: an object of LFS is written over no link that was laid by its name, where its content is known beforehand', async () => {
    await play(() => []);
    const content = 'echo evil\n';
    const oid = createHash('sha256').update(content).digest('hex');
    world.write('p.bin', `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Pointer');
    const at = path.join('lfs/objects', oid.slice(0, 2), oid.slice(2, 4), oid);
    const [commonDir, gitDir] = [path.join(world.repo, '.git'), path.join(world.folder, 'private')];
    writeIn(gitDir, at, content);
    writeIn(world.home, '.bashrc', 'mine\n');
    mkdirSync(path.join(commonDir, path.dirname(at)), { recursive: true });
    for (const name of [at, `${at}.part`])
      symlinkSync(path.join(world.home, name === at ? '.profile' : '.bashrc'), path.join(commonDir, name));
    execFileSync('git', ['clone', '-q', '--bare', world.repo, path.join(gitDir, 'bare')]);
    renameSync(path.join(gitDir, 'lfs'), path.join(gitDir, 'bare/lfs'));
    const before = await atHome();
    const privateGit = { gitDir: path.join(gitDir, 'bare'), filters: { settings: [['filter.lfs.process', 'x']] } };
    const repository = { commonDir, config: new Map() };
    await importLfsObjects(repository as never, privateGit as never, 'HEAD', ['p.bin']);
    assert.deepEqual(await atHome(), before);
    assert.equal(readFileSync(path.join(commonDir, at), 'utf8'), content);
    assert.ok(!lstatSync(path.join(commonDir, at)).isSymbolicLink());
  });

  it('66: millions of refs, which each call would read, are named', async () => {
    await play(() => []);
    const head = world.git('rev-parse', 'HEAD');
    const refs = Array.from({ length: 1_100_000 }, (_, at) => `${head} refs/tags/t${String(at).padStart(9, '0')}\n`);
    writeFileSync(path.join(world.repo, '.git/packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${refs.join('')}`);
    const report = await world.server.call('implement_feature', task(world, BRANCH));
    assert.match(report, /^outcome: invalid_request [\s\S]*packed-refs is a pipe, a device or huge/);
  });
});
