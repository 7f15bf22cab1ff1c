import { basename } from 'node:path';
import type { FileRules, ToolContext } from '../../types.ts';
import { showName } from '../text-limits.ts';
import { type ResolvedPath, shownPath } from './resolve-path.ts';

const MOST_NAMED = 5;

/**
 * What is said of a file that was written and that git ignores: it would not come onto the branch. Nothing is carried against a rule (it
 * may be a secret or build output); a line in .gitignore that takes the rule back does it, in the open.
 */
export async function ignoredNote(target: ResolvedPath, context: ToolContext): Promise<string> {
  const { ignored } = await context.workspace.rulesFor(target.relative, context.signal);
  if (ignored === null) return '';
  context.workspace.wroteIgnored(target.relative);
  const shown = (path: string) => showName(shownPath(context.workspace, path));
  const by =
    ignored.rules === null
      ? `the user's own ignore rules (pattern ${showName(ignored.pattern)})`
      : `${shown(ignored.rules)}:${ignored.line} (${showName(ignored.pattern)})`;
  const rules = ignored.rules ?? '.gitignore';
  return ` But git ignores it, by ${by}: it is here for commands and will NOT be on the branch. If it belongs there, use another name or put at the end of ${shown(rules)}:\n${unignore(ignored, target.relative).join('\n')}`;
}

/**
 * What is said where rules of git were written: which files of the worker they ignore from now on, as long as git does not have them. Whether it
 * has them by then is a matter of when they were last saved.
 */
export async function ruleNote(target: ResolvedPath, context: ToolContext): Promise<string> {
  if (basename(target.relative) !== '.gitignore') return '';
  const ignored = await context.workspace.newlyIgnored(context.signal);
  if (ignored.length === 0) return '';
  const shown = [...ignored.slice(0, MOST_NAMED).map((path) => showName(shownPath(context.workspace, path)))];
  if (ignored.length > MOST_NAMED) shown.push(`${ignored.length - MOST_NAMED} more`);
  const [is, it, belongs] = ignored.length === 1 ? ['is', 'it is', 'it belongs'] : ['are', 'they are', 'they belong'];
  return ` But ${shown.join(', ')}, which you wrote, ${is} ignored by git now: ${it} here for commands and will NOT be on the branch. If ${belongs} there, make the rule narrower.`;
}

/** Lines that take a rule back for one file: git looks into no folder that is ignored, so that comes back first, without what else is in it. */
function unignore({ rules, matched }: NonNullable<FileRules['ignored']>, file: string): string[] {
  const base = rules === null || !rules.includes('/') ? '' : rules.slice(0, rules.lastIndexOf('/') + 1);
  const parts = file.split('/');
  const folders = parts
    .map((_, at) => parts.slice(0, at).join('/'))
    .filter((folder) => folder === matched || folder.startsWith(`${matched}/`));
  const lines = folders.flatMap((folder) => [`!/${escaped(folder.slice(base.length))}/`, `/${escaped(folder.slice(base.length))}/*`]);
  return [...lines, `!/${escaped(file.slice(base.length))}`];
}

const escaped = (name: string) => name.replace(/[*?[\]\\]/g, '\\$&').replace(/ +$/, (blanks) => '\\ '.repeat(blanks.length));
