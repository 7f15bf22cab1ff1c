import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { z } from 'zod';
import { MCP_TOOLS } from '../../src/mcp/tool-schemas.ts';
import { pack, ROOT } from '../package/pack.ts';
import { installedNodes, makeBin, npmVariables } from './machine.ts';
import { startRegistry } from './registry.ts';

const NAME = 'kimi-agent';
const CLIENTS = ['Codex', 'opencode', 'Gemini CLI', 'Qwen Code', 'Cline', 'kimi-code'];

describe('docs/clients.md', function () {
  this.timeout(60_000);

  it('has a snippet for each client, the same in both languages', () => {
    const [english, chinese] = readFileSync(path.join(ROOT, 'docs', 'clients.md'), 'utf8').split(/^## 中文$/m);
    const found = snippets(english!);
    assert.deepEqual(found.map(({ client }) => client).slice(0, CLIENTS.length), CLIENTS);
    assert.match(found.at(-1)!.client, /^VS Code/);
    const texts = (half: string) => snippets(half).map(({ text }) => text);
    assert.deepEqual(texts(chinese!), texts(english!));
  });

  it('has snippets that start the server, by the command that they name', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'ckm-snippets-'));
    const packed = pack();
    const registry = await startRegistry();
    registry.publish(packed.tgz);
    try {
      const bin = makeBin(home, (await installedNodes())[0]!);
      const npm = npmVariables(home, registry.url);
      const env = { PATH: `${bin}:${npm.npm_config_prefix}/bin:/usr/local/bin:/usr/bin:/bin`, HOME: home, ...npm };
      await promisify(execFile)('npm', ['install', '-g', 'claude-kimi-mcp'], { cwd: home, env, timeout: 50_000 });
      const launches = snippets(readFileSync(path.join(ROOT, 'docs', 'clients.md'), 'utf8')).map(launchOf);
      // Clients write the same in different forms; each start that differs is tried once.
      for (const launch of new Map(launches.map((each) => [JSON.stringify(each), each])).values())
        assert.deepEqual(
          await toolsOf(launch, home, env),
          MCP_TOOLS.map(({ name }) => name),
        );
    } finally {
      await registry.close();
      packed.remove();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

interface Snippet {
  readonly client: string;
  readonly language: string;
  readonly text: string;
}

function snippets(document: string): Snippet[] {
  return document
    .split(/^### /m)
    .slice(1)
    .flatMap((section) =>
      [...section.matchAll(/^```(json|toml)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
        client: section.split('\n')[0]!,
        language,
        text,
      })),
    );
}

type Launch = z.infer<typeof launchSchema>;
const launchSchema = z.object({ command: z.string(), args: z.array(z.string()), env: z.record(z.string(), z.string()) });

/** What a client starts that reads this: each has its own names for the same. */
function launchOf({ client, language, text }: Snippet): Launch {
  const given = z.record(z.string(), z.unknown()).parse(language === 'toml' ? fromToml(text) : JSON.parse(text));
  const servers = given.mcp_servers ?? given.mcpServers ?? given.servers ?? given.mcp;
  const entry = z.looseObject({}).parse(z.record(z.string(), z.unknown()).parse(servers)[NAME], { error: () => client });
  if (client !== 'opencode') return launchSchema.parse(entry.transport ?? entry);
  const [command, ...args] = z.array(z.string()).parse(entry.command);
  return launchSchema.parse({ command, args, env: entry.environment });
}

/** Tables, and values that look the same in JSON: all that the snippets use of TOML. */
function fromToml(text: string): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  let table = whole;
  for (const line of text.split('\n').filter(Boolean)) {
    const [, header] = /^\[([\w.-]+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+) = (.+)$/.exec(line) ?? [];
    assert.ok(header || (key && value), line);
    if (key && value) table[key] = JSON.parse(value);
    else {
      table = whole;
      for (const name of header!.split('.')) {
        table[name] ??= {};
        table = table[name] as Record<string, unknown>;
      }
    }
  }
  return whole;
}

async function toolsOf({ command, args, env: own }: Launch, cwd: string, env: Record<string, string>): Promise<string[]> {
  assert.match(own.KIMI_API_KEY ?? '', /^sk-/);
  const client = new Client({ name: 'reader', version: '1.0.0' });
  try {
    await client.connect(new StdioClientTransport({ command, args, cwd, env: { ...env, ...own }, stderr: 'ignore' }));
    const { tools } = await client.listTools();
    return tools.map(({ name }) => name);
  } finally {
    await client.close();
  }
}
