/** One run: a task, solved in one of the two ways in a fresh working copy, and what the hidden tests say of the result. */
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { OUTCOME_RULES, type Outcome } from '../../src/delegation/result/outcomes.ts';
import { type Place, passes, runHiddenTests, type Tried } from './hidden-tests.ts';
import { type KimiSettings, makeKimiState } from './kimi-state.ts';
import type { Way } from './options.ts';
import type { Row } from './results.ts';
import { type ClaudeRun, runClaude } from './run-claude.ts';
import type { Source } from './source.ts';
import { stateOf, type Task } from './task-file.ts';
import { makeWorkingCopy, type WorkingCopy } from './working-copy.ts';

export interface RunOptions {
  readonly place: Place;
  readonly kimi: KimiSettings;
  readonly claude: string;
  readonly model: string | undefined;
  readonly kimiModel: string | undefined;
  readonly minutes: number;
  /** The built server. */
  readonly server: string;
  /** Keeps what was said and made. */
  readonly kept: string;
}

/** The same words for both ways. */
export const promptFor = (text: string) => `${text}

Do this in this repository, with tests for it. Nobody can answer questions: decide yourself. At the end the files of this checkout must have the
finished work, on the branch that is checked out now; what was made on another branch is merged into it.`;

export async function runTask(options: RunOptions, task: Task, way: Way, budget: number): Promise<Row> {
  const { place, kimi, model, minutes } = options;
  const kept = path.join(options.kept, task.id, way);
  mkdirSync(kept, { recursive: true });
  const copy = await makeWorkingCopy(place, task);
  const state = way === 'kimi' ? makeKimiState(path.join(place.work, `state-${Date.now()}`), kimi, { usd: budget, minutes }) : null;
  const run = await runClaude({
    program: options.claude,
    folder: copy.folder,
    prompt: promptFor(task.text),
    model,
    server: state && { command: process.execPath, args: [options.server], stateDir: state.folder },
    hidden: [place.results, ...localFolder(place.source), ...(state ? [state.folder] : [])],
    allowedHosts: kimi.settings.allowedHosts,
    budget,
    kimiSpent: () => state?.settled() ?? 0,
    seconds: minutes * 60,
    signal: place.signal,
    transcript: path.join(kept, 'claude.jsonl'),
  });
  const attempts = state?.attempts() ?? { outcomes: [], fallback: false, reasons: [] };
  const usd = { claude: run.usd, kimi: state ? state.spent() : 0 };
  const fault = faultOf(run, attempts.outcomes, attempts.reasons);
  const isOver = run.ended === 'interrupted' || fault !== null;
  // Whatever goes wrong from here on: what was spent must be told.
  const tried = isOver ? null : await tryResult(place, task, copy, kept).catch((error: Error) => error);
  const made = tried instanceof Error ? null : tried;
  const isCut = place.signal.aborted || tried instanceof Error;
  return {
    task: task.id,
    of: stateOf(task),
    way,
    ended: isOver || isCut ? 'interrupted' : run.ended,
    passed: made !== null && !isCut && passes(made.tried, task.passes),
    tests: made && testsOf(made.tried),
    usd,
    seconds: run.seconds,
    turns: run.turns,
    asked: { model: model ?? null, kimiModel: options.kimiModel ?? null },
    model: run.model,
    attempts: [...attempts.outcomes],
    fallback: attempts.fallback,
    changedFiles: made?.changedFiles ?? 0,
    at: new Date().toISOString(),
    note: fault ?? (tried instanceof Error && !place.signal.aborted ? tried.message : ''),
  };
}

/** Where the fix could be read. */
const localFolder = ({ named }: Source) => (existsSync(named) ? [path.resolve(named)] : []);

/** Without a model or a sandbox neither way can be judged. */
export function faultOf({ fault }: Pick<ClaudeRun, 'fault'>, outcomes: readonly Outcome[], reasons: readonly string[]): string | null {
  if (fault !== null) return `Claude: ${fault}`;
  const last = outcomes.at(-1);
  return last && (last === 'rate_limited' || OUTCOME_RULES[last].userMends !== null)
    ? `Kimi: ${last}${reasons.length > 0 ? `, ${reasons.at(-1)}` : ''}`
    : null;
}

async function tryResult(place: Place, task: Task, copy: WorkingCopy, kept: string): Promise<{ tried: Tried; changedFiles: number }> {
  const made = await copy.snapshot();
  writeFileSync(path.join(kept, 'result.diff'), made.diff);
  const tried = await runHiddenTests(place, task, async ({ gitDir }) => {
    appendFileSync(path.join(gitDir, 'objects', 'info', 'alternates'), `${made.objects}\n`);
    return made.tree;
  });
  writeFileSync(path.join(kept, 'hidden-tests.txt'), tried.run.tail);
  return { tried, changedFiles: made.changedFiles };
}

function testsOf({ run: { exitCode, killed, counts } }: Tried): Row['tests'] {
  return { exitCode, killed, passed: counts?.passed ?? null, failed: counts?.failed ?? null };
}

/** What a run left in the folder of working trees. */
export const tidy = (work: string) => rmSync(work, { recursive: true, force: true, maxRetries: 3 });
