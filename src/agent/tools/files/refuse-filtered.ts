import type { ToolContext, ToolResult } from '../../types.ts';
import { failure } from '../define-tool.ts';
import { showName } from '../text-limits.ts';
import type { ResolvedPath } from './resolve-path.ts';

/** Refuses a file that only a program of the user's turns into what git stores: as it is, it must not come into a commit. */
export async function refuseFiltered({ shown, relative }: ResolvedPath, { workspace, signal }: ToolContext): Promise<ToolResult | null> {
  const filter = await workspace.filterOff(relative, signal);
  if (filter === null) return null;
  return failure(
    `${shown} cannot be written: .gitattributes has git store it by the filter ${showName(filter)} (as LFS or git-crypt do), and that does not run here. Solve the task without changing it, or say in the summary what it should hold.`,
    'needs a filter',
  );
}
