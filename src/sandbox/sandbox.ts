/** The door of the sandbox: opens it for one working tree and runs commands in it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { message } from '../messages/message.ts';
import { askMounts } from './ask-mounts.ts';
import {
  type BubblewrapFeatures,
  bubblewrapArguments,
  type HostParts,
  shownHomeOf,
  shownTempOf,
  wrappedCommand,
} from './bubblewrap-arguments.ts';
import { type CgroupOptions, joinCommand, openCgroup } from './command-cgroup.ts';
import { commandEnvironment, watchesWithoutTerminal } from './command-environment.ts';
import { listeningSockets } from './find-endpoints.ts';
import { readHostFacts, thisMachine } from './host-facts.ts';
import { findHostFolders, type HostFolders } from './host-folders.ts';
import { readHostMounts } from './host-mounts.ts';
import { lendInstalled } from './lend-installed.ts';
import { lookAgain } from './look-again.ts';
import { type BridgeOptions, bridgedCommand, type Lifeline, noSocat, openBridge, PROXY_PORT } from './network/proxy-bridge.ts';
import { isNameable, openSeatbelt } from './open-seatbelt.ts';
import { openWithoutWall } from './open-without-wall.ts';
import { guardingCommand } from './own-devices.ts';
import { ownUser } from './own-user.ts';
import { prepareHostParts } from './prepare-host-parts.ts';
import { makePrivateHome } from './private-home.ts';
import { type ProbeOptions, probeSandbox } from './probe-sandbox.ts';
import { LIFELINE_FD, SECCOMP_FD, STATUS_FD } from './run-program.ts';
import {
  FIRST_OUT_OF_MEMORY,
  launchOptions,
  NO_CORE_FILES,
  NO_REAL_TIME,
  OPEN_FILES_LIMIT,
  PART_OF_QUEUES,
  plainCommand,
  processLimit,
  refusedResult,
  runningCommands,
  safeFolder,
  shellProgram,
} from './running-commands.ts';
import { canDoWithout } from './sandbox-remedies.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { shareParts } from './shared-parts.ts';
import type { CommandOptions, CommandResult, Sandbox, SandboxOpening, SandboxSpec } from './types.ts';

export { endLeftCommands } from './end-left-commands.ts';
export { probeSandbox, type SandboxProbe } from './probe-sandbox.ts';

export type OpenOptions = ProbeOptions & BridgeOptions & { readonly cgroup?: CgroupOptions };

/**
 * Opens a sandbox for a working tree. Where commands can write mount points, they run one at a time, in the order of the calls.
 * @returns the sandbox, or a reason in one line that says what to do: install a program, or choose to run without
 */
export async function openSandbox(spec: SandboxSpec, options: OpenOptions = {}): Promise<SandboxOpening> {
  makePrivateHome(spec);
  const doWithout = canDoWithout(options.machine ?? thisMachine);
  if (spec.mode === 'unsandboxed' && doWithout) return { ok: true, sandbox: openWithoutWall(spec, 'none') };
  if (spec.mode === 'container' && doWithout) {
    const isContainer = readHostFacts(options.machine).container !== null;
    return isContainer ? { ok: true, sandbox: openWithoutWall(spec, 'container') } : { ok: false, reason: message('sandbox.noContainer') };
  }
  if (['/', '/dev', '/proc', '/sys', '/usr', '/etc', '/bin', '/run'].includes(spec.mountAt)) {
    return { ok: false, reason: message('sandbox.systemFolder', { folder: spec.mountAt }) };
  }
  const [probe] = await Promise.all([probeSandbox(options), askMounts()]);
  if (!probe.ok) return probe;
  if (probe.kind === 'seatbelt') {
    if (![spec.workspace, spec.temp, spec.gitDir].every(isNameable))
      return { ok: false, reason: message('sandbox.unusualPath', { folder: spec.mountAt.replace(/\p{C}/gu, '?') }) };
    return { ok: true, sandbox: openSeatbelt(spec, probe.program, openBridge(spec, options, 'port')) };
  }
  return { ok: true, sandbox: openBubblewrap(spec, probe.program, probe.features, options) };
}

/** Files without a setting, in the place of those that hold a password. */
function makeBlank(folder: string): HostParts['blank'] {
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return { plain: file('sandbox-blank', ''), xml: file('sandbox-blank.xml', '<settings/>\n'), json: file('sandbox-blank.json', '{}\n') };
}

function openBubblewrap(spec: SandboxSpec, program: string, features: BubblewrapFeatures, options: OpenOptions): Sandbox {
  const untrusted = [spec.mountAt, spec.workspace];
  const looks = lookAgain(() => findHostFolders(spec.env, spec.hidden, untrusted));
  const shell = shellProgram();
  const lifeline = onlyWithUs(
    shell,
    FIRST_OUT_OF_MEMORY + NO_CORE_FILES + NO_REAL_TIME + OPEN_FILES_LIMIT + PART_OF_QUEUES + processLimit(spec.limits),
  );
  const shared = shareParts(dirname(spec.gitDir), { home: shownHomeOf(spec), shell });
  const emptyFolder = join(spec.gitDir, 'sandbox-empty');
  mkdirSync(emptyFolder, { recursive: true });
  const blank = makeBlank(spec.gitDir);
  const guarding = guardingCommand(features.devices, spec.gitDir);
  const seccomp = seccompFilter(process.arch, ownUser()) ?? undefined;
  const bridge = openBridge(spec, options);
  const group = openCgroup(spec.limits, spec.env, options.cgroup);
  const running = runningCommands(spec);
  const lend = lendInstalled(spec, features.unshare);
  let queue: Promise<unknown> = Promise.resolve();

  const runWith = async (host: HostFolders, command: string, commandOptions: CommandOptions): Promise<CommandResult> => {
    const mounts = readHostMounts();
    await askMounts({ mounts });
    const covers = [...(await shared.endpoints(spec.lent.flatMap(({ from }) => from))), ...listeningSockets()];
    const installed = await lend(commandOptions.signal);
    const folders = { lent: [...host.lent, ...shared.etc], covers: host.covers };
    const parts = prepareHostParts(spec, { features, emptyFolder, blank }, installed.layers, folders, {
      endpoints: covers,
      remote: mounts.remote,
    });
    const cwd = safeFolder(spec.workspace, commandOptions.cwd);
    if (typeof parts === 'string') return refusedResult(parts, true);
    if (cwd === null) return refusedResult(`There is no folder ${commandOptions.cwd} in the working tree.`, true);
    const address = commandOptions.network && bridge.socat ? await bridge.address() : null;
    const socket = address === null ? null : String(address);
    const inside =
      socket && bridge.socat
        ? bridgedCommand(bridge.socat, shell, command, lifeline)
        : plainCommand(shell, command, lifeline.watch + lifeline.close);
    const sandboxArgs = bubblewrapArguments(spec, parts, { cwd, proxySocket: socket, statusFd: STATUS_FD, seccompFd: SECCOMP_FD });
    const stage = mounts.shared || installed.layers || guarding.length > 0 ? features.unshare : null;
    const cgroup = await group.folder();
    const wrapping = wrappedCommand(program, stage, ownUser(), [...guarding, ...installed.mounting]);
    const [wrapper = program, ...before] = [...(cgroup ? joinCommand(cgroup) : []), ...wrapping];
    const result = await running.run({
      ...launchOptions(spec, commandOptions),
      program: wrapper,
      args: [...before, ...sandboxArgs, ...inside],
      cwd: '/',
      env: commandEnvironment(spec.env, {
        shownTemp: shownTempOf(spec),
        shownHome: shownHomeOf(spec),
        untrusted,
        lent: [...parts.installed, ...(installed.layers ? [] : spec.lent)].map(({ at }) => at),
        proxyPort: socket ? PROXY_PORT : null,
        watches: watchesWithoutTerminal(join(spec.workspace, cwd)),
      }),
      sandboxed: true,
      cgroup,
      ...(seccomp && { seccomp }),
      preamble: installed.said + (commandOptions.network && !bridge.socat ? noSocat() : ''),
    });
    return socket ? { ...result, use: { ...result.use, network: await bridge.endCommand() } } : result;
  };

  /** What was looked at may be gone when it is to be mounted, as others write these folders too: then it is looked at anew, once. */
  const runOrTryAgain = async (command: string, commandOptions: CommandOptions): Promise<CommandResult> => {
    const result = await runWith(looks.now(), command, commandOptions);
    return result.notStarted ? runWith(looks.afterSomethingWent(), command, commandOptions) : result;
  };

  return {
    kind: 'bubblewrap',
    shownRoot: spec.mountAt,
    shownTemp: shownTempOf(spec),
    run(command, commandOptions) {
      const result = queue.then(() => runOrTryAgain(command, commandOptions));
      queue = result.catch(() => {});
      return result;
    },
    quiet: running.quiet,
    async close() {
      await running.close();
      group.close();
      await bridge.close();
      shared.give();
    },
  };
}

/**
 * Ends everything in the sandbox when this process dies. bubblewrap's `--die-with-parent` alone leaves gaps: a kill that falls between
 * its own steps is never delivered, and the command would live on, watched by nobody. So a process of the sandbox waits for the end of
 * a socket that only we hold open. It is forked twice, so that it is no child of the command, which may wait for all of its own.
 */
function onlyWithUs(shell: string, then: string): Lifeline {
  const close = `exec ${LIFELINE_FD}>&-; `;
  // Other shells than bash have no `read -u`.
  if (!shell.endsWith('/bash')) return { fd: LIFELINE_FD, watch: then, close };
  return { fd: LIFELINE_FD, watch: `({ read -u ${LIFELINE_FD}; kill -9 -1; } </dev/null >/dev/null 2>&1 &); ${then}`, close };
}
