import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { cloned, commit } from './checkouts.ts';
import { finish, gitIn, makeWorld, run, task, type World, write } from './world.ts';

const BRANCH = 'feature/refs';

describe('branches and tags of the repository, inside', () => {
  let world: World;
  afterEach(() => world.close());
  const said = (step: number): string =>
    JSON.parse(world.kimi.requests[step]?.body.toString() ?? '{}').messages.findLast((one: { role: string }) => one.role === 'tool')
      .content;

  it('are what tools ask for: describe, a range from main, a remote; in commands and in checks', async () => {
    world = await makeWorld([
      write('done.txt', 'done\n'),
      run(
        'git describe; git describe --tags --abbrev=0; git log --format=%s main..; git diff --name-only main; git log --format=%s --tags -1',
      ),
      run('git rev-parse --abbrev-ref origin/HEAD; git merge-base HEAD origin/main; git branch -a --format="%(refname)"; git status -sb'),
      run('echo x >> "$(git rev-parse --git-dir)/packed-refs"; echo $?; git rev-parse main'),
      finish(),
    ]);
    commit(world.repo, 'two.txt', 'two\n');
    world.git('tag', '-a', '-m', 'One', 'v1.0.0');
    world.git('tag', 'light', 'HEAD~1');
    commit(world.repo, 'three.txt', 'three\n');
    world.git('tag', BRANCH, 'HEAD~1');
    world.git('update-ref', 'refs/tags/HEAD', 'HEAD~1');
    world.git('branch', 'topic/one');
    const { root } = cloned(world);
    gitIn(root, 'pack-refs', '--all');
    const before = gitIn(root, 'for-each-ref');
    const main = gitIn(root, 'rev-parse', 'main');
    const server = await world.another({ roots: [world.folder] });
    const report = await server.call(
      'implement_feature',
      task({ repo: root }, BRANCH, {
        checks: ['git describe && git diff --name-only main | tee /tmp/names && git log --format=%s main..HEAD'],
      }),
    );
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(said(2), /^exit 0.*\nv1\.0\.0-1-g[0-9a-f]{7}\nv1\.0\.0\n(Change|First)/s);
    assert.doesNotMatch(said(2), /ambiguous|warning|fatal/);
    assert.match(
      said(3),
      new RegExp(
        `\norigin/main\n${main}\nrefs/heads/${BRANCH}\nrefs/heads/main\nrefs/remotes/origin/HEAD\n.*refs/remotes/origin/topic/one\n`,
        's',
      ),
    );
    assert.match(said(4), new RegExp(`Read-only file system\n1\n${main}`), 'they are read-only');
    assert.equal(gitIn(root, 'for-each-ref').replace(/^.*refs\/heads\/feature\/refs\n/m, ''), before);
    assert.equal(path.basename(root), 'clone');
  });

  it('cannot be written by scripts either, whoever is told so: a stash says nothing of it itself', async () => {
    world = await makeWorld([
      write('keep.sh', 'git stash push -q\n'),
      run('sh keep.sh'),
      write('stage.sh', 'echo y | git add -p\n'),
      run('echo more >> src/greet.txt; sh stage.sh'),
      finish(),
    ]);
    await world.server.call('implement_feature', task(world, BRANCH));
    assert.match(said(2), /^exit 1.*\n\[git stash, which a script calls, fails here without a word; .*git diff > \/tmp\/change\.patch/);
    assert.match(said(4), /^exit 0.*\n\[git's own files are read-only here, also for scripts: .*git diff > \/tmp\/change\.patch/);
  });

  it('many of them', async () => {
    world = await makeWorld([
      write('done.txt', 'done\n'),
      run('git for-each-ref | wc -l; git rev-parse -q --verify tag-1999 | wc -l'),
      finish(),
    ]);
    const head = world.git('rev-parse', 'HEAD');
    const lines = Array.from({ length: 2000 }, (_, n) => `create refs/tags/tag-${n} ${head}\n`).join('');
    world.git('pack-refs', '--all');
    execFileSync('git', ['-C', world.repo, 'update-ref', '--stdin'], { input: lines });
    const report = await world.server.call('implement_feature', task(world, BRANCH));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(said(2), /\n2002\n1$/);
  });
});
