import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { keptRepository } from '../fakes/kept-folder.ts';
import type { Scenario, Turn } from '../fakes/kimi/scenario.ts';
import { type KimiOptions, type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { type ServerHandle, startServer } from '../fakes/mcp-client.ts';
import { giveAway } from '../fakes/ordinary-user.ts';

/** A repository, a scripted model and the built server, all real but the model; everything is removed by `close`. */
export interface World {
  readonly folder: string;
  readonly home: string;
  readonly repo: string;
  readonly state: string;
  readonly kimi: ScriptedKimi;
  readonly server: ServerHandle;
  git(...words: string[]): string;
  write(file: string, text: string): void;
  /** Another server process on the same state, as another client would start it. */
  another(options?: ServerOptions): Promise<ServerHandle>;
  close(): Promise<void>;
}

export interface ServerOptions {
  env?: Record<string, string>;
  clientName?: string;
  /** Folders that the client tells; `folder`: that of the world, with any repository in it. */
  roots?: readonly string[] | 'folder';
  node?: readonly string[];
  cwd?: string;
  /** Words before the command of the server; with some, everything belongs to the ordinary user. */
  before?: readonly string[];
}

export async function makeWorld(
  scenario: Scenario,
  options: ServerOptions & { kimi?: Partial<KimiOptions>; name?: string } = {},
): Promise<World> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-e2e-')));
  const home = path.join(folder, 'home');
  const repo = path.join(folder, options.name ?? 'repo');
  mkdirSync(home);
  makeRepository(repo);
  if (options.before) giveAway(folder);
  const kimi = await startKimi({ scenario, ...options.kimi });
  const open = (more: ServerOptions = {}) => {
    const roots = more.roots ?? options.roots;
    return startServer({
      home,
      cwd: more.cwd ?? options.cwd ?? repo,
      clientName: more.clientName ?? options.clientName ?? 'claude-code',
      ...(roots ? { roots: roots === 'folder' ? [folder] : roots } : {}),
      ...(more.node || options.node ? { node: more.node ?? options.node ?? [] } : {}),
      ...(more.before || options.before ? { before: more.before ?? options.before ?? [] } : {}),
      env: { KIMI_API_KEY: TEST_KEY, KIMI_BASE_URL: kimi.baseUrl, ...options.env, ...more.env },
    });
  };
  const servers = [await open()];
  return {
    folder,
    home,
    repo,
    state: path.join(home, '.claude-kimi-mcp'),
    kimi,
    server: servers[0]!,
    git: (...words) => gitIn(repo, ...words),
    write: (file, text) => writeIn(repo, file, text),
    async another(more) {
      const server = await open(more);
      servers.push(server);
      return server;
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await kimi.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const makeRepository = keptRepository(
  (repo) => {
    gitIn(repo, 'init', '-q', '-b', 'main');
    gitIn(repo, 'config', 'user.name', 'Ann');
    gitIn(repo, 'config', 'user.email', 'ann@example.org');
    writeIn(repo, 'src/greet.txt', 'hello\n');
    writeIn(repo, 'src/other.txt', 'other\n');
    writeIn(repo, 'README.md', '# Sample\n');
    writeIn(repo, '.gitignore', 'node_modules/\n*.log\n');
    gitIn(repo, 'add', '-A');
    gitIn(repo, 'commit', '-q', '-m', 'First');
  },
  (repo) => gitIn(repo, 'update-index', '-q', '--refresh'),
);

export function gitIn(repo: string, ...words: string[]): string {
  const env = { PATH: process.env.PATH, HOME: repo, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LANG: 'C.UTF-8' };
  return execFileSync('git', ['-c', 'safe.directory=*', '-C', repo, ...words], {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd();
}

export function writeIn(repo: string, file: string, text: string): void {
  mkdirSync(path.dirname(path.join(repo, file)), { recursive: true });
  writeFileSync(path.join(repo, file), text);
}

export const write = (file: string, content: string): Turn => ({ calls: [{ name: 'write_file', args: { path: file, content } }] });
export const run = (command: string): Turn => ({ calls: [{ name: 'run_command', args: { command } }] });
export const read = (file: string): Turn => ({ calls: [{ name: 'read_file', args: { path: file } }] });
export const finish = (summary = 'Done as asked.', message = 'Do the work'): Turn => ({
  calls: [{ name: 'finish', args: { summary, commit_message: message } }],
});

/** The arguments of a usual call; `checks` decides whether there is a proof. */
export const task = (world: { repo: string }, branch: string, more: Record<string, unknown> = {}) => ({
  repo_path: world.repo,
  branch_name: branch,
  task_spec: 'Write done.txt with the word done.',
  ...more,
});
