import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { ANSWER_KEY } from '../../src/mcp/meta-keys.ts';
import { type AnswerData, answerSchema } from '../../src/mcp/tool-answer.ts';
import { COMPILED } from '../scratch.ts';

export const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist');

export interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

export interface ServerHandle {
  readonly client: Client;
  readonly pid: number;
  /** What the server wrote to stderr so far. */
  stderr(): string;
  call(
    name: string,
    args: Record<string, unknown>,
    options?: { signal?: AbortSignal; onProgress?: (progress: Progress) => void },
  ): Promise<string>;
  /** What the answer to a call tells a program. */
  data(name: string, args: Record<string, unknown>): Promise<AnswerData | undefined>;
  close(): Promise<void>;
}

/**
 * Starts the built server as a client does, over stdio, with an environment of its own (nothing of the tester's is inherited).
 * @param options.roots folders that the client tells as its roots; absent = a client without that capability
 */
export async function startServer(options: {
  home: string;
  env?: Record<string, string>;
  cwd: string;
  clientName?: string;
  roots?: readonly string[];
  node?: readonly string[];
  /** Words before the command, such as `setpriv ... --`. */
  before?: readonly string[];
  /** Another build than the one of this checkout. */
  dist?: string;
}): Promise<ServerHandle> {
  const [command = '', ...args] = [
    ...(options.before ?? []),
    process.execPath,
    ...(options.node ?? []),
    path.join(options.dist ?? DIST, 'server.cjs'),
  ];
  const transport = new StdioClientTransport({
    command,
    args,
    env: {
      PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: options.home,
      CLAUDE_KIMI_HOME: path.join(options.home, '.claude-kimi-mcp'),
      LANG: 'C.UTF-8',
      ...COMPILED,
      ...options.env,
    },
    cwd: options.cwd,
    stderr: 'pipe',
  });
  let errors = '';
  transport.stderr?.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-100_000);
  });
  const capabilities = options.roots ? { roots: { listChanged: true } } : {};
  const client = new Client({ name: options.clientName ?? 'claude-code', version: '0.0.0' }, { capabilities });
  if (options.roots) {
    const roots = options.roots.map((root) => ({ uri: `file://${encodeURI(root)}` }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots }));
  }
  await client.connect(transport);
  return {
    client,
    pid: transport.pid ?? 0,
    stderr: () => errors,
    async call(name, args, { signal, onProgress } = {}) {
      const answer = await client.callTool({ name, arguments: args }, undefined, {
        timeout: 600_000,
        ...(signal && { signal }),
        ...(onProgress && { onprogress: onProgress }),
      });
      const [content] = answer.content as { type: string; text: string }[];
      return content?.text ?? '';
    },
    async data(name, args) {
      const { _meta } = await client.callTool({ name, arguments: args }, undefined, { timeout: 600_000 });
      return answerSchema.safeParse(_meta?.[ANSWER_KEY]).data;
    },
    close: () => client.close(),
  };
}

/** A field of the report: `field(report, 'outcome')`. Reads only the lines before the worker's own text. */
export function field(report: string, name: string): string | undefined {
  return new RegExp(`(?:^|   )${name}: (.*?)(?=   [a-z_]+: |$)`, 'm').exec(report)?.[1];
}
