import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fingerprint } from '../fakes/fingerprint.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, gitIn, makeRepository, run, task, type World, write, writeIn } from './world.ts';

export const BRANCH = 'feature/work';

export const SCRIPT = [write('done.txt', 'done\n'), run('cat done.txt src/greet.txt; git status --short; git log --oneline'), finish()];

/** Where a state puts the checkout that is worked on, and what else belongs to the user. */
export interface Place {
  /** repo_path of the call. */
  at?: string;
  /** The folder of the repository that repo_path names. */
  folder?: string;
  /** The repository, when it is not the world's own. */
  root?: string;
  /** Further folders of the user that must not change. */
  others?: string[];
}

/** States of a checkout, made with git as a user would. Each ends a delegation well and is left byte for byte as it was. */
export const STATES: Record<string, (world: World) => Place | undefined> = {
  clean: () => undefined,
  dirty(world) {
    makeDirty(world.repo);
    return undefined;
  },
  staged(world) {
    makeDirty(world.repo);
    world.git('add', 'src/greet.txt', 'notes.md');
    world.write('src/greet.txt', 'staged, then changed again\n');
    world.git('rm', '-q', '--cached', 'README.md');
    return undefined;
  },
  'with stashes'(world) {
    world.write('src/greet.txt', 'stashed\n');
    world.git('stash');
    world.write('src/other.txt', 'stashed too\n');
    world.git('stash');
    return undefined;
  },
  detached(world) {
    world.git('checkout', '-q', '--detach');
    return undefined;
  },
  'mid-rebase'(world) {
    makeConflict(world);
    fails(() => world.git('rebase', 'theirs'));
    return undefined;
  },
  'mid-merge'(world) {
    makeConflict(world);
    fails(() => world.git('merge', 'theirs'));
    return undefined;
  },
  'mid-cherry-pick'(world) {
    makeConflict(world);
    fails(() => world.git('cherry-pick', 'theirs'));
    return undefined;
  },
  bisecting(world) {
    for (const word of ['one', 'two', 'three', 'four']) commit(world.repo, 'count.txt', `${word}\n`);
    world.git('bisect', 'start', 'HEAD', 'HEAD~4');
    return undefined;
  },
  'a linked worktree'(world) {
    const at = path.join(world.folder, 'linked');
    world.git('worktree', 'add', '-q', '-b', 'side', at);
    makeDirty(at);
    return { at, others: [at] };
  },
  "Claude's own worktree"(world) {
    const at = path.join(world.repo, '.claude', 'worktrees', 'brave-fox');
    world.git('worktree', 'add', '-q', '-b', 'worktree-brave-fox', at);
    commit(at, 'src/claude.txt', 'by Claude\n');
    return { at };
  },
  'a subdirectory given': (world) => ({ at: path.join(world.repo, 'src'), folder: 'src' }),
  'a symbolic link given'(world) {
    const at = path.join(world.folder, 'link');
    symlinkSync(world.repo, at);
    return { at };
  },
  'a shallow clone'(world) {
    commit(world.repo, 'second.txt', 'second\n');
    return cloned(world, '--depth', '1');
  },
  'a clone that borrows objects': (world) => cloned(world, '--shared'),
  'a git dir elsewhere'(world) {
    const root = path.join(world.folder, 'separate');
    gitIn(world.folder, 'clone', '-q', '--separate-git-dir', path.join(world.folder, 'separate-git'), `file://${world.repo}`, root);
    gitIn(root, 'config', 'user.name', 'Ann');
    gitIn(root, 'config', 'user.email', 'ann@example.org');
    return { root };
  },
  'a tag, a branch and a remote branch named HEAD, and tags named like branches'(world) {
    commit(world.repo, 'second.txt', 'second\n');
    for (const ref of ['refs/tags/HEAD', 'refs/heads/HEAD', 'refs/remotes/HEAD', 'refs/tags/main', `refs/tags/${BRANCH}`])
      world.git('update-ref', ref, world.git('rev-list', '--max-parents=0', 'refs/heads/main'));
    return undefined;
  },
  'a worktree in a folder with a bare repository'(world) {
    const folder = path.join(world.folder, 'project');
    gitIn(world.folder, 'clone', '-q', '--bare', world.repo, path.join(folder, '.bare'));
    writeIn(folder, '.git', 'gitdir: ./.bare\n');
    const root = path.join(folder, 'main');
    gitIn(folder, 'worktree', 'add', '-q', root, 'main');
    gitIn(root, 'config', 'user.name', 'Ann');
    gitIn(root, 'config', 'user.email', 'ann@example.org');
    return { root };
  },
  'a clone without blobs'(world) {
    world.git('config', 'uploadpack.allowFilter', 'true');
    commit(world.repo, 'src/greet.txt', 'hello again\n');
    return cloned(world, '--filter=blob:none');
  },
  'a sparse checkout'(world) {
    commit(world.repo, 'docs/guide.md', 'guide\n');
    const place = cloned(world);
    gitIn(place.root, 'sparse-checkout', 'set', '--cone', '--sparse-index', 'docs');
    assert.ok(!existsSync(path.join(place.root, 'src')));
    return place;
  },
  'a submodule'(world) {
    const outer = path.join(world.folder, 'outer');
    makeRepository(outer);
    gitIn(outer, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', world.repo, 'inner');
    gitIn(outer, 'commit', '-q', '-m', 'Submodule');
    const root = path.join(outer, 'inner');
    return { root, others: [outer] };
  },
  'packed refs, a split index and an untracked cache'(world) {
    world.git('branch', 'old');
    world.git('tag', 'v1');
    world.git('gc', '-q');
    world.git('update-index', '--split-index', '--untracked-cache');
    makeDirty(world.repo);
    return undefined;
  },
  'files that git has not looked at since they were touched'(world) {
    execFileSync('touch', ['-d', '2020-01-01', path.join(world.repo, 'src/greet.txt')]);
    return undefined;
  },
  sha256(world) {
    const root = path.join(world.folder, 'sha256');
    mkdirSync(root);
    gitIn(root, 'init', '-q', '-b', 'main', '--object-format=sha256');
    makeRepository(root);
    return { root };
  },
};

/** Everything of the user's that must stay, but the one new branch with its reflog. */
export async function userFiles(place: Required<Pick<Place, 'root'>> & Place): Promise<Record<string, Record<string, string>>> {
  const gitDir = path.resolve(place.root, gitIn(place.root, 'rev-parse', '--git-common-dir'));
  const prints: Record<string, Record<string, string>> = {};
  for (const folder of new Set([place.root, gitDir, ...(place.others ?? [])])) {
    const inside = path.relative(folder, gitDir);
    const may = ['objects', `refs/heads/${BRANCH}`, `logs/refs/heads/${BRANCH}`];
    prints[folder] = await fingerprint(folder, inside.startsWith('..') ? [] : may.map((name) => path.posix.join(inside, name)));
  }
  return prints;
}

/** Delegates in a prepared checkout and compares all of it before and after. */
export async function delegate(world: World, place: Place = {}, more: Record<string, unknown> = {}): Promise<string> {
  const root = place.root ?? world.repo;
  const head = gitIn(place.at ?? root, 'rev-parse', 'HEAD');
  const before = await userFiles({ ...place, root });
  const server = await world.another({ roots: [world.folder] });
  const report = await server.call('implement_feature', task({ repo: place.at ?? root }, BRANCH, more));
  assert.equal(field(report, 'outcome'), 'unverified', report);
  assert.deepEqual(await userFiles({ ...place, root }), before);
  assert.equal(gitIn(root, 'show', `refs/heads/${BRANCH}:${path.posix.join(place.folder ?? '', 'done.txt')}`), 'done');
  if (!more.include_uncommitted) assert.equal(gitIn(root, 'rev-parse', `refs/heads/${BRANCH}^`), head);
  assert.equal(gitIn(root, 'for-each-ref', 'refs/claude-kimi'), '');
  gitIn(root, 'fsck', '--no-dangling', '--no-progress');
  return report;
}

export function makeDirty(root: string): void {
  writeIn(root, 'src/greet.txt', 'changed, not committed\n');
  writeIn(root, 'notes.md', 'new, not committed\n');
  writeIn(root, 'README.md', '# Changed\n');
  writeIn(root, 'debug.log', 'ignored\n');
  rmSync(path.join(root, 'src/other.txt'));
}

/** Branches main (checked out) and theirs, which change the same line. */
export function makeConflict(world: World): void {
  world.git('checkout', '-q', '-b', 'theirs');
  commit(world.repo, 'src/greet.txt', 'theirs\n');
  world.git('checkout', '-q', 'main');
  commit(world.repo, 'src/greet.txt', 'ours\n');
}

export function commit(root: string, file: string, text: string): void {
  writeIn(root, file, text);
  gitIn(root, 'add', '-A');
  gitIn(root, 'commit', '-q', '-m', `Change ${file}`);
}

export function cloned(world: World, ...options: string[]): { root: string } {
  const root = path.join(world.folder, 'clone');
  gitIn(world.repo, 'clone', '-q', ...options, `file://${world.repo}`.slice(options.includes('--shared') ? 7 : 0), root);
  gitIn(root, 'config', 'user.name', 'Ann');
  gitIn(root, 'config', 'user.email', 'ann@example.org');
  return { root };
}

/** For the git commands that a conflict makes fail. */
export function fails(act: () => unknown): void {
  assert.throws(act);
}
