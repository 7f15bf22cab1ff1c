import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanSchema } from '../../src/cli/json-output.ts';
import { finish, makeWorld, read, task, type World, write } from '../e2e/world.ts';
import { cli, inTerminal, type Place, placeIn } from './run-cli.ts';

describe('deciding about delegations in the terminal', function () {
  this.timeout(60_000);
  let world: World;
  let place: Place;
  const tip = (branch: string) => world.git('rev-parse', branch);
  const branches = () => world.git('branch', '--format=%(refname:short)').split('\n');

  beforeEach(async () => {
    world = await makeWorld([read('src/greet.txt'), write('src/greet.txt', 'hello world\n'), finish('Done.', 'Greet the world')]);
    place = placeIn(world);
    await world.server.call('implement_feature', task(world, 'feature/greeting', { checks: ['grep -q world src/greet.txt'] }));
  });
  afterEach(() => world.close());

  it('merge: nothing without a terminal and without --yes', async () => {
    const before = tip('main');
    for (const command of ['merge', 'discard']) {
      const { code, out, err } = await cli(place, command, 'feature/greeting');
      assert.equal(code, 2);
      assert.match(
        out,
        /^feature\/greeting · ready · 1 file · \+1 −1 · <\$0\.01\n {2}grep -q world src\/greet\.txt {2}exit 1 → pass {2}failed before, passes now\n$/,
      );
      assert.match(
        err,
        new RegExp(
          `^There is no terminal to ask in, so nothing was changed\\. To do it without a question: claude-kimi-mcp ${command} --yes\n`,
        ),
      );
    }
    assert.deepEqual([tip('main'), branches()], [before, ['feature/greeting', 'main']]);
  });

  it('merge: shows what it rests on, asks, and takes yes, no and Ctrl-C', async () => {
    const before = tip('main');
    for (const [keys, code] of [
      ['n\n', 1],
      ['\n', 1],
      ['\x03', 130],
      ['\x04', 1],
    ] as const) {
      const session = inTerminal(place, 80, 'merge', 'feature/greeting');
      await session.shows(/Merge feature\/greeting into main\? \[y\/N\] /);
      session.type(keys);
      assert.equal(await session.ended, code, session.text());
      assert.equal(tip('main'), before);
    }
    const session = inTerminal(place, 80, 'merge', 'feature/greeting');
    await session.shows(/\[y\/N\] /);
    session.type('y\n');
    assert.equal(await session.ended, 0);
    assert.match(
      session.text(),
      /1 file merged into main as [0-9a-f]{7}; feature\/greeting was put aside \(to bring it\nback: claude-kimi-mcp restore/,
    );
    assert.equal(world.git('log', '-1', '--format=%s'), 'Greet the world');
    assert.equal(readFileSync(path.join(world.repo, 'src/greet.txt'), 'utf8'), 'hello world\n');
    assert.deepEqual(branches(), ['main']);
    assert.deepEqual(await cli(place, 'merge', 'feature/greeting', '--yes'), {
      code: 1,
      out: '',
      err: 'feature/greeting is merged already.\n',
    });
    assert.match((await cli(place, 'list')).out, /feature\/greeting +merged/);
  });

  it('merge: hooks and checks before it, in the sandbox; by lines; --no-verify leaves the hooks out', async () => {
    const before = tip('main');
    writeFileSync(path.join(world.repo, '.git/hooks/pre-commit'), '#!/bin/sh\necho no; exit 1\n', { mode: 0o755 });
    const refused = await cli(place, 'merge', 'feature/greeting', '--yes', '--check');
    assert.equal(refused.code, 1);
    assert.match(
      refused.err,
      /^Running grep -q world src\/greet\.txt in the sandbox\.\n[\s\S]*Running hook pre-commit[\s\S]*says no \(exit 1\): no Nothing was changed[\s\S]*--no-verify/,
    );
    const lines = await cli(place, 'merge', 'feature/greeting', '--yes', '--only', 'src/greet.txt:7');
    assert.match(lines.err, /no change of src\/greet\.txt touches its lines 7\. Its changes are at the lines 1/i);
    assert.equal(tip('main'), before);
    const { code, out } = await cli(place, 'merge', 'feature/greeting', '--yes', '--no-verify', '--only', 'src/greet.txt:1', '--check');
    assert.equal(code, 0, out);
    assert.match(
      out,
      /^Checked on the merged files: grep -q world src\/greet\.txt\. 1 file merged into main as [0-9a-f]{7}: src\/greet\.txt; the rest/m,
    );
  });

  it('merge: Ctrl-C ends a hook that takes long, and nothing has moved', async () => {
    const before = tip('main');
    writeFileSync(path.join(world.repo, '.git/hooks/pre-commit'), '#!/bin/sh\nsleep 300\n', { mode: 0o755 });
    const session = inTerminal(place, 80, 'merge', 'feature/greeting', '--yes');
    await session.shows(/Running hook pre-commit in the sandbox/);
    session.type('\x03');
    assert.equal(await session.ended, 1);
    assert.match(session.text(), /the merge was cancelled/i);
    assert.deepEqual([tip('main'), world.git('status', '--porcelain'), branches()], [before, '', ['feature/greeting', 'main']]);
  });

  it('merge: as a merge commit, with a message, and only what was reviewed', async () => {
    const moved = await cli(place, 'merge', 'feature/greeting', '--yes', '--tip', '0123456789');
    assert.equal(moved.code, 1);
    assert.match(moved.err, /^feature\/greeting is at [0-9a-f]{7} now, not at 0123456789\. Look at what was added, then merge again\.\n$/);
    const { code, err } = await cli(
      place,
      'merge',
      'feature/greeting',
      '-y',
      '--how',
      'merge',
      '-m',
      'Take the greeting',
      '--tip',
      tip('feature/greeting').slice(0, 9),
    );
    assert.deepEqual([code, err], [0, '']);
    assert.equal(world.git('log', '-1', '--format=%s %P').split(' ').length, 'Take the greeting'.split(' ').length + 2);
  });

  it('merge: says what stands in its way', async () => {
    world.write('src/greet.txt', 'mine\n');
    const { code, err } = await cli(place, 'merge', 'feature/greeting', '--yes');
    assert.equal(code, 1);
    assert.match(err, /^Uncommitted changes in src\/greet\.txt would be overwritten\./);
    assert.equal(readFileSync(path.join(world.repo, 'src/greet.txt'), 'utf8'), 'mine\n');
  });

  it('merge: tells commits that came after the work', async () => {
    const worktree = path.join(world.folder, 'other');
    world.git('worktree', 'add', '-q', worktree, 'feature/greeting');
    world.git('-C', worktree, 'commit', '-q', '--allow-empty', '-m', 'More');
    world.git('worktree', 'remove', worktree);
    const { out } = await cli(place, 'merge', 'feature/greeting');
    assert.match(out, /! The branch has commits that came after the work of Kimi \(it is at [0-9a-f]{7}\); the checks did not see them\./);
  });

  it('discard and restore: there and back', async () => {
    const before = tip('feature/greeting');
    const session = inTerminal({ ...place, env: { ...place.env, LANG: 'zh_CN.UTF-8' } }, 100, 'discard');
    await session.shows(/丢弃 feature\/greeting 上的成果？ \[y\/N\] /);
    session.type('y\n');
    assert.equal(await session.ended, 0);
    assert.match(
      session.text(),
      /feature\/greeting 已删除；其提交 [0-9a-f]{7} 予以保留。恢复：claude-kimi-mcp restore feature\/greeting\n/,
    );
    assert.deepEqual(branches(), ['main']);
    assert.equal((await cli(place, 'discard', '--yes')).err, 'feature/greeting is discarded already.\n');
    assert.match(
      (await cli(place, 'merge', '--yes')).err,
      /^feature\/greeting was discarded\. Bring it back first: claude-kimi-mcp restore feature\/greeting\n$/,
    );
    const show = await cli(place, 'show');
    assert.match(
      show.out,
      /^feature\/greeting {2}discarded \(ready\)\n[\s\S]*claude-kimi-mcp restore feature\/greeting +bring the work back/,
    );
    assert.match((await cli(place, 'diff', 'feature/greeting', '--stat')).out, /1 file changed/, 'its commit is kept');
    const restored = await cli(place, 'restore');
    assert.deepEqual(restored, { code: 0, out: `feature/greeting is back at ${before.slice(0, 7)}\n`, err: '' });
    assert.equal(tip('feature/greeting'), before);
    assert.match((await cli(place, 'restore')).err, /^feature\/greeting was neither discarded nor merged/);
  });

  it('restore after a merge: the branch is there, and can go again', async () => {
    const before = tip('feature/greeting');
    await cli(place, 'merge', '--yes');
    const merged = () => world.git('log', '-1', '--format=%H', 'main');
    const commit = merged();
    for (let round = 0; round < 2; round++) {
      assert.match((await cli(place, 'show')).out, /restore feature\/greeting +bring the branch back; the merge stays/);
      assert.match((await cli(place, 'discard', '--yes')).err, /^feature\/greeting is merged; there is nothing left to discard\.\n$/);
      assert.match((await cli(place, 'restore')).out, /the merge stays\n$/);
      assert.equal(tip('feature/greeting'), before);
      const show = (await cli(place, 'show')).out;
      assert.match(show, /^feature\/greeting {2}merged \(ready\)\n[\s\S]*discard feature\/greeting +remove the branch; the merge stays/);
      assert.doesNotMatch(show, /claude-kimi-mcp restore/);
      assert.match((await cli(place, 'restore')).err, /is back already/);
      const session = inTerminal(place, 80, 'discard');
      await session.shows(/Remove the branch feature\/greeting\? The merge stays\. \[y\/N\] /);
      session.type('y\n');
      assert.equal(await session.ended, 0);
      assert.match(
        session.text(),
        /its commit [0-9a-f]{7} is kept, and the merge stays\.\s+Bring\s+the branch back:\s+claude-kimi-mcp restore/,
      );
      assert.deepEqual([branches(), merged()], [['main'], commit]);
    }
  });

  it('after a merge by hand: no restore is offered, as nothing was put aside', async () => {
    world.git('merge', '-q', 'feature/greeting');
    const show = (await cli(place, 'show')).out;
    assert.match(show, /^feature\/greeting {2}merged \(ready\)\n[\s\S]*claude-kimi-mcp discard feature\/greeting/);
    assert.doesNotMatch(show, /claude-kimi-mcp restore/);
    assert.equal((await cli(place, 'discard', '--yes')).code, 0);
    assert.deepEqual(branches(), ['main']);
  });

  it('clean: what is over and old, after a question, with its kept commit', async () => {
    const kept = () => world.git('for-each-ref', '--format=%(refname)', 'refs/claude-kimi');
    await cli(place, 'discard', '--yes');
    assert.notEqual(kept(), '');
    assert.match(
      (await cli(place, 'clean', '--yes')).out,
      /^Nothing to remove: no delegation ended more than 30 days ago\. Newer ones are included with --older-than 0d\.\n$/,
    );
    const asked = await cli(place, 'clean', '--older-than', '0h');
    assert.equal(asked.code, 2);
    assert.match(
      asked.out,
      /^To be removed: 1 delegation, [\d.]+ [kM]B\n {2}feature\/greeting {2}discarded {2}[\d.]+ [kM]B {2}just now {2}\//,
    );
    const dry = await cli(place, 'clean', '--older-than', '0h', '--dry-run', '--json');
    const plan = cleanSchema.parse(JSON.parse(dry.out));
    assert.deepEqual(
      [plan.removed, plan.items.map(({ branch, kind, unmerged }) => [branch, kind, unmerged])],
      [false, [['feature/greeting', 'discarded', false]]],
    );
    const session = inTerminal(place, 80, 'clean', '--older-than', '0h');
    await session.shows(/Remove 1 delegation \([\d.]+ [kM]B\)\? This cannot be undone\. \[y\/N\] /);
    session.type('y\n');
    assert.equal(await session.ended, 0);
    assert.match(session.text(), /Removed: 1 delegation, [\d.]+ [kM]B/);
    assert.equal(existsSync(plan.items[0]!.folder), false);
    assert.equal(kept(), '');
    assert.match((await cli(place, 'list')).err, /^No delegations in/);
  });

  it('clean: no ref of ours outlives the delegation that it kept something for, archived or not', async () => {
    const kept = () => world.git('for-each-ref', '--format=%(refname)', 'refs/claude-kimi').split('\n').filter(Boolean);
    await cli(place, 'discard', '--yes');
    await world.server.call('implement_feature', task(world, 'feature/greeting', { task_spec: 'Once more.' }));
    await cli(place, 'discard', '--yes');
    world.git('update-ref', 'refs/claude-kimi/of-somebody-else', 'main');
    assert.equal(kept().length, 2, kept().join()); // the second attempt made nothing
    const { code, out } = await cli(place, 'clean', '--older-than', '0h', '--yes');
    assert.equal(code, 0);
    assert.match(out, /^To be removed: 2 delegations, /);
    assert.deepEqual(kept(), ['refs/claude-kimi/of-somebody-else']);
  });

  it('clean: never work that is nowhere else, unless its branch is named', async () => {
    world.git('branch', '-D', 'feature/greeting');
    const all = await cli(place, 'clean', '--older-than', '0h', '--yes');
    assert.equal(all.code, 0);
    assert.match(
      all.out,
      /^Nothing to remove[\s\S]*Kept, because the work is nowhere else: 1 delegation\. To remove one, name its branch\.\n {2}feature\/greeting {2}its branch or repository is gone/,
    );
    assert.match((await cli(place, 'list')).out, /feature\/greeting +branch removed/);
    assert.match((await cli(place, 'clean', 'feature/other', '--older-than', '0h')).err, /^There is nothing to remove of feature\/other\./);
    const elsewhere = anotherOfThatName();
    const named = await cli(place, 'clean', 'feature/greeting', '--older-than', '0h', '--yes', '--json');
    const done = cleanSchema.parse(JSON.parse(named.out));
    assert.deepEqual([named.code, done.removed, done.items.length, done.kept.length], [0, true, 1, 1]);
    assert.equal(existsSync(done.items[0]!.folder), false);
    assert.ok(existsSync(elsewhere), 'work of another repository on a branch of that name');
    assert.match(named.err, /feature\/greeting of \/gone/);
  });

  /** The same work as that of a repository whose disk is away. */
  function anotherOfThatName(): string {
    const all = path.join(world.state, 'delegations');
    const [id] = readdirSync(all);
    const other = id!.replaceAll(/./g, (sign) => (sign === 'a' ? 'b' : 'a'));
    cpSync(path.join(all, id!), path.join(all, other), { recursive: true });
    const file = path.join(all, other, 'delegation.json');
    const identity = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...identity, id: other, commonDir: '/gone/.git', repository: '/gone' }));
    return path.join(all, other);
  }
});
