import { OLDEST_NODE } from './common/node-version.ts';
import { MCP_TOOLS } from './mcp/tool-schemas.ts';
import { calls } from './messages/en/calls.ts';
import { machine as en } from './messages/en/set-up.ts';
import { machine as zhCn } from './messages/zh-cn/set-up.ts';

declare const __VERSION__: string;

/**
 * Stands behind every door where Node is too old for the program, in one sentence: to a person in the terminal, and to a client as the
 * answer to each call, because of a server that only ends nobody would learn why. Built for Nodes that read nothing else of ours.
 */
const { env, argv, stdin, stdout, stderr } = process;
const chinese = /^zh/i.test(env.CLAUDE_KIMI_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || '');

if ((argv[2] || (stdin.isTTY ? 'help' : 'serve')) === 'serve') serve();
else {
  stderr.write(`${fill((chinese ? zhCn : en)['node.tooOld'])}\n`);
  process.exitCode = 1;
}

function fill(text: string): string {
  return text.replace('{oldest}', OLDEST_NODE).replace('{program}', process.execPath).replace('{version}', process.version);
}

interface ClientRequest {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: { readonly protocolVersion?: unknown };
}

function serve(): void {
  stderr.write(`${fill(en['node.tooOld'])}\n`);
  let text = '';
  stdin.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() || '';
    for (const line of lines) answer(line);
  });
}

function answer(line: string): void {
  let request: ClientRequest;
  try {
    request = JSON.parse(line) as ClientRequest;
  } catch (_) {
    return;
  }
  if (request.id === undefined || request.method === undefined) return;
  const result = resultOf(request);
  const answered = result ? { result } : { error: { code: -32601, message: 'Method not found' } };
  stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, ...answered })}\n`);
}

function resultOf({ method, params }: ClientRequest): object | null {
  const why = fill(en['node.tooOld']);
  switch (method) {
    case 'initialize': {
      const protocolVersion = params?.protocolVersion || '2025-06-18';
      return {
        protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'claude-kimi-mcp', version: __VERSION__ },
        instructions: why,
      };
    }
    case 'ping':
      return {};
    case 'tools/list':
      return { tools: MCP_TOOLS };
    case 'tools/call': {
      const report = [
        'outcome: environment_broken   fallback_needed: true',
        `notice_for_user: ${calls['setup.broken'].replace('{why}', why)}`,
        `reason: ${why}`,
        'next: do it yourself; the environment must be mended first',
      ];
      return { content: [{ type: 'text', text: report.join('\n') }] };
    }
    default:
      return null;
  }
}
