import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
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
    assert.match(await call('restore_delegation', where), /^outcome: restored[\s\S]*the merge stays/);
    assert.equal(world.git('rev-parse', '--short=7', 'feature/two'), where.tip);
    assert.match(await world.server.call('get_delegation', { repo_path: world.repo }), /feature\/two {2}merged/, 'it is over as before');
    assert.match(await call('restore_delegation', where), /^outcome: refused[\s\S]*is back already/);
  });

  it('discards once: a second time is refused, and the work comes back all the same; on a branch that was there before, too', async () => {
    await world.close();
    for (const branch of ['feature/two', 'feature/old']) {
      world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
      if (branch === 'feature/old') world.git('branch', branch, world.git('commit-tree', '-m', 'Mine', '-p', 'HEAD', 'HEAD^{tree}'));
      const where = await delegated(branch);
      assert.match(await call('discard_delegation', where), /^outcome: discarded/);
      for (const more of [{}, { expected_tip: where.tip }])
        assert.match(await call('discard_delegation', where, more), /^outcome: refused[\s\S]*is discarded already/);
      assert.match(await call('restore_delegation', where), /^outcome: restored/);
      assert.equal(world.git('rev-parse', '--short=7', branch), where.tip);
      await call('discard_delegation', where);
      world.git('update-ref', `refs/heads/${branch}`, where.tip); // brought back by hand
      assert.match(await call('discard_delegation', where), /^outcome: discarded/);
      assert.match(await call('restore_delegation', where), /^outcome: restored/);
      assert.equal(world.git('rev-parse', '--short=7', branch), where.tip);
      if (branch === 'feature/two') await world.close();
    }
  });

  describe('when the branch moved and the work is kept under another name', () => {
    /** The user commits to the branch while the second attempt works on it. */
    const moved = async (branch = 'feature/two', before = () => {}) => {
      await world.close();
      const script = [write('done.txt', 'done\n'), run('true'), finish(), write('again.txt', 'again\n'), run('true'), finish()];
      world = await makeWorld(({ index }) => {
        if (index === 4)
          world.git('update-ref', `refs/heads/${branch}`, world.git('commit-tree', '-m', 'Mine', '-p', branch, `${branch}^{tree}`));
        return script[index] ?? finish();
      });
      before();
      const first = await delegated(branch);
      const report = await world.server.call('implement_feature', task(world, branch, { task_spec: 'Once more.' }));
      assert.equal(field(report, 'outcome'), 'branch_moved', report);
      return { ...first, tip: field(report, 'tip') ?? '', kept: field(report, 'kept at') ?? '', mine: world.git('rev-parse', branch) };
    };
    const branches = () => world.git('branch', '--format=%(refname:short)').split('\n').sort();

    it('discards the kept branch and leaves the one of the user; restore brings it back', async () => {
      const { kept, mine, ...where } = await moved();
      assert.deepEqual(branches(), ['feature/two', kept, 'main'].sort());
      const text = await call('discard_delegation', where, { expected_tip: where.tip });
      assert.match(text, /^outcome: discarded/);
      assert.ok(text.includes(`${kept} is gone`), text);
      assert.deepEqual(branches(), ['feature/two', 'main']);
      assert.equal(world.git('rev-parse', 'feature/two'), mine);
      assert.match(await call('restore_delegation', where), /^outcome: restored/);
      assert.equal(world.git('rev-parse', '--short=7', kept), where.tip);
      assert.equal(world.git('rev-parse', 'feature/two'), mine);
    });

    it('merges the kept branch', async () => {
      const { kept, mine, ...where } = await moved();
      assert.match(await call('merge_delegation', where, { expected_tip: mine.slice(0, 7) }), /^outcome: refused[\s\S]*is at/);
      assert.match(await call('merge_delegation', where, { expected_tip: where.tip }), /^outcome: merged/);
      assert.equal(world.git('show', 'main:again.txt'), 'again');
      assert.deepEqual(branches(), ['feature/two', 'main']);
      assert.equal(world.git('rev-parse', 'feature/two'), mine);
    });

    describe('and no branch name was free, so that a ref of ours keeps it', () => {
      const crowded = () =>
        moved('feature/two', () => {
          for (let n = 1; n <= 100; n++) world.git('update-ref', `refs/heads/feature-two-kimi-${n}`, 'main');
        });
      const refs = () => world.git('for-each-ref', '--format=%(refname)', 'refs/claude-kimi').split('\n').filter(Boolean);

      it('discards and restores it', async () => {
        const { kept, mine, ...where } = await crowded();
        assert.match(kept, /^refs\/claude-kimi\/kept\//);
        assert.match(await call('discard_delegation', where, { expected_tip: where.tip }), /^outcome: discarded/);
        assert.ok(!refs().includes(kept), refs().join());
        assert.match(await call('restore_delegation', where), /^outcome: restored/);
        assert.deepEqual(refs(), [kept]);
        assert.equal(world.git('rev-parse', 'feature/two'), mine);
      });

      it('merges it', async () => {
        const { kept: _kept, mine, ...where } = await crowded();
        assert.match(await call('merge_delegation', where, { expected_tip: where.tip }), /^outcome: merged/);
        assert.equal(world.git('show', 'main:again.txt'), 'again');
        assert.equal(world.git('rev-parse', 'feature/two'), mine);
      });
    });

    it('decides about the attempt before when the kept branch is gone', async () => {
      const { kept, mine, ...where } = await moved();
      world.git('branch', '-D', kept);
      assert.match(await call('discard_delegation', where, { expected_tip: mine.slice(0, 7) }), /^outcome: discarded/);
      assert.deepEqual(branches(), ['main']);
    });
  });

  it('knows the branch of an attempt that was handed back and then killed', async () => {
    const doomed = await world.another({
      node: ['--require', path.join(import.meta.dirname, 'die-at.cjs')],
      env: { DIE_AT: 'rename:result.json' },
    });
    await assert.rejects(doomed.call('implement_feature', task(world, 'feature/two')));
    const tip = world.git('rev-parse', 'feature/two');
    const where = { repo_path: world.repo, branch_name: 'feature/two', tip };
    assert.match(await call('discard_delegation', where, { expected_tip: tip }), /^outcome: discarded/);
    assert.equal(world.git('branch', '--list', 'feature/two'), '');
    assert.match(await call('restore_delegation', where), /^outcome: restored/);
    assert.equal(world.git('rev-parse', 'feature/two'), tip);
  });

  it('never touches a branch that was there before and got nothing', async () => {
    await world.close();
    world = await makeWorld([finish('Nothing to do.')]);
    world.git('branch', 'feature/mine');
    const report = await world.server.call('implement_feature', task(world, 'feature/mine'));
    assert.equal(field(report, 'outcome'), 'no_changes', report);
    const where = { repo_path: world.repo, branch_name: 'feature/mine', tip: '' };
    const tip = world.git('rev-parse', 'feature/mine');
    assert.match(await call('merge_delegation', where, { expected_tip: tip }), /^outcome: refused[\s\S]*nothing/);
    assert.match(await call('discard_delegation', where), /^outcome: discarded/);
    assert.equal(world.git('rev-parse', 'feature/mine'), tip);
    assert.match(await call('restore_delegation', where), /^outcome: restored/);
  });

  describe('when the work began on a branch of the user', () => {
    /** feature/mine with a commit of the user's, and the work of one attempt on top. */
    const onTheirs = async () => {
      world.git('update-ref', 'refs/heads/feature/mine', world.git('commit-tree', '-m', 'Mine', '-p', 'main', 'main^{tree}'));
      const mine = world.git('rev-parse', 'feature/mine');
      return { mine, ...(await delegated('feature/mine')) };
    };
    const place = (where: { repo_path: string; branch_name: string }) => ({ repo_path: where.repo_path, branch_name: where.branch_name });

    it('a discard takes the branch back to where it was found, and a restore brings the work back', async () => {
      const { mine, tip, ...where } = await onTheirs();
      const text = await world.server.call('discard_delegation', { ...place(where), expected_tip: tip });
      assert.match(text, /^outcome: discarded/);
      assert.match(text, new RegExp(`feature/mine is back at ${mine.slice(0, 7)}, where the delegation found it`));
      assert.equal(world.git('rev-parse', 'feature/mine'), mine);
      world.git('reflog', 'expire', '--expire=now', '--all');
      world.git('gc', '-q', '--prune=now');
      assert.match(await world.server.call('restore_delegation', place(where)), /^outcome: restored/);
      assert.equal(world.git('rev-parse', '--short=7', 'feature/mine'), tip);
      assert.equal(world.git('show', 'feature/mine:done.txt'), 'done');
      assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '');
    });

    it('a restore touches no commit that came after the discard, and no branch that is checked out', async () => {
      const { tip, mine, ...where } = await onTheirs();
      await world.server.call('discard_delegation', { ...place(where), expected_tip: tip });
      world.git('switch', '-q', 'feature/mine');
      const refused = await world.server.data('restore_delegation', place(where));
      assert.deepEqual([refused?.outcome, refused?.reason?.code], ['refused', 'branch.checkedOut']);
      assert.deepEqual([world.git('rev-parse', 'HEAD'), world.git('status', '--porcelain')], [mine, '']);
      world.git('switch', '-q', 'main');
      const more = world.git('commit-tree', '-m', 'More', '-p', 'feature/mine', 'main^{tree}');
      world.git('update-ref', 'refs/heads/feature/mine', more);
      const text = await world.server.call('restore_delegation', place(where));
      assert.match(text, /^outcome: refused[\s\S]*moved since[\s\S]*git branch/);
      assert.equal(world.git('rev-parse', 'feature/mine'), more);
    });

    it('a discard after several attempts goes back to where the first one found it', async () => {
      await world.close();
      const script = [write('done.txt', 'done\n'), run('true'), finish(), write('again.txt', 'again\n'), run('true'), finish()];
      world = await makeWorld(script);
      const { mine, ...where } = await onTheirs();
      const second = await world.server.call('implement_feature', task(world, 'feature/mine', { task_spec: 'Once more.' }));
      assert.equal(field(second, 'outcome'), 'unverified', second);
      assert.match(await world.server.call('discard_delegation', place(where)), /^outcome: discarded/);
      assert.equal(world.git('rev-parse', 'feature/mine'), mine);
      assert.match(await world.server.call('restore_delegation', place(where)), /^outcome: restored/);
      assert.equal(world.git('rev-parse', '--short=7', 'feature/mine'), field(second, 'tip'));
    });

    it('a branch that appeared between the attempts is theirs too, wherever it stands', async () => {
      await world.close();
      world = await makeWorld([finish('Nothing to do.'), write('done.txt', 'done\n'), run('true'), finish()]);
      const first = await world.server.call('implement_feature', task(world, 'feature/mine'));
      assert.equal(field(first, 'outcome'), 'no_changes', first);
      world.git('branch', 'feature/mine', 'main');
      const second = await world.server.call('implement_feature', task(world, 'feature/mine', { task_spec: 'Write it.' }));
      assert.equal(field(second, 'outcome'), 'unverified', second);
      const where = { repo_path: world.repo, branch_name: 'feature/mine' };
      assert.match(await world.server.call('discard_delegation', where), /^outcome: discarded/);
      assert.equal(world.git('rev-parse', 'feature/mine'), world.git('rev-parse', 'main'));
    });

    it('a merge leaves the branch where it is: it is not ours to remove', async () => {
      const { mine: _mine, tip, ...where } = await onTheirs();
      const text = await world.server.call('merge_delegation', { ...place(where), expected_tip: tip });
      assert.match(text, /^outcome: merged[\s\S]*merged into main as [0-9a-f]{7}; feature\/mine stays, as it was there before/);
      assert.equal(world.git('show', 'main:done.txt'), 'done');
      assert.equal(world.git('rev-parse', '--short=7', 'feature/mine'), tip);
      assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '');
      assert.match(await world.server.call('restore_delegation', place(where)), /^outcome: refused/);
      const again = await world.server.call('implement_feature', task(world, 'feature/mine', { task_spec: 'More.' }));
      assert.equal(field(again, 'attempt'), '1 of 2', again);
    });

    it('a discard leaves a branch alone that was rewritten since', async () => {
      const { mine: _mine, tip: _tip, ...where } = await onTheirs();
      const rewritten = world.git('commit-tree', '-m', 'Rewritten', '-p', 'main', 'feature/mine^{tree}');
      world.git('update-ref', 'refs/heads/feature/mine', rewritten);
      const text = await world.server.call('discard_delegation', place(where));
      assert.match(text, /^outcome: discarded[\s\S]*feature\/mine stays at [0-9a-f]{7}: it was rewritten/);
      assert.equal(world.git('rev-parse', 'feature/mine'), rewritten);
      assert.match(await world.server.call('restore_delegation', place(where)), /^outcome: restored/);
      assert.equal(world.git('rev-parse', 'feature/mine'), rewritten);
    });
  });

  it('makes a merge commit when asked', async () => {
    const where = await delegated();
    assert.match(await call('merge_delegation', where, { expected_tip: where.tip, how: 'merge' }), /^outcome: merged/);
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

  it('merges only into the branch that the caller means, and tells a program why not', async () => {
    const where = await delegated();
    const why = async (name: string, more: object) => {
      const data = await world.server.data(name, { repo_path: where.repo_path, branch_name: where.branch_name, ...more });
      assert.equal(data?.outcome, 'refused');
      return [data?.reason?.code, data?.files];
    };
    const merge = (more: object = {}) => why('merge_delegation', { expected_tip: where.tip, ...more });
    const head = world.git('rev-parse', 'HEAD');
    assert.deepEqual(await merge({ into: 'release' }), ['merge.otherHead', undefined]);
    assert.deepEqual(await merge({ into: 'HEAD' }), ['merge.otherHead', undefined]);
    assert.deepEqual(await merge({ into: world.git('rev-parse', 'HEAD') }), ['merge.otherHead', undefined]);
    assert.deepEqual(await merge({ expected_tip: '1234567' }), ['merge.tipMoved', undefined]);
    assert.deepEqual(await why('discard_delegation', { expected_tip: '1234567' }), ['discard.tipMoved', undefined]);
    world.write('done.txt', 'mine\n');
    assert.deepEqual(await merge(), ['merge.uncommitted', ['done.txt']]);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Mine');
    assert.deepEqual(await merge(), ['merge.conflict', ['done.txt']]);
    world.git('reset', '-q', '--hard', head);
    writeFileSync(path.join(world.repo, '.git', 'MERGE_HEAD'), `${head}\n`);
    assert.deepEqual(await merge(), ['merge.unfinished.merge', undefined]);
    world.git('reset', '-q', '--hard');
    world.git('switch', '-q', 'feature/two');
    assert.deepEqual(await merge(), ['merge.ownBranch', undefined]);
    assert.deepEqual(await why('discard_delegation', {}), ['branch.checkedOut', undefined]);
    world.git('switch', '-q', '--detach', 'main');
    const elsewhere = await call('merge_delegation', where, { expected_tip: where.tip, into: 'a'.repeat(40) });
    assert.match(elsewhere, /^outcome: refused[\s\S]*HEAD is checked out now/);
    assert.match(await call('merge_delegation', where, { expected_tip: where.tip, into: 'HEAD' }), /^outcome: merged/);
  });

  it('lets the worker see the other side of a conflict in the next attempt', async () => {
    await world.close();
    const script = [write('src/greet.txt', 'kimi\n'), finish()];
    world = await makeWorld(({ index }) => {
      if (index === 2) return run(`git diff ${base} ${world.git('rev-parse', 'main')}`);
      return script[index] ?? finish();
    });
    const base = world.git('rev-parse', 'HEAD');
    await world.server.call('implement_feature', task(world, 'feature/two'));
    world.write('src/greet.txt', 'the other side\n');
    world.git('commit', '-q', '-a', '-m', 'Mine');
    await world.server.call('implement_feature', task(world, 'feature/two', { task_spec: 'It conflicts.' }));
    assert.match(String(world.kimi.requests.at(-1)?.body), /-hello[\s\S]*\+the other side/);
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

  it('unfinished work that is discarded keeps its base, as a restore brings it back; the end lets it go', async () => {
    await world.close();
    const quota: Turn = { fault: '429_quota' };
    world = await makeWorld(({ index }) => [run('true'), quota, write('done.txt', 'done\n'), run('true')][index] ?? finish());
    const where = { repo_path: world.repo, branch_name: 'feature/two', tip: '' };
    const refs = () => world.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/claude-kimi');
    const first = await world.server.call('implement_feature', task(world, 'feature/two'));
    assert.equal(field(first, 'outcome'), 'quota_exhausted');
    const guard = refs();
    assert.match(guard, new RegExp(`^refs/claude-kimi/[0-9a-f]+ ${world.git('rev-parse', 'HEAD')}$`));
    assert.match(await call('discard_delegation', where), /^outcome: discarded/);
    assert.equal(refs(), guard);
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
});
