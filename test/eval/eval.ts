/**
 * Measures what this program saves, and whether its work holds, against Claude alone: on fix commits of the user's own repositories, with the
 * user's own keys. `npm run eval -- --help` says the rest.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findClaude } from '../../src/claude/find-claude.ts';
import { claudeVersion } from '../../src/claude/registration.ts';
import { count } from '../../src/common/count-noun.ts';
import { currencyOf } from '../../src/common/currency.ts';
import { say } from '../../src/messages/message.ts';
import { probeSandbox } from '../../src/sandbox/sandbox.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { chart } from './chart.ts';
import { evaluate, type Stop, spentIn } from './evaluate.ts';
import { findTasks, tryAgain } from './find-tasks.ts';
import type { Place } from './hidden-tests.ts';
import { assertUsable, type KimiSettings, readKimiSettings } from './kimi-state.ts';
import { HELP, type Options, readOptions, UserError, WAY_NAMES } from './options.ts';
import { money, report, sums, verdict } from './report.ts';
import { appendRow, costOf, isCostKnown, type Row, readRows, resultsFile } from './results.ts';
import { runTask, tidy } from './run-task.ts';
import { assertCommits, openSource, type Source } from './source.ts';
import { summarize } from './summary.ts';
import { readTasks, type Task, type TaskList, trialOf, writeTasks } from './task-file.ts';

/** What one evaluation has at hand. */
interface Session {
  readonly options: Options;
  readonly kimi: KimiSettings;
  readonly signal: AbortSignal;
  /** For working trees; removed at the end. */
  readonly work: string;
  readonly sources: Map<string, Source>;
}

const closing = new AbortController();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return console.log(HELP);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => closing.abort());
  mkdirSync(options.out, { recursive: true });
  const work = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'ckm-eval-')));
  const kimi = readKimiSettings(process.env, path.join(DIST, 'server.cjs'), options['kimi-model']);
  const session: Session = { options, kimi, signal: closing.signal, work, sources: new Map() };
  try {
    await assertSandbox(kimi);
    const before = readRows(options.out, (line) =>
      console.error(`${resultsFile(options.out)}: line ${line} cannot be read and is left out.`),
    );
    assertNotMixed(options, before);
    const runner = options['dry-run'] ? null : await readyToSpend(session);
    const list = await tasksOf(session);
    if (runner) await runAll(session, list, before, runner);
    else sayPlan(session, list);
  } finally {
    tidy(work);
  }
}

async function assertSandbox({ settings }: KimiSettings): Promise<void> {
  const probe = await probeSandbox({ program: settings.sandboxProgram });
  if (!probe.ok) throw new UserError(`Tests run in the sandbox only: ${say(probe.reason, 'en')}`);
}

/** Two evaluations in one folder would be one wrong table. */
function assertNotMixed(options: Options, before: readonly Row[]): void {
  if (options['dry-run'] || before.length === 0) return;
  if (!options.resume)
    throw new UserError(`${options.out} has results of an evaluation. Add --resume to go on with it, or give another --out.`);
  const asked = { model: options.model ?? null, kimiModel: options['kimi-model'] ?? null };
  const other = before.find((row) => row.asked.model !== asked.model || row.asked.kimiModel !== asked.kimiModel);
  if (!other) return;
  const words = (model: string | null, kimiModel: string | null) =>
    `${model ?? 'the usual model'} and ${kimiModel ?? 'the usual model of Kimi'}`;
  throw new UserError(
    `${options.out} has results with ${words(other.asked.model, other.asked.kimiModel)}, and now it is ${words(asked.model, asked.kimiModel)}. Give the same --model and --kimi-model, or another --out.`,
  );
}

/** Those of the file, where there is one: its user may have edited it. */
async function tasksOf(session: Session): Promise<TaskList> {
  const { options, signal } = session;
  const known = readTasks(options.out);
  if (known) {
    console.log(`${count(known.tasks.length, 'task')} of ${path.join(options.out, 'tasks.json')} (remove it to look for tasks again).`);
    return tryEdited(session, known);
  }
  if (options.repository.length === 0)
    throw new UserError('Say with --repository whose fix commits are to be tasks. See npm run eval -- --help');
  if (options.commits) {
    const places: Place[] = [];
    for (const named of options.repository) places.push(await placeOf(session, named));
    await assertCommits(
      places.map(({ source }) => source),
      options.commits,
    );
  }
  const list: TaskList = { tasks: [], leftOut: [] };
  for (const named of options.repository) {
    const left = options.tasks - list.tasks.length;
    if (left <= 0 || signal.aborted) break;
    console.log(`Looking for tasks in ${named}; each is tried in the sandbox.`);
    const found = await findTasks(await placeOf(session, named), { ...options, tasks: left }, (line) => console.log(`  ${line}`));
    list.tasks.push(...found.tasks);
    list.leftOut.push(...found.leftOut);
  }
  signal.throwIfAborted();
  if (list.tasks.length === 0) throw new UserError(noTasks(list));
  console.log(
    `${count(list.tasks.length, 'task')}, ${count(list.leftOut.length, 'commit')} with tests left out: ${writeTasks(options.out, list)}`,
  );
  return list;
}

const noTasks = ({ leftOut }: TaskList) =>
  leftOut.length > 0
    ? `No commit became a task; the lines above say why. --prepare and --test help where a project is set up in its own way.`
    : 'No commit that was looked at changes both code and tests. Look at more of them with --last, or name some with --commits.';

/** What was edited is tried again: a task whose tests prove nothing would cost money for nothing. */
async function tryEdited(session: Session, list: TaskList): Promise<TaskList> {
  const edited = list.tasks.filter((task) => task.tried !== trialOf(task));
  if (edited.length === 0) return list;
  const tasks: Task[] = [];
  for (const task of list.tasks) {
    const again = edited.includes(task) ? await tryAgain(await placeOf(session, task.repository), task) : task;
    session.signal.throwIfAborted();
    if (typeof again === 'string') throw new UserError(`${task.id} was edited, and is no task any more: ${again}`);
    tasks.push(again);
  }
  writeTasks(session.options.out, { ...list, tasks });
  return { ...list, tasks };
}

async function placeOf(session: Session, named: string): Promise<Place> {
  const { options, kimi, work, signal, sources } = session;
  const copies = path.join(options.out, 'repositories');
  const source = sources.get(named) ?? (await openSource(named, copies));
  sources.set(named, source);
  return { source, settings: kimi.settings, work: path.join(work, 'trees'), signal, results: options.out };
}

function sayPlan({ options }: Session, { tasks }: TaskList): void {
  for (const { id, text, notes } of tasks) {
    console.log(`\n${id}: ${text.split('\n')[0]}`);
    for (const note of notes) console.log(`  ${note}`);
  }
  const most = tasks.length * options.runs.length * options['run-budget'];
  console.log(
    `\nNothing was spent. ${count(tasks.length, 'task')} in ${count(options.runs.length, 'way')} at ${money(options['run-budget'])} USD cost at most ${money(most)} USD, and less where --budget is lower; what is in flight when a limit is reached comes on top. Read and edit tasks.json, then run it again with --budget <USD> and without --dry-run.`,
  );
}

/** What money is spent with; what is missing is told before minutes go into looking for tasks. */
interface Runner {
  readonly budget: number;
  /** The program. */
  readonly claude: string;
}

async function readyToSpend({ options, kimi }: Session): Promise<Runner> {
  const { budget } = options;
  if (budget === undefined) throw new UserError('Say with --budget how many USD this may cost. --dry-run spends nothing.');
  if (options.runs.includes('kimi')) assertUsable(kimi);
  const search = await findClaude({ setting: options.claude, env: process.env, platform: process.platform, home: os.homedir() });
  if (!search.ok) throw new UserError(`${say(search.reason, 'en')} Or give --claude <path>.`);
  return { budget, claude: search.claude.program };
}

async function runAll(session: Session, list: TaskList, before: readonly Row[], { budget, claude }: Runner): Promise<void> {
  const { options, kimi, signal, work } = session;
  cpSync(DIST, path.join(work, 'product', 'dist'), { recursive: true }); // a build in the meantime would take files away
  const runs = { claude, model: options.model, kimiModel: options['kimi-model'], minutes: options.minutes };
  const result = await evaluate({
    tasks: list.tasks,
    ways: options.runs,
    budget,
    runBudget: options['run-budget'],
    signal,
    rows: before,
    async run(task, way, limit) {
      console.log(`${task.id}, ${WAY_NAMES[way]}, up to ${money(limit)} USD ...`);
      const place = await placeOf(session, task.repository);
      const server = path.join(work, 'product', 'dist', 'server.cjs');
      try {
        return await runTask({ ...runs, place, kimi, server, kept: path.join(options.out, 'runs') }, task, way, limit);
      } finally {
        tidy(place.work);
      }
    },
    onRow(row) {
      appendRow(options.out, row);
      console.log(`  ${lineOf(row)}`);
    },
  });
  const version = await claudeVersion({ program: claude, env: process.env as Record<string, string>, cwd: os.homedir() });
  writeReport(session, list, result.rows, version ?? 'of unknown version');
  sayEnd(options, list, result);
}

function lineOf(row: Row): string {
  if (row.ended === 'interrupted') return `interrupted, ${money(costOf(row))} USD${row.note ? `: ${row.note}` : ''}`;
  return `hidden tests ${verdict(row)}, ${isCostKnown(row) ? '' : 'at least '}${money(costOf(row))} USD, ${(row.seconds / 60).toFixed(1)} min`;
}

function writeReport({ options, kimi }: Session, { tasks, leftOut }: TaskList, rows: readonly Row[], claude: string): void {
  const summary = summarize(tasks, options.runs, rows);
  const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };
  const circumstances = {
    at: new Date().toISOString(),
    claudeVersion: claude,
    version,
    inYuan: currencyOf(kimi.settings.baseUrl) === 'CNY',
  };
  writeFileSync(path.join(options.out, 'report.md'), report(summary, leftOut, circumstances));
  writeFileSync(path.join(options.out, 'chart.svg'), chart(summary));
  console.log(`\n${sums(summary)}\n`);
}

function sayEnd(options: Options, { tasks }: TaskList, { stop, rows }: { stop: Stop; rows: readonly Row[] }): void {
  const spent = `${money(spentIn(rows))} USD spent`;
  const why: Readonly<Record<Stop, string>> = {
    done: `Done: ${count(tasks.length, 'task')}, ${spent}.`,
    budget: `Stopped before the budget of ${money(options.budget ?? 0)} USD is exceeded, ${spent}. A higher --budget with --resume goes on.`,
    interrupted: `Interrupted${rows.at(-1)?.note ? ` (${rows.at(-1)?.note})` : ''}, ${spent}. --resume goes on.`,
  };
  console.log(`${why[stop]}\nTable and chart: ${path.join(options.out, 'report.md')}, ${path.join(options.out, 'chart.svg')}`);
  if (stop === 'interrupted') process.exitCode = rows.at(-1)?.note ? 1 : 130;
}

try {
  await main();
} catch (error) {
  if (closing.signal.aborted) console.error('Interrupted. The same command goes on, with --resume where there are results.');
  else if (error instanceof UserError) console.error(error.message);
  else throw error;
  process.exitCode = closing.signal.aborted ? 130 : 1;
}
