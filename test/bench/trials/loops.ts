/** The loops that are compared. Each works on a checkout through the same endpoint, and leaves a commit. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DIST, startServer } from '../../fakes/mcp-client.ts';
import { git } from './checkout.ts';
import { KEY, MODEL } from './endpoint.ts';
import type { Task } from './task-file.ts';

interface Surroundings {
  readonly task: Task;
  readonly repo: string;
  /** Where everything of this run lies. */
  readonly folder: string;
  /** With `/v1`. */
  readonly baseUrl: string;
}

interface Loop {
  /** What must be there first, and is not measured. */
  readonly install?: () => void;
  /** @returns the commit that came out; the base when nothing did */
  readonly run: (surroundings: Surroundings) => Promise<string>;
}

const PI = '@mariozechner/pi-coding-agent@0.73.1';
const CACHE = path.join(import.meta.dirname, '..', '..', '..', '.cache', 'trials');
const BRANCH = 'trial/work';
const MOST_MINUTES = 170;

export const LOOPS: Readonly<Record<string, Loop>> = { ours: { run: ours }, pi: { install: () => void installed(PI), run: pi } };

/** The built product as a client uses it, with nobody's settings but the user's home, where the tools are. */
async function ours({ task, repo, folder, baseUrl }: Surroundings): Promise<string> {
  const product = path.join(folder, 'product');
  cpSync(DIST, path.join(product, 'dist'), { recursive: true }); // a build in the meantime would take files away
  const server = await startServer({
    home: homedir(),
    cwd: repo,
    roots: [repo],
    dist: path.join(product, 'dist'),
    env: {
      PATH: process.env['PATH'] ?? '',
      CLAUDE_KIMI_HOME: path.join(folder, 'state'),
      KIMI_API_KEY: KEY,
      KIMI_BASE_URL: baseUrl,
      KIMI_MODEL: MODEL,
      KIMI_MAX_MINUTES: String(MOST_MINUTES),
      KIMI_BUDGET: '20',
    },
  });
  const isBug = task.kind === 'bug';
  const text = { [isBug ? 'bug_description' : 'task_spec']: task.task };
  const answer = await server.client.callTool(
    { name: isBug ? 'fix_bug' : 'implement_feature', arguments: { repo_path: repo, branch_name: BRANCH, ...text } },
    undefined,
    { timeout: MOST_MINUTES * 60_000 },
  );
  const report = (answer.content as { text: string }[]).map((part) => part.text).join('\n');
  writeFileSync(path.join(folder, 'report.txt'), `${report}\n${server.stderr()}`);
  await server.close();
  const found = spawnSync('git', ['-C', repo, 'rev-parse', '--verify', '-q', `refs/heads/${BRANCH}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : task.base;
}

async function pi({ task, repo, folder, baseUrl }: Surroundings): Promise<string> {
  const program = installed(PI);
  const settings = path.join(folder, '.pi', 'agent');
  const models = [{ id: MODEL, contextWindow: 262_144, maxTokens: 32_000, reasoning: true }];
  const providers = { trial: { baseUrl, api: 'openai-completions', apiKey: KEY, models } };
  mkdirSync(settings, { recursive: true });
  writeFileSync(path.join(settings, 'models.json'), JSON.stringify({ providers }));
  const env = { ...process.env, PI_CODING_AGENT_DIR: settings, PI_OFFLINE: '1', PI_TELEMETRY: '0', PI_SKIP_VERSION_CHECK: '1' };
  const words = [program, '-p', '--provider', 'trial', '--model', MODEL, task.task];
  const child = spawn(process.execPath, words, { cwd: repo, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const kept = pipeline(child.stdout, createWriteStream(path.join(folder, 'report.txt')));
  await Promise.all([once(child, 'exit'), kept]);
  git(repo, 'add', '-A');
  git(repo, 'commit', '-q', '--allow-empty', '--no-verify', '-m', task.name);
  return git(repo, 'rev-parse', 'HEAD');
}

/** @returns the script of a package from npm */
function installed(spec: string): string {
  const name = spec.slice(0, spec.lastIndexOf('@'));
  const folder = path.join(CACHE, spec.replaceAll('/', '+'));
  const script = path.join(folder, 'node_modules', name, 'dist', 'cli.js');
  if (existsSync(script)) return script;
  mkdirSync(folder, { recursive: true });
  const words = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--loglevel=error', spec];
  const { status } = spawnSync('npm', words, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm could not install ${spec}`);
  return script;
}
