/** Runs commands with the rights of the user, who chose that. */
import { join } from 'node:path';
import { commandEnvironment } from './command-environment.ts';
import { launchOptions, plainCommand, refusedResult, runningCommands, safeFolder, shellProgram } from './running-commands.ts';
import type { Sandbox, SandboxSpec } from './types.ts';

export function openUnsandboxed(spec: SandboxSpec): Sandbox {
  const running = runningCommands();
  const shell = shellProgram();
  return {
    kind: 'none',
    shownRoot: spec.workspace,
    shownTemp: spec.temp,
    async run(command, commandOptions) {
      const cwd = safeFolder(spec.workspace, commandOptions.cwd);
      if (cwd === null) return refusedResult(`There is no folder ${commandOptions.cwd} in the working tree.`, false);
      const [program, ...args] = plainCommand(shell, command);
      return running.run({
        ...launchOptions(spec, commandOptions),
        program: program!,
        args,
        cwd: join(spec.workspace, cwd),
        env: commandEnvironment(spec.env, { shownTemp: spec.temp, untrusted: [spec.mountAt, spec.workspace], proxyPort: null }),
        sandboxed: false,
        preamble: '',
      });
    },
    close: () => running.close(),
  };
}
