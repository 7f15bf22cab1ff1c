/** Runs commands with the rights of the user, who chose that: in a container that may be lost, or just so. */
import { join } from 'node:path';
import { commandEnvironment, watchesWithoutTerminal } from './command-environment.ts';
import { WORKSPACE_VARIABLE } from './end-left-commands.ts';
import { environmentOfCopies, lendCopies } from './lend-copies.ts';
import { runWithoutNamespace, WITH_US } from './run-without-namespace.ts';
import {
  FIRST_OUT_OF_MEMORY,
  launchOptions,
  plainCommand,
  refusedResult,
  runningCommands,
  safeFolder,
  shellProgram,
} from './running-commands.ts';
import type { Sandbox, SandboxSpec } from './types.ts';

export function openWithoutWall(spec: SandboxSpec, kind: 'container' | 'none'): Sandbox {
  const running = runningCommands(spec, runWithoutNamespace);
  const shell = shellProgram();
  const copies = lendCopies(spec);
  const copied = environmentOfCopies(spec);
  return {
    kind,
    shownRoot: spec.workspace,
    shownTemp: spec.temp,
    async run(command, commandOptions) {
      const cwd = safeFolder(spec.workspace, commandOptions.cwd);
      if (cwd === null) return refusedResult(`There is no folder ${commandOptions.cwd} in the working tree.`, false);
      const preamble = await copies(commandOptions.signal);
      const [program, ...args] = plainCommand(shell, command, WITH_US + FIRST_OUT_OF_MEMORY);
      return running.run({
        ...launchOptions(spec, commandOptions),
        program: program!,
        args,
        cwd: join(spec.workspace, cwd),
        env: {
          ...commandEnvironment(copied.env, {
            shownTemp: spec.temp,
            shownHome: join(spec.temp, 'home'),
            untrusted: [spec.mountAt, spec.workspace],
            lent: copied.lent,
            proxyPort: null,
            watches: watchesWithoutTerminal(join(spec.workspace, cwd)),
          }),
          [WORKSPACE_VARIABLE]: spec.workspace,
        },
        sandboxed: false,
        preamble,
      });
    },
    quiet: running.quiet,
    close: running.close,
  };
}
