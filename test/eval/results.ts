/** What came of each run: a line of `results.jsonl`, written once, when the run is over. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../src/common/json-file.ts';
import { WAYS, type Way } from './options.ts';
import { stateOf, type Task } from './task-file.ts';

const rowSchema = z.object({
  task: z.string(),
  /** The state of the task that it belongs to. */
  of: z.string(),
  way: z.enum(WAYS),
  /** interrupted: by whoever evaluates, or for want of a model or a sandbox. It says nothing of the way, is done again, and its cost counts. */
  ended: z.enum(['finished', 'time_limit', 'budget', 'interrupted']),
  passed: z.boolean(),
  /** The hidden tests; null = they were not run. */
  tests: z
    .object({
      exitCode: z.number().nullable(),
      killed: z.string().nullable(),
      passed: z.number().nullable(),
      failed: z.number().nullable(),
    })
    .nullable(),
  /** null = not known: never 0. */
  usd: z.object({ claude: z.number().nullable(), kimi: z.number().nullable() }),
  seconds: z.number(),
  turns: z.number().nullable(),
  /** What was asked for, and which model of Claude took most of it. */
  asked: z.object({ model: z.string().nullable(), kimiModel: z.string().nullable() }),
  model: z.string().nullable(),
  /** How Kimi's attempts ended, in their order. */
  attempts: z.array(z.string()),
  /** Whether Claude was told to do the work itself. */
  fallback: z.boolean(),
  changedFiles: z.number(),
  at: z.string(),
  note: z.string(),
});
export type Row = z.infer<typeof rowSchema>;

export const resultsFile = (out: string) => path.join(out, 'results.jsonl');

/** @param onDamaged gets the number of each line that cannot be read, from 1 */
export function readRows(out: string, onDamaged: (line: number) => void = () => {}): Row[] {
  const file = resultsFile(out);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      if (text.trim() === '') return [];
      const row = parseJson(rowSchema, text);
      if (!row) onDamaged(index + 1);
      return row ?? [];
    });
}

export function appendRow(out: string, row: Row): void {
  const file = resultsFile(out);
  const isCut = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'utf8'));
  appendFileSync(file, `${isCut ? '\n' : ''}${JSON.stringify(row)}\n`);
}

/** The finished run of a task as it is now. */
export function finishedRow(rows: readonly Row[], task: Task, way: Way): Row | undefined {
  return rows.find((row) => row.task === task.id && row.of === stateOf(task) && row.way === way && row.ended !== 'interrupted');
}

/** What is known to be spent. */
export const costOf = ({ usd }: Pick<Row, 'usd'>): number => (usd.claude ?? 0) + (usd.kimi ?? 0);

export const isCostKnown = ({ usd }: Pick<Row, 'usd'>): boolean => usd.claude !== null && usd.kimi !== null;
