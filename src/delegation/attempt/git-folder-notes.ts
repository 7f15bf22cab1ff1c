/**
 * Why a check fails that looks for git's folder where it is in an ordinary checkout, or writes into it: here `.git` is a file that names it,
 * as in a linked worktree, and checks can only read it.
 */
import path from 'node:path';
import type { CheckComparison } from '../../checks/types.ts';
import { type Message, message } from '../../messages/message.ts';
import { fails } from './missed-ignored.ts';

/** Node, Python, Go, Rust and Ruby, and programs of a shell. */
const NO_FOLDER = /\bENOTDIR\b|\bNotADirectory(?:Error|Exception)?\b|\bnot a directory\b/i;
/** A file or folder of git's own, as a path. */
const IN_FOLDER = /(^|[\s"'`(=:/])\.git[/\\](HEAD|config|hooks|index|info|logs|objects|refs|packed-refs|COMMIT_EDITMSG)\b/m;
const READ_ONLY = /Read-only file system/;
/** The folder of all state, by its usual name: tools cut long paths, and what follows is often not there. */
const STATE = /\/\.claude-kim/;

/** @param gitDir git's own folder, as commands see it */
export function gitFolderNotes(checks: readonly CheckComparison[], gitDir: string): Message[] {
  return checks.flatMap(({ command, base, result }) => {
    if (!fails(base) || (result !== null && !fails(result))) return [];
    const text = base!.tail;
    const isWritten = text.split('\n').some((line) => READ_ONLY.test(line) && (line.includes(path.dirname(gitDir)) || STATE.test(line)));
    if (isWritten) return [message('lent.gitReadOnly', { command })];
    const isMissed = (NO_FOLDER.test(text) && IN_FOLDER.test(text)) || text.includes(gitDir) || STATE.test(text);
    return isMissed ? [message('lent.gitFolder', { command })] : [];
  });
}
