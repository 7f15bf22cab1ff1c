/** Exit codes of the parts of a pipe: the shell tells only the last one's, which hides that tests failed in front of `| tail`. */
import { constants } from 'node:os';
import type { CommandResult } from '../../sandbox/types.ts';

export interface PipedResult extends CommandResult {
  /** The codes of a pipe at the end of the command, where a part before its last one failed; null otherwise. */
  readonly pipe: readonly number[] | null;
  /** The codes of that pipe in any case; null where the command does not end with one. */
  readonly codes: readonly number[] | null;
}

/** Printable, as control characters are taken out of an output. */
const WORDS = '[exit codes of the pipe:';

/**
 * Shell text in front of a command that tells the codes of its last pipe behind its output. Not `pipefail`, which would change what `&&`
 * and `set -e` do in the command. Behind an `exit 0` of its own nothing is told: that failures do not count is what it says. Shells other
 * than bash skip it.
 */
const TELL_PIPE = `[ -n "$BASH_VERSION" ] && trap '_codes=("$?" "\${PIPESTATUS[@]}"); [ \${#_codes[@]} -lt 3 ] || [[ $BASH_COMMAND == "exit 0"* ]] || printf "\\n${WORDS} %s]\\n" "\${_codes[*]:1}"; exit "$_codes"' EXIT; `;

/** @param subshell where the commands of a subshell begin with which the command ends: no trap reaches into one */
export function tellingPipe(command: string, subshell: number | null): string {
  if (subshell === null) return TELL_PIPE + command;
  return TELL_PIPE + command.slice(0, subshell) + TELL_PIPE + command.slice(subshell);
}

/** A writer whose reader has seen enough did not fail. */
const BROKEN_PIPE = 128 + constants.signals.SIGPIPE;

/** Whether the code of a part of a pipe tells a failure. */
export const hasFailed = (code: number) => code !== 0 && code !== BROKEN_PIPE;

const TOLD = /\n?\[exit codes of the pipe: (\d+(?: \d+)+)\]\n?$/;

/** Takes the codes out of the output, and the exit code from the last part that failed. */
export function withPipe(result: CommandResult): PipedResult {
  const part = result.tail === '' ? 'head' : 'tail';
  const told = TOLD.exec(result[part]);
  if (told === null) return { ...result, pipe: null, codes: null };
  const codes = told[1]!.split(' ').map(Number);
  const failed = codes.findLast(hasFailed);
  const isHidden = result.exitCode === 0 && failed !== undefined;
  return {
    ...result,
    [part]: result[part].slice(0, told.index) + (result[part][told.index] === '\n' ? '\n' : ''),
    exitCode: isHidden ? failed : result.exitCode === BROKEN_PIPE ? (failed ?? 0) : result.exitCode,
    pipe: isHidden ? codes : null,
    codes,
  };
}
