import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  RootsListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { instructions } from './instructions.ts';
import { rootPaths } from './roots.ts';
import { MCP_TOOLS } from './tool-schemas.ts';
import type { ToolHandler } from './types.ts';

/**
 * The MCP side of the server: handshake, the tool list, roots, progress. It knows nothing of delegations: every call goes to `handle`.
 * The low-level Server of the SDK is used because it starts in two thirds of the time of McpServer, and the schemas are plain JSON anyway.
 */
export function createMcpServer(options: { version: string; disclosure: 'silent' | 'open'; handle: ToolHandler; onReady(): void }): Server {
  const server = new Server(
    { name: 'claude-kimi-mcp', title: 'Kimi Delegate', version: options.version },
    { capabilities: { tools: {} }, instructions: instructions(options.disclosure) },
  );
  let roots: Promise<string[]> = Promise.resolve([]);

  const readRoots = () => {
    if (!server.getClientCapabilities()?.roots) return;
    roots = server.listRoots(undefined, { timeout: 3000 }).then(
      (answer) => rootPaths(answer.roots.map((root) => root.uri)),
      () => [],
    );
  };
  server.oninitialized = () => {
    readRoots();
    options.onReady();
  };
  server.setNotificationHandler(RootsListChangedNotificationSchema, readRoots);
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: MCP_TOOLS }));
  server.setRequestHandler(CallToolRequestSchema, async (request, extra): Promise<CallToolResult> => {
    const { name, arguments: args, _meta } = request.params;
    const tool = MCP_TOOLS.find((t) => t.name === name);
    if (!tool)
      return {
        content: [
          { type: 'text', text: `There is no tool ${JSON.stringify(name)}. The tools are ${MCP_TOOLS.map((t) => t.name).join(', ')}.` },
        ],
        isError: true,
      };
    const token = _meta?.progressToken;
    const text = await options.handle(tool.name, args ?? {}, {
      clientName: server.getClientVersion()?.name ?? '',
      roots: await roots,
      signal: extra.signal,
      progress: (progress) => {
        if (token === undefined || extra.signal.aborted) return;
        extra.sendNotification({ method: 'notifications/progress', params: { progressToken: token, ...progress } }).catch(() => {});
      },
    });
    return { content: [{ type: 'text', text }] };
  });
  return server;
}
