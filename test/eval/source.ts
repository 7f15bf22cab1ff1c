/** A repository with fixes: a copy of it that only the evaluation reads, and what its commits say. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { isTestPath } from '../../src/checks/test-files.ts';
import { say } from '../../src/messages/message.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';
import { git, runGit } from '../../src/workspace/run-git.ts';
import type { Repository } from '../../src/workspace/types.ts';
import { UserError } from './options.ts';

export interface Source {
  /** As the user named it. */
  readonly named: string;
  /** Short, for people and files. */
  readonly name: string;
  readonly repository: Repository;
}

export interface Commit {
  readonly id: string;
  readonly parents: readonly string[];
  readonly subject: string;
  readonly body: string;
  /** Changed files that hold tests or belong to them, and the others. */
  readonly tests: readonly string[];
  readonly others: readonly string[];
}

const NAME_CHARS = 80;

/** @param folder keeps the copies, from one evaluation to the next */
export async function openSource(named: string, folder: string): Promise<Source> {
  const isFolder = existsSync(named);
  const from = isFolder ? path.resolve(named) : named;
  const name =
    path
      .basename(from.replace(/[\\/]+$/, ''))
      .replace(/\.git$/, '')
      .replaceAll(/[^\w.-]/g, '-')
      .slice(0, NAME_CHARS) || 'repository';
  const copy = path.join(folder, `${name}-${createHash('sha256').update(from).digest('hex').slice(0, 8)}`);
  mkdirSync(folder, { recursive: true });
  // The user's own git, with their access; nothing is checked out, so nothing of the repository runs.
  const words = existsSync(copy)
    ? ['-C', copy, 'fetch', '-q', '--no-recurse-submodules', 'origin']
    : ['clone', '-q', '--no-checkout', '--', from, copy];
  const { status, stderr } = spawnSync('git', ['-c', 'core.hooksPath=/dev/null', ...words], {
    encoding: 'utf8',
    stdio: ['inherit', 'ignore', 'pipe'],
  });
  if (status !== 0)
    throw new UserError(
      `${named} cannot be read: ${stderr.trim().split('\n').at(-1) ?? ''}. Give --repository a path or a URL that git clone takes.`,
    );
  const opening = await openRepository(copy);
  if (!opening.ok) throw new UserError(`${named} cannot be read: ${say(opening.reason, 'en')}`);
  return { named, name, repository: opening.repository };
}

/** The commits to look at, the newest first; of those that are named the ones that this repository has. */
export async function commitsOf(
  source: Source,
  { commits, last }: { commits?: readonly string[] | undefined; last: number },
): Promise<string[]> {
  const where = { gitDir: source.repository.gitDir };
  if (!commits) {
    const listed = await git(['log', '--no-merges', '--format=%H', '-n', String(last), 'refs/remotes/origin/HEAD'], where).catch(() =>
      git(['log', '--no-merges', '--format=%H', '-n', String(last), 'HEAD'], where),
    );
    return listed.toString('latin1').split('\n').filter(Boolean);
  }
  const found = await Promise.all(commits.map((id) => commitIn(source, id)));
  return found.filter((id) => id !== null);
}

async function commitIn({ repository }: Source, id: string): Promise<string | null> {
  const words = ['rev-parse', '--verify', '-q', '--end-of-options', `${id}^{commit}`];
  const { code, stdout } = await runGit(words, { gitDir: repository.gitDir });
  return code === 0 ? stdout.toString('latin1').trim() : null;
}

/** Of several repositories, one has to have each commit. */
export async function assertCommits(sources: readonly Source[], commits: readonly string[]): Promise<void> {
  for (const id of commits) {
    const found = await Promise.all(sources.map((source) => commitIn(source, id)));
    if (found.every((one) => one === null))
      throw new UserError(`There is no commit ${id} in ${sources.map(({ named }) => named).join(', ')}.`);
  }
}

export async function readCommit({ repository }: Source, id: string): Promise<Commit> {
  const where = { gitDir: repository.gitDir };
  const told = (await git(['log', '-1', '--format=%P%x00%s%x00%b', id], where)).toString('utf8');
  const [parents = '', subject = '', body = ''] = told.split('\0');
  const parent = parents.split(' ').filter(Boolean);
  const changed = parent[0]
    ? (await git(['diff-tree', '-r', '--no-renames', '--name-only', '-z', parent[0], id], where)).toString('utf8')
    : '';
  const files = changed.split('\0').filter(Boolean);
  return {
    id,
    parents: parent,
    subject,
    body: body.trim(),
    tests: files.filter(isTestPath),
    others: files.filter((file) => !isTestPath(file)),
  };
}
