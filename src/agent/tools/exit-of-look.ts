/** Whether the exit code of a command tells of the work, or only of what a look found. */
import { onlyLooks } from '../../sandbox/looking-commands.ts';
import { type SimpleCommand, type Step, stepsOf } from '../../sandbox/parse-shell.ts';
import { hasFailed, type PipedResult } from './pipe-status.ts';

/** Programs that neither look into files nor do any of the work. */
const BESIDE_THE_WORK = new Set('which type stat du df date rm rmdir kill sleep true :'.split(' '));
const ABOUT_ITSELF = /^(--version|--help)$/;
/** What is done with the work at its end anyway. */
const GIT_OF_FINISH = new Set(['add', 'stage', 'commit']);

/**
 * @param root of the working tree, as commands see it
 * @returns whether it is a look's: `grep` without a match, `ls` of what is not there, also where it is the last of several commands or of a
 * pipe; of a command that passed, whether all of it only looked; of any, whether it ran on a copy elsewhere
 */
export function isOfLook(
  command: string,
  { exitCode, killed, codes }: Pick<PipedResult, 'exitCode' | 'killed' | 'codes'>,
  root: string,
): boolean {
  if (killed !== null) return false;
  const steps = stepsOf(command);
  const last = steps?.at(-1);
  if (!steps || !last) return false;
  if (steps.every(looks) || areElsewhere(steps, root)) return true;
  // Behind `&&` and `||`, or where the first failure ends all, the code may be that of another.
  const isAlone = steps.length === 1 || !/&&|\|\|/.test(command.slice(steps.at(-2)!.end, last.start));
  if (exitCode === 0 || !isAlone || steps.some(({ commands }) => commands.some(endsAtFailure))) return false;
  if (looks(last)) return true;
  return (
    last.isPlain && codes?.length === last.commands.length && codes.every((code, at) => !hasFailed(code) || isLook(last.commands[at]!))
  );
}

/** Programs by which a copy is made. */
const COPYING = new Set('rm mkdir cp ln mv tar git rsync'.split(' '));

/** Whether all that could fail runs on a copy outside of the working tree, as of the code before the work, where new tests are meant to fail. */
function areElsewhere(steps: readonly Step[], root: string): boolean {
  const at = steps.findIndex(({ commands: [first, ...others] }) => first?.[0] === 'cd' && others.length === 0);
  const goes = steps.slice(Math.max(at, 0)).flatMap(({ commands }) => commands.filter(([program]) => program === 'cd'));
  const areCopying = steps.slice(0, at).every(({ commands }) => commands.every((words) => COPYING.has(words[0] ?? '') || isLook(words)));
  const isElsewhere = (to: string) => /^\/tmp\/(?!.*\.\.)/.test(to) && !`${to}/`.startsWith(`${root}/`);
  return at >= 0 && areCopying && goes.every(([, to = '']) => isElsewhere(to));
}

/** A refused command of which nothing is lost, as finish does the same. */
export function leavesToFinish(command: string): boolean {
  const isLeft = ([program, ...args]: SimpleCommand) => program === 'git' && GIT_OF_FINISH.has(args[0] ?? '');
  return stepsOf(command)?.every((step) => looks({ ...step, commands: step.commands.filter((words) => !isLeft(words)) })) ?? false;
}

function looks({ commands, writesTo }: Step): boolean {
  return commands.every(isLook) && writesTo.every((file) => /^\/(tmp|dev)\//.test(file));
}

function isLook(words: SimpleCommand): boolean {
  if (words[0] === 'sed' && words.some((word) => /^(-\w*i|--in-place)/.test(word))) return false;
  return onlyLooks(words) || BESIDE_THE_WORK.has(words[0] ?? '') || ABOUT_ITSELF.test(words.at(-1) ?? '');
}

const endsAtFailure = ([program, ...args]: SimpleCommand) =>
  program === 'set' && args.some((arg) => arg === 'errexit' || (arg.includes('e') && /^-\w+$/.test(arg)));
