import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../../src/workspace/checkout.ts';
import { checkpoint } from '../../src/workspace/checkpoint.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';
import { attachWorkTree, createPrivateGit } from '../../src/workspace/private-git.ts';
import { writeShownIndex } from '../../src/workspace/shown-index.ts';
import type { PrivateGit, Repository, UserEnvironment } from '../../src/workspace/types.ts';
import { writeCommit } from '../../src/workspace/write-commit.ts';
import { keepFolder, putFolder } from '../fakes/kept-folder.ts';
import { english } from '../messages/english.ts';

const run = promisify(execFile);

export const IDENTITY = { name: 'Ada', email: 'ada@example.org', date: '1700000000 +0000' };

/** A folder with a home, a user's repository with one commit, and room for what a test makes. */
export interface World {
  readonly root: string;
  readonly repo: string;
  readonly user: UserEnvironment;
  /** Runs git as the user would, in the repository. */
  git(...args: string[]): Promise<string>;
  gitIn(cwd: string, ...args: string[]): Promise<string>;
  write(path: string, content: string | Uint8Array): Promise<void>;
  remove(): Promise<void>;
}

export async function makeWorld(options: { folder?: string; initArgs?: string[] } = {}): Promise<World> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'ckm-workspace-')));
  const repo = join(root, options.folder ?? 'repo');
  const home = join(root, 'home');
  await Promise.all([mkdir(repo, { recursive: true }), mkdir(home)]);
  await writeFile(join(home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n');
  const env = { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1', GIT_EDITOR: 'true', LC_ALL: 'C.UTF-8' };
  const gitIn = async (cwd: string, ...args: string[]) => (await run('git', args, { cwd, env, maxBuffer: 1 << 26 })).stdout;
  const world: World = {
    root,
    repo,
    user: { home, xdgConfigHome: null },
    gitIn,
    git: (...args) => gitIn(repo, ...args),
    write: (path, content) => put(join(repo, path), content),
    remove: () => rm(root, { recursive: true, force: true }),
  };
  const isUsual = (options.initArgs ?? []).length === 0;
  if (isUsual && usual) {
    putFolder(usual, repo);
    await world.git('update-index', '-q', '--refresh'); // the times of its files are others
    return world;
  }
  await world.git('init', '-q', ...(options.initArgs ?? []));
  await world.write('README.md', '# Sample\n');
  await world.write('src/app.ts', 'export const answer = 41;\n');
  await world.write('.gitignore', 'ignored/\n*.log\n');
  await world.git('add', '-A');
  await world.git('commit', '-q', '-m', 'first');
  if (isUsual) usual = keepFolder(repo);
  return world;
}

/** The repository of most tests, as the first one made it. */
let usual: ReturnType<typeof keepFolder> | null = null;

export async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

export async function open(world: World, path = world.repo): Promise<Repository> {
  const opening = await openRepository(path, world.user);
  if (!opening.ok) throw new Error(english(opening.reason));
  return opening.repository;
}

export interface Workspace {
  readonly repository: Repository;
  readonly privateGit: PrivateGit;
  readonly workTree: string;
  readonly base: string;
}

/** A delegation's workspace on `branch`, checked out. */
export async function makeWorkspace(world: World, branch = 'kimi/work', from = world.repo): Promise<Workspace> {
  const repository = await open(world, from);
  const base = repository.head.commit;
  const name = branch.replaceAll('/', '-');
  const dir = join(world.root, `${name}.git`);
  const privateGit = await createPrivateGit({ dir, repository, branch, commit: base, hasShownIndex: true });
  const workTree = join(world.root, `${name}-tree`);
  await mkdir(workTree);
  const result = await checkout(privateGit, workTree, base);
  if (!result.ok) throw new Error(english(result.reason));
  await writeShownIndex(privateGit, workTree, base);
  await attachWorkTree(privateGit, workTree);
  return { repository, privateGit, workTree, base };
}

/** Makes a commit of what stands in the working tree. @returns its id */
export async function commitWork({ privateGit, workTree, base }: Workspace): Promise<string> {
  const { tree } = await checkpoint(privateGit, workTree, base);
  return writeCommit(privateGit, { tree, parents: [base], message: 'work', identity: IDENTITY });
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

export async function text(path: string): Promise<string> {
  return readFile(path, 'utf8');
}

/**
 * Sets every trap that a repository can lay: hooks, a file system monitor, content filters, diff drivers, pager, signing program. Whatever
 * springs one appends its name to the file whose path is returned.
 */
export async function layTraps(world: World): Promise<string> {
  const marker = join(world.root, 'sprung');
  const script = join(world.root, 'trap.sh');
  await writeFile(script, `#!/bin/sh\necho "$0 $*" >> '${marker}'\ncat\n`);
  await chmod(script, 0o755);
  const hooks = join(world.repo, '.git/hooks');
  await mkdir(hooks, { recursive: true });
  for (const hook of [
    'pre-commit',
    'post-checkout',
    'post-commit',
    'reference-transaction',
    'post-index-change',
    'post-rewrite',
    'pre-auto-gc',
  ]) {
    await writeFile(join(hooks, hook), `#!/bin/sh\necho ${hook} >> '${marker}'\n`);
    await chmod(join(hooks, hook), 0o755);
  }
  const settings: Record<string, string> = {
    'core.fsmonitor': script,
    'filter.trap.clean': script,
    'filter.trap.smudge': script,
    'filter.trap.required': 'true',
    'diff.external': script,
    'diff.trap.textconv': script,
    'diff.trap.command': script,
    'merge.trap.driver': script,
    'core.pager': script,
    'core.sshCommand': script,
    'core.editor': script,
    'gpg.program': script,
    'commit.gpgSign': 'true',
    'credential.helper': script,
  };
  // One write, as each `git config` with a monitor set could spring it.
  const text = Object.entries(settings).map(([key, value]) => configEntry(key, value));
  await writeFile(join(world.repo, '.git/config'), text.join(''), { flag: 'a' });
  return marker;
}

function configEntry(key: string, value: string): string {
  const first = key.indexOf('.');
  const last = key.lastIndexOf('.');
  const section = first === last ? `[${key.slice(0, first)}]` : `[${key.slice(0, first)} "${key.slice(first + 1, last)}"]`;
  return `${section}\n\t${key.slice(last + 1)} = ${value}\n`;
}

/** The branches `topic` and `main` (checked out) change a file, each in its way. */
export async function diverge(world: World, file: string, topic: string, main: string): Promise<void> {
  await world.git('checkout', '-q', '-b', 'topic');
  await world.write(file, topic);
  await world.git('commit', '-q', '-am', 'topic');
  await world.git('checkout', '-q', 'main');
  await world.write(file, main);
  await world.git('commit', '-q', '-am', 'main');
}
