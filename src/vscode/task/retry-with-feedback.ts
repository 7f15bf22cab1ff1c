import type { Standing } from '../delegations/delegation-item.ts';
import type { Session } from '../window-context.ts';
import { askFeedback } from './ask-task.ts';
import { workCall } from './delegate-task.ts';
import { runWritten } from './run-task.ts';

/** The next attempt on the same branch, with what the user says about the last one. Checks and base stay as they were. */
export async function retry(session: Session, standing: Standing, mayWork: (root: string) => Promise<boolean>): Promise<void> {
  const { view, last } = standing;
  const { branch, id } = view.identity;
  const root = session.rootOf(standing);
  if (!(await mayWork(root))) return;
  const draft = { drafts: session.drafts, key: id };
  const feedback = await askFeedback(branch, draft);
  if (!feedback) return;
  const kind = last?.result?.kind ?? last?.start?.kind ?? 'feature';
  await runWritten(session, workCall(root, branch, kind, feedback, []), draft);
}
