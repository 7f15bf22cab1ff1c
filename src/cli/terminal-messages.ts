import { en } from '../messages/en.ts';
import { type Argument, type Code, type Language, type Message, say } from '../messages/message.ts';

/** Sentences that name a tool of the server to Claude name a command here. */
const OWN: Partial<Record<Code, Code>> = {
  'origin.environment': 'cli.own.environment',
  'api.noKey': 'cli.own.noKey',
  'consent.denied': 'cli.own.consentDenied',
  'consent.deniedHere': 'cli.own.consentDeniedHere',
  'consent.openHere': 'cli.own.consentOpenHere',
  'consent.open': 'cli.own.consentOpen',
  'call.busy': 'cli.own.busy',
  'call.baseGone': 'cli.own.baseGone',
  'end.cancelled': 'cli.own.workKept',
  'end.cancelDelegation': 'cli.own.workKept',
  'end.callCancelled': 'cli.own.workKept',
  'end.clientGone': 'cli.own.workKept',
  'resume.nothing': 'cli.own.nothingToResume',
  'resume.timeLimit': 'cli.own.resumeTimeLimit',
  'resume.stepLimit': 'cli.own.resumeStepLimit',
  'resume.budget': 'cli.own.resumeBudget',
  'merge.noBranch': 'cli.own.noBranch',
  'merge.branchAside': 'cli.own.branchAside',
  'merge.tipMoved': 'cli.own.tipMoved',
  'decide.running': 'cli.own.running',
  'decide.unknown': 'cli.own.unknown',
  'discard.unfinished': 'cli.own.discardedUnfinished',
  'discard.deleted': 'cli.own.discardedDeleted',
  'discard.deletedMergeStays': 'cli.own.discardedMergeStays',
  'discard.takenBack': 'cli.own.discardedTakenBack',
};

/** The message as somebody reads it who has a terminal and no tools. @param program how our command is called there */
export function inTerminal({ code, args }: Message, program: string): Message {
  const own = (argument: Argument): Argument => {
    if (typeof argument !== 'object') return argument;
    return Array.isArray(argument) ? argument.map((item) => own(item) as typeof item) : inTerminal(argument as Message, program);
  };
  const given = Object.entries(args).map(([name, argument]) => [name, own(argument)] as const);
  return { code: OWN[code] ?? code, args: { ...Object.fromEntries(given), cli: program } };
}

/** Some messages are parts of a report elsewhere. By itself each is a sentence, which a name of others may begin as it is. */
export function asSentence(said: Message, language: Language): string {
  const text = say(said, language);
  return beginsByItself(said)
    ? text.replace(/^(?!git|npm|npx|base\b)[a-z]+(?=[\s,])/, (word) => word[0]!.toUpperCase() + word.slice(1))
    : text;
}

function beginsByItself({ code, args }: Message): boolean {
  const name = /^\{(\w+)\}/.exec(en[code])?.[1];
  const first = name === undefined ? null : args[name];
  if (first === null) return true;
  return typeof first === 'object' && 'code' in first && beginsByItself(first);
}
