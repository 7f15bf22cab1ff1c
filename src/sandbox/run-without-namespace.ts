/** Runs a command where no process namespace holds together what it starts, and ends all of that with it. */
import { trackCommand } from './end-leftovers.ts';
import { LIFELINE_FD, runProgram, STATUS_FD, type Watched } from './run-program.ts';
import type { CommandResult } from './types.ts';

export async function runWithoutNamespace(launch: Watched): Promise<CommandResult> {
  const tracker = trackCommand();
  try {
    return await runProgram({ ...launch, env: { ...launch.env, ...tracker.variables }, started: tracker.started });
  } finally {
    await tracker.end();
  }
}

/**
 * Ends the process group when this process dies. Whoever began a session of its own lives on then: nobody is left who could look for it.
 * The one that waits is no child of the command, whose `wait` would not end.
 */
export const WITH_US = `( { read _ <&${LIFELINE_FD}; kill -9 -$$; } </dev/null >/dev/null 2>&1 & ); exec ${STATUS_FD}>&- ${LIFELINE_FD}>&-; `;
