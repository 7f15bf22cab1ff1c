/**
 * Whether tests still notice what they expect. Code of the work runs in their process, and can put out of force what they assert by in more ways than
 * anybody can list. So one of the base's expects something that nothing can be: that has to fail.
 */
import { randomInt } from 'node:crypto';
import { basename, extname } from 'node:path';
import { isCode } from '../../agent/prompt/outline.ts';
import { hasRun } from '../../checks/compare-check.ts';
import { otherExpectation } from '../../checks/proof/other-expectation.ts';
import { countTests, isTestPath } from '../../checks/test-files.ts';
import type { CheckComparison, CheckRun } from '../../checks/types.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { treeWithFiles } from '../../workspace/tree-with-files.ts';
import { pathsOf } from '../result/out-of-scope.ts';
import type { ProofParts } from './proof-runs.ts';
import { readerOf } from './sides.ts';
import { ownCheck, preparing, testCheck } from './test-check.ts';

/** What takes longer on the base is not asked: it is a run more. */
const SHORT_MS = 20_000;
/** The start of a runner, on a machine that does much else. */
const START_MS = 10_000;
const MOST_FILES = 1000;
const IS_PERL = /\.t$/;

export interface Unheeded {
  readonly file: string;
  readonly line: number;
}

/** @returns the line whose expectation nothing depends on any more; null = it is heeded, or nothing tells */
export async function unheededTest(parts: ProofParts): Promise<Unheeded | null> {
  const { runs, base, result, files } = parts;
  const changed = pathsOf(files).filter((path) => isCode(path) && !isTestPath(path));
  if (changed.length === 0) return null;
  const check = (await testCheck(parts)) ?? (await ownCheck(parts));
  if (!check) return null;
  const commands = [...preparing(parts.comparisons, check), check];
  const takes = commands.reduce((sum, one) => sum + lengthOf(one), 0);
  if (takes > SHORT_MS) return null;
  const mark = String(randomInt(1_000_000_000, 2_000_000_000));
  const other = await otherTest(parts, changed, mark);
  if (!other) return null;
  const timeoutMs = Math.min(parts.timeoutMs, 4 * takes + START_MS);
  const runOn = async (commit: string, how: string) => {
    const tree = await treeWithFiles(runs.git, commit, [{ path: other.path, text: other.text }]);
    return runs.run({ tree, commands: commands.map(({ command }) => command), how, timeoutMs });
  };
  const here = await runOn(result, 'a test that expects something else');
  if (here?.run.exitCode !== 0) return null;
  // It may not be run at all, or expect nothing by that line: asked of the base.
  const there = await runOn(base, 'a test that expects something else, on the base');
  const isHeeded = there !== null && there.run.killed === null && there.run.exitCode !== 0;
  return isHeeded && (there.output.includes(mark) || failsMore(check.base, there.run)) ? { file: other.path, line: other.line } : null;
}

/** Some tests print no more than what they wanted, in words of their own. */
const failsMore = (before: CheckRun | null, now: CheckRun): boolean =>
  before !== null &&
  hasRun(before) &&
  (before.exitCode === 0 || (before.counts !== null && (now.counts?.failed ?? 0) > before.counts.failed));

/** On the base where it ran there: the work could make it slow. */
const lengthOf = ({ base, result }: CheckComparison): number =>
  Math.min(...[base, result].map((run) => (run && hasRun(run) ? run.durationMs : Number.POSITIVE_INFINITY)));

/** Of the tests of the base, as they were, the one that names most of what was changed. */
async function otherTest({ runs, base }: ProofParts, changed: readonly string[], mark: string) {
  const paths = (await listTree(runs.git, base)).flatMap(({ path, mode }) => (mode.startsWith('100') && isTestPath(path) ? [path] : []));
  const texts = await readerOf(runs.git, base)(paths.slice(0, MOST_FILES));
  const names = new Set(changed.map((path) => basename(path, extname(path))));
  const naming = ([path, text]: readonly [string, string]) =>
    [...names].filter((name) => text.includes(name) || path.includes(name)).length;
  const ranked = [...texts]
    .filter(([path, text]) => countTests(path, text) > 0 || isCode(path) || IS_PERL.test(path))
    .sort((a, b) => naming(b) - naming(a));
  for (const [path, text] of ranked) {
    const other = otherExpectation(text, mark);
    if (other) return { path, ...other };
  }
  return null;
}
