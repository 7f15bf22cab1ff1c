import { errorOutcome } from '../delegation/result/error-outcome.ts';
import { gitUntil } from '../workspace/limit-git.ts';
import { openClientSession } from './client-session.ts';
import { delegateTools } from './delegate-tools.ts';
import { reviewTools } from './review-tools.ts';
import { statusTools } from './status-tools.ts';
import type { ToolAnswer } from './tool-answer.ts';
import { parseArguments } from './tool-arguments.ts';
import type { ToolName } from './tool-schemas.ts';
import type { CallContext, CallsOptions, ToolHandler, ToolHandlers } from './types.ts';

export interface Calls {
  /** Never throws: whatever goes wrong is an answer. */
  readonly handle: ToolHandler;
  /** Stops every attempt of this process as `interrupted`; resolves when their checkpoints are written. */
  shutdown(): Promise<void>;
}

/** Tool calls in, answers out, for one client session. */
export function createCalls(options: CallsOptions): Calls {
  const session = openClientSession(options.clock.now);
  const handlers: ToolHandlers = {
    ...delegateTools(options, session),
    ...statusTools(options, session),
    ...reviewTools(options, session),
  };

  async function handle<K extends ToolName>(name: K, args: Record<string, unknown>, call: CallContext): Promise<ToolAnswer> {
    const parsed = parseArguments(name, args);
    if (!parsed.ok) return session.refusal({ outcome: 'invalid_request', reason: parsed.problem, branch: null });
    try {
      return await gitUntil(call.signal, () => handlers[name](parsed.given, call));
    } catch (error) {
      return session.refusal({
        ...errorOutcome(error, options.stateDir, parsed.given.repo_path),
        branch: parsed.given.branch_name ?? null,
      });
    }
  }

  return { handle, shutdown: session.shutdown };
}
