/**
 * Rows that were played on this very commit, one a line of a file named after it: a run that was stopped goes on, and parts add up to one table.
 * With changes that are not committed nothing is kept.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { gitIn } from '../e2e/world.ts';

const rowSchema = z.object({
  repository: z.string(),
  tool: z.string(),
  attempt: z.string(),
  outcome: z.string(),
  checks: z.string(),
  proof: z.string(),
  warnings: z.string(),
  wrong: z.array(z.string()).readonly(),
  seconds: z.number(),
});
export type KeptRow = z.infer<typeof rowSchema>;
type Which = Pick<KeptRow, 'repository' | 'tool' | 'attempt'>;

export interface KeptRows {
  /** Null where there are changes that are not committed. */
  readonly commit: string | null;
  find(which: Which): KeptRow | undefined;
  keep(row: KeptRow): void;
}

/** @param root of this project */
export function openKeptRows(root: string): KeptRows {
  if (gitIn(root, 'status', '--porcelain') !== '') return { commit: null, find: () => undefined, keep: () => {} };
  const commit = gitIn(root, 'rev-parse', 'HEAD');
  const file = path.join(root, '.cache/evidence', `${commit}.jsonl`);
  const rows = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(parse) : [];
  return {
    commit,
    // Played twice, the last one counts.
    find: ({ repository, tool, attempt }) =>
      rows.findLast((row) => row?.repository === repository && row.tool === tool && row.attempt === attempt) ?? undefined,
    keep(row) {
      mkdirSync(path.dirname(file), { recursive: true });
      appendFileSync(file, `${JSON.stringify(rowSchema.parse(row))}\n`);
    },
  };
}

/** The last line may have been cut. */
function parse(line: string): KeptRow | null {
  try {
    return rowSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
