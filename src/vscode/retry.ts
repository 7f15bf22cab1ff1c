import { workCall } from './delegate-task.ts';
import { runWork } from './run-work.ts';
import type { Session } from './session.ts';
import type { Standing } from './standing.ts';
import { askFeedback } from './task-text.ts';

/**
 * The next attempt on the same branch, with what the user says about the last one. Checks and base stay as they were. The text is
 * kept until an attempt began with it.
 */
export async function retry(session: Session, standing: Standing): Promise<void> {
  const { view, last } = standing;
  const { branch, id } = view.identity;
  const feedback = await askFeedback(branch, session.drafts.get(id) ?? '');
  if (!feedback) return;
  session.drafts.set(id, feedback);
  const begun = session.onDidChange(() => {
    if ((session.find(id)?.view.attempts.length ?? 0) > view.attempts.length) session.drafts.delete(id);
  });
  const kind = last?.result?.kind ?? last?.start?.kind ?? 'feature';
  try {
    await runWork(session, workCall(session.rootOf(standing), branch, kind, feedback, []));
  } finally {
    begun.dispose();
  }
}
