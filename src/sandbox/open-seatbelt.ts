/** The sandbox of macOS. The working tree lies where it is: nothing can be mounted there without rights of an administrator. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { commandEnvironment, watchesWithoutTerminal } from './command-environment.ts';
import { WORKSPACE_VARIABLE } from './end-left-commands.ts';
import { findHostFolders, type HostFolders } from './host-folders.ts';
import { environmentOfCopies, lendCopies } from './lend-copies.ts';
import { findDeveloperTools, withDeveloperTools } from './mac-developer-tools.ts';
import { isObjectFolder, isReachedWithoutLinks } from './mount-points.ts';
import { isWithin, mount } from './mounts.ts';
import type { openBridge } from './network/proxy-bridge.ts';
import { runWithoutNamespace, WITH_US } from './run-without-namespace.ts';
import { launchOptions, plainCommand, refusedResult, runningCommands, safeFolder } from './running-commands.ts';
import type { SeatbeltView } from './seatbelt-profile.ts';
import type { CommandOptions, CommandResult, Sandbox, SandboxSpec } from './types.ts';

export const SANDBOX_EXEC = '/usr/bin/sandbox-exec';
const SHELL = '/bin/bash';

/** Commands run one at a time, in the order of the calls, as the proxy counts for the one that runs. */
export function openSeatbelt(spec: SandboxSpec, program: string, bridge: ReturnType<typeof openBridge>): Sandbox {
  const running = runningCommands(spec, runWithoutNamespace);
  const copies = lendCopies(spec);
  const found = findHostFolders(spec.env, spec.hidden, [spec.mountAt, spec.workspace], 'darwin');
  const tools = findDeveloperTools();
  const host = tools ? { ...found, lent: [...found.lent, mount('read-only', tools.folder, tools.folder)] } : found;
  const [workspace, temp] = [realPath(spec.workspace), realPath(spec.temp)];
  // macOS does not know C.UTF-8 everywhere, and programs that a desktop starts have no LANG.
  const copied = environmentOfCopies({ ...spec, workspace });
  const source = { ...copied.env, LANG: spec.env['LANG'] || 'en_US.UTF-8' };
  const environment = (proxyPort: number | null, cwd: string) => ({
    shownTemp: temp,
    shownHome: join(temp, 'home'),
    untrusted: [spec.mountAt, spec.workspace, workspace],
    lent: copied.lent,
    proxyPort,
    watches: watchesWithoutTerminal(join(spec.workspace, cwd)),
  });
  let queue: Promise<unknown> = Promise.resolve();

  const runNow = async (command: string, commandOptions: CommandOptions): Promise<CommandResult> => {
    const cwd = safeFolder(workspace, commandOptions.cwd);
    if (cwd === null) return refusedResult(`There is no folder ${commandOptions.cwd} in the working tree.`, true);
    const preamble = await copies(commandOptions.signal);
    const address = commandOptions.network ? await bridge.address() : null;
    const proxyPort = address === null ? null : Number(address);
    const { seatbeltProfile } = await import('./seatbelt-profile.ts'); // a library stands behind it that no other system needs
    const result = await running.run({
      ...launchOptions(spec, commandOptions),
      program,
      args: ['-p', seatbeltProfile(seatbeltView(spec, host, proxyPort)), ...plainCommand(SHELL, command, WITH_US)],
      cwd: join(workspace, cwd),
      env: { ...withDeveloperTools(commandEnvironment(source, environment(proxyPort, cwd)), tools), [WORKSPACE_VARIABLE]: spec.workspace },
      sandboxed: false,
      preamble,
    });
    const use = proxyPort === null ? result.use : { ...result.use, network: await bridge.endCommand() };
    return { ...asSandboxed(result), use };
  };

  return {
    kind: 'seatbelt',
    shownRoot: workspace,
    shownTemp: temp,
    run(command, commandOptions) {
      const result = queue.then(() => runNow(command, commandOptions));
      queue = result.catch(() => {});
      return result;
    },
    quiet: running.quiet,
    async close() {
      await running.close();
      await bridge.close();
    },
  };
}

/**
 * The same as bubblewrap shows, from the same description: the working tree and temp to write; the git dir, the borrowed objects, the
 * dependencies and programs to read; no home. In the spelling of the disk, which the rules are held against.
 */
export function seatbeltView(
  spec: SandboxSpec,
  { lent, covers }: HostFolders,
  proxyPort: number | null,
  real: (path: string) => string = realPath,
): SeatbeltView {
  const shown = lent.flatMap(({ kind, source, at }) => (kind === 'link' ? [at] : [real(source), at]));
  const dependencies = spec.lent.flatMap(({ from }) => from).filter(isReachedWithoutLinks);
  const borrowed = [spec.gitDir, ...spec.objectDirs.filter(isObjectFolder), ...dependencies].map(real);
  const unreadable = [...new Set(covers.map(({ at }) => real(at)))];
  const unnameable = unreadable.filter((path) => !isNameable(path));
  return {
    readable: [...new Set([...shown, ...borrowed])].filter(
      (path) => isNameable(path) && !unnameable.some((inner) => isWithin(inner, path)),
    ),
    unreadable: unreadable.filter(isNameable),
    writable: [spec.workspace, spec.temp].map(real),
    fixed: [join(real(spec.workspace), '.git')],
    proxyPort,
  };
}

/** Whether a profile can name a path for certain: its strings know other escapes than JSON, by which they are written. */
export function isNameable(path: string): boolean {
  return !/\p{Cc}|\p{Cs}/u.test(path);
}

/** Without links, and with capitals and accents as they stand on the disk, where a file system finds a file by other spellings too. */
function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** Where sandbox-exec itself fails, nothing has run. */
function asSandboxed(result: CommandResult): CommandResult {
  const failed = (result.exitCode === 65 || result.exitCode === 71) && result.head.startsWith('sandbox-exec: ');
  if (!failed) return { ...result, sandboxed: true };
  const head = `${result.head}The sandbox itself could not start this command (its message is above).\n`;
  return { ...result, head, exitCode: 126, sandboxed: true };
}
