/**
 * How long the check of finished work waits until it runs, in a large repository, when one file was changed; beside the checkout of the
 * same attempt, which it would wait for without the tree that the base's check has left: `npm run bench checks`
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { readJournal } from '../../src/delegation/journal/journal.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { startKimi } from '../fakes/kimi/server.ts';

const ROUNDS = 3;
/** `BENCH_THINKS` says otherwise. */
const THINKS_MS = Number(process.env.BENCH_THINKS ?? 60_000);
/** The aim of the tree that stays. */
const MOST_MS = 2_000;

const TURNS: readonly Turn[] = [
  { calls: [{ name: 'edit_file', args: { path: 'bench/target-00.txt', edits: [{ old_text: 'counter: 0', new_text: 'counter: 1' }] } }] },
  { calls: [{ name: 'finish', args: { summary: 'Done.', commit_message: 'Change a file' } }] },
];

export interface Served {
  readonly home: string;
  call(branch: string, checks: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** @param serve starts a server with a home of its own. @returns whether it is as quick as it should be */
export async function checking(serve: (baseUrl: string) => Promise<Served>): Promise<boolean> {
  const [ready, whole]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    // As long as a model thinks; where files are slow to write, the base's check must be over by then all the same.
    const kimi = await startKimi({
      scenario: ({ step }) => TURNS[Math.min(step, TURNS.length - 1)]!,
      thinkMs: ({ step }) => (step === 0 ? 10_000 : THINKS_MS),
      forgetBodies: true,
    });
    const server = await serve(kimi.baseUrl);
    const report = await server.call(`bench/checks${round}`, ['cat bench/target-00.txt']);
    await server.close();
    await kimi.close();
    const { wait, checkout } = timesOf(server.home, report);
    ready.push(wait);
    whole.push(checkout);
    rmSync(server.home, { recursive: true, force: true });
  }
  const [ours, git] = [median(ready), median(whole)];
  const all = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(', ');
  console.log(`From the end of the work to its check: ${ours.toFixed(0)} ms (${all(ready)}), at most ${MOST_MS}`);
  console.log(`The checkout before it: ${git.toFixed(0)} ms (${all(whole)}); ratio ${(ours / git).toFixed(2)}`);
  return ours <= MOST_MS;
}

/** Between the end of the loop and the beginning of the command; and of the checkout, ms. */
function timesOf(home: string, report: string): { wait: number; checkout: number } {
  const find = (name: string) => spawnSync('find', [home, '-name', name], { encoding: 'utf8' }).stdout.trim();
  const journal = readJournal(find('journal.jsonl'));
  const isOver = journal.find((line) => line.type === 'check' && line.on === 'result' && line.phase === 'end');
  const done = journal.find((line) => line.type === 'loop_end');
  const { checks } = JSON.parse(readFileSync(find('result.json'), 'utf8')) as { checks: { result: { durationMs: number } | null }[] };
  const ran = checks[0]?.result?.durationMs;
  const base = journal.findLast((line) => line.type === 'check' && line.on === 'base' && line.phase === 'end');
  if (base === undefined || done === undefined || base.at > done.at)
    throw new Error("The base's check was not over when the work was, so it was waited for: give BENCH_THINKS more milliseconds.");
  const laid = journal.find((line) => line.type === 'workspace');
  if (isOver === undefined || ran === undefined || laid === undefined) throw new Error(report);
  return { wait: isOver.at - ran - done.at, checkout: laid.ms };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
