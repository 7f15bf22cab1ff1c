import { isTestPath } from '../../checks/test-files.ts';
import { decodeName, runGit } from '../../workspace/run-git.ts';

export interface TestPlace {
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

const LIMIT_MS = 3000;
/** Ours have 200 characters; a link may hold any. */
const LONGEST = 500;
/** What runners put between a suite and what is in it. */
const BETWEEN = /::| › | > |#(?=\w)| -- /;

/**
 * Where a failing test stands in a commit: runners name it in many ways, so the last part of its name is looked for, in test files first.
 * Null when nothing has it.
 */
export async function findTest(gitDir: string, commit: string, name: string): Promise<TestPlace | null> {
  const parts = name
    .slice(0, LONGEST)
    .split(BETWEEN)
    .map((part) => part.trim());
  const last = parts.at(-1) ?? '';
  const candidates = [last, last.replace(/\[.*\]$|\(.*\)$/, ''), last.split('/').at(-1)!, last.split('.').at(-1)!];
  for (const word of new Set(candidates.map((candidate) => candidate.trim()))) {
    if (word.length < 3 || /[\n\0]/.test(word)) continue;
    const found = await grep(gitDir, commit, word);
    const inNamed = found.find(({ path }) => parts.length > 1 && parts[0] === path);
    const best = inNamed ?? found.find(({ path }) => isTestPath(path)) ?? found[0];
    if (best) return best;
  }
  return null;
}

async function grep(gitDir: string, commit: string, word: string): Promise<TestPlace[]> {
  const args = ['grep', '-n', '-z', '-I', '-F', '--full-name', '--no-color', '--no-column', '-e', word, commit];
  const signal = AbortSignal.timeout(LIMIT_MS);
  const found = await runGit(args, { gitDir, signal, maxBytes: 4 * 1024 * 1024 }).catch(() => null);
  if (!found || found.code > 1) return [];
  const lines = found.stdout.toString('latin1').matchAll(/^[0-9a-f]+:([^\0\n]*)\0(\d+)\0/gm);
  return [...lines].map(([, path, line]) => ({ path: decodeName(path!), line: Number(line) }));
}
