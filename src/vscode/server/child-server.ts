import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { errorText } from '../../common/caught-error.ts';
import { type Clock, realClock } from '../../common/clock.ts';
import { WINDOW_CLIENT } from '../../mcp/client-patience.ts';
import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import { ANSWER_KEY } from '../../mcp/meta-keys.ts';
import { answerSchema, type ToolAnswer } from '../../mcp/tool-answer.ts';
import type { Translate } from '../../messages/translate.ts';
import { libraryFolders } from './library-folders.ts';
import { proxyVariables } from './proxy-variables.ts';
import type { WindowProxy } from './window-proxy.ts';

/** The window's own copy of the server. The actions of the window are its MCP tools, so there is one implementation of each. */
export interface ChildServer {
  /**
   * Calls a tool; starts the server when none runs.
   * @throws ServerProblem when it cannot be started or goes away meanwhile; the signal's reason when it was aborted
   */
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<ToolAnswer>;
  /** The workspace folders changed. */
  rootsChanged(): void;
  /** Process id while it runs. */
  pid(): number | null;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ChildServerOptions {
  /** The runtime: VS Code's own. */
  readonly program: string;
  readonly serverFile: string;
  /** Of the window; what the server may inherit is chosen here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The proxy that is set in VS Code; read at each start. */
  proxy?(): WindowProxy | null;
  /** The version of the extension; a server of another one is not used. */
  readonly version: string;
  /** The workspace folders, as paths. The server works only in them; the first one is where it is started. */
  roots(): readonly string[];
  /** What the server prints on stderr, and when it starts and ends. */
  log(line: string): void;
  /** The language of problems. */
  readonly t: Translate;
  readonly clock?: Pick<Clock, 'now' | 'sleep'>;
}

/** The server could not be used. The message says what to do. */
export class ServerProblem extends Error {
  override readonly name = 'ServerProblem';
}

/** An attempt may take hours; the SDK would give up after a minute. */
const LONGEST_CALL_MS = 24 * 3600 * 1000;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;
/** A server that ran for so long was a good one. */
const GOOD_RUN_MS = 60_000;

/** What the server must not inherit: keys (it gets them from the window, for each attempt), and what would change the runtime. */
const NOT_INHERITED = /^(KIMI_|VSCODE_|ELECTRON_|NODE_OPTIONS$|NODE_DEBUG$|OPENAI_|ANTHROPIC_|CLAUDE_PROJECT_DIR$)/i;

export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  proxy: WindowProxy | null = null,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || NOT_INHERITED.test(name)) continue;
    kept[name] = value;
  }
  // Calls of the window wait for the end of the attempt, however long it takes.
  return { ...kept, ...libraryFolders(kept), ...proxyVariables(env, proxy), ELECTRON_RUN_AS_NODE: '1', KIMI_ANSWER_AFTER: '0' };
}

/** How long to wait before the next start, after so many ends in a row: 1, 2, 4 ... 30 seconds. */
export function backOff(failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
}

export function createChildServer(options: ChildServerOptions): ChildServer {
  const closing = new AbortController();
  const runner = createRunner(options, closing.signal);
  return {
    async call(name, args, callOptions = {}) {
      callOptions.signal?.throwIfAborted();
      return callTool(await unlessAborted(runner.running(), callOptions.signal), name, args, callOptions, options.t);
    },
    rootsChanged() {
      const { client } = runner.live() ?? {};
      client?.sendRootsListChanged().catch(() => {});
    },
    pid: () => runner.live()?.pid ?? null,
    async close() {
      closing.abort();
      await runner.settled();
    },
  };
}

interface Running {
  readonly client: Client;
  readonly pid: number | null;
  readonly gone: Promise<void>;
}

/** Starts the server when it is needed, and again after it ended: each time a little later, when it never lives long. */
interface Runner {
  /** The server that runs, is being started, or is started now. */
  running(): Promise<Running>;
  live(): Running | null;
  /** Resolves when no server runs or starts any more; only for when the window closes. */
  settled(): Promise<void>;
}

function createRunner(options: ChildServerOptions, closing: AbortSignal): Runner {
  const clock = options.clock ?? realClock;
  let current: Promise<Running> | null = null;
  let live: Running | null = null;
  let failures = 0;
  let endedAt = 0;

  async function start(): Promise<Running> {
    // The clock may have been set back meanwhile.
    const wait = Math.min(backOff(failures), endedAt + backOff(failures) - clock.now());
    if (failures > 0 && wait > 0 && !closing.aborted) await clock.sleep(wait, closing);
    const startedAt = clock.now();
    try {
      const running = await connect(options, closing);
      live = running;
      void running.gone.then(() => ended(clock.now() - startedAt >= GOOD_RUN_MS));
      return running;
    } catch (error) {
      ended(false);
      throw error;
    }
  }

  function ended(good: boolean): void {
    live = null;
    current = null;
    failures = good ? 0 : failures + 1;
    endedAt = clock.now();
  }

  return {
    running() {
      current ??= start();
      return current;
    },
    live: () => live,
    async settled() {
      await current?.then(
        ({ client }) => client.close(),
        () => {},
      );
    },
  };
}

async function callTool(
  { client, gone }: Running,
  name: string,
  args: Record<string, unknown>,
  { signal }: CallOptions,
  t: Translate,
): Promise<ToolAnswer> {
  const answer = client.callTool({ name, arguments: args }, undefined, {
    timeout: LONGEST_CALL_MS,
    ...(signal && { signal }),
  });
  answer.catch(() => {}); // when the server goes away first
  const lost = gone.then(() => {
    throw new ServerProblem(t('The Kimi Delegate server ended during {0}. What was done so far is kept; try again.', name));
  });
  lost.catch(() => {});
  const { content, isError, _meta } = (await Promise.race([answer, lost]).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error instanceof ServerProblem
      ? error
      : new ServerProblem(t('The Kimi Delegate server did not answer {0}: {1}', name, errorText(error)));
  })) as { content: { type: string; text?: string }[]; isError?: boolean; _meta?: Record<string, unknown> };
  const text = content.flatMap((part) => part.text ?? []).join('\n');
  if (isError) throw new ServerProblem(text || t('The Kimi Delegate server refused {0}.', name));
  return { text, data: answerSchema.safeParse(_meta?.[ANSWER_KEY]).data };
}

/** Starts one server and shakes hands. The SDK is loaded only now: most windows never act. */
async function connect(options: ChildServerOptions, closing: AbortSignal): Promise<Running> {
  const { t } = options;
  const { client, transport } = await makeClient(options);
  const windowCloses = () => new ServerProblem(t('The window is closing.'));
  if (closing.aborted) throw windowCloses();
  const gone = new Promise<void>((resolve) => {
    client.onclose = resolve;
  });
  const stop = () => void client.close().catch(() => {});
  closing.addEventListener('abort', stop, { once: true });
  try {
    await client.connect(transport, { timeout: 30_000 });
  } catch (error) {
    await client.close().catch(() => {});
    if (closing.aborted) throw windowCloses();
    throw new ServerProblem(
      t(
        'The Kimi Delegate server did not start: {0}. Reload the window; if that does not help, reinstall the extension.',
        errorText(error),
      ),
    );
  } finally {
    closing.removeEventListener('abort', stop);
  }
  const version = client.getServerVersion()?.version;
  if (version !== options.version) {
    stop();
    throw new ServerProblem(t('The extension was updated from {0} to {1}. Reload the window to use it.', options.version, version ?? '?'));
  }
  options.log(`server ${version} started, process ${transport.pid}`);
  void gone.then(() => options.log('server ended'));
  return { client, pid: transport.pid, gone };
}

async function makeClient(options: ChildServerOptions): Promise<{ client: Client; transport: StdioClientTransport }> {
  const [{ Client }, { StdioClientTransport }, { ListRootsRequestSchema }, { pathToFileURL }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/stdio.js'),
    import('@modelcontextprotocol/sdk/types.js'),
    import('node:url'),
  ]);
  const transport = new StdioClientTransport({
    command: options.program,
    args: [options.serverFile],
    env: childEnvironment(options.env, options.proxy?.()),
    cwd: options.roots()[0],
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => {
    for (const line of String(chunk).split('\n')) if (line.trim()) options.log(escapeUntrusted(line.trimEnd()));
  });
  const client = new Client({ name: WINDOW_CLIENT, version: options.version }, { capabilities: { roots: { listChanged: true } } });
  client.setRequestHandler(ListRootsRequestSchema, () => ({
    roots: options.roots().map((root) => ({ uri: pathToFileURL(root).href })),
  }));
  return { client, transport };
}

/** Waiting for the server can take a while (see `backOff`); nobody has to wait who does not want to any more. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
