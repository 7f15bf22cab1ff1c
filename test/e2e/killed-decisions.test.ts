import assert from 'node:assert/strict';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** Between what git has done and what is noted of it. */
describe('a decision that is killed', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld([write('done.txt', 'done\n'), run('true'), finish()]);
  });
  afterEach(() => world.close());

  const delegated = async () => {
    const report = await world.server.call('implement_feature', task(world, 'feature/two'));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    return { repo_path: world.repo, branch_name: 'feature/two', tip: field(report, 'tip') ?? '' };
  };
  const doomed = async (moment: string, tool: string, where: object) => {
    const server = await world.another({ node: ['--require', path.join(import.meta.dirname, 'die-at.cjs')], env: { DIE_AT: moment } });
    await assert.rejects(server.call(tool, where as Record<string, unknown>));
  };
  const list = () => world.server.call('get_delegation', { repo_path: world.repo });

  for (const [moment, branchStays] of [
    ['git:update-index', true], // HEAD has moved, and nothing else
    ['rename:disposition.json', false], // the branch is put aside
  ] as const)
    it(`a merge (${moment}): the next look tells it, and the same call finishes it`, async () => {
      const { tip, ...where } = await delegated();
      await doomed(moment, 'merge_delegation', { ...where, expected_tip: tip });
      const merge = world.git('rev-parse', '--short=7', 'main');
      assert.equal(world.git('rev-list', '--count', 'main'), '2');
      assert.equal(world.git('branch', '--list', 'feature/two') !== '', branchStays);
      assert.match(await list(), /feature\/two {2}merged {2}/);
      assert.match(await world.server.call('get_delegation', where), new RegExp(`\\nstate: merged into main as ${merge}`));
      if (branchStays)
        assert.match(
          await world.server.call('merge_delegation', { ...where, expected_tip: tip }),
          new RegExp(`1 file merged into main as ${merge}`),
        );
      assert.equal(world.git('rev-list', '--count', 'main'), '2', 'once');
      assert.match(await world.server.call('restore_delegation', where), /^outcome: restored[\s\S]*the merge stays/);
      assert.equal(world.git('rev-parse', '--short=7', 'feature/two'), tip);
      const again = await world.server.call(
        'implement_feature',
        task(world, 'feature/two', { task_spec: 'Something else.', base: 'feature/two' }),
      );
      assert.equal(field(again, 'attempt'), '1 of 2', again);
      assert.doesNotMatch(await list(), /merged/, 'the new one is none that was merged');
    });

  it('a merge that the user took back since is none', async () => {
    const { tip, ...where } = await delegated();
    await doomed('git:update-index', 'merge_delegation', { ...where, expected_tip: tip });
    world.git('reset', '-q', '--hard', 'HEAD^');
    assert.match(await list(), /feature\/two {2}unverified {2}/);
    assert.match(await world.server.call('merge_delegation', { ...where, expected_tip: tip }), /^outcome: merged/);
    assert.match(await list(), /feature\/two {2}merged {2}/);
    assert.doesNotMatch(world.git('for-each-ref', 'refs/claude-kimi'), /claude-kimi\/merged/);
  });

  it('a discard: the next look tells it', async () => {
    const { tip: _tip, ...where } = await delegated();
    await doomed('rename:disposition.json', 'discard_delegation', where);
    assert.match(await list(), /feature\/two {2}discarded {2}/);
  });

  it('a restore: the same call finishes it', async () => {
    const { tip, ...where } = await delegated();
    await world.server.call('discard_delegation', where);
    world.git('update-ref', 'refs/heads/feature/two', tip); // as the restore left it, when its record was still the old one
    assert.match(await world.server.call('restore_delegation', where), /^outcome: restored/);
    assert.match(await list(), /feature\/two {2}unverified {2}/);
    assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '');
  });

  it('a discard: a restore brings back what it took away', async () => {
    const where = await delegated();
    const { tip: _tip, ...branch } = where;
    await doomed('rename:disposition.json', 'discard_delegation', branch);
    assert.equal(world.git('branch', '--list', 'feature/two'), '');
    assert.match(await world.server.call('restore_delegation', branch), /^outcome: restored/);
    assert.equal(world.git('rev-parse', '--short=7', 'feature/two'), where.tip);
    assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '');
    assert.match(await world.server.call('restore_delegation', branch), /^outcome: refused/);
  });
});
