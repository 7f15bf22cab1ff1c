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
 * @returns whether it is a look's: `grep` without a match, `ls` of what is not there, also where it is the last of several commands or of a
 * pipe; of a command that passed, whether all of it only looked
 */
export function isOfLook(command: string, { exitCode, killed, codes }: Pick<PipedResult, 'exitCode' | 'killed' | 'codes'>): boolean {
  if (killed !== null) return false;
  const steps = stepsOf(command);
  const last = steps?.at(-1);
  if (!steps || !last) return false;
  if (steps.every(looks)) return true;
  // Behind `&&` and `||`, or where the first failure ends all, the code may be that of another.
  const isAlone = steps.length === 1 || !/&&|\|\|/.test(command.slice(steps.at(-2)!.end, last.start));
  if (exitCode === 0 || !isAlone || steps.some(({ commands }) => commands.some(endsAtFailure))) return false;
  if (looks(last)) return true;
  return (
    last.isPlain && codes?.length === last.commands.length && codes.every((code, at) => !hasFailed(code) || isLook(last.commands[at]!))
  );
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

const endsAtFailure = ([program, ...args]: SimpleCommand) => program === 'set' && args.some((arg) => /^(-\w*e\w*|errexit)$/.test(arg));
