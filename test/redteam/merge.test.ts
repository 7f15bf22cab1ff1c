import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { findProgram } from '../../src/common/find-program.ts';
import { finish, makeWorld, run, task, type World, write } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';

const BRANCH = 'feature/merge';

/**
 * What a merge can meet in the user's checkout, and what a branch can bring to it: files, index and HEAD move together or not at all, and
 * each refusal says what to do. Neighbours that were tried: content filters (dead, missing, required or not, `process`), what configures
 * them (.lfsconfig, .gitattributes, a script in the checkout), flags of the index, its lock and that of HEAD, sparse checkouts, modes of
 * folders, full disks, submodules, names that differ by case, links in the place of folders, line ends.
 */
describe('red team: merge', function () {
  this.timeout(60_000);
  let world: World;
  afterEach(() => world.close());

  const at = (...names: string[]) => path.join(world.repo, ...names);
  /** Delegates what the turns do. */
  async function work(turns: (world: World) => readonly Turn[], prepare: () => void = () => {}): Promise<string> {
    let script: readonly Turn[] = [];
    world = await makeWorld(({ step }) => script[step] ?? finish());
    script = turns(world);
    prepare();
    // As if it were set up later: files of a filter that is set up are left out of the work.
    const filter = settingsOf('filter.store');
    if (filter.length > 0) world.git('config', '--remove-section', 'filter.store');
    const report = await world.server.call('implement_feature', task(world, BRANCH));
    for (const [key = '', value = ''] of filter) world.git('config', key, value);
    return field(report, 'tip') ?? assert.fail(report);
  }
  const settingsOf = (section: string) =>
    world
      .git('config', '--list')
      .split('\n')
      .filter((line) => line.startsWith(`${section}.`))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const merge = (tip: string) => world.server.call('merge_delegation', { repo_path: world.repo, branch_name: BRANCH, expected_tip: tip });
  const commit = (message: string) => {
    world.git('add', '-A');
    world.git('commit', '-q', '-m', message);
  };
  async function refused(tip: string, why: RegExp): Promise<void> {
    const before = await fingerprint(world.repo, ['.git/lfs/logs', '.git/seen']);
    const text = await merge(tip);
    assert.equal(field(text, 'outcome'), 'refused', text);
    assert.match(field(text, 'reason') ?? '', why);
    assert.doesNotMatch(text, /MCP error|exit 128|GitError/);
    const after = await fingerprint(world.repo, ['.git/lfs/logs', '.git/seen']);
    assert.deepEqual(after, before);
  }
  async function merged(tip: string): Promise<void> {
    const text = await merge(tip);
    assert.equal(field(text, 'outcome'), 'merged', text);
    assert.equal(existsSync(at('.git/claude-kimi-merge')), false);
    world.git('fsck', '--no-dangling', '--no-progress');
  }

  /** What git-lfs does by another name, without its server: objects lie in a folder, and a pointer without one fails. It notes which `.lfsconfig` it sees. */
  function installStore(how: { required?: boolean } = {}): void {
    const store = path.join(world.folder, 'lfs-store');
    mkdirSync(store, { recursive: true });
    const script = path.join(world.folder, 'lfs.sh');
    const seen = at('.git/seen');
    writeFileSync(
      script,
      `#!/bin/sh
if [ "$1" = clean ]; then content=$(cat; echo x); content=\${content%x}; oid=$(printf %s "$content" | sha1sum | cut -d' ' -f1)
printf %s "$content" >'${store}'/$oid; printf 'oid %s\\n' $oid; exit 0; fi
cat .lfsconfig >>'${seen}' 2>/dev/null || echo none >>'${seen}'
read word oid; [ -f '${store}'/"$oid" ] || { echo "object $oid is missing on the server" >&2; exit 2; }
cat '${store}'/"$oid"
`,
    );
    chmodSync(script, 0o755);
    world.git('config', 'filter.store.clean', `${script} clean`);
    world.git('config', 'filter.store.smudge', `${script} smudge`);
    world.git('config', 'filter.store.required', String(how.required ?? true));
    world.write('.gitattributes', '*.bin filter=store\n');
    world.write('zoo.bin', 'the zoo\n');
    commit('LFS');
    unlinkSync(at('zoo.bin'));
    world.git('checkout', '-q', '--', 'zoo.bin');
  }

  describe('content filters', () => {
    it('a dead pointer is refused before anything moves, and the branch can be corrected', async () => {
      const tip = await work(
        () => [
          write('aaa.txt', 'first\n'),
          run(`printf 'changed\\n' > src/greet.txt`),
          run('printf "oid 1234\\n" > dead.bin; rm src/other.txt'),
        ],
        installStore,
      );
      await refused(tip, /a content filter of your git configuration failed .*dead\.bin|missing on the server/);
      assert.equal(readFileSync(at('zoo.bin'), 'utf8'), 'the zoo\n');
      world.git('commit', '-q', '--allow-empty', '-m', 'HEAD is free');
    });

    it('a missing filter program that is required is refused in the same way', async () => {
      const tip = await work(
        () => [write('new.bin', 'oid 1\n')],
        () => {
          installStore();
          world.git('config', 'filter.store.smudge', '/nowhere/git-lfs smudge');
        },
      );
      await refused(tip, /content filter/);
    });

    it('what the branch brings configures none: .lfsconfig, a script of the checkout', async () => {
      let oid = '';
      const tip = await work(
        () => [
          run(
            `printf '[lfs]\\n\\turl = https://evil.example/\\n' > .lfsconfig; echo oid ${'$'}(cat oid) > b.bin; echo evil > tools/smudge.sh`,
          ),
        ],
        () => {
          installStore();
          oid = world.git('show', 'HEAD:zoo.bin').split(' ')[1]!;
          world.write('oid', `${oid}\n`);
          world.write('.lfsconfig', '[lfs]\n\turl = https://mine.example/\n');
          world.write('tools/smudge.sh', readFileSync(path.join(world.folder, 'lfs.sh'), 'utf8'));
          commit('my configuration');
          world.git('config', 'filter.store.smudge', 'sh tools/smudge.sh smudge %f');
          rmSync(at('.git/seen'), { force: true });
        },
      );
      await merged(tip);
      assert.equal(readFileSync(at('b.bin'), 'utf8'), 'the zoo\n');
      const seen = readFileSync(at('.git/seen'), 'utf8');
      assert.match(seen, /mine\.example/);
      assert.doesNotMatch(seen, /evil/);
      assert.match(readFileSync(at('.lfsconfig'), 'utf8'), /evil/, 'the file itself is merged');
      assert.equal(world.git('status', '--porcelain'), '');
    });

    it('a touched file of a filter is not taken for edited', async () => {
      const tip = await work(
        () => [run('printf "oid $(cat oid)\\n" > zoo.bin')],
        () => {
          installStore();
          world.write('other.bin', 'another zoo\n');
          commit('other');
          world.write('oid', world.git('show', 'HEAD:other.bin').split(' ')[1]!);
          commit('oid');
        },
      );
      const now = new Date();
      utimesSync(at('zoo.bin'), now, now);
      await merged(tip);
      assert.equal(readFileSync(at('zoo.bin'), 'utf8'), 'another zoo\n');
      assert.equal(world.git('status', '--porcelain'), '');
    });

    it('one that is not required and fails merges the pointer, as git does', async () => {
      const tip = await work(
        () => [run('printf "oid 1234\\n" > dead.bin')],
        () => installStore({ required: false }),
      );
      await merged(tip);
      assert.equal(readFileSync(at('dead.bin'), 'utf8'), 'oid 1234\n');
    });
  });

  /** The real program, where this machine has it. */
  describe('git-lfs', () => {
    const lfs = findProgram('git-lfs', (process.env.PATH ?? '').split(path.delimiter));
    let asked: string[];
    let server: Server;
    before(async function () {
      if (!lfs) return this.skip();
      asked = [];
      server = createServer((request, response) => {
        asked.push(request.url ?? '');
        response.writeHead(404).end();
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    after(() => server?.close());
    const url = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
    const install = () => {
      world.git('config', 'filter.lfs.clean', `'${lfs}' clean -- %f`);
      world.git('config', 'filter.lfs.smudge', `'${lfs}' smudge -- %f`);
      world.git('config', 'filter.lfs.process', `'${lfs}' filter-process`);
      world.git('config', 'filter.lfs.required', 'true');
      world.write('.lfsconfig', `[lfs]\n\turl = ${url('mine')}\n`);
      world.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
      world.write('zoo.bin', 'the zoo\n');
      commit('LFS');
    };
    const pointer = (oid: string, size: number) => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;

    it('a pointer whose object is here is merged with its content', async () => {
      const tip = await work(() => [write('copied.txt', 'kimi\n'), run('cp zoo.bin copy.bin')], install);
      await merged(tip);
      assert.equal(readFileSync(at('copy.bin'), 'utf8'), 'the zoo\n');
      assert.equal(world.git('status', '--porcelain'), '');
    });

    it('a dead one is refused, and nobody is asked for it whom the branch names', async () => {
      const dead = pointer('ab'.repeat(32), 7);
      const tip = await work(() => [write('.lfsconfig', `[lfs]\n\turl = ${url('evil')}\n`), write('dead.bin', dead)], install);
      await refused(tip, /content filter/);
      assert.equal(
        asked.some((request) => request.startsWith('/mine')),
        true,
        asked.join(),
      );
      assert.equal(
        asked.some((request) => request.startsWith('/evil')),
        false,
        asked.join(),
      );
    });
  });

  describe('the index', () => {
    for (const flag of ['skip-worktree', 'assume-unchanged']) {
      it(`edits hidden by ${flag} are named, and kept`, async () => {
        const tip = await work(() => [run(`printf 'kimi\\n' > src/greet.txt`)]);
        world.git('update-index', `--${flag}`, 'src/greet.txt');
        world.write('src/greet.txt', 'my secret edit\n');
        await refused(tip, /src\/greet\.txt would be overwritten.*skip-worktree or assume-unchanged/);
        assert.equal(readFileSync(at('src/greet.txt'), 'utf8'), 'my secret edit\n');
      });

      it(`a file with ${flag} that is as HEAD has it is merged`, async () => {
        const tip = await work(() => [run(`printf 'kimi\\n' > src/greet.txt`)]);
        world.git('update-index', `--${flag}`, 'src/greet.txt');
        await merged(tip);
        assert.equal(readFileSync(at('src/greet.txt'), 'utf8'), 'kimi\n');
        world.git('update-index', '--no-skip-worktree', '--no-assume-unchanged', 'src/greet.txt');
        assert.equal(world.git('status', '--porcelain'), '');
      });
    }

    for (const lock of ['index.lock', 'HEAD.lock', 'refs/heads/main.lock']) {
      it(`${lock} of another git is told, and left`, async () => {
        const tip = await work(() => [run(`printf 'kimi\\n' > src/greet.txt`)]);
        writeFileSync(at('.git', lock), '');
        await refused(tip, /another git command is at work in .*lock/);
        unlinkSync(at('.git', lock));
        await merged(tip);
      });
    }

    it('conflicts that are not resolved are named', async () => {
      const tip = await work(() => [write('new.txt', 'kimi\n')]);
      world.write('src/other.txt', 'one\n');
      world.git('stash', '-q');
      world.write('src/other.txt', 'two\n');
      commit('two');
      assert.throws(() => world.git('stash', 'pop', '-q'));
      await refused(tip, /conflicts in src\/other\.txt are not resolved/);
    });

    it('a damaged index is told', async () => {
      const tip = await work(() => [write('new.txt', 'kimi\n')]);
      writeFileSync(at('.git/index'), 'DIRC nonsense');
      await refused(tip, /damaged|too old/);
    });

    it('a sparse checkout takes what is outside of it into the index only', async () => {
      const tip = await work(
        () => [run(`printf 'kimi\\n' > src/greet.txt`), write('docs/new.md', 'kimi\n'), run(`printf 'kimi\\n' > docs/old.md`)],
        () => {
          world.write('docs/old.md', 'old\n');
          commit('docs');
          world.git('sparse-checkout', 'set', 'src');
        },
      );
      await merged(tip);
      assert.equal(readFileSync(at('src/greet.txt'), 'utf8'), 'kimi\n');
      assert.equal(existsSync(at('docs')), false);
      assert.equal(world.git('status', '--porcelain'), '');
      assert.equal(world.git('show', 'HEAD:docs/old.md'), 'kimi');
    });

    it('a split index and an untracked cache stay readable', async () => {
      const tip = await work(() => [run(`printf 'kimi\\n' > src/greet.txt`), write('new.txt', 'kimi\n')]);
      world.git('update-index', '--split-index', '--untracked-cache');
      await merged(tip);
      assert.equal(world.git('status', '--porcelain'), '');
    });
  });

  describe('the files', () => {
    it('names that are one on this file system are refused', async function () {
      if (process.platform === 'darwin') this.skip(); // where the worker cannot make both either
      const tip = await work(() => [write('src/Greet.txt', 'kimi\n'), write('new/A.txt', '1\n'), write('new/a.txt', '2\n')]);
      world.git('config', 'core.ignorecase', 'true');
      await refused(tip, /new\/A\.txt, new\/a\.txt, src\/Greet\.txt would be one file/);
    });

    it('a link of the user in the place of a folder leads nothing outside', async () => {
      const tip = await work(() => [write('docs/new.md', 'kimi\n')]);
      mkdirSync(path.join(world.folder, 'elsewhere'));
      symlinkSync(path.join(world.folder, 'elsewhere'), at('docs'));
      await refused(tip, /docs/);
      assert.equal(existsSync(path.join(world.folder, 'elsewhere/new.md')), false);
    });

    it('line ends are as the user has them', async () => {
      const tip = await work(() => [run(`printf 'one\\ntwo\\n' > src/greet.txt`), write('new.txt', 'one\ntwo\n')]);
      world.git('config', 'core.autocrlf', 'true');
      await merged(tip);
      assert.equal(readFileSync(at('new.txt'), 'utf8'), 'one\r\ntwo\r\n');
      assert.equal(world.git('status', '--porcelain'), '');
    });

    it('a file that cannot be replaced takes the others back', async function () {
      const tip = await work(() => [write('aaa.txt', 'kimi\n'), run(`printf 'kimi\\n' > src/greet.txt`), write('zzz.txt', 'kimi\n')]);
      try {
        execFileSync('chattr', ['+i', at('src/greet.txt')], { stdio: 'ignore' });
      } catch {
        this.skip(); // only root may, and not on every file system
      }
      try {
        await refused(tip, /your user may not do this in .*greet\.txt.*The checkout is as it was/);
        assert.equal(statSync(at('src')).isDirectory(), true);
      } finally {
        execFileSync('chattr', ['-i', at('src/greet.txt')]);
      }
      await merged(tip);
    });
  });
});
