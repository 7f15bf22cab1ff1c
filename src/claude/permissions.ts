import { errorCode } from '../common/caught-error.ts';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { type Message, message } from '../messages/message.ts';
import { readToChange } from './claude-files.ts';
import { addToList, JsonTextError, readList, removeFromList } from './edit-json.ts';
import { SERVER_NAME } from './registration.ts';

/**
 * The tools that Claude may call without asking: those that work on a branch of their own or stop that, and those that only look. Never
 * those that merge or discard: these decide over the user's own branches.
 */
export const ALLOWED_TOOLS = [
  'implement_feature',
  'write_tests',
  'fix_bug',
  'resume_delegation',
  'get_delegation',
  'cancel_delegation',
  'delegation_diff',
] as const;

export const ALLOW_RULES: readonly string[] = ALLOWED_TOOLS.map((tool) => `mcp__${SERVER_NAME}__${tool}`);
const ALLOW = ['permissions', 'allow'];

export interface PermissionPlan {
  /** Rules that are to be added; empty when Claude may call the tools already. */
  readonly missing: readonly string[];
  /** Rules of the user's that forbid (`deny`) or ask (`ask`) nevertheless; they are left alone and shown. */
  readonly against: readonly { readonly list: 'deny' | 'ask'; readonly rule: string }[];
  /** The file's text with the rules. */
  readonly after: string;
}

export type Planned<T> = { readonly ok: true; readonly plan: T } | { readonly ok: false; readonly reason: Message };

/**
 * What allowing the tools would change in a settings.json.
 * @param text the file's text; null when there is none
 * @param options.server its name, as its tools bear it
 * @param options.shown no others than these are added; absent = all
 */
export function planPermissions(
  text: string | null,
  file: string,
  { server = SERVER_NAME, shown }: { readonly server?: string | undefined; readonly shown?: readonly string[] } = {},
): Planned<PermissionPlan> {
  const prefix = `mcp__${server}`;
  const rules = ALLOWED_TOOLS.map((tool) => `${prefix}__${tool}`);
  return careful(file, () => {
    const before = text ?? '';
    const present = new Set(readList(before, ALLOW));
    const wanted = [prefix, `${prefix}__*`].some((rule) => present.has(rule)) ? [] : rules.filter((rule) => !present.has(rule));
    const missing = wanted.filter((rule) => shown?.includes(rule) ?? true);
    const against = (['deny', 'ask'] as const).flatMap((list) =>
      readList(before, ['permissions', list])
        .filter((rule) => rule === prefix || rule === `${prefix}__*` || rule === 'mcp__*' || rules.includes(rule))
        .map((rule) => ({ list, rule })),
    );
    return { missing, against, after: addToList(before, ALLOW, missing) };
  });
}

/** The same for a file as it is on the disk. */
export function planPermissionsOf(file: string, server?: string): Planned<PermissionPlan> {
  try {
    return planPermissions(readToChange(file), file, { server });
  } catch (error) {
    if (error instanceof ErrorWithReason) return { ok: false, reason: error.reason };
    const code = errorCode(error) ?? String(error);
    return { ok: false, reason: message('claude.settingsUnreadable', { file, code }) };
  }
}

/** Which of our rules a settings.json holds; none when it is no JSON. */
export function heldRules(text: string | null): readonly string[] {
  const held = careful('', () => readList(text ?? '', ALLOW));
  return held.ok ? ALLOW_RULES.filter((rule) => held.plan.includes(rule)) : [];
}

/** The text of a settings.json without the given rules (those that we added). */
export function withoutPermissions(text: string, file: string, rules: readonly string[]): Planned<string> {
  return careful(file, () => removeFromList(text, ALLOW, rules));
}

function careful<T>(file: string, plan: () => T): Planned<T> {
  try {
    return { ok: true, plan: plan() };
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    return { ok: false, reason: message('claude.notJson', { file, said: error.message }) };
  }
}
