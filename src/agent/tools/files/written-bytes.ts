/** What the file tools of an attempt have added to its files: commands are watched for that, and nobody runs while these write. */
import type { ToolWorkspace } from '../../types.ts';
import { showSize } from '../text-limits.ts';

const MOST_ADDED = 512 * 1024 * 1024;

const added = new WeakMap<ToolWorkspace, number>();

/** @returns why there is no room for that many bytes more, or null; then they count */
export function takeRoom(workspace: ToolWorkspace, before: number, after: number): string | null {
  const all = Math.max(0, (added.get(workspace) ?? 0) + after - before);
  if (after > before && all > MOST_ADDED)
    return `write_file and edit_file have added ${showSize(MOST_ADDED)} in this attempt, the most that they may; use run_command with a script`;
  added.set(workspace, all);
  return null;
}
