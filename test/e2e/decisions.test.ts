import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

describe('decisions: merge, discard, restore, diff', () => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld([
      { calls: [...(write('done.txt', 'done\n').calls ?? []), ...(write('src/new.txt', 'new\n').calls ?? [])] },
      run('cat done.txt'),
      finish('Two files, as asked.', 'Add two files\n\nBecause they were asked for.'),
    ]);
  });
  afterEach(() => world.close());

  const delegated = async (branch = 'feature/two') => {
    const report = await world.server.call('implement_feature', task(world, branch));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    return { repo_path: world.repo, branch_name: branch, tip: field(report, 'tip') ?? '' };
  };
  const call = (name: string, { tip: _tip, ...where }: { tip: string; repo_path: string; branch_name: string }, more: object = {}) =>
    world.server.call(name, { ...where, ...more });

  it('merges as one commit into the branch that is checked out; uncommitted work stays', async () => {
    const where = await delegated();
    world.write('README.md', '# Mine, not committed\n');
    const text = await call('merge_delegation', where, { expected_tip: where.tip });
    assert.match(text, /^outcome: merged {3}branch: feature\/two\nreason: 2 files merged into main as [0-9a-f]{7}/);
    assert.equal(world.git('log', '-1', '--format=%B').trim(), 'Add two files\n\nBecause they were asked for.');
    assert.equal(world.git('rev-list', '--count', 'main'), '2', 'one commit');
    assert.equal(readFileSync(path.join(world.repo, 'src/new.txt'), 'utf8'), 'new\n');
    assert.equal(world.git('status', '--porcelain'), ' M README.md');
    assert.equal(world.git('branch', '--list', 'feature/two'), '');
    assert.match(await world.server.call('get_delegation', { repo_path: world.repo }), /feature\/two {2}merged/);
    assert.match(
      await call('get_delegation', where),
      /^state: merged into main as [0-9a-f]{7}, 20.*\n[\s\S]*^next: nothing, the work is merged/m,
    );
    assert.match(await call('restore_delegation', where), /^outcome: restored/);
    assert.equal(world.git('rev-parse', '--short=7', 'feature/two'), where.tip);
    assert.match(await call('get_delegation', where), /^next: .* review and merge feature\/two$/m);
  });

  it('makes a merge commit when asked', async () => {
    const where = await delegated();
    assert.match(await call('merge_delegation', where, { expected_tip: where.tip, squash: false }), /^outcome: merged/);
    assert.equal(world.git('log', '-1', '--format=%P').split(' ').length, 2);
  });

  it('refuses what was not reviewed, conflicts, overwriting and unfinished merges; nothing changes', async () => {
    const where = await delegated();
    const before = world.git('rev-parse', 'HEAD');
    assert.match(await call('merge_delegation', where, { expected_tip: '1234567' }), /^outcome: refused[\s\S]*not at 1234567/);
    assert.match(await call('merge_delegation', where), /expected_tip/);

    world.write('done.txt', 'mine, and not committed\n');
    assert.match(
      await call('merge_delegation', where, { expected_tip: where.tip }),
      /^outcome: refused[\s\S]*uncommitted changes in done\.txt/,
    );
    assert.equal(readFileSync(path.join(world.repo, 'done.txt'), 'utf8'), 'mine, and not committed\n');

    world.git('add', 'done.txt');
    world.git('commit', '-q', '-m', 'Mine');
    assert.match(await call('merge_delegation', where, { expected_tip: where.tip }), /^outcome: refused[\s\S]*done\.txt conflict/);
    assert.equal(world.git('status', '--porcelain'), '');
    assert.equal(world.git('rev-parse', 'HEAD~1'), before);

    writeFileSync(path.join(world.repo, '.git', 'MERGE_HEAD'), `${before}\n`);
    assert.match(await call('merge_delegation', where, { expected_tip: where.tip }), /^outcome: refused[\s\S]*a merge is unfinished/);
  });

  it('discards and restores; a new call on the name starts afresh', async () => {
    const where = await delegated();
    assert.match(await call('discard_delegation', where, { expected_tip: '1234567' }), /^outcome: refused/);
    assert.match(await call('discard_delegation', where), /^outcome: discarded/);
    assert.equal(world.git('branch', '--list', 'feature/two'), '');
    world.git('reflog', 'expire', '--expire=now', '--all');
    world.git('gc', '-q', '--prune=now');
    assert.match(await call('restore_delegation', where), /^outcome: restored/);
    assert.equal(world.git('show', 'feature/two:done.txt'), 'done', 'kept safe from garbage collection');
    assert.match(await call('restore_delegation', where), /^outcome: refused[\s\S]*nothing to restore/);
    assert.match(await call('discard_delegation', where), /^outcome: discarded/);
    const again = await world.server.call('implement_feature', task(world, 'feature/two', { task_spec: 'Something else.' }));
    assert.equal(field(again, 'attempt'), '1 of 2', again);
  });

  it('unfinished work that is discarded leaves no ref behind, and guards its base again when it is restored', async () => {
    await world.close();
    world = await makeWorld(({ index }) =>
      index === 0 ? { fault: '429_quota' } : ([write('done.txt', 'done\n'), finish()][index - 1] ?? finish()),
    );
    const where = { repo_path: world.repo, branch_name: 'feature/two', tip: '' };
    const refs = () => world.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/claude-kimi');
    const first = await world.server.call('implement_feature', task(world, 'feature/two'));
    assert.equal(field(first, 'outcome'), 'quota_exhausted');
    const guard = refs();
    assert.match(guard, new RegExp(`^refs/claude-kimi/[0-9a-f]+ ${world.git('rev-parse', 'HEAD')}$`));
    assert.match(await call('discard_delegation', where), /^outcome: discarded/);
    assert.equal(refs(), '');
    assert.match(await call('restore_delegation', where), /^outcome: restored/);
    assert.equal(refs(), guard);
    assert.equal(field(await call('resume_delegation', where), 'outcome'), 'unverified');
    assert.equal(refs(), '');
  });

  it('leaves a running attempt alone', async () => {
    await world.close();
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()], { kimi: { thinkMs: 400 } });
    const running = world.server.call('implement_feature', task(world, 'feature/two'));
    await world.kimi.arrived(1);
    const other = await world.another();
    assert.match(
      await other.call('discard_delegation', { repo_path: world.repo, branch_name: 'feature/two' }),
      /^outcome: refused[\s\S]*an attempt runs/,
    );
    assert.equal(field(await running, 'outcome'), 'unverified');
  });

  it('shows the whole diff, or one file', async () => {
    const where = await delegated();
    const all = await call('delegation_diff', where);
    assert.match(all, /\+done[\s\S]*\+new/);
    const one = await call('delegation_diff', where, { path: 'src/new.txt' });
    assert.ok(one.includes('+new') && !one.includes('+done'));
    assert.match(await call('delegation_diff', where, { path: 'nope' }), /nope is not among the changed files: done\.txt, src\/new\.txt/);
  });

  it('removes the private copy when a delegation is over', async () => {
    const where = await delegated();
    const folder = path.join(world.state, 'delegations');
    const copies = () => readdirSync(folder).filter((id) => existsSync(path.join(folder, id, 'ws')));
    assert.equal(copies().length, 1);
    await call('discard_delegation', where);
    assert.deepEqual(copies(), []);
  });
});
