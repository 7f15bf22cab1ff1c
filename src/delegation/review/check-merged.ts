/** Runs the checks of an attempt on the tree that a merge would give: what each says alone need not hold for both sides together. */
import type { CheckComparison } from '../../checks/types.ts';
import { cutText } from '../../common/cut-text.ts';
import { hideSecrets } from '../../common/hide-secrets.ts';
import { type Argument, type Message, message, shortList } from '../../messages/message.ts';
import type { Merging } from '../../workspace/merge-into-checkout.ts';
import type { Refusal } from '../../workspace/types.ts';
import { writeCommit } from '../../workspace/write-commit.ts';
import { identityOf } from '../attempt/prepare-workspace.ts';
import { checksOf } from '../start/plan-call.ts';
import type { DelegationFolder, StoredAttempt } from '../store/delegation-folder.ts';
import { refuse } from './decision.ts';
import { besideCheckout, type MergeContext } from './merged-tree.ts';

const NAMES = 8;
const SAID_CHARS = 300;

/** @returns what the checks showed, or why nothing may move: one fails that passes on HEAD, or none could run */
export async function checkMerged(
  context: MergeContext,
  folder: DelegationFolder,
  attempt: StoredAttempt,
  { tree, files }: Merging,
): Promise<{ readonly ok: true; readonly note: Message } | Refusal> {
  const { checks: commands, foundChecks: found = [] } = checksOf(attempt);
  if (commands.length === 0) return refuse(message('merge.noChecks', { branch: context.branch }));
  const { repository, signal } = context;
  const identity = identityOf(repository, context.now());
  const commit = await writeCommit(repository, { tree, parents: [repository.head.commit], message: 'Merged', identity });
  const comparisons = await besideCheckout(context, folder, attempt, async (beside) => {
    const runner = beside.checks({ commands, found });
    try {
      return await runner.result(commit, files);
    } finally {
      await runner.close();
    }
  });
  if ('ok' in comparisons) return comparisons;
  if (signal.aborted) return refuse(message('merge.cancelled'));
  const worse = comparisons.find(({ verdict }) => verdict === 'regressed');
  if (worse) return refuse(message('merge.checkFails', { command: worse.command, how: failureOf(worse) }));
  const ran = comparisons.filter(({ verdict }) => verdict !== 'cannot_run').map(({ command }) => command);
  if (ran.length === 0) return refuse(message('merge.checkNotRun', { commands: shortList(commands, NAMES) }));
  return { ok: true, note: message('merge.checked', { commands: shortList(ran, NAMES) }) };
}

/** The tests that fail only now; where the output names none, its end. */
function failureOf({ base, result }: CheckComparison): Argument {
  const known = new Set(base?.failing);
  const names = (result?.failing ?? []).filter((name) => !known.has(name));
  if (names.length > 0)
    return shortList(
      names.map((name) => cutText(name, 100)),
      NAMES,
    );
  const said = hideSecrets(result?.tail ?? '').trim();
  return `${result?.killed ?? `exit ${result?.exitCode ?? '?'}`}: ${said.slice(-SAID_CHARS)}`;
}
