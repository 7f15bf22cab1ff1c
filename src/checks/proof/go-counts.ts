import type { CheckRun } from '../types.ts';

/** Tests of `go test -v` as somebody counts them: not packages, and not those within others. */
export function goCounts(output: string): Pick<CheckRun, 'counts' | 'failing'> {
  const of = (word: string) => [...output.matchAll(new RegExp(`^--- ${word}: (\\S+)`, 'gm'))].map(([, name]) => name!);
  const [passed, failed, skipped] = ['PASS', 'FAIL', 'SKIP'].map(of);
  const counts = { passed: passed!.length, failed: failed!.length, skipped: skipped!.length };
  return { counts: counts.passed + counts.failed > 0 ? counts : null, failing: failed!.slice(0, 50) };
}
