import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Broker, type BrokerOptions, startBroker } from '../../src/broker/broker.ts';
import { type ClaudeFiles, claudeFiles } from '../../src/claude/claude-files.ts';
import { type ClaudeRun, connect, SERVER_NAME } from '../../src/claude/registration.ts';
import { allowTools } from '../../src/claude/setup-record.ts';
import { installLauncher, launchCommand } from '../../src/launcher/install-launcher.ts';
import { gitIn, makeRepository } from '../e2e/world.ts';
import { type ClaudeRequest, type ClaudeTurn, lastResults, type ScriptedClaude, startClaudeApi } from '../fakes/anthropic/server.ts';
import type { Scenario } from '../fakes/kimi/scenario.ts';
import { type KimiOptions, type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { english } from '../messages/english.ts';
import { provisionClaude } from './provision.ts';

const FAKE_KEY = 'sk-ant-api03-not-a-real-key-0123456789abcdef';
/** Says in a prompt that the request belongs to the conversation of the test. */
export const MARK = 'KIMI-TEST';

/**
 * A clean HOME in which our own functions set everything up: the launcher, the registration with the real Claude Code, the permission rules,
 * and a window (its broker) that lends key and settings. Both models are played.
 */
export interface ClaudeWorld {
  readonly home: string;
  readonly repo: string;
  readonly stateDir: string;
  readonly kimi: ScriptedKimi;
  readonly api: ScriptedClaude;
  readonly files: ClaudeFiles;
  readonly run: ClaudeRun;
  /** Environment of `claude`, and so of the server that it starts: no key of Kimi in it. */
  readonly env: Readonly<Record<string, string>>;
  readonly broker: Broker;
  git(...words: string[]): string;
  /** `claude -p` in the repository. A prompt that is a command names the mark itself. */
  headless(prompt: string, ...options: string[]): Promise<Headless>;
  close(): Promise<void>;
}

export interface Headless {
  readonly code: number | null;
  /** The lines of `--output-format stream-json`. */
  readonly events: Record<string, unknown>[];
  readonly result: Record<string, unknown> | undefined;
  readonly stderr: string;
}

export interface ClaudeWorldOptions {
  readonly scenario: Scenario;
  readonly kimi?: Partial<KimiOptions>;
  readonly script?: (request: ClaudeRequest, world: { repo: string }) => ClaudeTurn | null;
  readonly broker?: Partial<BrokerOptions>;
  readonly permissions?: boolean;
  /** Nothing is set up: no registration, no rules, no window. */
  readonly bare?: boolean;
  /** Added to the environment of `claude`. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function makeClaudeWorld(options: ClaudeWorldOptions): Promise<ClaudeWorld> {
  const program = await provisionClaude((line) => console.error(line));
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-claude-')));
  const repo = path.join(home, 'work', 'app');
  const stateDir = path.join(home, '.claude-kimi-mcp');
  makeRepository(repo);
  const kimi = await startKimi({ scenario: options.scenario, ...options.kimi });
  const script = options.script ?? delegateOnce('feature/done');
  const api = await startClaudeApi((request) => (JSON.stringify(request.messages).includes(MARK) ? script(request, { repo }) : null));
  const env = {
    PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    SHELL: '/bin/bash',
    ANTHROPIC_BASE_URL: api.baseUrl,
    ANTHROPIC_API_KEY: FAKE_KEY,
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ...options.env,
  };
  writeFileSync(
    path.join(home, '.claude.json'),
    JSON.stringify({
      hasCompletedOnboarding: true,
      theme: 'dark',
      customApiKeyResponses: { approved: [FAKE_KEY.slice(-20)], rejected: [] },
      projects: { [repo]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
    }),
  );
  const broker = await startBroker({
    stateDir,
    version: '0.0.0',
    folders: [path.join(home, 'work')],
    answer: async () => ({ key: TEST_KEY, settings: { baseUrl: kimi.baseUrl, maxSteps: 12 }, trusted: true, consent: 'granted' }),
    askConsent: async () => 'denied',
    ...options.broker,
  });

  const files = claudeFiles(env, home);
  const run: ClaudeRun = { program, env, cwd: home };
  if (options.bare) await broker.close();
  else await setUp(stateDir, files, run, options.permissions !== false);
  mkdirSync(path.join(home, '.claude'), { recursive: true });

  return {
    home,
    repo,
    stateDir,
    kimi,
    api,
    files,
    run,
    env,
    broker,
    git: (...words) => gitIn(repo, ...words),
    async headless(prompt, ...more) {
      const marked = prompt.includes(MARK) ? prompt : `${MARK} ${prompt}`;
      const child = spawn(program, ['-p', marked, '--output-format', 'stream-json', '--verbose', ...more], { cwd: repo, env });
      child.stdin.end();
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      const [code] = await once(child, 'close');
      const events = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
      return { code, events, result: events.findLast((event) => event.type === 'result'), stderr };
    },
    async close() {
      await broker.close();
      await kimi.close();
      await api.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function setUp(stateDir: string, files: ClaudeFiles, run: ClaudeRun, permissions: boolean): Promise<void> {
  const runtime = { program: process.execPath, electron: false };
  installLauncher({ stateDir, dist: DIST, version: '0.0.0', runtime, platform: process.platform, now: Date.now });
  const connected = await connect(run, files, launchCommand(stateDir, process.platform, runtime));
  if (!connected.ok) throw new Error(english(connected.reason));
  if (permissions) allowTools(stateDir, files.settings, Date.now());
}

/** Claude delegates at once, reads the report, and ends. */
export function delegateOnce(branch: string, more: Record<string, unknown> = {}, server = SERVER_NAME) {
  return (request: ClaudeRequest, { repo }: { repo: string }): ClaudeTurn => {
    if (lastResults(request).length > 0) return { text: 'The work is done.' };
    const input = {
      repo_path: repo,
      branch_name: branch,
      task_spec: 'Write done.txt with the word done.',
      checks: ['grep -q done done.txt'],
      ...more,
    };
    return { calls: [{ name: `mcp__${server}__implement_feature`, input }] };
  };
}
