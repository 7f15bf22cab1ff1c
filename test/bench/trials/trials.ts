/**
 * A comparison of loops with a real mind in the model's place, or a model with a key of its own: everything but the mind.
 *
 *   npm run bench trials                              the tasks
 *   npm run bench trials run <loop> <task> [folder]   one run, ours or pi; prints the command with which it is answered
 *   npm run bench trials verify [task...]             whether the hidden tests fail before the fix and pass after it
 *   npm run bench trials sums <folder>...             the table; and as JSON in `sums.json` of the first folder
 *   npm run bench trials replay <folder> <folder>     the answers of a run given once more, and both in a table
 *   npm run bench trials parts <folder>...            what the first request of each run is made of, in tokens
 *   npm run bench trials results <folder>...          what the results of the calls of each run take, by tool, in bytes
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCheckout, runHiddenTests, type Verdict } from './checkout.ts';
import { LOOPS } from './loops.ts';
import { replay } from './replay.ts';
import { partsTable, requestParts } from './request-parts.ts';
import { resultSizes, sizesTable } from './result-sizes.ts';
import { runTrial } from './run-trial.ts';
import type { ChatRequest } from './show-request.ts';
import { type Result, table } from './sums.ts';
import { readTask, taskNames } from './task-file.ts';

const USAGE =
  'usage: npm run bench trials [run <ours | pi> <task> [folder] | verify [task...] | sums <folder>... | replay <folder> <folder> | parts <folder>... | results <folder>...]';

/** @returns whether it went well */
export async function trials([command, ...words]: readonly string[]): Promise<boolean> {
  switch (command) {
    case undefined:
      for (const name of taskNames()) console.log(`${name} (${readTask(name).ecosystem})`);
      console.log(USAGE);
      return true;
    case 'run':
      return run(words);
    case 'verify':
      return verify(words);
    case 'sums':
      if (words.length === 0) break;
      console.log(table(words.map(readResult)));
      writeFileSync(path.join(words[0]!, 'sums.json'), `${JSON.stringify(words.map(readResult), null, 2)}\n`);
      return true;
    case 'replay': {
      const [recorded, folder] = words.map((word) => path.resolve(word));
      if (recorded === undefined || folder === undefined) break;
      const before = readResult(recorded);
      console.log(table([before, await replay(recorded, readTask(before.task), folder)]));
      return true;
    }
    case 'parts':
      if (words.length === 0) break;
      console.log(partsTable(new Map(words.map((folder) => [path.basename(folder), requestParts(readFirst(folder))]))));
      return true;
    case 'results':
      if (words.length === 0) break;
      console.log(sizesTable(new Map(words.map((folder) => [folder, resultSizes(readRequests(folder))]))));
      return true;
  }
  console.error(USAGE);
  return false;
}

async function run([loop = '', taskName = '', given]: readonly string[]): Promise<boolean> {
  if (!(loop in LOOPS) || taskName === '') {
    console.error(USAGE);
    return false;
  }
  const folder = path.resolve(given ?? mkdtempSync(path.join(tmpdir(), 'trial-')));
  const result = await runTrial(loop, readTask(taskName), folder, (command) => console.log(`To answer: ${command} --wait`));
  console.log(table([result]));
  return true;
}

function readFirst(folder: string): ChatRequest {
  return JSON.parse(readFileSync(path.join(folder, 'first.json'), 'utf8')) as ChatRequest;
}

function readRequests(folder: string): string[] {
  const names = readdirSync(path.join(folder, 'requests')).toSorted();
  return names.map((name) => readFileSync(path.join(folder, 'requests', name), 'utf8'));
}

function readResult(folder: string): Result {
  return JSON.parse(readFileSync(path.join(folder, 'result.json'), 'utf8')) as Result;
}

function verify(words: readonly string[]): boolean {
  let sound = true;
  for (const name of words.length > 0 ? words : taskNames()) {
    const task = readTask(name);
    const folder = mkdtempSync(path.join(tmpdir(), 'trial-'));
    try {
      const repo = makeCheckout(task, folder);
      const before = runHiddenTests(task, repo, task.base);
      const after = runHiddenTests(task, repo, task.fix);
      const isSound = before.exitCode !== 0 && after.exitCode === 0 && (after.counts?.passed ?? 0) > 0;
      if (!isSound) console.log(`${before.tail}\n---\n${after.tail}`);
      sound &&= isSound;
      console.log(`${name}: ${isSound ? 'sound' : 'NOT SOUND'}; before ${said(before)}; after ${said(after)}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return sound;
}

function said({ exitCode, counts, failing }: Verdict): string {
  return `exit ${exitCode}, ${counts ? `${counts.passed} passed, ${counts.failed} failed` : 'not counted'} ${failing.slice(0, 3).join(' | ')}`;
}
