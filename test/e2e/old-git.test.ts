import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DIST, field } from '../fakes/mcp-client.ts';
import { finish, gitIn, makeWorld, run, task, type World } from './world.ts';

const PRELOAD = ['--require', path.join(import.meta.dirname, 'old-git.cjs')];

describe('a git that is old, or missing', function () {
  this.timeout(60_000);
  let world: World;
  afterEach(() => world?.close());
  const withGit = async (version: string) => {
    const scenario = [run('mv src/other.txt src/moved.txt && echo hello you > src/greet.txt'), finish()];
    world = await makeWorld(scenario, { env: { GIT_AS: version }, node: PRELOAD });
    return world;
  };
  const merge = (report: string) =>
    world.server.call('merge_delegation', { repo_path: world.repo, branch_name: 'feature/a', expected_tip: field(report, 'tip') });
  const scratch = () => readdirSync(tmpdir()).filter((name) => name.startsWith('claude-kimi-merge-'));

  it('2.34 delegates and merges, with what happened on both sides', async () => {
    const { server, repo, write: put, git } = await withGit('2.34.1');
    const report = await server.call('implement_feature', task(world, 'feature/a'));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    put('src/other.txt', 'other\nand more\n'); // follows the move that the branch made
    gitIn(repo, 'commit', '-aqm', 'Meanwhile');
    put('untracked.txt', 'mine\n');
    const merged = await merge(report);
    assert.equal(field(merged, 'outcome'), 'merged', merged);
    assert.equal(git('show', 'HEAD:src/greet.txt'), 'hello you');
    assert.equal(git('show', 'HEAD:src/moved.txt'), 'other\nand more');
    assert.equal(git('status', '--porcelain'), '?? untracked.txt');
    assert.deepEqual(scratch(), []);
  });

  it('2.34 refuses a conflict by the names of the files, and changes nothing', async () => {
    const { server, repo, write: put, git } = await withGit('2.34.1');
    const report = await server.call('implement_feature', task(world, 'feature/a'));
    put('src/greet.txt', 'good day\n');
    gitIn(repo, 'commit', '-aqm', 'Meanwhile');
    const head = git('rev-parse', 'HEAD');
    const refused = await merge(report);
    assert.notEqual(field(refused, 'outcome'), 'merged', refused);
    assert.match(refused, /src\/greet\.txt conflict/);
    assert.equal(git('rev-parse', 'HEAD'), head);
    assert.equal(git('status', '--porcelain'), '');
    assert.deepEqual(scratch(), []);
  });

  for (const [version, sentence] of [
    ['2.33.8', /git 2\.33\.8 \(.*\/git\) is too old: install git 2\.34 or newer/],
    ['1.8.3.1', /git 1\.8\.3\.1 \(.*\/git\) is too old/],
    ['none', /git was not found in \/usr\/bin, .*: install git 2\.34 or newer there/],
    ['broken', /does not tell its version \(xcode-select: note: .*\): install git 2\.34 or newer/],
  ] as const) {
    it(`${version} is told at the door: one sentence, once to the user, and the fallback`, async () => {
      const { server, kimi, home, repo } = await withGit(version);
      const report = await server.call('implement_feature', task(world, 'feature/a'));
      assert.equal(field(report, 'outcome'), 'environment_broken', report);
      assert.equal(field(report, 'fallback_needed'), 'true');
      assert.match(field(report, 'reason') ?? '', sentence);
      assert.match(field(report, 'notice_for_user') ?? '', sentence);
      const again = await server.call('fix_bug', { repo_path: repo, branch_name: 'fix/a', bug_description: 'It fails.' });
      assert.equal(field(again, 'outcome'), 'environment_broken');
      assert.equal(field(again, 'notice_for_user'), undefined);
      assert.equal(kimi.requests.length, 0);
      const env = { PATH: process.env.PATH, HOME: home, GIT_AS: version };
      const listed = spawnSync(process.execPath, [...PRELOAD, path.join(DIST, 'cli.js'), 'list', repo], { env, encoding: 'utf8' });
      assert.equal(listed.status, 1);
      assert.match(listed.stderr, sentence);
      assert.equal(listed.stderr.trim().split('\n').length, 1, listed.stderr);
    });
  }
});
