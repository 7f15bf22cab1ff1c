import { hideSecrets } from '../common/hide-secrets.ts';
import { branchOfMerged, endingOf } from '../delegation/review/delivered-work.ts';
import type { DelegationIdentity } from '../delegation/store/delegation-folder.ts';
import { type DelegationRecord, readDelegation } from '../delegation/store/delegation-status.ts';
import { oneLine } from '../mcp/escape-untrusted.ts';
import { message } from '../messages/message.ts';
import { type RepositoryBranches, readBranches } from '../workspace/repository-branches.ts';
import { defineCommand, JSON_OPTION, REPO_OPTION } from './command.ts';
import { findDelegation } from './find-delegation.ts';
import { type Over, reportLines } from './report-lines.ts';
import { activityText, stateText } from './status-text.ts';
import { wrapped } from './wrap.ts';

export const show = defineCommand({
  about: 'cli.show.about',
  words: ['[branch]'],
  options: { attempt: { type: 'string', value: 'number', about: 'cli.option.attempt' }, ...JSON_OPTION, ...REPO_OPTION },
  async run(given, context) {
    const { terminal } = context;
    const { attempt: wanted, json } = given.options;
    if (wanted !== undefined && !/^[1-9]\d{0,4}$/.test(wanted)) return terminal.misuse(message('cli.noNumber', { value: wanted }), 'show');
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? terminal.fail(found.reason) : terminal.misuse(found.reason, 'show');
    const { identity, repository } = found;
    const [record, branches] = await Promise.all([readDelegation(found.folder), readBranches(repository.root, repository.user)]);
    const { status, attempts } = record;
    const attempt = wanted === undefined ? attempts.at(-1) : attempts.find(({ number }) => number === Number(wanted));
    if (wanted !== undefined && !attempt) {
      const numbers = attempts.map(({ number }) => number).join(', ');
      return terminal.fail(message('cli.noAttempt', { attempt: wanted, branch: identity.branch, attempts: numbers }));
    }
    // An attempt that is under way has no result, and the one before it is asked for by its number.
    const result = wanted === undefined && status.state !== 'ended' ? null : (attempt?.result ?? null);
    if (json) {
      if (!result)
        return terminal.fail(
          message(status.state === 'running' ? 'cli.show.noResultYet' : 'cli.show.noResult', { branch: identity.branch }),
        );
      terminal.printJson(result);
      return 0;
    }
    const isLast = attempt === attempts.at(-1);
    const over = isLast ? overOf(identity, record, branches) : null;
    const lines = result ? reportLines(result, over, terminal) : unfinishedLines();
    for (const line of lines) terminal.print(line);
    return 0;

    function unfinishedLines(): string[] {
      const { words, tone } = stateText(status, null);
      const { branch } = identity;
      const next =
        status.state === 'running' ? 'cli.show.running' : status.state === 'interrupted' ? 'cli.show.interrupted' : 'cli.show.unknown';
      return [
        `${terminal.paint('bold', oneLine(identity.branch, 250))}  ${terminal.paint(tone, terminal.say(words))}`,
        ...(attempt ? wrapped(hideSecrets(oneLine(attempt.start.task, 500)), terminal, '  ') : []),
        ...(status.state === 'running' ? [`  ${terminal.say(activityText(status.activity))}`] : []),
        '',
        ...wrapped(terminal.say(message(next, { branch })), terminal),
      ];
    }
  },
});

/** How it ended, and what can still be done: the branch of merged work may be back. */
function overOf(
  { id, branch }: Pick<DelegationIdentity, 'id' | 'branch'>,
  record: DelegationRecord,
  branches: RepositoryBranches | null,
): Over | null {
  const ending = endingOf(id, record, branches);
  if (ending !== 'merged') return ending && { ending, next: ending === 'discarded' ? 'restore' : null };
  const { disposition } = record;
  if (disposition?.tip) return { ending, next: 'restore' };
  const isThere = disposition === null || (branches && branchOfMerged(branch, record, branches.tips));
  return { ending, next: isThere ? 'discard' : null };
}
