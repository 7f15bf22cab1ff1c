/** A git that never ends, at each moment of a call: who cancels is answered, and nothing is left. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      env: { HANG_GIT: file('hang'), HUNG: file('hung') },
      node,
    });
  });
  after(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [moment, command, before = 0] of MOMENTS) {
    it(`${moment} (${command}): a cancelled call ends, and the next one goes on`, async () => {
      const branch = `feature/${++count}`;
      const server = await world.another();
      hang(`${command} ${before}`);
      const controller = new AbortController();
      const asked = { name: 'implement_feature', arguments: task(world, branch, { checks: ['true'] }) };
      const answered = server.client.callTool(asked, undefined, { signal: controller.signal, timeout: 50_000 }).catch(() => null);
      await until('the git that hangs', () => existsSync(file('hung')) && readFileSync(file('hung'), 'utf8').endsWith('\n'));
      controller.abort();
      await answered;
      const hung = readFileSync(file('hung'), 'utf8').trim().split('\n').map(Number);
      await until('the end of git', () => !hung.some(isAlive));
      hang('');
      await until('the answer', async () => {
        const report = await server.call('implement_feature', task(world, branch, { checks: ['true'] }));
        return field(report, 'outcome') === 'ready';
      });
      assert.equal(world.git('show', `${branch}:done-${count}.txt`), 'done 1');
      world.git('fsck', '--no-dangling', '--no-progress');
      await server.close();
    });
  }

  for (const place of ['the checkout', 'a linked working tree'])
    it(`a pipe deep in ${place}, in the place of a file that git reads: each call ends by itself, and says where to look`, async () => {
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
      assert.match(await server.call('merge_delegation', where), stopped);
      rmSync(path.join(repo, 'src/deep'), { recursive: true });
      assert.match(await server.call('merge_delegation', where), /^outcome: merged/);
      await server.close();
    });
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
