/** What a check that fails before any change and after it speaks of, and only the user's checkout has, as git ignores it: a built folder, settings. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CheckComparison, CheckRun } from '../../checks/types.ts';
import { type Message, message, shortList } from '../../messages/message.ts';
import { ignoredInCheckout } from '../../workspace/ignored-entries.ts';
import type { Repository } from '../../workspace/types.ts';

const MOST_ENTRIES = 2000;
/** Lent by themselves, or never needed. */
const OTHERS = /(^|\/)(node_modules|\.venv|venv|__pycache__|\.git)\/?$/;

/** @param at the working tree that the checks ran in (what is there by now was lent or made), and in which folder of it */
export async function missedIgnored(
  repository: Repository,
  checks: readonly CheckComparison[],
  at: { readonly tree: string; readonly folder: string },
  signal: AbortSignal,
): Promise<Message[]> {
  const failed = checks.filter(({ base, result }) => fails(base) && (result === null || fails(result)));
  if (failed.length === 0) return [];
  const entries = await ignoredInCheckout(repository, signal).catch(() => []);
  const wanted = entries.filter((entry) => !OTHERS.test(entry)).slice(0, MOST_ENTRIES);
  return failed.flatMap(({ command, base }) => {
    const isMissed = (entry: string) => speaksOf(base!.tail, repository.root, at.folder, entry) && !existsSync(path.join(at.tree, entry));
    const files = wanted.filter(isMissed);
    return files.length > 0 ? [message('lent.missed', { command, files: shortList(files, 5) })] : [];
  });
}

/** Whether a run tells of something that was missing by its output. */
export const fails = (run: CheckRun | null): boolean => run !== null && run.exitCode !== 0 && run.killed === null && !run.installs;

/** By its whole path, or by the one from the root or from the folder of the checks. */
function speaksOf(text: string, root: string, folder: string, entry: string): boolean {
  const within = folder !== '' && entry.startsWith(`${folder}/`) && namesPath(text, `${root}/${folder}`, entry.slice(folder.length + 1));
  return within || namesPath(text, root, entry);
}

function namesPath(text: string, root: string, entry: string): boolean {
  for (let at = text.indexOf(entry); at >= 0; at = text.indexOf(entry, at + 1)) {
    const before = text.slice(Math.max(0, at - root.length - 1), at);
    const isEnded = entry.endsWith('/') || !/^[\w.-]/.test(text.slice(at + entry.length));
    if (isEnded && (before === `${root}/` || !/[\w./-]$/.test(before.replace(/(^|[^\w./-])\.\/$/, '$1')))) return true;
  }
  return false;
}
