import { countAssertions, countTests, isTestPath, newlyOff } from '../../checks/test-files.ts';
import { type Message, message } from '../../messages/message.ts';
import { readBlobs } from '../../workspace/read-objects.ts';
import type { ChangedFile, ObjectSource } from '../../workspace/types.ts';

const MOST_BYTES = 1024 * 1024;

/** Tests of the base that are gone or do not run any more, a sentence a file: what fails there would not show. */
export async function weakenedTests(where: ObjectSource, base: string, tip: string, files: readonly ChangedFile[]): Promise<Message[]> {
  const tests = files.filter(({ path, from, status }) => isTestPath(from ?? path) || (status === 'A' && isTestPath(path)));
  const [before, after] = await Promise.all([
    readBlobs(
      where,
      base,
      tests.flatMap(({ path, from, status }) => (status === 'A' ? [] : [from ?? path])),
      MOST_BYTES,
    ),
    readBlobs(
      where,
      tip,
      tests.flatMap(({ path, status }) => (status === 'D' ? [] : [path])),
      MOST_BYTES,
    ),
  ]);
  return tests.flatMap(({ path, from }): Message[] => {
    const [old, now] = [before.get(from ?? path)?.toString() ?? null, after.get(path)?.toString() ?? null];
    const had = old === null ? 0 : countTests(from ?? path, old);
    if (now === null) return had > 0 ? [message('warning.testsDeleted', { file: path, count: had })] : [];
    const isEmptied = countTests(path, now) === 0 || (countAssertions(old ?? '') > 0 && countAssertions(now) === 0);
    if (had > 0 && isEmptied) return [message('warning.testsEmptied', { file: path, count: had })];
    const off = newlyOff(path, old, now);
    return off ? [message('warning.testsOff', { place: `${path}:${off.line}`, line: off.text.trim().slice(0, 80) })] : [];
  });
}
