/** How a sandbox without a network reaches the proxy: over a Unix socket, to which a program inside bridges a local port. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../../common/find-program.ts';
import { message, say } from '../../messages/message.ts';
import { SHOWN_PROXY_SOCKET } from '../bubblewrap-arguments.ts';
import { readHostFacts } from '../host-facts.ts';
import { SYSTEM_PROGRAM_FOLDERS } from '../host-folders.ts';
import { readRegistries } from '../registries.ts';
import { missingSocat } from '../sandbox-remedies.ts';
import type { SandboxSpec } from '../types.ts';
import { type HostProxy, type ProxyOptions, startProxy } from './network-proxy.ts';
import type { NetworkUse } from './network-use.ts';

export const PROXY_PORT = 3128;
/** The port as /proc/net/tcp writes it, by which a command sees that the bridge listens. */
const PROXY_PORT_HEX = PROXY_PORT.toString(16).toUpperCase().padStart(4, '0');

export interface BridgeOptions {
  /** How the proxy resolves and dials; for tests. */
  readonly network?: Pick<ProxyOptions, 'resolve' | 'dial' | 'limits'>;
  /** Folder for the proxy's socket. Default: the system's temp folder. */
  readonly socketParent?: string;
}

/**
 * The proxy of one sandbox; it starts with the first command that asks.
 * @param over a socket, which can be mounted into a sandbox, or a port of the loopback device, which its rules can let through
 */
export function openBridge(spec: SandboxSpec, options: BridgeOptions, over: 'socket' | 'port' = 'socket') {
  let started: Promise<{ proxy: HostProxy; folder: string | null }> | null = null;
  let isClosed = false;
  const start = async () => {
    const folder = over === 'socket' ? mkdtempSync(join(options.socketParent ?? tmpdir(), 'claude-kimi-')) : null;
    const upstream = spec.env['HTTPS_PROXY'] || spec.env['https_proxy'] || undefined;
    const proxy = await startProxy({
      ...options.network,
      socketPath: folder && join(folder, 'proxy.sock'),
      allowedHosts: spec.allowedHosts,
      registries: readRegistries(spec.env).known,
      upstream,
    });
    return { proxy, folder };
  };
  return {
    socat: over === 'socket' ? findProgram('socat', SYSTEM_PROGRAM_FOLDERS) : null,
    /** Where the proxy listens, its socket's path or its port; starts it with the first command that asks. null = it was closed. */
    async address(): Promise<string | number | null> {
      if (isClosed) return null;
      started ??= start();
      return (await started).proxy.address;
    },
    /** What the command that has ended used. */
    async endCommand(): Promise<NetworkUse | null> {
      return (await started)?.proxy.endCommand() ?? null;
    },
    async close(): Promise<void> {
      isClosed = true;
      const open = await started?.catch(() => null);
      started = null;
      if (!open) return;
      await open.proxy.close();
      if (open.folder) rmSync(open.folder, { recursive: true, force: true });
    },
  };
}

/** What a shell does about the socket that only we hold open (see `run-program.ts`). */
export interface Lifeline {
  readonly fd: number;
  /** Shell text that leaves a process behind which ends all when the socket is at its end; '' = none. */
  readonly watch: string;
  /** Shell text that closes it, before the command. */
  readonly close: string;
}

/**
 * Bridges a local port to the proxy's socket, waits until it listens, then runs the command. In bash without a further process:
 * the list of listening ports is read by the shell itself, and it waits on the lifeline, on which nothing ever comes.
 * @param lifeline its descriptor, open until the bridge listens, and what the shell does first and last with it
 */
export function bridgedCommand(socat: string, shell: string, command: string, lifeline: Lifeline): string[] {
  const listen = `TCP-LISTEN:${PROXY_PORT},bind=127.0.0.1,fork,reuseaddr,backlog=128`;
  const { fd, watch, close } = lifeline;
  const bridge = `${watch}exec 2>&1 </dev/null; ${socat} ${listen} UNIX-CONNECT:${SHOWN_PROXY_SOCKET} >/dev/null ${fd}>&- & `;
  if (!shell.endsWith('/bash')) {
    const wait = `until grep -q ':${PROXY_PORT_HEX} ' /proc/net/tcp; do kill -0 $! || break; sleep 0.002; done; `;
    return [shell, '-c', `${bridge}${close}${wait}exec "$0" -c "$1"`, shell, command];
  }
  const listens = `read -rd '' REPLY < /proc/net/tcp; [[ $REPLY == *":${PROXY_PORT_HEX} "* ]]`;
  const wait = `until ${listens}; do kill -0 $! || break; read -rt 0.001 -u ${fd}; done; `;
  return [shell, '-c', `${bridge}${wait}${close}unset REPLY; disown; ${command}`];
}

/** For the model, which may tell the user. */
export function noSocat(): string {
  return `[${say(message('sandbox.noSocat', { fix: missingSocat(readHostFacts()).text }), 'en')}]\n`;
}
