/** What all that an attempt changed does together, as far as its files tell. */
import { asksForProse, asksForTests } from '../../checks/integrity/asked-prose.ts';
import { isTestFile } from '../../checks/integrity/test-cases.ts';
import { hasEffect } from '../../checks/proof/effect.ts';
import type { ChangedFile, ObjectSource } from '../../workspace/types.ts';
import { textsOf } from './sides.ts';

/** More files are never only comments that nobody asked for. */
const MOST_FILES = 40;

/** none: no program does anything else. tests: only tests do. Neither where the task asks for no more. */
export type Effect = 'none' | 'tests';

export async function effectOf(
  git: ObjectSource,
  { base, result, files }: { base: string; result: string; files: readonly ChangedFile[] },
  task: string,
): Promise<Effect | undefined> {
  if (files.length > MOST_FILES || files.some(({ status }) => status === 'T' || status === 'R')) return undefined;
  const before = await textsOf(git, base, pathsWith(files, 'A'));
  const after = await textsOf(git, result, pathsWith(files, 'D'));
  const effective = files.filter(({ path, status }) => {
    const [old, now] = [before.get(path), after.get(path)];
    // No text, or a link.
    const isKnown = (status === 'A' || old !== undefined) && now !== undefined;
    return !isKnown || hasEffect(path, old ?? null, now);
  });
  if (effective.length === 0) return asksForProse(task) ? undefined : 'none';
  const areTests = effective.every(({ path }) => after.has(path) && isTestFile(path, after.get(path)!));
  return areTests && !asksForTests(task) && !asksForProse(task) ? 'tests' : undefined;
}

const pathsWith = (files: readonly ChangedFile[], without: ChangedFile['status']): string[] =>
  files.flatMap(({ path, status }) => (status === without ? [] : [path]));
