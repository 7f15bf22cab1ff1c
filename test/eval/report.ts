/** The results as Markdown. */
import { PRICES_OF } from '../../src/economics/claude-prices.ts';
import { WAY_NAMES, type Way } from './options.ts';
import { costOf, isCostKnown, type Row } from './results.ts';
import type { Summary, WaySum } from './summary.ts';
import type { LeftOut } from './task-file.ts';

export interface Circumstances {
  /** When it was made. */
  readonly at: string;
  readonly claudeVersion: string;
  readonly version: string;
  /** What the endpoint of Kimi bills in. */
  readonly inYuan: boolean;
}

/** From so many tasks on a difference of a few is no chance any more. */
const FEW = 30;

export function report(summary: Summary, leftOut: readonly LeftOut[], circumstances: Circumstances): string {
  return `${[
    `# This program and Claude alone, ${circumstances.at.slice(0, 10)}`,
    `claude-kimi-mcp ${circumstances.version}, Claude Code ${circumstances.claudeVersion}, ${modelsOf(summary)}. Tasks are fix commits; they pass when the tests of the fix pass.`,
    '![Hidden tests and cost](chart.svg)',
    sums(summary),
    tasks(summary),
    ['## How sure this is', ...notes(summary, circumstances).map((note) => `- ${note}`)].join('\n'),
    ...(leftOut.length > 0 ? [['## Commits that are no tasks', ...leftOut.map(leftOutLine)].join('\n')] : []),
  ].join('\n\n')}\n`;
}

/** The sums alone, as they are shown in the terminal too. */
export function sums({ ways }: Summary): string {
  const line = (name: string, cell: (sum: WaySum) => string) => [name, ...ways.map(cell)];
  return table([
    ['', ...ways.map(({ way }) => WAY_NAMES[way])],
    line(
      'hidden tests pass',
      ({ passed, runs, range }) => `${passed} of ${runs}${range ? ` (${percent(range.low)} to ${percent(range.high)} %)` : ''}`,
    ),
    line('USD', ({ claude, kimi, way, unknownCosts }) => {
      const parts = way === 'kimi' ? ` (Claude ${money(claude)}, Kimi ${money(kimi)})` : '';
      return `${unknownCosts > 0 ? 'at least ' : ''}${money(claude + kimi)}${parts}`;
    }),
    line('USD for each that passes', ({ claude, kimi, passed, unknownCosts }) =>
      passed === 0 ? 'none passes' : `${unknownCosts > 0 ? 'at least ' : ''}${money((claude + kimi) / passed)}`,
    ),
    line('minutes', ({ seconds }) => minutes(seconds)),
    line('tasks handed over', ({ way, handedOver, runs }) => (way === 'kimi' ? `${handedOver} of ${runs}` : '')),
    line("Kimi's attempts", ({ way, attempts }) => (way === 'kimi' ? String(attempts) : '')),
    line('Claude had to do it itself', ({ way, fallbacks }) => (way === 'kimi' ? String(fallbacks) : '')),
  ]);
}

function tasks({ compared, incomplete, ways }: Summary): string {
  const order = ways.map(({ way }) => way);
  const head = [
    'task',
    ...order.flatMap((way) => [`${WAY_NAMES[way]}: hidden tests`, 'USD', 'minutes', ...(way === 'kimi' ? ['attempts'] : [])]),
  ];
  const rows = [...compared, ...incomplete].map(({ task, rows: of }) => [task.id, ...order.flatMap((way) => cells(way, of[way]))]);
  return table([head, ...rows]);
}

function cells(way: Way, row: Row | undefined): string[] {
  if (!row) return ['not run', '', '', ...(way === 'kimi' ? [''] : [])];
  const cost = isCostKnown(row) ? money(costOf(row)) : `at least ${money(costOf(row))}`;
  const attempts = `${row.attempts.join(', ') || 'none'}${row.fallback ? '; Claude did it itself' : ''}`;
  return [verdict(row), cost, minutes(row.seconds), ...(way === 'kimi' ? [attempts] : [])];
}

export function verdict({ passed, tests, ended }: Row): string {
  const how = ended === 'finished' ? '' : `, ${ended === 'budget' ? 'budget used up' : 'time over'}`;
  if (passed) return `pass${how}`;
  if (tests?.killed) return `stopped (${tests.killed})${how}`;
  return `${tests?.failed ? `${tests.failed} of ${tests.failed + (tests.passed ?? 0)} fail` : 'fail'}${how}`;
}

export function notes({ ways, compared, incomplete, only, cheaper }: Summary, { inYuan }: Pick<Circumstances, 'inYuan'>): string[] {
  const [a, b] = ways;
  const n = compared.length;
  const overlap = a?.range && b?.range && a.range.low <= b.range.high && b.range.low <= a.range.high;
  return [
    'The range behind a share is where it lies with 95 % confidence (Wilson), if these tasks were drawn from many like them by chance. They were not: they are the commits that could be made into tasks.',
    ...(a && b && n > 0
      ? [
          overlap
            ? `The ranges overlap: these ${n} tasks do not show that one of the two solves more.`
            : `The ranges do not overlap: in tasks like these ${n} one of the two solves more.`,
          `Only this program passes ${only.kimi}, only Claude alone ${only.claude}. This program was cheaper in ${cheaper.kimi} of ${n} tasks, Claude alone in ${cheaper.claude}.`,
        ]
      : []),
    ...(n < FEW
      ? [`${n} ${n === 1 ? 'task is' : 'tasks are'} few: a model that is asked again may answer otherwise, and each was done once.`]
      : []),
    ...(incomplete.length > 0 ? [`${incomplete.length} of the tasks below the sums were not done in each way; they are in no sum.`] : []),
    `Cost is what Claude Code counts for its session at list prices (those of ours for a run that was stopped, of ${PRICES_OF}), and this program's own record of Kimi's requests${inYuan ? ', 7 CNY taken for 1 USD' : ''}. A subscription bills otherwise.`,
    'Fixes that are public may be in what a model was trained on; that holds for both ways.',
  ];
}

function modelsOf({ compared, incomplete }: Summary): string {
  const names = [...compared, ...incomplete].flatMap(({ rows }) => Object.values(rows).map((row) => row.model));
  return [...new Set(names.filter((name) => name !== null))].join(', ') || 'model not known';
}

const leftOutLine = ({ repository, commit, subject, why }: LeftOut) =>
  `- ${repository} ${commit.slice(0, 10)} ${cell(subject)}: ${cell(why)}`;

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.map(cell).join(' | ')} |`)
    .join('\n');
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
const percent = (share: number) => Math.round(share * 100);
export const money = (usd: number) => usd.toFixed(usd < 1 ? 3 : 2);
const minutes = (seconds: number) => (seconds / 60).toFixed(1);
