import type { Argument, Code, Message } from '../messages/message.ts';

/** Sentences that name a tool of the server to Claude name a command here. */
const OWN: Partial<Record<Code, Code>> = {
  'origin.environment': 'cli.own.environment',
  'call.busy': 'cli.own.busy',
  'call.baseGone': 'cli.own.baseGone',
  'end.cancelled': 'cli.own.workKept',
  'end.cancelDelegation': 'cli.own.workKept',
  'end.callCancelled': 'cli.own.workKept',
  'end.clientGone': 'cli.own.workKept',
  'resume.nothing': 'cli.own.nothingToResume',
  'resume.stepLimit': 'cli.own.resumeStepLimit',
  'resume.budget': 'cli.own.resumeBudget',
  'merge.noBranch': 'cli.own.noBranch',
  'merge.branchAside': 'cli.own.branchAside',
  'merge.tipMoved': 'cli.own.tipMoved',
  'decide.running': 'cli.own.running',
  'decide.unknown': 'cli.own.unknown',
  'discard.unfinished': 'cli.own.discardedUnfinished',
  'discard.deleted': 'cli.own.discardedDeleted',
  'discard.takenBack': 'cli.own.discardedTakenBack',
};

/** The message as somebody reads it who has a terminal and no tools. */
export function inTerminal({ code, args }: Message): Message {
  const own = (argument: Argument): Argument => {
    if (typeof argument !== 'object') return argument;
    return Array.isArray(argument) ? argument.map((item) => own(item) as typeof item) : inTerminal(argument as Message);
  };
  return { code: OWN[code] ?? code, args: Object.fromEntries(Object.entries(args).map(([name, argument]) => [name, own(argument)])) };
}
