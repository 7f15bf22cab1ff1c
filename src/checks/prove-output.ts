/** What `prove` prints of tests in Perl and others that speak TAP: a summary, and before it the files in which something failed. */
import type { Counted } from './types.ts';

/** The whole is read once, however many summaries there are. */
export function proveCounts(text: string): Counted[] {
  const summaries = [...text.matchAll(/^Files=\d+, Tests=(\d+), /gm)];
  if (summaries.length === 0) return [];
  const files = failedFiles(text);
  const ofFailed = files.reduce((total, { tests }) => total + tests, 0);
  // A file that died, or whose plan was not kept, may have no test that failed.
  const failed = files.reduce((total, { tests }) => total + Math.max(tests, 1), 0);
  const skipped = [...text.matchAll(/^\S+ \.+ skipped(?:: .*)?$/gm)].length;
  return summaries.map(([, all]) => ({ passed: Number(all) - ofFailed, failed, skipped }));
}

export const filesOfProve = (text: string): string[] => failedFiles(text).map(({ file }) => file);

/** The files that prove's report has because something failed; it has others, of tests that passed unexpectedly. */
function failedFiles(text: string): { file: string; tests: number }[] {
  const at = text.indexOf(REPORT);
  if (at < 0) return [];
  const entries = [...text.slice(at + REPORT.length).matchAll(/^(\S+) +\(Wstat: (\d+).* Failed: (\d+)\)$((?:\n {2}.*)*)/gm)];
  return entries
    .map(([, file, status, failed, details]) => ({
      file: file!,
      tests: Number(failed),
      died: status !== '0' || details!.includes('Parse errors:'),
    }))
    .filter(({ tests, died }) => tests > 0 || died);
}

const REPORT = 'Test Summary Report\n';
