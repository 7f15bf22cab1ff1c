/** A git that never ends, at each moment of a call: who cancels is answered, and nothing is left. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { finish, makeWorld, task, type World, write } from './world.ts';

/** Moment, command of git, and starts of it that go well before. */
const MOMENTS: readonly (readonly [moment: string, command: string, before?: number])[] = [
  ['opening', 'for-each-ref'],
  ['opening', 'rev-parse'],
  ['looking at the files of the base', 'ls-tree'],
  ['filling the workspace', 'read-tree'],
  ['looking for what changed', 'diff-files'],
  ['looking for new files', 'ls-files'],
  ['staging', 'update-index'],
  ['writing the tree', 'write-tree'],
  ['committing', 'commit-tree'],
  ['packing for the hand-back', 'pack-objects'],
  ['taking in', 'unpack-objects'],
  ['looking where the branch is checked out', 'worktree'],
  ['moving the branch', 'update-ref'],
  ['making the tree for the checks', 'read-tree', 1],
];

/** Decisions, and what of git must be left when one was cancelled. */
const DECISIONS: readonly (readonly [decision: 'merge' | 'discard' | 'restore', moment: string, command: string, before?: number])[] = [
  ['merge', 'opening', 'for-each-ref'],
  ['merge', 'merging the trees', 'merge-tree'],
  ['merge', 'looking for uncommitted changes', 'status'],
  ['merge', 'taking the lock of HEAD', 'update-ref'],
  ['merge', 'preparing files and index', 'read-tree'],
  ['merge', 'behind the merge', 'update-index'],
  ['merge', 'putting the branch aside', 'update-ref', 1],
  ['discard', 'moving the branch', 'update-ref'],
  ['restore', 'moving the branch', 'update-ref'],
];

describe('a git that hangs', function () {
  this.timeout(60_000);
  let folder: string;
  let world: World;
  let count = 0;
  const file = (name: string) => path.join(folder, name);
  const hang = (what: string) => {
    rmSync(file('hung'), { force: true });
    writeFileSync(file('hang'), what);
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-hanging-git-'));
    hang('');
    const node = ['--require', path.join(import.meta.dirname, 'hang-git.cjs')];
    world = await makeWorld(({ step }) => (step < 2 ? write(`done-${count}.txt`, `done ${step}\n`) : finish()), {
      // What a server reads ahead of its first call would hang as well, and nobody takes that back: there is nothing to read in no folder.
      env: {
        HANG_GIT: file('hang'),
        HUNG: file('hung'),
        CLAUDE_PROJECT_DIR: file('no-folder'),
        KIMI_DIRECTORIES: realpathSync(tmpdir()),
      },
      node,
    });
  });
  after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  // Or the next test would meet it, too.
  afterEach(() => hang(''));

  /** Takes the call back when git hangs, and waits for the end of that git. */
  async function cancelWhenHung(controller: AbortController): Promise<void> {
    await until('the git that hangs', () => existsSync(file('hung')) && readFileSync(file('hung'), 'utf8').endsWith('\n'));
    controller.abort();
    const hung = readFileSync(file('hung'), 'utf8').trim().split('\n').map(Number);
    await until('the end of git', () => !hung.some(isAlive));
  }

  for (const [moment, command, before = 0] of MOMENTS) {
    it(`${moment} (${command}): a cancelled call ends, and the next one goes on`, async () => {
      const branch = `feature/${++count}`;
      const server = await world.another();
      hang(`${command} ${before}`);
      const controller = new AbortController();
      const asked = { name: 'implement_feature', arguments: task(world, branch, { checks: ['test -d .'] }) };
      const answered = server.client.callTool(asked, undefined, { signal: controller.signal, timeout: 50_000 }).catch(() => null);
      await cancelWhenHung(controller);
      await answered;
      hang('');
      await until('the answer', async () => {
        const report = await server.call('implement_feature', task(world, branch, { checks: ['test -d .'] }));
        return field(report, 'outcome') === 'ready';
      });
      assert.equal(world.git('show', `${branch}:done-${count}.txt`), 'done 1');
      world.git('fsck', '--no-dangling', '--no-progress');
      await server.close();
    });
  }

  for (const [decision, moment, command, before = 0] of DECISIONS) {
    it(`${decision}, ${moment} (${command}): a cancelled call ends, nothing is left of it, and the next one goes on`, async () => {
      const branch = `feature/${++count}`;
      const done = `done-${count}.txt`;
      const server = await world.another();
      const where = { repo_path: world.repo, branch_name: branch };
      const tip = field(await server.call('implement_feature', task(world, branch)), 'tip') ?? '';
      const decide = (signal?: AbortSignal) =>
        server.call(`${decision}_delegation`, { ...where, ...(decision === 'merge' && { expected_tip: tip }) }, signal && { signal });
      if (decision === 'restore') await server.call('discard_delegation', where);
      const start = world.git('rev-parse', 'HEAD');
      hang(`${command} ${before}`);
      const controller = new AbortController();
      const answered = decide(controller.signal).catch(() => null);
      await cancelWhenHung(controller);
      await answered;
      hang('');
      const end = { merge: 'merged', discard: 'discarded', restore: 'restored' }[decision];
      const isMade = () => decision === 'merge' && world.git('rev-parse', 'HEAD') !== start;
      await until('the answer', async () => isMade() || field(await decide(), 'outcome') === end);
      assert.equal(world.git('ls-tree', '--name-only', decision === 'restore' ? branch : 'HEAD', done), decision === 'discard' ? '' : done);
      assert.equal(world.git('status', '--porcelain'), '');
      await until('the end of the call', async () => !/is running/.test(await server.call('discard_delegation', where)));
      const left = readdirSync(path.join(world.repo, '.git'), { recursive: true }).filter((name) =>
        /\.lock$|claude-kimi-merge/.test(String(name)),
      );
      assert.deepEqual(left, []);
      await server.close();
    });
  }

  for (const place of ['the checkout', 'a linked working tree'])
    it(`a pipe deep in ${place}, in the place of a file that git reads: each call ends by itself, and a refusal says where to look`, async () => {
      const server = await world.another({ env: { LONGEST_GIT_MS: '1000' } });
      const repo = place === 'the checkout' ? world.repo : path.join(world.folder, 'linked');
      if (repo !== world.repo) world.git('worktree', 'add', '-q', '-b', 'side', repo);
      const branch = `feature/${++count}`;
      mkdirSync(path.join(repo, 'src/deep'), { recursive: true });
      execFileSync('mkfifo', [path.join(repo, 'src/deep/.gitignore')]);
      const stopped = /git (status|ls-files|add) did not end within \d+ seconds[^\n]* pipe /;
      assert.match(await server.call('implement_feature', { ...task({ repo }, branch), include_uncommitted: true }), stopped);
      const tip = field(await server.call('implement_feature', task({ repo }, branch)), 'tip');
      const where = { repo_path: repo, branch_name: branch, expected_tip: tip };
      assert.match(await server.call('merge_delegation', where), /^outcome: merged/);
      rmSync(path.join(repo, 'src/deep'), { recursive: true });
      await server.close();
    });
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
