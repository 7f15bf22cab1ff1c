import { fileURLToPath } from 'node:url';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  RootsListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { errorText } from '../common/caught-error.ts';
import { firstLine } from '../common/first-line.ts';
import { message, say } from '../messages/message.ts';
import { oneLine } from './escape-untrusted.ts';
import { instructions } from './instructions.ts';
import { ANSWER_KEY } from './meta-keys.ts';
import type { ToolAnswer } from './tool-answer.ts';
import { MCP_TOOLS } from './tool-schemas.ts';
import type { ToolHandler } from './types.ts';

/** Clients ask for the list at once, or call what they know. */
const LIST_WITHIN_MS = 300;

/**
 * The MCP side of the server: handshake, the tool list, roots, progress. It knows nothing of delegations: every call goes to `handle`.
 * The low-level Server of the SDK is used because it starts in two thirds of the time of McpServer, and the schemas are plain JSON anyway.
 */
export function createMcpServer(options: {
  version: string;
  disclosure: 'silent' | 'open';
  /** What delegating came to in this repository, for the instructions. */
  record?: string;
  handle: ToolHandler;
  /** Called once, when the client has its list of tools, or does not ask for one. */
  onReady(): void;
  /** So long a client may take to ask for the list, ms. */
  listWithinMs?: number;
}): Server {
  const server = new Server(
    { name: 'claude-kimi-mcp', title: 'Kimi Delegate', version: options.version },
    { capabilities: { tools: {} }, instructions: instructions(options.disclosure, options.record) },
  );
  let roots: Promise<string[]> = Promise.resolve([]);

  const readRoots = () => {
    if (!server.getClientCapabilities()?.roots) return;
    roots = server.listRoots(undefined, { timeout: 3000 }).then(
      (answer) => rootPaths(answer.roots.map((root) => root.uri)),
      () => [],
    );
  };
  let patience: NodeJS.Timeout | null = null;
  let isReady = false;
  const ready = () => {
    if (patience) clearTimeout(patience);
    if (!isReady) options.onReady();
    isReady = true;
  };
  server.oninitialized = () => {
    readRoots();
    patience = setTimeout(ready, options.listWithinMs ?? LIST_WITHIN_MS);
  };
  server.setNotificationHandler(RootsListChangedNotificationSchema, readRoots);
  server.setRequestHandler(ListToolsRequestSchema, () => {
    setImmediate(ready); // the answer is written before
    return { tools: MCP_TOOLS };
  });
  server.setRequestHandler(CallToolRequestSchema, async (request, extra): Promise<CallToolResult> => {
    const { name, arguments: args, _meta } = request.params;
    const tool = MCP_TOOLS.find((t) => t.name === name);
    if (!tool)
      return {
        content: [
          { type: 'text', text: `There is no tool "${oneLine(name, 100)}". The tools are ${MCP_TOOLS.map((t) => t.name).join(', ')}.` },
        ],
        isError: true,
      };
    const token = _meta?.progressToken;
    const handled = options.handle(tool.name, args ?? {}, {
      clientName: server.getClientVersion()?.name ?? '',
      roots: await roots,
      signal: extra.signal,
      progress: (progress) => {
        if (token === undefined || extra.signal.aborted) return;
        extra.sendNotification({ method: 'notifications/progress', params: { progressToken: token, ...progress } }).catch(() => {});
      },
    });
    const { text, data } = await handled.catch(notLoaded);
    return { content: [{ type: 'text', text }], ...(data && { _meta: { [ANSWER_KEY]: data } }) };
  });
  return server;
}

/** Handlers answer whatever goes wrong in a call. What can be thrown is that they are not there: an update took the files away. */
function notLoaded(error: unknown): ToolAnswer {
  const reason = message('server.notLoaded', { said: firstLine(errorText(error)) });
  const text = [
    'outcome: environment_broken   fallback_needed: true',
    `reason: ${say(reason, 'en')}`,
    'next: do it yourself; the user must restart the client',
  ].join('\n');
  return { text, data: { outcome: 'environment_broken', reason } };
}

export function rootPaths(uris: readonly string[]): string[] {
  return uris.flatMap((uri) => {
    try {
      return [fileURLToPath(uri)];
    } catch {
      return [];
    }
  });
}
