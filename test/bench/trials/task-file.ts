/** A task: the last state of a public repository before something was mended, what its user would have written, and the tests that decide. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const commit = z.string().regex(/^[0-9a-f]{40}$/);

const taskSchema = z.strictObject({
  ecosystem: z.string(),
  /** Anything that git fetches from. */
  repository: z.string(),
  base: commit,
  /** The commit of the project itself that did it. Whoever works on the task never has it. */
  fix: commit,
  kind: z.enum(['bug', 'feature']),
  /** The report, without the solution. */
  task: z.string().min(40),
  /** What makes a fresh checkout ready to run its tests, with the registries in reach. */
  prepare: z.array(z.string()),
  /** Files of the fix that nobody sees before the end. */
  tests: z.array(z.string()).min(1),
  /** Runs them. */
  decide: z.string(),
});

export type Task = z.infer<typeof taskSchema> & { readonly name: string };

const TASKS = import.meta.dirname;

export function taskNames(): string[] {
  return readdirSync(TASKS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.basename(file, '.json'));
}

/** @param named one of ours, or the path of a file */
export function readTask(named: string): Task {
  const file = named.endsWith('.json') ? named : path.join(TASKS, `${named}.json`);
  return { name: path.basename(file, '.json'), ...taskSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
}
