/** What the tests of an attempt prove, beyond what its checks say. */
import { judgeChecks } from '../../checks/judge-checks.ts';
import { failsOnBase, needsFaults, onlyFound } from '../../checks/proof/what-is-shown.ts';
import type { TaskKind } from '../../common/task-kind.ts';
import type { AttemptResult } from '../result/result-schema.ts';
import { unheededTest } from './heeded-tests.ts';
import type { ProofParts } from './proof-runs.ts';
import { redToGreen } from './red-to-green.ts';
import { tryMutants } from './try-mutants.ts';

const cannotRun = () => ({ notShown: 'cannot_run' as const });

/**
 * undefined = nothing is to be shown: work whose checks neither prove it nor fail just as before it, or that has no tests and needs none. A fault on the way (a process
 * of a test that does not end, a full disk) is no reason to lose work that its checks have proved.
 */
export async function prove(kind: TaskKind, parts: ProofParts): Promise<AttemptResult['proof']> {
  const { comparisons } = parts;
  if (!['proved', 'as_before'].includes(judgeChecks(comparisons).kind)) return undefined;
  const unheeded = kind === 'tests' ? null : await unheededTest(parts).catch(() => null);
  const shown = await whatTestsShow(kind, parts);
  return unheeded ? { ...shown, unheeded } : shown;
}

async function whatTestsShow(kind: TaskKind, parts: ProofParts): Promise<AttemptResult['proof']> {
  const { comparisons } = parts;
  if (kind === 'tests') return { mutants: await tryMutants(parts, 'imported').catch(cannotRun) };
  const found = await redToGreen(parts).catch(cannotRun);
  const isKnown = comparisons.some(({ verdict }) => verdict === 'fixed'); // a test of the base shows the bug
  const isSilent = 'notShown' in found && found.notShown === 'no_tests' && (kind === 'feature' || isKnown);
  if (isSilent) return undefined;
  const isOpen = onlyFound(comparisons) && failsOnBase(found) && needsFaults(kind, found);
  return { redToGreen: found, ...(isOpen && { mutants: await tryMutants(parts, 'changed').catch(cannotRun) }) };
}
