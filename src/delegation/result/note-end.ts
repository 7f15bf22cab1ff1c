import path from 'node:path';
import { recordEnd } from '../../economics/repository-record.ts';
import type { AttemptInput } from '../attempt/attempt-input.ts';
import { readIdentity } from '../store/delegation-folder.ts';
import { OUTCOME_RULES, type Outcome } from './outcomes.ts';
import type { AttemptResult } from './result-schema.ts';

/** Notes how the attempt ended in the record of its repository; that may fail, as everything in it is known elsewhere. */
export function noteEnd({ call, record }: AttemptInput, { kind, attempt, outcome, change, endedAt }: AttemptResult): void {
  const { context, folder, repository } = call;
  try {
    const began = readIdentity(folder)?.createdAt ?? ''; // a branch name can be used again
    recordEnd(context.stateDir, repository.commonDir, {
      of: `${folder.id} ${began} ${path.basename(record.folder)}`,
      at: Date.parse(endedAt),
      kind,
      attempt,
      files: change?.files.length ?? 0,
      proven: isProven(outcome),
    });
  } catch {} // the next one is noted
}

/** null = it says nothing of the worker: nothing could prove its work, or something else than the work ended the attempt. */
function isProven(outcome: Outcome): boolean | null {
  const { kind, goesOn, userMends } = OUTCOME_RULES[outcome];
  if (outcome === 'ready') return true;
  return outcome === 'needs_review' || (kind === 'failed' && !goesOn && userMends === null) ? false : null;
}
