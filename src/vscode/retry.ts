import { workCall } from './delegate-task.ts';
import { runWork } from './run-work.ts';
import type { Session } from './session.ts';
import type { Standing } from './standing.ts';
import { askFeedback } from './task-text.ts';

/** The next attempt on the same branch, with what the user says about the last one. Checks and base stay as they were. */
export async function retry(session: Session, standing: Standing): Promise<void> {
  const { view, last } = standing;
  const { branch } = view.identity;
  const feedback = await askFeedback(branch);
  if (!feedback) return;
  const kind = last?.result?.kind ?? last?.start?.kind ?? 'feature';
  await runWork(session, workCall(session.rootOf(standing), branch, kind, feedback, []));
}
