/** What a repository brings in its git dir leads nothing that git writes out of it, wherever it is decided, and nobody waits for it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cli, placeIn } from '../cli/run-cli.ts';
import { run, task, type World, writeIn } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { BRANCH, hostilePlay } from './hostile.ts';

const LINES = Array.from({ length: 40 }, (_, line) => `line ${line}\n`).join('');
const CHANGE = run("sed -i '1s/.*/theirs/' src/long.txt");

describe('red team: what git writes by what a repository brings', () => {
  let world: World;
  const play = hostilePlay((made) => {
    world = made;
  });
  afterEach(() => world.close());
  const atHome = () => fingerprint(world.home, ['.claude-kimi-mcp']);

  /** Delegates work that changes the first line of a file, and merges it. */
  async function merge(prepare: () => unknown, more: Record<string, unknown> = {}): Promise<string> {
    writeIn(world.repo, 'src/long.txt', LINES);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Long');
    await world.server.call('implement_feature', task(world, BRANCH));
    const expected_tip = world.git('rev-parse', BRANCH);
    await prepare();
    return world.server.call('merge_delegation', { repo_path: world.repo, branch_name: BRANCH, expected_tip, ...more });
  }

  const laid = (at: string, target: string) => {
    const link = path.join(world.repo, '.git', at);
    mkdirSync(path.dirname(link), { recursive: true });
    rmSync(link, { recursive: true, force: true });
    symlinkSync(target, link);
  };

  it('67: nor do links right in it, or among its objects and working trees; in the terminal neither', async () => {
    const rc = (at = '') => path.join(world.home, '.bashrc.d', at);
    const ways: Readonly<Record<string, () => void>> = {
      'all logs': () => laid('logs', rc()),
      'packed refs of another repository': () => {
        writeFileSync(
          rc('packed-refs'),
          `# pack-refs with: peeled fully-peeled sorted \n${world.git('rev-parse', BRANCH)} refs/heads/${BRANCH}\n`,
        );
        laid('packed-refs', rc('packed-refs'));
      },
      'folders of objects': () => {
        world.git('config', 'core.looseCompression', '0');
        for (let n = 0; n < 256; n++) {
          const name = `objects/${n.toString(16).padStart(2, '0')}`;
          if (!existsSync(path.join(world.repo, '.git', name))) laid(name, rc());
        }
      },
      'working trees': () => laid('worktrees', rc()),
      'a journal of ours in one': () => laid('worktrees/x/claude-kimi-merge', rc()),
      'logs by the name of that': () => laid('logs/refs/heads/claude-kimi-merge', rc()),
      'conflicts that are remembered, not there yet': () => {
        world.git('config', 'rerere.enabled', 'true');
        laid('MERGE_RR', rc('new'));
      },
      'a draft whose name can be guessed': () => laid('index.stash.4242.lock', rc('new')),
      'refs without the objects': () => laid('refs', path.join(world.home, 'other/.git/refs')),
    };
    for (const [what, way] of Object.entries(ways)) {
      await play(() => [CHANGE]);
      mkdirSync(rc(), { recursive: true });
      execFileSync('git', ['init', '-q', path.join(world.home, 'other')]);
      world.git('config', 'user.name', '$(touch ran)');
      let before = {};
      const report = await merge(
        async () => {
          way();
          writeIn(world.repo, 'src/long.txt', LINES.replace('line 0', 'mine'));
          before = await atHome();
        },
        { autostash: true },
      );
      assert.match(report, /^outcome: invalid_request /, what);
      for (const words of [
        ['merge', '--yes'],
        ['restore', '--undo-merge'],
        ['discard', '--yes'],
      ]) {
        const { code, err } = await cli(placeIn(world), words[0]!, BRANCH, ...words.slice(1));
        assert.deepEqual([code, /is a link that leads out of the git folder/.test(err)], [1, true], `${what}: ${words.join(' ')}: ${err}`);
      }
      assert.deepEqual(await atHome(), before, what);
      if (what !== Object.keys(ways).at(-1)) await world.close();
    }
  }).timeout(120_000);

  it('68: one that is only links into another, as git new-workdir makes it, works in the terminal', async () => {
    await play(() => [CHANGE]);
    await merge(() => {
      const shared = path.join(world.folder, 'shared.git');
      mkdirSync(shared);
      for (const name of ['refs', 'objects', 'logs', 'packed-refs', 'config', 'info', 'hooks', 'rr-cache']) {
        const at = path.join(world.repo, '.git', name);
        if (existsSync(at)) renameSync(at, path.join(shared, name));
        laid(name, path.join(shared, name));
      }
    });
    const { code, out, err } = await cli(placeIn(world), 'merge', BRANCH, '--yes');
    assert.equal(code, 0, out + err);
  });

  it('69: no lock that came with it is waited for, however long its configuration says, and what is put aside is found in any encoding', async () => {
    for (const key of ['core.filesRefLockTimeout', 'core.packedRefsTimeout']) {
      await play(() => [CHANGE]);
      const report = await merge(() => {
        world.git('config', key, '-1');
        writeIn(world.repo, key.includes('packed') ? '.git/packed-refs.lock' : '.git/refs/heads/main.lock', '');
      });
      const away = await world.server.call('discard_delegation', { repo_path: world.repo, branch_name: BRANCH });
      assert.match(report + away, /lock/, report + away);
      await world.close();
    }
    await play(() => [CHANGE]);
    const report = await merge(
      () => {
        world.git('config', 'i18n.logOutputEncoding', 'UTF-16');
        writeIn(world.repo, 'src/long.txt', `${LINES}mine\n`);
      },
      { autostash: true },
    );
    assert.match(report, /were stashed meanwhile, and are back/);
    assert.match(readFileSync(path.join(world.repo, 'src/long.txt'), 'utf8'), /^theirs\n[\s\S]*\nmine\n$/);
  }).timeout(60_000);

  it('70: its attributes and settings call no text binary in what is reviewed, of a linked working tree neither', async () => {
    await play(() => [CHANGE]);
    await merge(() => {
      writeIn(world.repo, '.git/info/attributes', '* -diff\n');
      writeIn(world.folder, 'rules', '* -diff\n');
      world.git('config', 'core.attributesFile', path.join(world.folder, 'rules'));
      world.git('config', 'diff.default.binary', 'true');
      world.git('worktree', 'add', '-q', '--detach', 'beside');
    });
    for (const repo_path of [world.repo, path.join(world.repo, 'beside')]) {
      const shown = await world.server.call('delegation_diff', { repo_path, branch_name: BRANCH });
      assert.match(shown, /\n-line 0\n\+theirs\n/);
    }
  });
});
