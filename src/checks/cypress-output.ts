/** What Cypress prints of all files that it ran: a table, with every reporter of mocha, and with the tests that it skipped. */
import type { Counted } from './types.ts';

/** Tests, passing, failing, pending, skipped. */
const COLUMNS = ' +(\\d+|-)'.repeat(5);
const SUM = new RegExp(String.raw`^ {4}(?:\S {1,2})?(?:All specs passed!|\d+ of \d+ failed \(\d+%\)) +\S+${COLUMNS} *$`, 'gm');

/** The row below those of the files. */
export function cypressCounts(text: string): Counted[] {
  const at = text.search(/^ {2}\(Run Finished\)$/m);
  if (at < 0) return [];
  return [...text.slice(at).matchAll(SUM)].map(([, ...columns]) => {
    const [, passed, failed, pending, skipped] = columns.map((column) => (column === '-' ? 0 : Number(column))) as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { passed, failed, skipped: pending + skipped };
  });
}
