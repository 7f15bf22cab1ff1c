/** Goes through the tasks, one run after the other, until all are done, the budget is used up or somebody stops it. */
import type { Way } from './options.ts';
import { costOf, finishedRow, type Row } from './results.ts';
import type { Task } from './task-file.ts';

/** Why it ended. */
export type Stop = 'done' | 'budget' | 'interrupted';

export interface Plan {
  readonly tasks: readonly Task[];
  readonly ways: readonly Way[];
  /** USD, for everything that is in `rows` too. */
  readonly budget: number;
  /** USD, for one run. */
  readonly runBudget: number;
  readonly signal: AbortSignal;
  /** What was done so far. */
  readonly rows: readonly Row[];
  run(task: Task, way: Way, budget: number): Promise<Row>;
  /** Keeps a row, and tells of it. */
  onRow(row: Row): void;
}

export async function evaluate({
  tasks,
  ways,
  budget,
  runBudget,
  signal,
  rows: before,
  run,
  onRow,
}: Plan): Promise<{ stop: Stop; rows: Row[] }> {
  const rows = [...before];
  for (const task of tasks) {
    const missing = ways.filter((way) => !finishedRow(rows, task, way));
    // Half a pair compares nothing, so a task is begun only where both ways fit.
    if (missing.length > 0 && !fits(rows, missing, budget)) return { stop: 'budget', rows };
    for (const way of missing) {
      const left = budget - spentIn(rows);
      if (left <= 0) return { stop: 'budget', rows };
      if (signal.aborted) return { stop: 'interrupted', rows };
      const row = await run(task, way, Math.min(left, runBudget)).catch((error: unknown) => {
        if (signal.aborted) return null; // before anything was spent
        throw error;
      });
      if (row === null) return { stop: 'interrupted', rows };
      rows.push(row);
      onRow(row);
      if (row.ended === 'interrupted') return { stop: 'interrupted', rows };
    }
  }
  return { stop: 'done', rows };
}

export const spentIn = (rows: readonly Row[]): number => rows.reduce((sum, row) => sum + costOf(row), 0);

/** Whether what is left is enough for the dearest run so far of each way; the first ones are only bounded by what is left. */
function fits(rows: readonly Row[], ways: readonly Way[], budget: number): boolean {
  const left = budget - spentIn(rows);
  const dearest = (way: Way) => Math.max(0, ...rows.filter((row) => row.way === way).map(costOf));
  return left > 0 && left >= ways.reduce((sum, way) => sum + dearest(way), 0);
}
