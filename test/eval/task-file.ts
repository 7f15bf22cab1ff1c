/** The tasks of an evaluation, in a file that its user reads and edits before money is spent. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from './options.ts';

const commitId = z.string().regex(/^[0-9a-f]{40,64}$/);

const taskSchema = z.strictObject({
  id: z.string().regex(/^[\w.-]{1,100}$/, 'only letters, digits, dot, dash and underscore'),
  /** As the user named it: a path or a URL. */
  repository: z.string().min(1),
  base: commitId,
  /** The commit that did it; whoever works on the task never has it. */
  fix: commitId,
  /** What is asked for. */
  text: z.string().min(1),
  /** Files of the fix that nobody sees before the end. */
  tests: z.array(z.string().min(1)).min(1),
  /** Makes a fresh checkout ready, with package registries in reach. */
  prepare: z.array(z.string().min(1)),
  /** Runs the tests; 0 = they pass. */
  decide: z.string().min(1),
  /** How many tests pass on the fix, where that can be read. A result with fewer does not pass. */
  passes: z.number().int().positive().nullable(),
  /** What to look at before money is spent. */
  notes: z.array(z.string()).default([]),
  /** Which state of the fields above was tried on base and fix. */
  tried: z.string().default(''),
});
export type Task = z.infer<typeof taskSchema>;

const leftOutSchema = z.strictObject({ repository: z.string(), commit: z.string(), subject: z.string(), why: z.string() });
/** A commit that is no task, and why. */
export type LeftOut = z.infer<typeof leftOutSchema>;

const fileSchema = z.strictObject({ version: z.literal(1), tasks: z.array(taskSchema), leftOut: z.array(leftOutSchema).default([]) });
export type TaskList = Omit<z.infer<typeof fileSchema>, 'version'>;

const fileIn = (out: string) => path.join(out, 'tasks.json');

export function writeTasks(out: string, list: TaskList): string {
  writeFileSync(fileIn(out), `${JSON.stringify({ version: 1, ...list }, null, 2)}\n`);
  return fileIn(out);
}

/** @returns null when there is no such file yet */
export function readTasks(out: string): TaskList | null {
  const file = fileIn(out);
  if (!existsSync(file)) return null;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} is no JSON: ${(error as Error).message}. Mend it, or remove it to look for tasks again.`);
  }
  const { data, error } = fileSchema.safeParse(value);
  if (!data) throw new UserError(`${file}: ${z.prettifyError(error)}\nMend it, or remove it to look for tasks again.`);
  const twice = data.tasks.find(({ id }, index) => data.tasks.findIndex((task) => task.id === id) < index);
  if (twice) throw new UserError(`${file}: two tasks are called ${twice.id}. Rename one.`);
  return data;
}

const hash = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** What was tried on base and fix; another text needs no other trial. */
export const trialOf = ({ repository, base, fix, tests, prepare, decide }: Task): string =>
  hash([repository, base, fix, tests, prepare, decide]);

/** What a result belongs to: one of an edited task is none of this one. */
export const stateOf = (task: Task): string => hash([trialOf(task), task.text, task.passes]);
