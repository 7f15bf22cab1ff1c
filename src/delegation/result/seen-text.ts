/** What the worker itself ran of tests: told, and never counted. */
import { cutText } from '../../common/cut-text.ts';
import { type Message, message } from '../../messages/message.ts';
import type { AttemptResult } from './result-schema.ts';

type Seen = NonNullable<AttemptResult['seen']>[number];

const LONGEST_COMMAND = 160;

/** Those that the harness did not run as a check. */
export function seenRuns({ seen, checks }: Pick<AttemptResult, 'seen' | 'checks'>): Seen[] {
  const own = new Set(checks.flatMap(({ command, result }) => (result ? [command] : [])));
  return (seen ?? []).filter(({ command }) => !own.has(command));
}

/** A sentence for each. It proves nothing, so proved work needs little of it. */
export function seenTexts(result: Pick<AttemptResult, 'seen' | 'checks' | 'outcome'>): Message[] {
  return seenRuns(result)
    .slice(0, result.outcome === 'ready' ? 1 : 3)
    .map((run) => {
      const told = { when: when(run), command: cutText(run.command, LONGEST_COMMAND), run: words(run) };
      return run.before
        ? message('seen.lineBefore', { ...told, before: words({ ...run.before, killed: null }) })
        : message('seen.line', told);
    });
}

function when({ afterLastEdit }: Seen): Message {
  if (afterLastEdit === null) return message('seen.perhapsAfter');
  return afterLastEdit ? message('seen.after') : message('seen.before');
}

function words({ exitCode, counts, killed }: Pick<Seen, 'exitCode' | 'counts' | 'killed'>): Message[] {
  const { passed = 0, failed = 0, skipped = 0 } = counts ?? {};
  return [
    killed
      ? message('result.stopped', { why: killed })
      : exitCode === null
        ? message('seen.exitUnknown')
        : message('result.exit', { code: exitCode }),
    ...(passed > 0 ? [message('seen.passed', { count: passed })] : []),
    ...(failed > 0 ? [message('seen.failed', { count: failed })] : []),
    ...(skipped > 0 ? [message('seen.skipped', { count: skipped })] : []),
  ];
}
