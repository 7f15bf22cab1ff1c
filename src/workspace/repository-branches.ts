import { runGit, userEnvironment } from './run-git.ts';
import type { UserEnvironment } from './types.ts';

/** The local branches of a repository. */
export interface RepositoryBranches {
  /** Branch -> commit; work for which no branch name was free is under its whole ref name. */
  readonly tips: ReadonlyMap<string, string>;
  /** Branches whose work is in HEAD, and the marks of merges (`mergedRef`) that are. */
  readonly merged: ReadonlySet<string>;
  /** The branch that is checked out; null when HEAD is detached. */
  readonly head: string | null;
  /** The commit that is checked out without a branch. */
  readonly detachedAt?: string;
}

/** Reads the branches; null when git cannot (then nobody may conclude that a branch is gone). @throws GitStopped when it takes too long */
export async function readBranches(
  root: string,
  user: UserEnvironment = userEnvironment(process.env),
  limitMs?: number,
): Promise<RepositoryBranches | null> {
  const call = { cwd: root, user, limitMs };
  const format = '--format=%(objectname) %(HEAD) %(refname)';
  const namespaces = ['refs/heads', 'refs/claude-kimi/kept'];
  const [every, merged] = await Promise.all([
    runGit(['for-each-ref', format, ...namespaces], call),
    runGit(['for-each-ref', format, '--merged=HEAD', ...namespaces, 'refs/claude-kimi/merged'], call),
  ]);
  if (every.code !== 0 || merged.code !== 0) return null;
  const all = parse(every.stdout);
  const head = all.find(({ current }) => current)?.name ?? null;
  const detached = head === null ? await runGit(['rev-parse', '--verify', '--quiet', 'HEAD'], call) : null;
  return {
    tips: new Map(all.map(({ name, commit }) => [name, commit])),
    merged: new Set(parse(merged.stdout).map(({ name }) => name)),
    head,
    ...(detached?.code === 0 && { detachedAt: detached.stdout.toString('latin1').trim() }),
  };
}

function parse(output: Buffer): { commit: string; current: boolean; name: string }[] {
  const lines = output.toString('utf8').split('\n');
  return lines.flatMap((line) => {
    // No branch of ours begins with refs/; one that does would read like a ref of ours.
    const match = /^([0-9a-f]+) ([* ]) (?:refs\/heads\/(?!refs\/)|(?=refs\/claude-kimi\/))(.+)$/.exec(line);
    return match ? [{ commit: match[1]!, current: match[2] === '*', name: match[3]! }] : [];
  });
}
