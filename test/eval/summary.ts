/** What the results say, and how much of it could be chance. */
import type { Way } from './options.ts';
import { costOf, finishedRow, isCostKnown, type Row } from './results.ts';
import type { Task } from './task-file.ts';

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface WaySum {
  readonly way: Way;
  readonly runs: number;
  readonly passed: number;
  /** Where the true share lies with 95 % confidence; null without runs. */
  readonly range: Range | null;
  /** USD, of the runs whose cost is known. */
  readonly claude: number;
  readonly kimi: number;
  readonly unknownCosts: number;
  readonly seconds: number;
  /** Tasks that were handed over to Kimi, attempts, and tasks that Claude had to do itself in the end. */
  readonly handedOver: number;
  readonly attempts: number;
  readonly fallbacks: number;
}

export interface ComparedTask {
  readonly task: Task;
  readonly rows: Readonly<Partial<Record<Way, Row>>>;
}

export interface Summary {
  readonly ways: readonly WaySum[];
  /** Tasks with a finished run of each way: only these are in the sums. */
  readonly compared: readonly ComparedTask[];
  /** Tasks with some runs only. */
  readonly incomplete: readonly ComparedTask[];
  /** Tasks that only one way passes, and in how many each was cheaper. */
  readonly only: Readonly<Record<Way, number>>;
  readonly cheaper: Readonly<Record<Way, number>>;
}

export function summarize(tasks: readonly Task[], ways: readonly Way[], rows: readonly Row[]): Summary {
  const all = tasks.map((task) => ({ task, rows: rowsOf(rows, task, ways) }));
  const compared = all.filter((one) => ways.every((way) => one.rows[way]));
  const pairs = compared.flatMap(({ rows: { kimi, claude } }) => (kimi && claude ? [{ kimi, claude }] : []));
  const known = pairs.filter(({ kimi, claude }) => isCostKnown(kimi) && isCostKnown(claude));
  const count = <T>(list: readonly T[], test: (one: T) => boolean) => list.filter(test).length;
  return {
    ways: ways.map((way) =>
      sumOf(
        way,
        compared.map((one) => one.rows[way]!),
      ),
    ),
    compared,
    incomplete: all.filter((one) => !compared.includes(one) && ways.some((way) => one.rows[way])),
    only: {
      kimi: count(pairs, ({ kimi, claude }) => kimi.passed && !claude.passed),
      claude: count(pairs, ({ kimi, claude }) => !kimi.passed && claude.passed),
    },
    cheaper: {
      kimi: count(known, ({ kimi, claude }) => costOf(kimi) < costOf(claude)),
      claude: count(known, ({ kimi, claude }) => costOf(claude) < costOf(kimi)),
    },
  };
}

function rowsOf(rows: readonly Row[], task: Task, ways: readonly Way[]): Partial<Record<Way, Row>> {
  return Object.fromEntries(
    ways.flatMap((way) => {
      const row = finishedRow(rows, task, way);
      return row ? [[way, row]] : [];
    }),
  );
}

function sumOf(way: Way, rows: readonly Row[]): WaySum {
  const sum = (amount: (row: Row) => number) => rows.reduce((total, row) => total + amount(row), 0);
  const passed = rows.filter((row) => row.passed).length;
  return {
    way,
    runs: rows.length,
    passed,
    range: rows.length === 0 ? null : wilson(passed, rows.length),
    claude: sum(({ usd }) => usd.claude ?? 0),
    kimi: sum(({ usd }) => usd.kimi ?? 0),
    unknownCosts: rows.filter((row) => !isCostKnown(row)).length,
    seconds: sum(({ seconds }) => seconds),
    handedOver: rows.filter(({ attempts }) => attempts.length > 0).length,
    attempts: sum(({ attempts }) => attempts.length),
    fallbacks: rows.filter(({ fallback }) => fallback).length,
  };
}

/** Wilson's interval for a share, at 95 %: unlike the usual one it holds for few runs, and where all or none pass. */
export function wilson(passed: number, runs: number): Range {
  const z = 1.96;
  const share = passed / runs;
  const middle = (share + z ** 2 / (2 * runs)) / (1 + z ** 2 / runs);
  const half = (z / (1 + z ** 2 / runs)) * Math.sqrt((share * (1 - share)) / runs + z ** 2 / (4 * runs ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
