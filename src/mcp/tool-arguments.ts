import { z } from 'zod';
import { MERGE_WAYS } from '../common/merge-way.ts';
import { CHECK_LIST } from '../config.ts';
import { type Message, message } from '../messages/message.ts';
import { MCP_TOOLS, type ToolName } from './tool-schemas.ts';

const line = z.string().trim().min(1);
const tip = z.string().regex(/^[0-9a-f]{7,64}$/, 'give at least 7 digits of the tip, as the report says it');
const task = z.string().trim().min(1).max(200_000);

/**
 * An argument that may be missing. Models send what they do not want to give as null, as an empty text or as the name of nothing, and
 * values of every type as text; a call that says clearly what it means is not refused for its form.
 */
function optional<S extends z.ZodType>(schema: S, read: (value: unknown) => unknown = (value) => value) {
  return z.preprocess((value) => (isNothing(value) ? undefined : read(value)), schema.optional());
}

const isNothing = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'string' && /^\s*(?:(?:null|undefined)\s*)?$/.test(value));

/** `true`, `"True"`, `"yes"`, `1` */
function readBoolean(value: unknown): unknown {
  const text = String(value).trim().toLowerCase();
  return ['true', 'yes', '1'].includes(text) || (['false', 'no', '0'].includes(text) ? false : value);
}

const readNumber = (value: unknown) => (typeof value === 'string' ? Number(value) : value);
const readText = (value: unknown) => (typeof value === 'number' ? String(value) : value);

/** A list, a list as JSON text, or the items in one text, divided as people would. */
const readList = (divider: RegExp) => (value: unknown) => {
  const parsed = typeof value === 'string' ? (jsonList(value) ?? value.split(divider)) : value;
  const items = Array.isArray(parsed) ? parsed : [parsed];
  return items.filter((item) => !isNothing(item)).map((item) => (typeof item === 'string' ? item.trim() : item));
};

function jsonList(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : typeof value === 'string' ? [value] : null;
  } catch {
    return null;
  }
}

const ref = optional(line.max(300), readText);
const yesOrNo = optional(z.boolean(), readBoolean);
const targetShape = { repo_path: line, branch_name: z.string().min(1) };
const limitShape = { max_steps: optional(z.unknown()), budget: optional(z.unknown()) };
const optionShape = {
  /** Only a whole number means something; whatever else it is, it does not fail a call. */
  attempt: optional(z.number().int().optional().catch(undefined), readNumber),
  base: ref,
  include_uncommitted: yesOrNo,
  checks: optional(CHECK_LIST, readList(/\n/)),
  /** A glob may hold commas between braces. */
  scope: optional(z.array(line.max(300)).max(50), readList(/\n|,(?![^{]*\})/)),
  ...limitShape,
};

/** What each tool takes; max_steps and budget are settings of the call and are checked with the other settings. */
export const ARGUMENTS = {
  implement_feature: z.object({ ...targetShape, ...optionShape, task_spec: task }),
  write_tests: z.object({ ...targetShape, ...optionShape, task_spec: task }),
  fix_bug: z.object({ ...targetShape, ...optionShape, bug_description: task }),
  get_delegation: z.object({
    repo_path: line,
    branch_name: optional(z.string().min(1)),
    /** That it is given counts, and that it is another one each time. */
    seen: optional(z.unknown()),
  }),
  cancel_delegation: z.object(targetShape),
  merge_delegation: z.object({
    ...targetShape,
    expected_tip: tip,
    how: optional(z.enum(MERGE_WAYS), readText),
    paths: optional(z.array(line.max(1000)).max(500), readList(/\n/)),
    preview: yesOrNo,
    check: yesOrNo,
    skip_hooks: yesOrNo,
    autostash: yesOrNo,
    message: optional(z.string().max(10_000), readText),
    into: ref,
  }),
  discard_delegation: z.object({ ...targetShape, expected_tip: optional(tip, readText) }),
  restore_delegation: z.object({ ...targetShape, undo_merge: yesOrNo }),
  delegation_diff: z.object({ ...targetShape, path: optional(line, readText), page: optional(z.number().int().min(1), readNumber) }),
  resume_delegation: z.object({ ...targetShape, ...limitShape }),
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
