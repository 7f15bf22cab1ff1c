/** Says that a path does not exist, with what may have been meant. */
import type { ToolContext, ToolResult } from '../../types.ts';
import { failure } from '../define-tool.ts';
import { showName } from '../text-limits.ts';
import { type ResolvedPath, shownPath } from './resolve-path.ts';
import { similarPaths } from './similar-paths.ts';

export async function missingPath(context: ToolContext, target: ResolvedPath, advice: string): Promise<ToolResult> {
  const existing = target.area === 'workspace' ? await context.workspace.listFiles(context.signal) : [];
  const similar = similarPaths(target.relative, existing, 5).map((path) => showName(shownPath(context.workspace, path)));
  const hint =
    similar.length > 0 ? `Did you mean ${similar.join(', ')}?` : 'Nothing has a similar name; list_files and search show what exists.';
  return failure(`${target.shown} does not exist. ${hint}${advice && ` ${advice}`}`, 'no such file');
}
