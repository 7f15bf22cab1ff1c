/** Which check tells most of tests, and what must run before it. */
import { isCode } from '../../agent/prompt/outline.ts';
import { isLookedAtOnly, runsTests } from '../../checks/definition/check-tools.ts';
import { followCommand } from '../../checks/definition/follow-command.ts';
import { holds, testsOf } from '../../checks/definition/judge-definition.ts';
import { failsAsBefore } from '../../checks/judge-checks.ts';
import { growth } from '../../checks/proof/compare-new-tests.ts';
import { isTestPath } from '../../checks/test-files.ts';
import type { CheckComparison } from '../../checks/types.ts';
import { listTree } from '../../workspace/read-objects.ts';
import type { ProofParts, TestCheck } from './proof-runs.ts';
import { sidesOf } from './sides.ts';

/** Of those that pass, or fail by the same tests as on the base, the one that runs most new ones, that was found as a test, or that calls a runner. */
export async function testCheck(parts: ProofParts): Promise<TestCheck | null> {
  const passing = passingOf(parts);
  const counted = passing.filter((check) => testsOf(check.result) > 0);
  const rank = (check: TestCheck) => (growth(check.base, check.result) ?? 0) * 1e6 + testsOf(check.result);
  const best = counted.sort((a, b) => rank(b) - rank(a))[0];
  const named = best ?? passing.find(({ found }) => found?.kind === 'test');
  if (named) return named;
  return firstWhose(parts, passing, (words) => words.some(runsTests));
}

/** One that may run tests of the project's own making, where nothing is known of how it tells of them. What the work mended comes first. */
export function ownCheck(parts: ProofParts): Promise<TestCheck | null> {
  const passing = passingOf(parts).filter(({ verdict }) => verdict === 'pass' || verdict === 'fixed');
  const [fixed, others] = [passing.filter(({ verdict }) => verdict === 'fixed'), passing.filter(({ verdict }) => verdict === 'pass')];
  return firstWhose(parts, [...fixed.reverse(), ...others.reverse()], (words) => !words.some(isLookedAtOnly));
}

function passingOf({ comparisons }: ProofParts): TestCheck[] {
  return comparisons.flatMap((check): TestCheck[] => {
    if (check.idle) return [];
    const passes = check.verdict === 'pass' || check.verdict === 'fixed' || failsAsBefore(check);
    const counts = passes && (!check.definition || holds(check.definition.verdict)) && !isRedefined(check);
    return counts && check.result ? [{ ...check, result: check.result }] : [];
  });
}

async function firstWhose(
  { runs, base, result, folder }: ProofParts,
  checks: readonly TestCheck[],
  isWanted: (words: readonly string[]) => boolean,
): Promise<TestCheck | null> {
  const basePaths = new Set((await listTree(runs.git, base)).map(({ path }) => path));
  const sides = { basePaths, ...sidesOf(runs.git, base, result) };
  for (const check of checks) {
    const { words } = await followCommand(check.command, folder, sides);
    if (isWanted([...words])) return check;
  }
  return null;
}

const SCRIPT = /\.(?:sh|bash|zsh|bats|t)$/;

/**
 * Whether new tests were seen to pass only with what the attempt changed of it: who says how they run says what they say. Where they are scripts
 * that a makefile runs, they were put back with it, and that it passes then says nothing of them.
 */
export function isRedefined({ definition }: CheckComparison): boolean {
  if (definition?.verdict !== 'same') return definition?.verdict === 'base_tests';
  const { files } = definition;
  return files.some((file) => isTestPath(file) && SCRIPT.test(file)) && files.some((file) => !isCode(file));
}

/** Checks before it that install or build: it may need what they leave. */
export function preparing(comparisons: readonly CheckComparison[], check: CheckComparison): CheckComparison[] {
  const at = comparisons.findIndex(({ command }) => command === check.command);
  return comparisons.slice(0, Math.max(0, at)).filter(({ result, idle }) => !idle && result?.exitCode === 0 && testsOf(result) === 0);
}

/** On the result. */
export const durationOf = (checks: readonly CheckComparison[]): number =>
  checks.reduce((sum, { result }) => sum + (result?.durationMs ?? 0), 0);
