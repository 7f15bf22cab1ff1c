import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

describe('a merge that is taken back, and one beside uncommitted changes', () => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld([
      write('src/new.txt', 'new\n'),
      run('printf "# Of Kimi\\n" > README.md'),
      finish('Two files, as asked.', 'Add two files'),
    ]);
  });
  afterEach(() => world.close());

  const delegated = async (branch = 'feature/two') => {
    const report = await world.server.call('implement_feature', task(world, branch));
    return { where: { repo_path: world.repo, branch_name: branch }, tip: field(report, 'tip') ?? '' };
  };
  const merged = async (more: object = {}) => {
    const before = world.git('rev-parse', 'HEAD');
    const { where, tip } = await delegated();
    const text = await world.server.call('merge_delegation', { ...where, expected_tip: tip, ...more });
    assert.match(text, /^outcome: merged/, text);
    return { before, where, tip };
  };
  const undo = (where: object) => world.server.call('restore_delegation', { ...where, undo_merge: true });
  const read = (file: string) => readFileSync(path.join(world.repo, file), 'utf8');

  for (const how of ['squash', 'merge', 'fast-forward'])
    it(`${how}: checkout, branch and delegation are as before, beside what is uncommitted`, async () => {
      const { before, where, tip } = await merged({ how });
      world.write('mine.txt', 'mine\n');
      assert.match(await undo(where), /^outcome: restored[\s\S]*was taken back: main is at [0-9a-f]{7} again, and feature\/two is open/);
      assert.equal(world.git('rev-parse', 'HEAD'), before);
      assert.equal(world.git('status', '--porcelain'), '?? mine.txt');
      assert.equal(world.git('rev-parse', '--short=7', 'feature/two'), tip);
      assert.equal(world.git('for-each-ref', 'refs/claude-kimi/kept'), '');
      assert.match(await world.server.call('get_delegation', where), /^next: [\s\S]*merge/m);
      assert.match(await undo(where), /^outcome: refused[\s\S]*feature\/two is not merged/);
      assert.match(await world.server.call('merge_delegation', { ...where, expected_tip: tip, how }), /^outcome: merged/, 'once more');
    });

  it('is refused once something was built on it, and changes nothing', async () => {
    const { where } = await merged();
    const merge = world.git('rev-parse', 'HEAD');
    const refused = async (why: RegExp) => {
      const before = [world.git('for-each-ref'), world.git('status', '--porcelain'), world.git('rev-parse', 'HEAD')];
      assert.match(await undo(where), why);
      assert.deepEqual([world.git('for-each-ref'), world.git('status', '--porcelain'), world.git('rev-parse', 'HEAD')], before);
    };
    world.write('README.md', '# Mine, not committed\n');
    await refused(/^outcome: refused[\s\S]*uncommitted changes in README\.md would be overwritten/);
    world.git('reset', '-q', '--hard');
    world.git('update-ref', 'refs/remotes/origin/main', merge);
    await refused(/is in origin\/main too/);
    world.git('update-ref', '-d', 'refs/remotes/origin/main');
    world.git('switch', '-q', '-c', 'next');
    await refused(/next is checked out, and the merge went into main/);
    world.git('switch', '-q', 'main');
    await refused(/is in next too/);
    world.git('branch', '-q', '-D', 'next');
    world.git('commit', '-q', '--allow-empty', '-m', 'Mine');
    await refused(/main has commits that came after the merge/);
    world.git('reset', '-q', '--hard', 'HEAD~2');
    world.git('commit', '-q', '--allow-empty', '-m', 'Mine');
    await refused(/main does not have the merge [0-9a-f]+ any more/);
    world.git('reset', '-q', '--hard', 'HEAD~1');
    assert.match(await undo(where), /^outcome: restored/, 'taken back by hand, so only the branch is missing');
    assert.match(world.git('branch', '--list', 'feature/two'), /feature\/two/);
  });

  it('stashes what is in the way; where both changed the same lines, the files show both and the stash stays', async () => {
    const { where, tip } = await delegated();
    world.write('README.md', '# Mine\n');
    const merge = (more: object) => world.server.call('merge_delegation', { ...where, expected_tip: tip, ...more });
    assert.match(await merge({}), /^outcome: refused[\s\S]*uncommitted changes in README\.md/);
    assert.match(
      await merge({ autostash: true, preview: true }),
      /^outcome: previewed[\s\S]*changes in README\.md would be stashed meanwhile/,
    );
    assert.equal(read('README.md'), '# Mine\n');
    const text = await merge({ autostash: true });
    assert.match(text, /^outcome: merged[\s\S]*changes in README\.md do not go together with what was merged/);
    assert.match(read('README.md'), /<<<<<<<[\s\S]*# Of Kimi[\s\S]*# Mine/);
    assert.match(world.git('stash', 'list'), /Before the merge of feature\/two/);
    assert.equal(world.git('show', 'HEAD:README.md'), '# Of Kimi');
  });

  it('stashes what is in the way, and brings it back as it was staged', async () => {
    await world.close();
    world = await makeWorld([run('sed -i 1s/.*/first/ README.md'), finish('Done.', 'First line')]);
    world.write('README.md', `${'line\n'.repeat(20)}last\n`);
    world.git('commit', '-q', '-a', '-m', 'Longer');
    const { where, tip } = await delegated();
    world.write('README.md', `${'line\n'.repeat(20)}staged\n`);
    world.git('add', 'README.md');
    world.write('README.md', `${'line\n'.repeat(20)}staged and edited\n`);
    const text = await world.server.call('merge_delegation', { ...where, expected_tip: tip, autostash: true });
    assert.match(text, /^outcome: merged[\s\S]*changes in README\.md were stashed meanwhile, and are back/);
    assert.equal(read('README.md'), `first\n${'line\n'.repeat(19)}staged and edited\n`);
    assert.equal(world.git('show', ':README.md'), `first\n${'line\n'.repeat(19)}staged`);
    assert.equal(world.git('show', 'HEAD:README.md'), `first\n${'line\n'.repeat(19)}last`);
    assert.equal(world.git('stash', 'list'), '');
  });

  it('leaves everything as it was where the merge is refused after all', async () => {
    const { where, tip } = await delegated();
    world.write('README.md', '# Mine\n');
    world.git('add', 'README.md');
    world.write('src/new.txt', 'mine, and git does not know it\n');
    const before = world.git('status', '--porcelain');
    const refused = await world.server.call('merge_delegation', { ...where, expected_tip: tip, autostash: true });
    assert.match(refused, /^outcome: refused/);
    assert.deepEqual([world.git('status', '--porcelain'), world.git('stash', 'list')], [before, '']);
  });
});
