import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The refs of ours in the user's repository, which keep the base of an open attempt from being collected. */
describe('hidden refs', () => {
  let world: World;
  afterEach(() => world.close());

  const refs = () => world.git('for-each-ref', '--format=%(refname)', 'refs/claude-kimi').split('\n').filter(Boolean);
  const call = (branch: string) => world.server.call('implement_feature', task(world, branch));
  const STALL: Turn = { fault: 'stall_before_headers' };
  /** Cancels an attempt when so many of its requests have come. */
  async function cancelled(branch: string, requests: number): Promise<void> {
    const running = call(branch);
    await world.kimi.arrived(requests);
    await world.server.call('cancel_delegation', { repo_path: world.repo, branch_name: branch });
    assert.equal(field(await running, 'outcome'), 'cancelled');
  }

  for (const [outcome, fault] of [
    ['auth_failed', '401'],
    ['quota_exhausted', '429_quota'],
    ['api_unreachable', 'web_page'],
  ] as const) {
    it(`none stays after ${outcome} without a step`, async () => {
      world = await makeWorld([{ fault }]);
      assert.equal(field(await call('feature/none'), 'outcome'), outcome);
      assert.deepEqual(refs(), []);
    });
  }

  it('none stays after a cancel without a step', async () => {
    world = await makeWorld([STALL]);
    await cancelled('feature/none', 1);
    assert.deepEqual(refs(), []);
  });

  it('none stays when the client goes before the first step', async () => {
    world = await makeWorld([STALL]);
    const other = await world.another();
    const running = other.call('implement_feature', task(world, 'feature/gone'));
    await world.kimi.arrived(1);
    await other.close();
    await running.catch(() => {}); // the answer may still come
    const where = { repo_path: world.repo, branch_name: 'feature/gone' };
    assert.equal(field(await world.server.call('get_delegation', where), 'outcome'), 'interrupted');
    assert.deepEqual(refs(), []);
  });

  it('one stays while there is something to go on with, and goes with the end', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), STALL, run('true'), finish()]);
    await cancelled('feature/half', 2);
    assert.equal(refs().length, 1);
    assert.equal(field(await call('feature/half'), 'outcome'), 'unverified');
    assert.deepEqual(refs(), []);
  });

  /** Whatever no ref keeps is gone after it, here and in the private git dirs. */
  function collectGarbage(): void {
    const dirs = readdirSync(path.join(world.state, 'delegations')).map((id) => path.join(world.state, 'delegations', id, 'git'));
    for (const gitDir of [path.join(world.repo, '.git'), ...dirs]) {
      world.git('--git-dir', gitDir, 'reflog', 'expire', '--expire=now', '--all');
      rmSync(path.join(gitDir, 'index'), { force: true }); // it keeps what it names
      world.git('--git-dir', gitDir, '-c', 'core.bare=true', 'gc', '-q', '--prune=now');
    }
    world.git('reset', '-q');
  }
  const delegationOf = () => path.join(world.state, 'delegations', readdirSync(path.join(world.state, 'delegations'))[0]!);
  const where = (branch: string) => ({ repo_path: world.repo, branch_name: branch });

  it('the tree of each step stays, whoever collects garbage', async () => {
    world = await makeWorld(
      [write('a.txt', 'one\n'), write('a.txt', 'two\n'), write('a.txt', 'three\n'), run('rm a.txt'), write('b.txt', 'b\n'), finish()],
      {
        kimi: { thinkMs: 200 },
      },
    );
    assert.equal(field(await call('feature/steps'), 'outcome'), 'unverified');
    collectGarbage();
    const journal = readFileSync(path.join(delegationOf(), 'attempts/001/journal.jsonl'), 'utf8');
    const trees = [...journal.matchAll(/"checkpoint","step":(\d+),"tree":"([0-9a-f]{40})"/g)].map(([, step, tree]) => ({
      step,
      tree: tree!,
    }));
    const git = (...words: string[]) => world.git('--git-dir', path.join(delegationOf(), 'git'), ...words);
    const contents = trees.map(({ tree }) =>
      git('ls-tree', '-r', '--name-only', tree)
        .split('\n')
        .filter((name) => /^[ab]\.txt$/.test(name))
        .join(),
    );
    assert.ok(new Set(trees.map(({ tree }) => tree)).size >= 4, journal);
    assert.ok(contents.includes('a.txt') && contents.includes('b.txt') && contents.includes(''), contents.join('|'));
    assert.equal(git('cat-file', 'blob', `${trees[0]!.tree}:a.txt`), 'one');
    git('fsck', '--no-dangling');
  });

  it('unfinished work that was discarded goes on after a restore, although HEAD moved and garbage was collected', async () => {
    world = await makeWorld([write('done.txt', 'done\n'), STALL, run('cat done.txt'), finish()], { kimi: { thinkMs: 150 } });
    await cancelled('feature/half', 2);
    assert.match(await world.server.call('discard_delegation', where('feature/half')), /^outcome: discarded/);
    assert.equal(refs().length, 1, 'the base stays');
    world.git('commit', '-q', '--amend', '-m', 'Another first');
    collectGarbage();
    assert.match(await world.server.call('restore_delegation', where('feature/half')), /^outcome: restored/);
    assert.equal(field(await world.server.call('resume_delegation', where('feature/half')), 'outcome'), 'unverified');
    assert.equal(world.git('show', 'feature/half:done.txt'), 'done');
    assert.deepEqual(refs(), []);
  });

  it('work that is discarded again under the same name does not take the place of the first', async () => {
    world = await makeWorld(({ index }) => (index % 2 === 0 ? write(`done-${index}.txt`, 'done\n') : finish()));
    for (const _ of [1, 2, 3]) {
      assert.equal(field(await call('feature/again'), 'outcome'), 'unverified');
      assert.match(await world.server.call('discard_delegation', where('feature/again')), /^outcome: discarded/);
    }
    collectGarbage();
    const kept = refs();
    assert.equal(kept.length, 3, kept.join());
    const files = kept.map((ref) => world.git('ls-tree', '--name-only', ref).match(/done-\d/)?.[0]);
    assert.deepEqual(files.sort(), ['done-0', 'done-2', 'done-4']);
    assert.match(await world.server.call('restore_delegation', where('feature/again')), /^outcome: restored/);
    assert.equal(world.git('show', 'feature/again:done-4.txt'), 'done');
    assert.equal(refs().length, 2);
  });

  it('go with the delegation when its time is over, once a day behind a call', async () => {
    world = await makeWorld(({ index }) => (index % 2 === 0 ? write(`done-${index}.txt`, 'done\n') : finish()), {
      env: { KIMI_RETENTION_DAYS: '7' },
    });
    assert.equal(field(await call('feature/old'), 'outcome'), 'unverified');
    await world.server.call('discard_delegation', where('feature/old'));
    const folder = delegationOf();
    const decided = path.join(folder, 'disposition.json');
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    writeFileSync(decided, readFileSync(decided, 'utf8').replace(/"at": "[^"]*"/, `"at": "${daysAgo(8).toISOString()}"`));
    writeFileSync(path.join(world.state, 'last-removal.json'), JSON.stringify({ at: daysAgo(2).getTime() }));
    assert.equal(refs().length, 1);
    assert.equal(field(await call('feature/new'), 'outcome'), 'unverified');
    await until('the old one goes', () => !existsSync(folder));
    assert.deepEqual(refs(), []);
    assert.equal(world.git('branch', '--format=%(refname:short)'), 'feature/new\nmain');
  });
});
