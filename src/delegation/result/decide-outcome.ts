import { extname } from 'node:path';
import { isCode, isProse } from '../../agent/prompt/outline.ts';
import { testsOf } from '../../checks/definition/judge-definition.ts';
import { failsAsBefore, judgeChecks, whyOnResultOnly } from '../../checks/judge-checks.ts';
import { failsOnBase, isFixedByWork, needsFaults, onlyFound, onlyOwnTests } from '../../checks/proof/what-is-shown.ts';
import { isTestPath } from '../../checks/test-files.ts';
import { type Message, message, shortList } from '../../messages/message.ts';
import type { Delivery } from '../attempt/commit-and-import.ts';
import { pathsOf } from './out-of-scope.ts';
import type { Outcome } from './outcomes.ts';
import type { AttemptResult } from './result-schema.ts';

/**
 * From facts to the outcome: what the model said about its work is not asked. `ready` must be earned: a blocking warning makes
 * it `needs_review`, no proof makes it `unverified`.
 * @param kind a bug fix whose checks fail as before has failed; other work has merely no proof
 */
export function decideOutcome(
  delivery: Delivery,
  warnings: AttemptResult['warnings'],
  kind: AttemptResult['kind'],
): { outcome: Outcome; reason: Message | null } {
  if (delivery.ending.kind === 'nothing') return { outcome: 'no_changes', reason: message('end.noChanges') };
  if (delivery.ending.kind === 'moved') return { outcome: 'branch_moved', reason: delivery.ending.reason };
  // The work itself is at fault (a hostile .gitmodules), so the same again cannot help; feedback can.
  if (delivery.ending.kind === 'rejected') return { outcome: 'checks_failed', reason: delivery.ending.reason };
  const verdict = judgeChecks(delivery.checks);
  const blocking = warnings.filter((warning) => warning.level === 'blocking').length;
  if (verdict.kind === 'failed') return { outcome: 'checks_failed', reason: verdict.reason };
  if (verdict.kind === 'no_proof' && kind === 'bug' && delivery.checks.length > 0)
    return { outcome: 'checks_failed', reason: verdict.reason };
  // A linter that passes as before shows no bug fixed while the test that the caller named fails as before.
  const stuck = kind === 'bug' ? stillFailing(delivery) : [];
  if (stuck.length > 0) return { outcome: 'checks_failed', reason: message('checks.stillFailing', { commands: stuck }) };
  if (blocking > 0)
    return {
      outcome: 'needs_review',
      reason: blocking === 1 ? message('end.warnings.one') : message('end.warnings.many', { count: blocking }),
    };
  if (delivery.checks.length === 0) return { outcome: 'unverified', reason: whyNone(delivery.silentManifests) };
  if (verdict.kind !== 'proved' && verdict.kind !== 'as_before') return { outcome: 'unverified', reason: verdict.reason };
  const unknown = failsUnknown(delivery);
  if (unknown.length > 0) return { outcome: 'unverified', reason: message('checks.stillFailing', { commands: unknown }) };
  const nothing = whyNothing(delivery, kind) ?? whyNotBefore(delivery);
  if (nothing) return { outcome: 'unverified', reason: nothing };
  const open = whatFoundLeavesOpen(delivery, kind);
  if (open && verdict.kind === 'as_before') return { outcome: 'unverified', reason: verdict.reason };
  const uncovered = whatIsUncovered(delivery) ?? open;
  return uncovered ? { outcome: 'unverified', reason: uncovered } : { outcome: 'ready', reason: null };
}

function whyNone(silent: readonly string[] | null): Message {
  if (silent === null) return message('checks.noneGiven');
  return silent.length > 0 ? message('checks.noneFound', { files: shortList(silent, 4) }) : message('checks.nothingToFind');
}

/** Named checks whose tests fail as on the base, where no other one is fixed and no new test shows the fix. A linter may complain of something else. */
function stillFailing({ checks, proof }: Delivery): string[] {
  if (isFixedByWork(checks, proof?.redToGreen) || (proof?.redToGreen && failsOnBase(proof.redToGreen))) return [];
  const named = checks.filter(({ found, verdict, base }) => !found && verdict === 'still_failing' && (base?.counts?.failed ?? 0) > 0);
  return named.map(({ command }) => `\`${command}\``);
}

/** Named tests that fail before and after, where nothing tells whether it is by the same ones: what passes beside them does not say that they broke nothing. */
const failsUnknown = ({ checks }: Delivery): string[] =>
  checks
    .filter(({ found, idle, verdict, newFailures, base }) => {
      const isOpen = !found && !idle && verdict === 'still_failing' && newFailures === null;
      return isOpen && testsOf(base) > 0;
    })
    .map(({ command }) => `\`${command}\``);

/** What passes before and after shows only that nothing broke: here there is nothing else to be shown, whoever named it. */
function whyNothing({ checks, change, effect, proof }: Delivery, kind: AttemptResult['kind']): Message | null {
  const { redToGreen, mutants } = proof ?? {};
  const isFixed = isFixedByWork(checks, redToGreen);
  // That tests run which were not there is what was asked for, and not yet that they test something.
  if (isFixed && !(kind === 'tests' && onlyOwnTests(checks))) return null;
  if (effect === 'none') return message('checks.noEffect');
  if (kind !== 'tests' && effect !== 'tests' && checks.some(({ verdict }) => verdict === 'fixed')) return message('checks.fixedByTests');
  if (kind !== 'tests') {
    // Tests that fail without code that does the same can only look at its text, or at the lines where it stands.
    const areShown = redToGreen && failsOnBase(redToGreen) && !changesCode(change);
    return effect === 'tests' && !areShown ? message('checks.onlyTests') : null;
  }
  if (mutants === undefined || onlyFound(checks)) return null;
  if (!('notShown' in mutants))
    return mutants.caught === 0 && mutants.tried > 1 ? message('checks.noFaultNoticed', { count: mutants.tried }) : null;
  if (mutants.notShown === 'nothing_taken') return message('checks.testsTakeNothing');
  return mutants.notShown === 'not_executed' ? message('checks.testsRunNothing') : null;
}

const changesCode = (change: Delivery['change']): boolean => pathsOf(change?.files ?? []).some((path) => isCode(path) && !isTestPath(path));

/** What passes only here says what tests say that the attempt wrote or changed; without any it says nothing of what the work broke. */
function whyNotBefore({ checks, change, ownPackages }: Delivery): Message | null {
  // Where the worker installed what was missing, the tests that were there have run; the report names its packages.
  if (ownPackages.length > 0) return null;
  if (pathsOf(change?.files ?? []).some(isTestPath)) return null;
  const passing = checks.filter(({ verdict, idle }) => !idle && (verdict === 'pass' || verdict === 'fixed'));
  const reasons = passing.map(whyOnResultOnly);
  return reasons.length > 0 && reasons.every((one) => one !== null) ? (reasons[0] ?? null) : null;
}

/** Nobody said that checks that were found show this task: they passed before, and would whatever the worker claims. */
function whatFoundLeavesOpen({ checks, change, proof }: Delivery, kind: AttemptResult['kind']): Message | null {
  if (!onlyFound(checks)) return null;
  const paths = pathsOf(change?.files ?? []);
  if (paths.length > 0 && paths.every(isProse)) return message('checks.onlyProse');
  const { redToGreen, mutants } = proof ?? {};
  const noticeFaults = mutants !== undefined && !('notShown' in mutants) && mutants.caught > 0;
  if (kind === 'tests') return noticeFaults ? null : message('checks.testsNotShown');
  if (!redToGreen || !failsOnBase(redToGreen)) return message(kind === 'bug' ? 'checks.bugNotShown' : 'checks.featureNotShown');
  return needsFaults(kind, redToGreen) && !noticeFaults ? message('checks.onlyNamesShown') : null;
}

/** Checks that were found for one package, or one language, say nothing of the code of others. */
function whatIsUncovered({ checks, change }: Delivery): Message | null {
  const tests = checks.flatMap((check) => {
    const counts = check.verdict === 'pass' || check.verdict === 'fixed' || failsAsBefore(check);
    return check.found?.kind === 'test' && counts ? [check.found] : [];
  });
  if (tests.length === 0) return null;
  const isCovered = (path: string) =>
    tests.some(
      ({ folder, endings = [extname(path)] }) => endings.includes(extname(path)) && (folder === '' || path.startsWith(`${folder}/`)),
    );
  const others = pathsOf(change?.files ?? []).filter((path) => isCode(path) && !isCovered(path));
  return others.length > 0 ? message('checks.elsewhere', { files: shortList(others, 3) }) : null;
}
