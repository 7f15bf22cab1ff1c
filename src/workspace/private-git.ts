/** The private git dir of a delegation, made by hand: no git process, no template, no hook, nothing of the user's that runs. */
import { chmod, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readRules } from '../common/read-plain-file.ts';
import { shownObjects } from '../sandbox/bubblewrap-arguments.ts';
import { contentFilters, lendLfsStore } from './content-filters.ts';
import { outsideRules } from './git-config.ts';
import { removeTree } from './remove-tree.ts';
import type { PrivateGit, Repository } from './types.ts';

export type { PrivateGit } from './types.ts';

/**
 * What is taken over from the user's configuration: only settings that decide how bytes become files.
 * Not core.safecrlf: where it is `true`, git refuses a file with mixed line ends and the work would be lost.
 */
const COPIED_SETTINGS = ['autocrlf', 'eol', 'ignorecase', 'precomposeunicode', 'filemode', 'symlinks', 'longpaths'];

export interface PrivateGitPlan {
  /** Where to make it: a folder that does not exist yet (or is empty). */
  readonly dir: string;
  readonly repository: Repository;
  readonly branch: string;
  /** The commit that the branch begins at; an object of the user's repository. */
  readonly commit: string;
  /** Whether commands see an index of their own (`shown-index.ts`). */
  readonly hasShownIndex?: boolean;
  /** Written as user.name and user.email, for commands that look. */
  readonly identity?: { readonly name: string; readonly email: string } | null;
}

/**
 * Makes the git dir, or writes an existing one anew (its objects and index stay). `sandbox-alternates` in it is to be shown in place of `objects/info/alternates` inside the sandbox.
 */
export async function createPrivateGit(plan: PrivateGitPlan): Promise<PrivateGit> {
  const { dir, repository } = plan;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await removeLeftovers(dir);
  const ref = branchFile(dir, plan.branch);
  await Promise.all([...['objects/info', 'objects/pack', 'info', 'hooks'].map((name) => join(dir, name)), dirname(ref)].map(makeFolder));
  const [exclude, attributes, lfs] = await Promise.all([
    outsideRules(repository, 'exclude'),
    outsideRules(repository, 'attributes'),
    lendLfsStore(dir, repository),
  ]);
  await Promise.all([
    writeFile(join(dir, 'HEAD'), `ref: refs/heads/${plan.branch}\n`),
    writeFile(join(dir, 'config'), configText(plan)),
    writeFile(join(dir, 'objects/info/alternates'), [...repository.objectDirs, ...lfs].map((path) => `${quoteAlternate(path)}\n`).join('')),
    writeFile(join(dir, 'sandbox-alternates'), repository.objectDirs.map((_, index) => `${shownObjects(index)}\n`).join('')),
    writeFile(ref, `${plan.commit}\n`),
    lendRefs(plan),
    writeFile(join(dir, 'info/exclude'), exclude, 'latin1'),
    writeFile(join(dir, 'info/attributes'), attributes, 'latin1'),
    repository.shallow ? writeFile(join(dir, 'shallow'), readRules(join(repository.commonDir, 'shallow'))) : undefined,
  ]);
  const { objectFormat } = repository;
  const gitDir = await realpath(dir);
  const own = plan.hasShownIndex ? { ownIndex: join(gitDir, 'checkpoint-index') } : {};
  return { gitDir, ...own, branch: plan.branch, objectFormat, filters: contentFilters(repository) };
}

/**
 * The user's branches and tags, as tools ask for them (`git describe`, `--since main`). Not the branch of the work, what is in the way of its
 * name, or what makes the name of it or of HEAD ambiguous.
 */
async function lendRefs({ dir, repository, branch }: PrivateGitPlan): Promise<void> {
  const own = `refs/heads/${branch}`;
  const isLent = (name: string) =>
    name !== own &&
    !name.startsWith(`${own}/`) &&
    !own.startsWith(`${name}/`) &&
    name !== `refs/tags/${branch}` &&
    !/^refs\/\w+\/HEAD$/.test(name);
  const lent = [...repository.refs].filter(([name]) => isLent(name));
  const packed = lent.filter(([, value]) => !value.startsWith('ref: ')).map(([name, id]) => `${id} ${name}\n`);
  await writeFile(join(dir, 'packed-refs'), packed.join(''));
  // Only a remote's default branch is symbolic in a usual repository, and packed-refs holds none.
  for (const [name, value] of lent.filter(([name, target]) => target.startsWith('ref: ') && name.startsWith('refs/remotes/'))) {
    await makeFolder(dirname(join(dir, name)));
    await writeFile(join(dir, name), `${value}\n`);
  }
}

/** Only a process that was killed can have left lock files and temporary indexes, because the caller holds the delegation's lease. */
async function removeLeftovers(gitDir: string): Promise<void> {
  const names = await readdir(gitDir);
  const leftovers = names.filter((name) => name.endsWith('.lock') || name.startsWith('snapshot-') || name.startsWith('sharedindex.'));
  await Promise.all(leftovers.map((name) => rm(join(gitDir, name), { force: true })));
}

/** Points the working tree at the private git dir, whatever stood at `.git` before. */
export async function attachWorkTree(privateGit: PrivateGit, workTree: string): Promise<void> {
  const pointer = join(workTree, '.git');
  const text = `gitdir: ${privateGit.gitDir}\n`;
  await writeFile(pointer, text, { flag: 'wx' }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    await chmod(workTree, 0o700);
    removeTree(pointer);
    await writeFile(pointer, text, { flag: 'wx' });
  });
}

/**
 * Keeps the tree of a step from garbage collection, whoever runs it there. A step that is done again gets another one: the first stays.
 * The file of a ref is written by hand, as a git process for each step would cost more than the step.
 */
export async function keepTree(privateGit: PrivateGit, attempt: number, step: number, tree: string): Promise<void> {
  const folder = stepsFolder(privateGit, attempt);
  await mkdir(folder, { recursive: true });
  const ref = join(folder, `${String(step).padStart(4, '0')}-${tree.slice(0, 12)}`);
  await writeFile(`${ref}.lock`, `${tree}\n`);
  await rename(`${ref}.lock`, ref);
}

/** Where the refs of the steps of an attempt lie. */
export function stepsFolder({ gitDir }: PrivateGit, attempt: number): string {
  return join(gitDir, 'refs/steps', String(attempt));
}

/** Forgets what the working tree was last like; an index that a crash of the machine left unreadable would stop every command. */
export async function removeIndex(privateGit: PrivateGit): Promise<void> {
  await Promise.all([privateGit.ownIndex, join(privateGit.gitDir, 'index')].map((path) => path && rm(path, { force: true })));
}

function branchFile(gitDir: string, branch: string): string {
  if (branch.split('/').some((part) => part === '' || part.startsWith('.'))) throw new Error(`not a branch name: ${branch}`);
  return join(gitDir, 'refs/heads', branch);
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
}

function configText({ repository, identity }: PrivateGitPlan): string {
  const newFormat = repository.objectFormat === 'sha256';
  const core = COPIED_SETTINGS.flatMap((name) => {
    const value = repository.config.get(`core.${name}`);
    return value === undefined ? [] : [`\t${name} = ${quoteValue(value)}`];
  });
  return [
    '[core]',
    `\trepositoryformatversion = ${newFormat ? 1 : 0}`,
    '\tbare = false',
    '\tlogallrefupdates = false',
    '\tsafecrlf = false',
    // Refuse file names that are `.git` in disguise on other systems, whatever system this is.
    '\tprotectHFS = true',
    '\tprotectNTFS = true',
    ...core,
    ...(newFormat ? ['[extensions]', '\tobjectformat = sha256'] : []),
    ...(identity ? ['[user]', `\tname = ${quoteValue(identity.name)}`, `\temail = ${quoteValue(identity.email)}`] : []),
    '',
  ].join('\n');
}

function quoteValue(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\0', '')}"`;
}

/** Paths that a plain line cannot carry are written as git reads them: like a C string. */
function quoteAlternate(path: string): string {
  if (!/^["#]|\n/.test(path)) return path;
  return `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
