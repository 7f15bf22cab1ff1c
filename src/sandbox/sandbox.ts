/** The door of the sandbox: opens it for one working tree and runs commands in it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../common/find-program.ts';
import { message, say } from '../messages/message.ts';
import {
  type BubblewrapFeatures,
  bubblewrapArguments,
  type HostParts,
  planMounts,
  SHOWN_PROXY_SOCKET,
  shownTempOf,
  wrappedCommand,
} from './bubblewrap-arguments.ts';
import { commandEnvironment } from './command-environment.ts';
import { makeEtcFolder } from './etc-folder.ts';
import { coverEndpoints, listeningSockets, remoteMounts, searchEndpoints } from './find-endpoints.ts';
import { readHostFacts } from './host-facts.ts';
import { findHostFolders, type HostFolders, SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import { isObjectFolder, isPlainFile, isReachedWithoutLinks, prepareMountPoint } from './mount-points.ts';
import { deepestAround } from './mounts.ts';
import { type HostProxy, type ProxyOptions, startProxy } from './network/network-proxy.ts';
import type { NetworkUse } from './network/network-use.ts';
import { openWithoutWall } from './open-without-wall.ts';
import { ownUser } from './own-user.ts';
import { type ProbeOptions, probeSandbox } from './probe-sandbox.ts';
import { LIFELINE_FD, SECCOMP_FD, STATUS_FD } from './run-program.ts';
import { launchOptions, plainCommand, refusedResult, runningCommands, safeFolder, shellProgram } from './running-commands.ts';
import { missingSocat } from './sandbox-remedies.ts';
import { seccompFilter } from './seccomp-filter.ts';
import type { CommandOptions, CommandResult, Sandbox, SandboxOpening, SandboxSpec } from './types.ts';

export { probeSandbox, type SandboxProbe } from './probe-sandbox.ts';

const PROXY_PORT = 3128;
/** The port as /proc/net/tcp writes it, by which a command sees that the bridge listens. */
const PROXY_PORT_HEX = PROXY_PORT.toString(16).toUpperCase().padStart(4, '0');

export interface OpenOptions extends ProbeOptions {
  /** How the proxy resolves and dials; for tests. */
  readonly network?: Pick<ProxyOptions, 'resolve' | 'dial' | 'limits'>;
  /** Folder for the proxy's socket. Default: the system's temp folder. */
  readonly socketParent?: string;
}

/**
 * Opens a sandbox for a working tree. Where commands can write mount points, they run one at a time, in the order of the calls.
 * @returns the sandbox, or a reason in one line that says what to do: install a program, or choose to run without
 */
export async function openSandbox(spec: SandboxSpec, options: OpenOptions = {}): Promise<SandboxOpening> {
  mkdirSync(join(spec.temp, 'home'), { recursive: true });
  if (spec.mode === 'unsandboxed') return { ok: true, sandbox: openWithoutWall(spec, 'none') };
  if (spec.mode === 'container') {
    const isContainer = readHostFacts(options.machine).container !== null;
    return isContainer ? { ok: true, sandbox: openWithoutWall(spec, 'container') } : { ok: false, reason: message('sandbox.noContainer') };
  }
  if (['/', '/dev', '/proc', '/sys', '/usr', '/etc', '/bin', '/run'].includes(spec.mountAt)) {
    return { ok: false, reason: message('sandbox.systemFolder', { folder: spec.mountAt }) };
  }
  const probe = await probeSandbox(options);
  if (!probe.ok) return probe;
  return { ok: true, sandbox: openBubblewrap(spec, probe.program, probe.features, options) };
}

function openBubblewrap(spec: SandboxSpec, program: string, features: BubblewrapFeatures, options: OpenOptions): Sandbox {
  const untrusted = [spec.mountAt, spec.workspace];
  const host = findHostFolders(spec.env, spec.hidden, untrusted);
  const shell = shellProgram();
  const etc = makeEtcFolder(join(spec.gitDir, 'sandbox-etc'), { home: join(shownTempOf(spec), 'home'), shell });
  const folders = { ...host, lent: [...host.lent, ...etc] };
  const [wrapper = program, ...before] = wrappedCommand(program, features, ownUser());
  const seccomp = seccompFilter(process.arch, ownUser()) ?? undefined;
  const bridge = openBridge(spec, options);
  const running = runningCommands();
  let endpoints: Promise<string[]> | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const runNow = async (command: string, commandOptions: CommandOptions): Promise<CommandResult> => {
    endpoints ??= searchEndpoints(spec.dependencies.map(({ host: folder }) => folder));
    const parts = prepareHostParts(spec, features, folders, await endpoints);
    const cwd = safeFolder(spec.workspace, commandOptions.cwd);
    if (typeof parts === 'string') return refusedResult(parts, true);
    if (cwd === null) return refusedResult(`There is no folder ${commandOptions.cwd} in the working tree.`, true);
    const socket = commandOptions.network && bridge.socat ? await bridge.socket() : null;
    const inside = socket && bridge.socat ? bridgedCommand(bridge.socat, shell, command) : plainCommand(shell, command, onlyWithUs(shell));
    const sandboxArgs = bubblewrapArguments(spec, parts, { cwd, proxySocket: socket, statusFd: STATUS_FD, seccompFd: SECCOMP_FD });
    const result = await running.run({
      ...launchOptions(spec, commandOptions),
      program: wrapper,
      args: [...before, ...sandboxArgs, ...inside],
      cwd: '/',
      env: commandEnvironment(spec.env, {
        shownTemp: shownTempOf(spec),
        untrusted,
        proxyPort: socket ? PROXY_PORT : null,
      }),
      sandboxed: true,
      ...(seccomp && { seccomp }),
      preamble: commandOptions.network && !bridge.socat ? noSocat() : '',
    });
    return socket ? { ...result, use: { network: await bridge.endCommand() } } : result;
  };

  return {
    kind: 'bubblewrap',
    shownRoot: spec.mountAt,
    shownTemp: shownTempOf(spec),
    run(command, commandOptions) {
      const result = queue.then(() => runNow(command, commandOptions));
      queue = result.catch(() => {});
      return result;
    },
    async close() {
      await running.close();
      await bridge.close();
    },
  };
}

/**
 * Looks at what can be mounted now, and makes the mount points that lie in folders which commands can write.
 * @returns one line for the model when something that it made is in the way
 */
function prepareHostParts(
  spec: SandboxSpec,
  features: BubblewrapFeatures,
  { lent, covers }: HostFolders,
  endpoints: readonly string[],
): HostParts | string {
  const pointer = join(spec.workspace, '.git');
  const gitPointer = isPlainFile(pointer);
  if (!gitPointer && existsSync(pointer)) return 'The .git file of the working tree was replaced; nothing can run here. Put the file back.';
  const dependencies = spec.dependencies.filter(
    ({ host, at }) => isReachedWithoutLinks(host) && prepareMountPoint(spec.workspace, at, false) === 'ready',
  );
  const shown = [
    ...lent.flatMap(({ kind, source, at }) => (kind === 'read-only' ? [{ host: source, at }] : [])),
    ...dependencies.map(({ host, at }) => ({ host, at: join(spec.mountAt, at) })),
  ];
  const parts: HostParts = {
    features,
    lent,
    covers: [...covers, ...coverEndpoints([...endpoints, ...listeningSockets()], remoteMounts(), shown).filter(({ at }) => existsSync(at))],
    gitPointer,
    dependencies,
    objectDirs: spec.objectDirs.flatMap((folder, index) => (isObjectFolder(folder) ? [index] : [])),
    alternates: isPlainFile(join(spec.gitDir, 'sandbox-alternates')) && isPlainFile(join(spec.gitDir, 'objects/info/alternates')),
    borrowing: spec.objectDirs.flatMap((folder, index) => (existsSync(join(folder, 'info/alternates')) ? [index] : [])),
  };
  prepareMountPoint(spec.temp, 'home', true);
  const mounts = planMounts(spec, parts);
  const done = new Set(parts.dependencies.map(({ at }) => join(spec.mountAt, at)).concat(join(spec.mountAt, '.git')));
  for (const { at } of mounts) {
    const around = deepestAround(at, mounts);
    if (around?.kind !== 'writable' || done.has(at)) continue;
    const scratch = around.source === spec.temp;
    if (prepareMountPoint(around.source, at.slice(around.at.length + 1), scratch) === 'unsafe') {
      return `A file or symlink is in the way of the folder ${at}; remove it, nothing can run before.`;
    }
  }
  return parts;
}

/**
 * Ends everything in the sandbox when this process dies. bubblewrap's `--die-with-parent` alone leaves gaps: a kill that falls between
 * its own steps is never delivered, and the command would live on, watched by nobody. So a process of the sandbox waits for the end of
 * a socket that only we hold open. It is forked twice, so that it is no child of the command, which may wait for all of its own.
 */
function onlyWithUs(shell: string): string {
  // Other shells than bash have no `read -u`.
  if (!shell.endsWith('/bash')) return `exec ${LIFELINE_FD}>&-; `;
  return `({ read -u ${LIFELINE_FD}; kill -9 -1; } </dev/null >/dev/null 2>&1 &); exec ${LIFELINE_FD}>&-; `;
}

/**
 * Bridges a local port to the proxy's socket, waits until it listens, then runs the command. In bash without a further process:
 * the list of listening ports is read by the shell itself.
 */
function bridgedCommand(socat: string, shell: string, command: string): string[] {
  const listen = `TCP-LISTEN:${PROXY_PORT},bind=127.0.0.1,fork,reuseaddr,backlog=128`;
  const bridge = `${onlyWithUs(shell)}exec 2>&1; ${socat} ${listen} UNIX-CONNECT:${SHOWN_PROXY_SOCKET} >/dev/null & `;
  const lives = 'kill -0 $! || break; sleep 0.002';
  if (!shell.endsWith('/bash')) {
    return [
      shell,
      '-c',
      `${bridge}until grep -q ':${PROXY_PORT_HEX} ' /proc/net/tcp; do ${lives}; done; exec "$0" -c "$1"`,
      shell,
      command,
    ];
  }
  const wait = `until read -rd '' REPLY < /proc/net/tcp; [[ $REPLY == *":${PROXY_PORT_HEX} "* ]]; do ${lives}; done; `;
  return [shell, '-c', `${bridge}${wait}unset REPLY; disown; ${command}`];
}

/** For the model, which may tell the user. */
function noSocat(): string {
  return `[${say(message('sandbox.noSocat', { fix: missingSocat(readHostFacts()).text }), 'en')}]\n`;
}

function openBridge(spec: SandboxSpec, options: OpenOptions) {
  const socat = findProgram('socat', SYSTEM_PROGRAM_FOLDERS);
  let started: Promise<{ proxy: HostProxy; folder: string }> | null = null;
  const start = async () => {
    const folder = mkdtempSync(join(options.socketParent ?? tmpdir(), 'claude-kimi-'));
    const upstream = spec.env['HTTPS_PROXY'] || spec.env['https_proxy'] || undefined;
    const proxy = await startProxy({
      ...options.network,
      socketPath: join(folder, 'proxy.sock'),
      allowedHosts: spec.allowedHosts,
      upstream,
    });
    return { proxy, folder };
  };
  return {
    socat,
    /** Host path of the proxy's socket; starts the proxy with the first command that asks. */
    async socket(): Promise<string> {
      started ??= start();
      return (await started).proxy.socketPath;
    },
    /** What the command that has ended used. */
    async endCommand(): Promise<NetworkUse | null> {
      return (await started)?.proxy.endCommand() ?? null;
    },
    async close(): Promise<void> {
      const open = await started?.catch(() => null);
      started = null;
      if (!open) return;
      await open.proxy.close();
      rmSync(open.folder, { recursive: true, force: true });
    },
  };
}
