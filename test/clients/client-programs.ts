/** The real clients: where they come from, what stands in their configuration, and how they are asked something without a terminal. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import path from 'node:path';

interface Surroundings {
  readonly home: string;
  readonly repo: string;
  /** Where the scripted model listens. */
  readonly port: number;
  /** How our server is started: a program with its words, and what it needs in its environment. */
  readonly server: { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

export interface ClientProgram {
  readonly name: string;
  /** The npm package, with the version that was tried. */
  readonly package: string;
  /** Writes the configuration. @returns what is started, below the package's `node_modules` when it is relative, and its environment */
  configure(
    surroundings: Surroundings,
    prompt: string,
  ): { readonly program: string; readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> };
}

const DOCUMENT = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'clients.md'), 'utf8');

/** What docs/clients.md tells people to write for a client, with the server of the surroundings in it. */
function documented(name: string, { server }: Surroundings): string {
  const [, snippet] = new RegExp(`^### ${name}\\n[\\s\\S]*?^\`\`\`\\w+\\n([\\s\\S]*?)^\`\`\``, 'm').exec(DOCUMENT) ?? [];
  if (snippet === undefined) throw new Error(`docs/clients.md has no snippet for ${name}`);
  const words = (list: readonly string[]) => list.map((word) => JSON.stringify(word)).join(', ');
  const variables = Object.entries(server.env);
  return snippet
    .replace('"claude-kimi-mcp", "serve"', words([server.command, ...server.args]))
    .replace('"claude-kimi-mcp"', JSON.stringify(server.command))
    .replace('"serve"', words(server.args))
    .replace('"KIMI_API_KEY": "sk-..."', variables.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(', '))
    .replace('KIMI_API_KEY = "sk-..."', variables.map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join('\n'));
}

const documentedJson = (name: string, surroundings: Surroundings) => JSON.parse(documented(name, surroundings)) as object;

const put = (folder: string, name: string, text: string) => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const putJson = (folder: string, name: string, value: unknown) => put(folder, name, JSON.stringify(value, null, 2));

export const CLIENTS: readonly ClientProgram[] = [
  {
    name: 'Claude Code',
    package: '@anthropic-ai/claude-code@2.1.330',
    configure({ home, repo, port, server }, prompt) {
      const key = 'sk-ant-api03-not-a-real-key-0123456789abcdef';
      putJson(home, '.claude.json', {
        hasCompletedOnboarding: true,
        customApiKeyResponses: { approved: [key.slice(-20)], rejected: [] },
        projects: { [repo]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
        mcpServers: { 'kimi-agent': server },
      });
      putJson(home, '.claude/settings.json', { permissions: { allow: ['mcp__kimi-agent'] } });
      return {
        program: `@anthropic-ai/claude-code-${platform()}-${arch()}/claude`,
        args: ['-p', prompt],
        env: {
          ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
          ANTHROPIC_API_KEY: key,
          DISABLE_AUTOUPDATER: '1',
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        },
      };
    },
  },
  {
    name: 'Codex',
    package: '@openai/codex@0.171.0',
    configure(surroundings, prompt) {
      const { home, port } = surroundings;
      const model = `model = "scripted"\nmodel_provider = "scripted"\n\n[model_providers.scripted]\nname = "scripted"\nwire_api = "responses"\nbase_url = "http://127.0.0.1:${port}/v1"\n`;
      put(home, '.codex/config.toml', `${model}\n${documented('Codex', surroundings)}`);
      return { program: '@openai/codex/bin/codex.js', args: ['exec', '--skip-git-repo-check', prompt] };
    },
  },
  {
    name: 'opencode',
    package: 'opencode-ai@1.18.33',
    configure(surroundings, prompt) {
      const { home, port } = surroundings;
      putJson(home, '.config/opencode/opencode.json', {
        ...documentedJson('opencode', surroundings),
        model: 'scripted/scripted',
        small_model: 'scripted/scripted',
        autoupdate: false,
        share: 'disabled',
        provider: {
          scripted: {
            npm: '@ai-sdk/openai-compatible',
            options: { baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'none' },
            models: { scripted: { name: 'scripted', tool_call: true, limit: { context: 200000, output: 8000 } } },
          },
        },
      });
      return { program: `opencode-linux-${arch()}/bin/opencode`, args: ['run', prompt], env: { OPENCODE_DISABLE_MODELS_FETCH: '1' } };
    },
  },
  {
    name: 'Gemini CLI',
    package: '@google/gemini-cli@0.61.0',
    configure(surroundings, prompt) {
      const { home, port } = surroundings;
      putJson(home, '.gemini/settings.json', {
        ...documentedJson('Gemini CLI', surroundings),
        security: { auth: { selectedType: 'gemini-api-key' } },
        privacy: { usageStatisticsEnabled: false },
        general: { disableAutoUpdate: true },
      });
      return {
        program: '@google/gemini-cli/bundle/gemini.js',
        args: ['-m', 'gemini-2.5-pro', '-p', prompt, '--skip-trust'],
        env: { GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${port}` },
      };
    },
  },
  {
    name: 'Qwen Code',
    package: '@qwen-code/qwen-code@0.24.4',
    configure(surroundings, prompt) {
      const { home, port } = surroundings;
      putJson(home, '.qwen/settings.json', {
        ...documentedJson('Qwen Code', surroundings),
        security: { auth: { selectedType: 'openai' } },
        privacy: { usageStatisticsEnabled: false },
        general: { disableAutoUpdate: true },
      });
      return {
        program: '@qwen-code/qwen-code/cli-entry.js',
        args: ['-p', prompt],
        env: { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_MODEL: 'scripted' },
      };
    },
  },
  {
    name: 'Cline',
    package: 'cline@3.0.65',
    configure(surroundings, prompt) {
      const { home, port } = surroundings;
      putJson(home, '.cline/data/settings/cline_mcp_settings.json', documentedJson('Cline', surroundings));
      const settings = { provider: 'openai-compatible', apiKey: 'none', model: 'scripted', baseUrl: `http://127.0.0.1:${port}/v1` };
      putJson(home, '.cline/data/settings/providers.json', {
        version: 1,
        lastUsedProvider: settings.provider,
        modes: {},
        providers: { 'openai-compatible': { settings, updatedAt: '2026-01-01T00:00:00.000Z', tokenSource: 'manual' } },
      });
      return {
        program: `@cline/cli-linux-${arch()}/bin/cline`,
        args: ['--auto-approve', 'true', '-P', 'openai-compatible', '-m', 'scripted', prompt],
      };
    },
  },
  {
    name: 'kimi-code',
    package: '@moonshot-ai/kimi-code@2.1.0',
    configure(surroundings, prompt) {
      const { home, port } = surroundings;
      putJson(home, '.kimi-code/mcp.json', documentedJson('kimi-code', surroundings));
      const provider = `[providers.scripted]\ntype = "openai"\nbase_url = "http://127.0.0.1:${port}/v1"\napi_key = "none"\n`;
      const model = '[models.scripted]\nprovider = "scripted"\nmodel = "scripted"\nmax_context_size = 200000\n';
      put(home, '.kimi-code/config.toml', `default_model = "scripted"\n\n${provider}\n${model}`);
      return { program: '@moonshot-ai/kimi-code/dist/main.mjs', args: ['-p', prompt] };
    },
  },
];

/** Programs of npm that are scripts run on our Node. */
export const isScript = (program: string) => /\.m?js$/.test(program);
