import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { BRANCH, commit, userFiles } from './checkouts.ts';
import { finish, gitIn, makeRepository, makeWorld, read, run, task, type World, write, writeIn } from './world.ts';

const tool = (name: string, args: Record<string, unknown>): Turn => ({ calls: [{ name, args }] });
const withFiles = ['-c', 'protocol.file.allow=always'];

describe('submodules', () => {
  let world: World;
  let outer: string;
  afterEach(() => world.close());

  /** outer has lib (a repository with a submodule of its own, deep) at lib. */
  async function open(script: Parameters<typeof makeWorld>[0]): Promise<void> {
    world = await makeWorld(script);
    const [lib, deep] = ['lib-source', 'deep-source'].map((name) => path.join(world.folder, name)) as [string, string];
    outer = path.join(world.folder, 'outer');
    for (const folder of [lib, deep, outer]) makeRepository(folder);
    commit(deep, 'deep.txt', 'deep\n');
    gitIn(lib, ...withFiles, 'submodule', 'add', '-q', deep, 'deep');
    writeIn(lib, '.env', 'TOKEN=sk-of-the-library-12345\n');
    commit(lib, 'lib.txt', 'of the library\n');
    gitIn(outer, ...withFiles, 'submodule', 'add', '-q', '--name', 'the lib', lib, 'vendor/lib');
    gitIn(outer, ...withFiles, 'submodule', 'update', '-q', '--init', '--recursive');
    gitIn(outer, 'commit', '-q', '-m', 'Submodule');
  }
  const messagesOf = (request: number): { role: string; content: string }[] =>
    JSON.parse(world.kimi.requests[request]?.body.toString() ?? '{"messages":[]}').messages;
  const said = (step: number) => messagesOf(step).findLast(({ role }) => role === 'tool')?.content ?? '';
  async function delegate(root = outer, more: Record<string, unknown> = {}): Promise<string> {
    const before = await userFiles({ root });
    const server = await world.another({ roots: [world.folder] });
    const report = await server.call('implement_feature', task({ repo: root }, BRANCH, more));
    assert.deepEqual(await userFiles({ root }), before);
    return report;
  }

  it('keep back what their own .kimiignore names, in the commit, in the checkout and in one within another', async () => {
    await open([
      run('cat vendor/lib/people.csv vendor/lib/notes/a.txt vendor/lib/deep/plan.txt vendor/lib/deep/deep.txt people.csv'),
      read('vendor/lib/people.csv'),
      tool('search', { pattern: 'secret-' }),
      finish(),
    ]);
    const put = (repo: string, name: string, text: string) => {
      for (const [key, value] of [
        ['name', 'Ann'],
        ['email', 'ann@example.org'],
      ] as const)
        gitIn(repo, 'config', `user.${key}`, value);
      commit(repo, name, text);
    };
    const lib = path.join(outer, 'vendor/lib');
    put(path.join(lib, 'deep'), 'plan.txt', 'secret-plan of theirs\n');
    put(path.join(lib, 'deep'), '.kimiignore', '/plan.txt\n');
    for (const [name, text] of [
      ['people.csv', 'secret-people of theirs\n'],
      ['notes/a.txt', 'secret-notes of theirs\n'],
      ['.kimiignore', 'people.csv\n'],
    ] as const)
      put(lib, name, text);
    gitIn(outer, 'add', 'vendor/lib');
    commit(outer, 'people.csv', 'open-people of ours\n');
    writeIn(lib, '.kimiignore', 'people.csv\nnotes/\n');
    await delegate();
    assert.match(said(1), /deep\n.*open-people of ours/s);
    for (const request of world.kimi.requests) assert.doesNotMatch(request.body.toString(), /secret-(people|notes|plan) of theirs/);
  });

  it('have their files in commands, checks and the reading tools; nothing is written into them by a tool', async () => {
    await open([
      run('cat vendor/lib/lib.txt vendor/lib/deep/deep.txt; cat vendor/lib/.env; git status --short'),
      read('vendor/lib/lib.txt'),
      tool('list_files', { path: 'vendor/lib' }),
      tool('search', { pattern: 'of the library' }),
      tool('search', { pattern: 'of the library', glob: 'vendor/lib' }),
      write('vendor/lib/new.txt', 'new\n'),
      tool('edit_file', { path: 'vendor/lib/lib.txt', edits: [{ old_text: 'of', new_text: 'for' }] }),
      write('vendor/lib', 'no folder any more\n'),
      write('vendor/mine.txt', 'mine\n'),
      finish(),
    ]);
    const report = await delegate(outer, { checks: ['cat vendor/lib/lib.txt vendor/lib/deep/deep.txt'] });
    assert.match(messagesOf(0).at(-1)?.content ?? '', /# Submodules\n.*: vendor\/lib\n/);
    assert.match(said(1), /of the library\ndeep\n\[withheld\]\n*$/);
    assert.match(said(2), /of the library/);
    assert.match(said(3), /in vendor\/lib \(in a submodule, one level\):\n.*deep\/.*lib\.txt/s);
    assert.match(said(4), /^vendor\/lib\/lib\.txt:1: of the library$/m);
    assert.match(said(5), /^vendor\/lib\/lib\.txt:1: of the library$/m);
    for (const step of [6, 7, 8])
      assert.match(said(step), /is in the submodule vendor\/lib, a repository of its own.*Solve it in files outside/);
    assert.match(said(9), /Created vendor\/mine\.txt/);
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /pass then pass\nwarnings: 0 blocking, 1 note\n {2}vendor\/mine\.txt a generated file/);
    assert.equal(gitIn(outer, 'diff', '--name-only', `main..${BRANCH}`), 'vendor/mine.txt');
  });

  it('are filled from the start: a command that does it is set-up among the checks, and needs no way into the folder of git', async () => {
    await open([write('done.txt', 'done\n'), finish()]);
    const fill = 'git submodule update --init --recursive';
    const report = await delegate(outer, { checks: [fill, `${fill} && test -s vendor/lib/deep/deep.txt && test -s done.txt`] });
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.match(report, /git submodule update --init --recursive {2}pass then pass {3}installed, proves nothing/);
  });

  it('what commands change in them is told; what they build there is a note', async () => {
    await open([
      run(
        'echo changed > vendor/lib/lib.txt; rm vendor/lib/deep/deep.txt; echo o > vendor/lib/lib.o; touch vendor/lib/README.md; echo x > x.txt',
      ),
      finish(),
    ]);
    const report = await delegate();
    assert.equal(field(report, 'outcome'), 'needs_review', report);
    assert.match(report, /! the submodule vendor\/lib is a repository of its own.*left out: vendor\/lib\/lib\.txt\n/);
    assert.match(report, /! the submodule vendor\/lib\/deep is .*: vendor\/lib\/deep\/deep\.txt\n/);
    assert.match(report, / {2}new files in the submodule vendor\/lib are not on the branch: vendor\/lib\/lib\.o\n/);
    assert.equal(gitIn(outer, 'diff', '--name-only', `main..${BRANCH}`), 'x.txt');
  });

  it('a link in their place is neither written nor read through, and told', async () => {
    await open([run('mv vendor/lib /tmp/away; ln -s /etc vendor/lib; echo x > x.txt'), write('vendor/lib/y.txt', 'y\n'), finish()]);
    const report = await delegate();
    assert.match(report, /! the submodule vendor\/lib is .*left out: vendor\/lib\n/);
    assert.equal(gitIn(outer, 'diff', '--name-only', `main..${BRANCH}`), 'x.txt');
  });

  it('are filled from the objects of the repository where a worktree of Claude has them empty', async () => {
    await open([run('cat vendor/lib/lib.txt vendor/lib/deep/deep.txt'), write('done.txt', 'done\n'), finish()]);
    const at = path.join(outer, '.claude/worktrees/fox');
    gitIn(outer, 'worktree', 'add', '-q', '-b', 'worktree-fox', at);
    const server = await world.another({ roots: [world.folder] });
    await server.call('implement_feature', task({ repo: at }, BRANCH));
    assert.match(said(1), /of the library\ndeep/);
  });

  it('that were never fetched stay empty as outside, with a note', async () => {
    await open([run('ls vendor/lib | wc -l'), write('done.txt', 'done\n'), finish()]);
    const root = path.join(world.folder, 'clone');
    gitIn(world.folder, 'clone', '-q', `file://${outer}`, root);
    const report = await delegate(root, { checks: ['cat README.md'] });
    assert.match(said(1), /\n0\n?$/);
    const told = messagesOf(1).filter(({ content }) => /^\[note\] The submodule vendor\/lib is empty here/.test(content));
    assert.equal(told.length, 1, JSON.stringify(messagesOf(1).slice(-3)));
    assert.match(report, /1 note\n {2}the submodule vendor\/lib was empty.*git submodule update --init -- vendor\/lib/);
    assert.equal(field(report, 'outcome'), 'ready', report);
  });

  it('whose commit is not here, though the checkout has files, leave the result to a review', async () => {
    await open([write('done.txt', 'done\n'), finish()]);
    gitIn(outer, 'update-index', '--cacheinfo', `160000,${'1'.repeat(40)},vendor/lib`);
    gitIn(outer, 'commit', '-q', '-m', 'A commit that was not pushed');
    const report = await delegate(outer, { checks: ['cat README.md'] });
    assert.equal(field(report, 'outcome'), 'needs_review', report);
    assert.match(report, /! the submodule vendor\/lib was empty for commands and checks: its commit 1111111/);
  });

  it('a pointer to a repository elsewhere brings nothing of it', async () => {
    await open([run('ls -a vendor/lib'), write('done.txt', 'done\n'), finish()]);
    const secret = path.join(world.folder, 'private');
    makeRepository(secret);
    commit(secret, 'secret.txt', 'secret\n');
    rmSync(path.join(outer, '.git/modules'), { recursive: true });
    writeIn(outer, 'vendor/lib/.git', `gitdir: ${secret}/.git\n`);
    gitIn(outer, 'update-index', '--cacheinfo', `160000,${gitIn(secret, 'rev-parse', 'HEAD')},vendor/lib`);
    gitIn(outer, 'commit', '-q', '-m', 'Evil');
    await delegate();
    assert.doesNotMatch(said(1), /secret/);
    assert.equal(readFileSync(path.join(secret, 'secret.txt'), 'utf8'), 'secret\n');
  });
});
