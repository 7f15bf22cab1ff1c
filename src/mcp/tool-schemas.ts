import { MERGE_WAYS } from '../common/merge-way.ts';
import { STEP_LIMITS } from '../common/step-limits.ts';

/**
 * The closed list of MCP tools: names, texts and plain JSON schemas. The JSON is written by hand because every byte of a loaded schema is
 * paid in every request of the client, and because a client waits for this list: it needs no package.
 */
export type ToolName =
  | 'implement_feature'
  | 'write_tests'
  | 'fix_bug'
  | 'get_delegation'
  | 'cancel_delegation'
  | 'resume_delegation'
  | 'merge_delegation'
  | 'discard_delegation'
  | 'restore_delegation'
  | 'delegation_diff';

const MAIN_TEXTS = {
  implement_feature: `Implement a feature or change of more than about 30 lines. A cheaper coding model works alone on branch_name in a private copy of repo_path (your checkout is untouched), edits, tests, and returns outcome, check results, warnings and diff. Takes minutes. Call it before you read the code. task_spec, under 200 words: goal, constraints, acceptance criteria. Not for small edits or open designs. Same branch again = attempt 2, task_spec = your feedback. If fallback_needed is true, do it yourself.`,
  write_tests: `Write tests for existing code, in the project's own style. Works on branch_name in a private copy of repo_path; production code is out of scope unless you widen scope. Call it before you read the code: the worker finds the cases. task_spec, under 200 words: module or function, what matters. Same branch again = attempt 2 with your feedback. If fallback_needed is true, write them yourself.`,
  fix_bug: `Find and fix a reproducible bug. Works on branch_name in a private copy of repo_path and adds a regression test. Call it before you search for the cause. bug_description, under 200 words and the output: exact error, steps to reproduce, expected against actual; what you already know. Not for typos, or where the faulty line is named. Same branch again = attempt 2 with your feedback. If fallback_needed is true, fix it yourself.`,
} as const;

const text = (description?: string) => ({ type: 'string', ...(description && { description }) });
const texts = (description: string) => ({ type: 'array', items: { type: 'string' }, description });

const target = {
  repo_path: text('Absolute path of the repository, or in it'),
  branch_name: text('New branch, such as feature/rate-limiting'),
};
const options = {
  attempt: { type: 'integer', description: '2 = again with the same text' },
  base: text('Start commit (default HEAD)'),
  include_uncommitted: { type: 'boolean', description: 'Show it uncommitted changes' },
  checks: texts('Instead of those of the repository, e.g. ["npm test"]'),
  scope: texts('Globs that may change'),
  max_steps: { type: 'integer', ...STEP_LIMITS },
  budget: { type: 'number', description: 'Most money' },
};

const objectSchema = (properties: object, required: string[]) => ({ type: 'object' as const, properties, required });

/** `tools/list`, byte for byte. Only the three main tools are put before the model at once; the others stay deferred. */
export const MCP_TOOLS = [
  ...(['implement_feature', 'write_tests', 'fix_bug'] as const).map((name) => ({
    name,
    description: MAIN_TEXTS[name],
    inputSchema: objectSchema({ ...target, [taskField(name)]: text(), ...options }, ['repo_path', 'branch_name', taskField(name)]),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    _meta: { 'anthropic/alwaysLoad': true },
  })),
  {
    name: 'get_delegation' as const,
    description:
      'Status of a delegation while it runs, its stored report when it has ended, or, without branch_name, the list of delegations of the repository. Costs nothing.',
    inputSchema: objectSchema(
      { ...target, seen: { type: 'integer', description: 'From the last answer: then waits for the end, about a minute or longer' } },
      ['repo_path'],
    ),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
  {
    name: 'cancel_delegation' as const,
    description: 'Stop the attempt that runs on branch_name, whichever process runs it. Its work is kept and can be resumed.',
    inputSchema: objectSchema(target, ['repo_path', 'branch_name']),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
  {
    name: 'resume_delegation' as const,
    description:
      'Continue an attempt on branch_name that was cancelled or interrupted, or (with a higher max_steps or budget) that ended at its limit, from its last step. Answers like the call that began it.',
    inputSchema: objectSchema({ ...target, max_steps: options.max_steps, budget: options.budget }, ['repo_path', 'branch_name']),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  },
  {
    name: 'merge_delegation' as const,
    description:
      'Merge reviewed work into the branch that is checked out in repo_path, as one commit, or only some of its files, or without a commit. Only when the user agrees. Refused when the tip is not the one you reviewed, on conflicts, and when it would touch uncommitted changes.',
    inputSchema: objectSchema(
      {
        ...target,
        expected_tip: text('The tip that you reviewed, as the report gave it'),
        how: { type: 'string', enum: MERGE_WAYS, description: 'squash (default): one commit; apply: staged, no commit' },
        paths: texts('Only these changed files or folders, or the changes at lines of the branch: ["src/a.ts:12-40"]'),
        preview: { type: 'boolean', description: 'Only tell what would change, or conflict' },
        check: { type: 'boolean', description: 'Run the checks on the merged files first; nothing moves when one fails that did not' },
        skip_hooks: { type: 'boolean', description: 'Without the hooks of the user, who must agree' },
        autostash: { type: 'boolean', description: 'Stash uncommitted changes that are in the way, and bring them back after it' },
        message: text('Commit message; default: the one of the work'),
        into: text('Refuse when another branch is checked out'),
      },
      ['repo_path', 'branch_name', 'expected_tip'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  },
  {
    name: 'discard_delegation' as const,
    description:
      'Put a delegation aside: its branch goes (one that was there before goes back to where it stood), restore_delegation brings the work back. Only when the user agrees.',
    inputSchema: objectSchema({ ...target, expected_tip: text('Refuse when the branch is not at this commit') }, [
      'repo_path',
      'branch_name',
    ]),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  },
  {
    name: 'restore_delegation' as const,
    description: 'Undo discard_delegation: the branch comes back with the work.',
    inputSchema: objectSchema(
      { ...target, undo_merge: { type: 'boolean', description: 'Undo merge_delegation instead, while nothing was built on the merge' } },
      ['repo_path', 'branch_name'],
    ),
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
  {
    name: 'delegation_diff' as const,
    description: 'The diff of finished work against its base, all of it or one file, in pages; for what a report had no room for.',
    inputSchema: objectSchema(
      { ...target, path: text('One changed file, relative to the repository'), page: { type: 'integer', minimum: 1 } },
      ['repo_path', 'branch_name'],
    ),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  },
];

/** The argument that carries the task. */
export function taskField(name: ToolName): 'task_spec' | 'bug_description' {
  return name === 'fix_bug' ? 'bug_description' : 'task_spec';
}
