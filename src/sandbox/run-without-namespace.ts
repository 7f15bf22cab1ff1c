/** Runs a command where no process namespace holds together what it starts, and ends all of that with it. */
import { trackCommand } from './end-leftovers.ts';
import { LIFELINE_FD, type RunningProgram, runProgram, STATUS_FD, type Watched } from './run-program.ts';

export function runWithoutNamespace(launch: Watched): RunningProgram {
  const tracker = trackCommand();
  const env = { ...launch.env, ...tracker.variables };
  const { result, ended } = runProgram({ ...launch, env, started: tracker.started, strays: tracker.living });
  const cleared = result.finally(() => tracker.end());
  return { result: cleared, ended: cleared.then(() => ended) };
}

/**
 * Ends the process group when this process dies. Whoever began a session of its own lives on then: nobody is left who could look for it.
 * The one that waits is no child of the command, whose `wait` would not end.
 */
export const WITH_US = `( { read _ <&${LIFELINE_FD}; kill -9 -$$; } </dev/null >/dev/null 2>&1 & ); exec ${STATUS_FD}>&- ${LIFELINE_FD}>&-; `;
