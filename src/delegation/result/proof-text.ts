/** What is said of the tests of an attempt: facts beside its checks, and warnings where they show nothing. */

import type { NoMutants, NoRedToGreen } from '../../checks/proof/types.ts';
import { isFixedByWork, onlyFound } from '../../checks/proof/what-is-shown.ts';
import { type Message, message, type PlainCode } from '../../messages/message.ts';
import type { AttemptResult } from './result-schema.ts';

type RedToGreen = NonNullable<NonNullable<AttemptResult['proof']>['redToGreen']>;
type Mutants = NonNullable<NonNullable<AttemptResult['proof']>['mutants']>;
type Shown = Exclude<RedToGreen, { notShown: string }>;

const NOT_SHOWN = {
  no_tests: 'proof.none.noTests',
  in_source: 'proof.none.inSource',
  no_check: 'proof.none.noCheck',
  not_run: 'proof.none.notRun',
  redefined: 'proof.none.redefined',
  base_fails: 'proof.none.baseFails',
  no_counts: 'proof.none.noCounts',
  too_long: 'proof.none.tooLong',
  stopped: 'proof.none.stopped',
  by_text: 'mutants.none.byText',
  by_data: 'proof.none.byData',
  by_chance: 'proof.none.byChance',
  skipped: 'proof.none.skipped',
  cannot_run: 'proof.none.cannotRun',
} as const satisfies Readonly<Record<NoRedToGreen, PlainCode>>;

/** A sentence for each proof, in the order in which they count. */
export function proofTexts({ proof }: Pick<AttemptResult, 'proof'>): Message[] {
  return [
    ...(proof?.redToGreen ? [message('proof.line', { text: redToGreenText(proof.redToGreen) })] : []),
    ...(proof?.mutants ? [mutantsText(proof.mutants)] : []),
  ];
}

/** The same where a heading, or the checks above, say already what it is about. */
export function proofFacts({ proof }: Pick<AttemptResult, 'proof'>): Message[] {
  return [...(proof?.redToGreen ? [redToGreenText(proof.redToGreen)] : []), ...(proof?.mutants ? [mutantsText(proof.mutants)] : [])];
}

/** What was shown, short; the surviving mutants stand elsewhere. */
export function shownProofs({ proof }: Pick<AttemptResult, 'proof'>): Message[] {
  const { redToGreen, mutants } = proof ?? {};
  return [
    ...(redToGreen && !('notShown' in redToGreen) ? [redToGreenText(redToGreen)] : []),
    ...(mutants && !('notShown' in mutants) ? [mutantsText({ ...mutants, survived: [] })] : []),
  ];
}

const NO_MUTANTS = {
  no_tests: 'proof.none.noTests',
  not_counted: 'mutants.none.notCounted',
  no_check: 'proof.none.noCheck',
  redefined: 'proof.none.redefined',
  no_source: 'mutants.none.noSource',
  nothing_taken: 'mutants.none.nothingTaken',
  not_executed: 'mutants.none.notExecuted',
  known: 'mutants.none.known',
  by_text: 'mutants.none.byText',
  by_chance: 'proof.none.byChance',
  too_long: 'proof.none.tooLong',
  stopped: 'mutants.none.stopped',
  cannot_run: 'mutants.none.cannotRun',
} as const satisfies Readonly<Record<NoMutants, PlainCode>>;

function mutantsText(proof: Mutants): Message {
  if ('notShown' in proof) return message('mutants.notShown', { why: message(NO_MUTANTS[proof.notShown]) });
  const { caught, tried, survived, alone, cut } = proof;
  const by = message(alone ? 'mutants.byNew' : 'mutants.byAll');
  const found = message(cut ? 'mutants.caughtInTime' : 'mutants.caught', { caught, all: tried, by });
  if (survived.length === 0) return found;
  const places = survived.map(({ file, line, from, to }) => message('mutants.place', { place: `${file}:${line}`, from, to }));
  return message('mutants.survived', { found, places });
}

function redToGreenText(proof: RedToGreen): Message {
  if ('notShown' in proof) return message('proof.notShown', { why: message(NOT_SHOWN[proof.notShown]) });
  const { newTests, failOnBase, pass } = proof;
  const fails = onBase(proof);
  if (newTests === null || newTests === 0 || pass === null) return fails;
  return failOnBase === 0 ? fails : message('proof.andPass', { fails, pass, all: newTests });
}

function onBase({ newTests, failOnBase, how }: Shown): Message {
  if (failOnBase === 0) return newTests ? message('proof.noneFails', { all: newTests }) : message('proof.changedPass');
  const why = howText(how);
  if (failOnBase === null) return how === 'load' ? message('proof.doNotLoad') : message('proof.someFail', { why });
  if (!newTests || failOnBase > newTests) return message('proof.changedFail', { failing: failOnBase, why });
  return message('proof.fail', { failing: failOnBase, all: newTests, why });
}

function howText(how: Shown['how']): Message {
  switch (how) {
    case 'assertion':
      return message('proof.how.assertion');
    case 'load':
      return message('proof.how.load');
    case 'mixed':
      return message('proof.how.mixed');
    default:
      return message('proof.how.unknown');
  }
}

/** Only of work that passes its checks is there a proof; a check that failed before shows the bug by itself. */
export function proofWarnings(
  kind: AttemptResult['kind'],
  proof: AttemptResult['proof'],
  checks: AttemptResult['checks'],
): AttemptResult['warnings'] {
  const { mutants, redToGreen } = proof ?? {};
  const isRedefined = [mutants, redToGreen].some((shown) => shown && 'notShown' in shown && shown.notShown === 'redefined');
  // Then nothing else speaks for the work; a check that somebody gave does.
  if (isRedefined && onlyFound(checks)) return [...unheededWarnings(proof), { level: 'blocking', text: message('warning.onlyRedefined') }];
  return [...unheededWarnings(proof), ...(mutants ? mutantWarnings(mutants) : []), ...redToGreenWarnings(kind, redToGreen, checks)];
}

/** Then no check speaks for the work, nor do its own tests. */
const unheededWarnings = (proof: AttemptResult['proof']): AttemptResult['warnings'] =>
  proof?.unheeded ? [{ level: 'blocking', text: message('warning.unheeded'), place: proof.unheeded }] : [];

function redToGreenWarnings(
  kind: AttemptResult['kind'],
  shown: RedToGreen | undefined,
  checks: AttemptResult['checks'],
): AttemptResult['warnings'] {
  if (!shown || isFixedByWork(checks, shown)) return [];
  if ('notShown' in shown) {
    if (shown.notShown === 'not_run') return [{ level: 'note', text: message('warning.testsNotRun') }];
    return kind === 'bug' && shown.notShown === 'no_tests' ? [{ level: 'note', text: message('warning.noTestOfBug') }] : [];
  }
  if (shown.failOnBase !== 0) return [];
  if (kind !== 'bug') return shown.newTests ? [{ level: 'note', text: message('warning.testsPassOnBase') }] : [];
  if (!shown.newTests) return [{ level: 'note', text: message('warning.noTestOfBug') }];
  return [{ level: 'blocking', text: message('warning.testsShowNoBug') }];
}

/** Fewer say nothing: one or the other fault may change nothing that can be seen. */
const LEAST_TRIED = 4;

function mutantWarnings(proof: Mutants): AttemptResult['warnings'] {
  if ('notShown' in proof && proof.notShown === 'by_text') return [{ level: 'blocking', text: message('warning.testsReadText') }];
  if ('notShown' in proof) return proof.notShown === 'not_executed' ? [{ level: 'note', text: message('warning.testsRunNothing') }] : [];
  const { caught, tried } = proof;
  if (caught > 0 || tried < LEAST_TRIED) return [];
  return [{ level: 'blocking', text: message('warning.testsCatchNothing', { count: tried }) }];
}
