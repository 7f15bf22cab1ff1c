import { z } from 'zod';
import { CHECK_LIST } from '../config.ts';
import { type Message, message } from '../messages/message.ts';
import { MCP_TOOLS, type ToolName } from './tool-schemas.ts';

const line = z.string().trim().min(1);
const ref = line.max(300);
const targetShape = { repo_path: line, branch_name: z.string().min(1) };
const optionShape = {
  attempt: z.unknown().optional(), // a hint that nobody reads: whatever it is, it does not fail a call
  base: ref.optional(),
  include_uncommitted: z.boolean().optional(),
  checks: CHECK_LIST.optional(),
  scope: z.array(line.max(300)).max(50).optional(),
  max_steps: z.unknown().optional(),
  budget: z.unknown().optional(),
};
const tip = z.string().regex(/^[0-9a-f]{7,64}$/, 'give at least 7 digits of the tip, as the report says it');
const task = z.string().trim().min(1).max(200_000);

/** What each tool takes; max_steps and budget are settings of the call and are checked with the other settings. */
export const ARGUMENTS = {
  implement_feature: z.object({ ...targetShape, ...optionShape, task_spec: task }),
  write_tests: z.object({ ...targetShape, ...optionShape, task_spec: task }),
  fix_bug: z.object({ ...targetShape, ...optionShape, bug_description: task }),
  get_delegation: z.object({ repo_path: line, branch_name: z.string().min(1).optional() }),
  cancel_delegation: z.object(targetShape),
  merge_delegation: z.object({
    ...targetShape,
    expected_tip: tip,
    squash: z.boolean().optional(),
    message: z.string().max(10_000).optional(),
    into: ref.optional(),
  }),
  discard_delegation: z.object({
    ...targetShape,
    expected_tip: tip.optional(),
  }),
  restore_delegation: z.object(targetShape),
  delegation_diff: z.object({ ...targetShape, path: line.optional() }),
  resume_delegation: z.object({ ...targetShape, max_steps: z.unknown().optional(), budget: z.unknown().optional() }),
} as const;

export type ToolArguments = { readonly [K in ToolName]: z.infer<(typeof ARGUMENTS)[K]> };
const SCHEMAS: { readonly [K in ToolName]: z.ZodType<ToolArguments[K]> } = ARGUMENTS;

/** The arguments of a call, or for each wrong one its name, what is wrong, what is right. */
export function parseArguments<K extends ToolName>(
  name: K,
  args: unknown,
): { ok: true; given: ToolArguments[K] } | { ok: false; problem: Message } {
  const parsed = SCHEMAS[name].safeParse(args);
  if (parsed.success) return { ok: true, given: parsed.data };
  const required = MCP_TOOLS.find((tool) => tool.name === name)?.inputSchema.required ?? [];
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
  return { ok: false, problem: message('call.arguments', { problems: problems.join('; '), tool: name, required }) };
}
