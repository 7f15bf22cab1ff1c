import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The branch of merged work may still be there: it was the user's, or it was brought back. */
describe('work that was merged before', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld([
      { calls: [...(write('done.txt', 'done\n').calls ?? []), ...(write('src/new.txt', 'new\n').calls ?? [])] },
      run('cat done.txt'),
      finish(),
    ]);
  });
  afterEach(() => world.close());

  const delegated = async (branch_name: string) => {
    const report = await world.server.call('implement_feature', task(world, branch_name));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    const [where, tip] = [{ repo_path: world.repo, branch_name }, field(report, 'tip') ?? ''];
    const merge = (more: object = {}) => world.server.call('merge_delegation', { ...where, expected_tip: tip, ...more });
    return { merge, tip, restore: () => world.server.call('restore_delegation', where) };
  };
  /** What is noted of the decision. */
  const records = () => {
    const root = path.join(world.state, 'delegations');
    return readdirSync(root).map((id) => readFileSync(path.join(root, id, 'disposition.json'), 'utf8'));
  };

  it('is not merged, applied, foreseen or dated anew, whichever way is asked', async () => {
    world.git('update-ref', 'refs/heads/feature/mine', world.git('commit-tree', '-m', 'Mine', '-p', 'main', 'main^{tree}'));
    const { merge } = await delegated('feature/mine');
    assert.match(await merge(), /^outcome: merged/);
    const [before, head] = [records(), world.git('rev-parse', 'HEAD')];
    for (const more of [
      ...['squash', 'merge', 'apply'].map((how) => ({ how, preview: true })),
      ...[{ preview: true, check: true }, { how: 'apply' }, { how: 'apply', check: true }],
      ...[{ paths: ['done.txt'] }, { paths: ['done.txt'], preview: true }, { paths: ['done.txt'], how: 'apply' }],
    ])
      assert.match(await merge(more), /^outcome: refused[\s\S]*HEAD has these changes already/, JSON.stringify(more));

    world.git('switch', '-q', '-c', 'release');
    world.git('commit', '-q', '--allow-empty', '-m', 'Later');
    for (const more of [{}, { check: true }, { how: 'merge' }]) {
      const text = await merge(more);
      assert.match(text, /^outcome: merged[\s\S]*2 files merged into main as \w{7}, before this call; feature\/mine stays/);
      assert.ok(text.includes(head.slice(0, 7)), text);
      assert.doesNotMatch(text, /take it back|release/, 'HEAD is another one since');
    }
    assert.deepEqual(records(), before);
    assert.deepEqual([world.git('rev-parse', 'main'), world.git('status', '--porcelain')], [head, '']);
  });

  it('is told as merged where that cannot be noted, and noted by who looks next', async () => {
    const { merge } = await delegated('feature/two');
    const root = path.join(world.state, 'delegations');
    const inTheWay = path.join(root, readdirSync(root)[0]!, 'disposition.json');
    mkdirSync(inTheWay);
    // A commit of its own: one of the same words in the same second is that of the work, before which nobody knows where HEAD stood.
    assert.match(await merge({ how: 'merge' }), /^outcome: merged[\s\S]*feature\/two was put aside [\s\S]*noted when .*disposition\.json/);
    rmdirSync(inTheWay);
    const where = { repo_path: world.repo, branch_name: 'feature/two' };
    assert.match(await world.server.call('get_delegation', where), /merged/);
    assert.match(records()[0]!, /"state": "merged"/);
    assert.match(await world.server.call('restore_delegation', { ...where, undo_merge: true }), /^outcome: restored/);
  });

  it('puts its branch aside again where that was brought back, but not for a preview', async () => {
    const { merge, restore, tip } = await delegated('feature/two');
    assert.match(await merge({ how: 'fast-forward' }), /^outcome: merged/);
    assert.match(await restore(), /^outcome: restored/);
    for (const more of [{ preview: true }, { preview: true, how: 'fast-forward' }, { paths: ['done.txt'] }, { how: 'apply' }])
      assert.match(await merge(more), /^outcome: refused/);
    assert.equal(world.git('rev-parse', '--short=7', 'feature/two'), tip);
    assert.match(await merge(), /2 files merged into main as .*, before this call; .* put aside/);
    assert.equal(world.git('branch', '--list', 'feature/two'), '');
    assert.match(await restore(), /^outcome: restored[\s\S]*the merge stays/);
  });
});
