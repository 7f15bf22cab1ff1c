import { Console } from 'node:console';
import net from 'node:net';
import path from 'node:path';
import { isatty } from 'node:tty';
import { setFlagsFromString } from 'node:v8';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { settingSources } from './broker/setting-sources.ts';
import { realClock } from './common/clock.ts';
import { closeInheritedDescriptors } from './common/close-inherited-descriptors.ts';
import { firstLine } from './common/first-line.ts';
import { workingFolder } from './common/working-folder.ts';
import { resolveSettings } from './config.ts';
import { recordLine } from './economics/repository-record.ts';
import type { Calls } from './mcp/handle-calls.ts';
import { createMcpServer } from './mcp/mcp-server.ts';
import type { CallsOptions } from './mcp/types.ts';
import { type Message, message } from './messages/message.ts';
import { stateDirectory } from './state-directory.ts';

declare const __VERSION__: string;

/** Time for checkpoints when the client has gone; then the process ends, whatever still hangs. */
const SHUTDOWN_MS = 2500;

/**
 * The stdio MCP server, the whole of it: settings, calls, transport, and an orderly end. stdout carries JSON-RPC and nothing else.
 */
async function serve(): Promise<void> {
  closeInheritedDescriptors();
  if (workingFolder() === null) process.chdir('/'); // calls name their repository
  globalThis.console = new Console(process.stderr, process.stderr); // a library that logs must not break the protocol
  const { env } = process;
  const state = stateDirectory(env);
  const locations = { stateDir: state.ok ? state.folder : '', env, programFile: __filename };
  const sources = state.ok ? await settingSources(locations, env.CLAUDE_PROJECT_DIR ?? process.cwd(), 0) : { layers: [] };
  const settings = resolveSettings(sources.layers);
  let loading: Promise<LoadedCalls> | null = null;
  /** What calls need is loaded behind the handshake: the client waits for that, and calls only later. */
  const calls = () => {
    const options = {
      ...locations,
      cwd: process.cwd(),
      clock: realClock,
      settingsFor: (repoPath: string) => settingSources(locations, repoPath),
    };
    if (loading) return loading;
    // Requests leave garbage that V8 else collects late: up to 190 MB instead of 145 after 300 steps. A thread goes by it that starts behind it; at the
    // start of the program it would cost 35 ms.
    setFlagsFromString('--optimize-for-size');
    loading = state.ok ? loadCalls(options) : refuseCalls(state.reason);
    return loading;
  };

  let ending = false;
  const end = (code = 0) => {
    if (ending) return;
    ending = true;
    const stop = async () => {
      const isOver = await loading?.then(({ close }) => close()).catch(() => true);
      // An orderly end waits for every thread, also for one that waits in a call of the system for a drive that is gone.
      if (isOver === false) process.kill(process.pid, 'SIGKILL');
      process.exit(code);
    };
    setTimeout(() => void stop(), SHUTDOWN_MS);
    void Promise.resolve(loading?.then(({ shutdown }) => shutdown())).finally(() => void stop());
  };
  const leave = () => end();

  const server = createMcpServer({
    version: __VERSION__,
    disclosure: settings.ok ? settings.settings.values.disclosure : 'silent',
    record: state.ok ? recordLine(state.folder, env.CLAUDE_PROJECT_DIR ?? process.cwd(), Date.now()) : '',
    handle: async (...call) => (await calls()).handle(...call),
    onReady: () => {
      const folder = env.CLAUDE_PROJECT_DIR ?? process.cwd();
      void calls()
        .then(({ warmUp }) => warmUp(folder))
        .catch(() => {});
    },
  });
  const stdout = standardOutput();
  stdout.on('error', leave); // EPIPE: nobody reads any more
  process.stdin.on('end', leave).on('close', leave).on('error', leave);
  process.on('SIGINT', leave).on('SIGTERM', leave).on('SIGHUP', leave);
  process.on('uncaughtException', (error) => {
    console.error(error);
    end();
  });
  let problem = '';
  server.onerror = (error) => {
    problem = firstLine(error.message);
  };
  // The library closes at a message of more than it keeps (10 MB), and cancels what runs: whoever reads the log must know why the server is gone.
  server.onclose = () => {
    console.error(`claude-kimi-mcp ends, as the connection to the client was closed: ${problem}`);
    end(1);
  };
  await server.connect(new StdioServerTransport(process.stdin, stdout as NodeJS.WriteStream));
}

interface LoadedCalls extends Calls {
  /** What the first attempt needs is made ready while the client has not called yet. */
  warmUp(folder: string): void;
  /** Ends what still hangs, git for one. @returns whether it could */
  close(): Promise<boolean>;
}

async function loadCalls(options: Omit<CallsOptions, 'proxied' | 'threads'>): Promise<LoadedCalls> {
  const [{ createCalls }, { proxyFetch }, { serverThreads }] = await Promise.all([
    import('./mcp/handle-calls.ts'),
    import('./agent/model/proxy-fetch.ts'),
    import('./delegation/thread/server-threads.ts'),
  ]);
  const proxied = proxyFetch(options.env);
  const threads = serverThreads({ file: path.join(path.dirname(__filename), 'attempts.cjs'), said: console.error });
  const calls = createCalls({ ...options, threads, proxied: () => proxied });
  return { ...calls, warmUp: threads.warmUp, close: threads.close };
}

/** A server that only ended would tell nobody why. */
async function refuseCalls(reason: Message): Promise<LoadedCalls> {
  const { refusalAnswer } = await import('./mcp/tool-answer.ts');
  const notice = message('setup.broken', { why: reason });
  const answer = refusalAnswer({ outcome: 'environment_broken', reason, fallbackNeeded: true, branch: null, notice });
  return { handle: async () => answer, shutdown: async () => {}, warmUp() {}, close: async () => true };
}

/** process.stdout writes to pipes synchronously: a client that does not read would stop the whole server. A socket on the same descriptor does not. */
function standardOutput(): NodeJS.WritableStream {
  if (isatty(1)) return process.stdout;
  try {
    return new net.Socket({ fd: 1, readable: false, writable: true });
  } catch {
    return process.stdout; // a file
  }
}

void serve();
