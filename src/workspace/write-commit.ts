import { objectPlaces } from './git-places.ts';
import { type GitCall, git } from './run-git.ts';
import type { CommitIdentity, ObjectSource } from './types.ts';

export interface NewCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly identity: CommitIdentity;
  /** The author when absent. */
  readonly committer?: CommitIdentity;
}

/**
 * Makes a commit in a git dir (the private one, or the user's for a merge) and answers with its id. No ref moves.
 * @param signing how it is signed; null = it is not
 */
export async function writeCommit(where: ObjectSource, commit: NewCommit, signing: GitCall | null = null): Promise<string> {
  const author = commit.identity;
  const committer = commit.committer ?? author;
  const output = await git(
    ['commit-tree', ...(signing ? ['-S'] : []), commit.tree, ...commit.parents.flatMap((parent) => ['-p', parent]), '-F', '-'],
    {
      writes: objectPlaces(where),
      ...signing,
      gitDir: where.gitDir,
      config: [...(signing?.config ?? []), ['i18n.commitEncoding', 'UTF-8']], // whatever the repository says of commits that the user makes
      stdin: commitMessage(commit.message),
      env: {
        ...signing?.env,
        GIT_AUTHOR_NAME: identityText(author.name, 'unknown'),
        GIT_AUTHOR_EMAIL: identityText(author.email, 'unknown@localhost'),
        GIT_AUTHOR_DATE: `@${author.date}`, // without the sign git refuses what is behind the year 2099
        GIT_COMMITTER_NAME: identityText(committer.name, 'unknown'),
        GIT_COMMITTER_EMAIL: identityText(committer.email, 'unknown@localhost'),
        GIT_COMMITTER_DATE: `@${committer.date}`,
      },
    },
  );
  return output.toString('latin1').trim();
}

/** The model writes messages: control characters go (git refuses NUL, terminals obey the others), an empty one gets a text. */
function commitMessage(message: string): string {
  const wellFormed = Buffer.from(message).toString();
  const text = wellFormed
    .replaceAll('\r\n', '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .trim();
  return `${text === '' ? 'Work of an attempt' : text}\n`;
}

/** Git drops `<`, `>` and line breaks from a name and refuses one of which nothing is left. */
function identityText(text: string, otherwise: string): string {
  const clean = text.replace(/[\u0000-\u001f<>]/g, '').trim();
  return /[^\s.,:;"'\\]/.test(clean) ? clean : otherwise;
}
