/**
 * How long the check of finished work waits until it runs, in a large repository, when one file was changed; beside git writing the whole
 * tree once, which is what it would wait for without a tree that the base's check has left. In turn, `npm run bench checks`
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readJournal } from '../../src/delegation/journal/journal.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { startKimi } from '../fakes/kimi/server.ts';

const ROUNDS = 5;
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
export async function checking(repo: string, folder: string, serve: (baseUrl: string) => Promise<Served>): Promise<boolean> {
  const [ready, whole]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    // As long as a model thinks: the base's check is over by then.
    const kimi = await startKimi({ scenario: ({ step }) => TURNS[Math.min(step, TURNS.length - 1)]!, thinkMs: 10_000, forgetBodies: true });
    const server = await serve(kimi.baseUrl);
    const report = await server.call(`bench/checks${round}`, ['cat bench/target-00.txt']);
    await server.close();
    await kimi.close();
    ready.push(waitOf(server.home, report));
    const tree = path.join(folder, 'whole');
    const began = performance.now();
    execFileSync('git', ['-C', repo, 'worktree', 'add', '-q', '--detach', tree]);
    whole.push(performance.now() - began);
    execFileSync('git', ['-C', repo, 'worktree', 'remove', '--force', tree]);
    rmSync(server.home, { recursive: true, force: true });
  }
  const [ours, git] = [median(ready), median(whole)];
  const all = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(', ');
  console.log(`From the end of the work to its check: ${ours.toFixed(0)} ms (${all(ready)}), at most ${MOST_MS}`);
  console.log(`git writing the tree: ${git.toFixed(0)} ms (${all(whole)}); ratio ${(ours / git).toFixed(2)}`);
  return ours <= MOST_MS;
}

/** Between the end of the loop and the beginning of the command. */
function waitOf(home: string, report: string): number {
  const find = (name: string) => spawnSync('find', [home, '-name', name], { encoding: 'utf8' }).stdout.trim();
  const journal = readJournal(find('journal.jsonl'));
  const isOver = journal.find((line) => line.type === 'check' && line.on === 'result' && line.phase === 'end');
  const done = journal.find((line) => line.type === 'loop_end');
  const { checks } = JSON.parse(readFileSync(find('result.json'), 'utf8')) as { checks: { result: { durationMs: number } | null }[] };
  const ran = checks[0]?.result?.durationMs;
  if (isOver === undefined || done === undefined || ran === undefined) throw new Error(report);
  return isOver.at - ran - done.at;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
