/** A made-up machine for sandbox tests: a home with a secret, a user's checkout, a private copy with its own git dir. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenOptions, openSandbox } from '../../src/sandbox/sandbox.ts';
import type { CommandOptions, CommandResult, Sandbox, SandboxSpec } from '../../src/sandbox/types.ts';
import { keptRepository } from '../fakes/kept-folder.ts';
import { english } from '../messages/english.ts';

export interface SandboxWorld {
  readonly root: string;
  readonly home: string;
  readonly checkout: string;
  readonly state: string;
  readonly spec: SandboxSpec;
  remove(): void;
}

const LIMITS = {
  memoryBytes: 2 * 1024 ** 3,
  processes: 512,
  diskBytes: 4 * 1024 ** 3,
  diskFiles: 500_000,
  outputFileBytes: 8 * 1024 * 1024,
};

export function makeSandboxWorld(parent = tmpdir()): SandboxWorld {
  const root = realpathSync(mkdtempSync(join(parent, 'sandbox-test-')));
  const home = join(root, 'home/ann');
  const checkout = join(home, 'project');
  const state = join(home, '.claude-kimi-mcp');
  const delegation = join(state, 'delegations/1');
  const [workspace, gitDir, temp] = [join(delegation, 'tree'), join(delegation, 'git'), join(delegation, 'temp')];
  for (const folder of [checkout, join(home, '.ssh'), join(home, '.cargo/bin'), workspace, temp]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(home, '.ssh/id_ed25519'), 'SECRET-OF-ANN');
  writeFileSync(join(state, '.env'), 'KIMI_API_KEY=sk-secret-key');
  writeFileSync(join(home, '.cargo/bin/greet'), '#!/bin/sh\necho hello from a toolchain\n', { mode: 0o755 });
  makeRepository(checkout);
  makePrivateGitDir(checkout, gitDir, workspace);
  return {
    root,
    home,
    checkout,
    state,
    remove: () => rmSync(root, { recursive: true, force: true }),
    spec: {
      workspace,
      mountAt: checkout,
      gitDir,
      objectDirs: [join(checkout, '.git/objects')],
      temp,
      hidden: [state, checkout],
      lent: [],
      layers: null,
      gitDefaults: { identity: true, branch: 'main' },
      allowedHosts: ['registry.example.org', '*.pypi.example.org'],
      mode: 'required',
      limits: LIMITS,
      env: { ...process.env, HOME: home, KIMI_API_KEY: 'sk-secret-key', PATH: `${join(home, '.cargo/bin')}:${process.env['PATH']}` },
    },
  };
}

export async function openOrFail(spec: SandboxSpec, options?: OpenOptions): Promise<Sandbox> {
  const opening = await openSandbox(spec, options);
  if (!opening.ok) throw new Error(english(opening.reason));
  return opening.sandbox;
}

export function runIn(
  sandbox: Sandbox,
  world: SandboxWorld,
  command: string,
  options: Partial<CommandOptions> = {},
): Promise<CommandResult> {
  return sandbox.run(command, {
    cwd: '',
    timeoutMs: 20_000,
    network: false,
    signal: new AbortController().signal,
    outputFile: join(world.spec.temp, 'output-1.txt'),
    ...options,
  });
}

/** Beside a file that the user has not added. */
const makeRepository = keptRepository(
  (folder) => {
    writeFileSync(join(folder, 'app.txt'), 'one\n');
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'add', 'app.txt');
    git(folder, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', 'commit', '-q', '-m', 'First');
    writeFileSync(join(folder, 'only-in-checkout.txt'), 'uncommitted');
  },
  (folder) => git(folder, 'update-index', '-q', '--refresh'),
);

/** The shape that private git dirs have: HEAD, config, one ref, objects borrowed from the user's repository. */
function makePrivateGitDir(checkout: string, gitDir: string, workspace: string): void {
  for (const folder of ['objects/info', 'refs/heads']) mkdirSync(join(gitDir, folder), { recursive: true });
  const head = git(checkout, 'rev-parse', 'HEAD').trim();
  writeFileSync(join(gitDir, 'HEAD'), 'ref: refs/heads/work\n');
  writeFileSync(join(gitDir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = false\n');
  writeFileSync(join(gitDir, 'refs/heads/work'), `${head}\n`);
  writeFileSync(join(gitDir, 'objects/info/alternates'), `${join(checkout, '.git/objects')}\n`);
  writeFileSync(join(gitDir, 'sandbox-alternates'), '/run/claude-kimi/objects/0\n');
  writeFileSync(join(workspace, '.git'), `gitdir: ${gitDir}\n`);
  git(workspace, 'read-tree', '-u', '--reset', 'HEAD');
}

function git(cwd: string, ...args: string[]): string {
  const env = { PATH: process.env['PATH'], HOME: cwd, GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8' });
}
