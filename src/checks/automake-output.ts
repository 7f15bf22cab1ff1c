/**
 * What `make check` of Automake prints: a line a test, and a summary a folder. What passes and should not, or breaks off, counts as failed, as it
 * does for make.
 */
import type { Counted } from './types.ts';

const SUMMARY = /^# TOTAL: +\d+\n# PASS: +(\d+)\n# SKIP: +(\d+)\n# XFAIL: +(\d+)\n# FAIL: +(\d+)\n# XPASS: +(\d+)\n# ERROR: +(\d+)$/gm;

export function automakeCounts(text: string): Counted[] {
  return [...text.matchAll(SUMMARY)].map(([, ...numbers]) => {
    const [passed = 0, skipped = 0, expected = 0, failed = 0, unexpected = 0, broken = 0] = numbers.map(Number);
    return { passed, failed: failed + unexpected + broken, skipped: skipped + expected };
  });
}

export function automakeNames(text: string): string[] {
  return [...text.matchAll(/^(?:FAIL|XPASS|ERROR): (\S.*)$/gm)].map(([, name]) => name!);
}
