/** A working tree of some commit or tree, and a sandbox in which commands run in it: nothing of a repository runs anywhere else. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { runCheck } from '../../src/checks/run-check.ts';
import type { CheckRun } from '../../src/checks/types.ts';
import type { Settings } from '../../src/config.ts';
import { sandboxLimits } from '../../src/delegation/attempt/prepare-workspace.ts';
import { say } from '../../src/messages/message.ts';
import { findCaches } from '../../src/sandbox/find-lent.ts';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import type { Sandbox } from '../../src/sandbox/types.ts';
import { checkout } from '../../src/workspace/checkout.ts';
import { attachWorkTree, createPrivateGit } from '../../src/workspace/private-git.ts';
import { listTree } from '../../src/workspace/read-objects.ts';
import type { PrivateGit } from '../../src/workspace/types.ts';
import { UserError } from './options.ts';
import type { Source } from './source.ts';

export interface TestTree {
  /** Where its files are. */
  readonly workTree: string;
  readonly git: PrivateGit;
  /** Runs what makes it ready, with package registries in reach. @returns what failed, or null */
  prepare(commands: readonly string[]): Promise<CheckRun | null>;
  /** Runs tests, without network. */
  test(command: string): Promise<CheckRun>;
  close(): Promise<void>;
}

export interface TreeOptions {
  readonly source: Source;
  readonly commit: string;
  /** Makes the tree that is written of it. Default: as it is. */
  readonly tree?: (git: PrivateGit) => Promise<string>;
  /** A new folder for it and all that belongs to it. */
  readonly folder: string;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  /** What commands must not see. */
  readonly results: string;
}

const PREPARE_MS = 20 * 60_000;

export async function openTestTree({ source, commit, tree, folder, settings, signal, results }: TreeOptions): Promise<TestTree> {
  const { repository, name } = source;
  const at = (part: string) => path.join(folder, part);
  const workTree = at(name);
  for (const part of [workTree, at('tmp'), at('layers')]) mkdirSync(part, { recursive: true });
  const git = await createPrivateGit({ dir: at('git'), repository, branch: 'main', commit });
  const written = tree ? await tree(git) : commit;
  const done = await checkout(git, workTree, written, signal);
  if (!done.ok) throw new UserError(say(done.reason, 'en'));
  await attachWorkTree(git, workTree);
  const paths = (await listTree(repository, commit)).map((file) => file.path);
  const closed = [repository.commonDir, results];
  const opening = await openSandbox(
    {
      workspace: workTree,
      mountAt: workTree,
      gitDir: git.gitDir,
      objectDirs: repository.objectDirs,
      temp: at('tmp'),
      hidden: closed,
      lent: findCaches({ env: process.env, mountAt: workTree, hidden: closed }, paths),
      layers: at('layers'),
      gitDefaults: { identity: true, branch: 'main' },
      allowedHosts: settings.allowedHosts,
      mode: settings.sandbox,
      limits: sandboxLimits(settings),
      env: process.env,
    },
    { program: settings.sandboxProgram },
  );
  if (!opening.ok) throw new UserError(`The sandbox does not work: ${say(opening.reason, 'en')}`);
  const { sandbox } = opening;
  const base = { cwd: '', signal, outputFile: at('tmp/output.txt'), tree: workTree };
  return {
    workTree,
    git,
    async prepare(commands) {
      for (const command of commands) {
        const run = await ready(sandbox, command, base);
        if (run.exitCode !== 0) return run;
      }
      return null;
    },
    test: (command) => runCheck(sandbox, command, { ...base, timeoutMs: settings.checkTimeoutSeconds * 1000 }),
    close: () => sandbox.close(),
  };
}

type Base = { cwd: string; signal: AbortSignal; outputFile: string; tree: string };

async function ready(sandbox: Sandbox, command: string, base: Base): Promise<CheckRun> {
  const { exitCode, killed, durationMs, head, tail } = await sandbox.run(command, { ...base, network: true, timeoutMs: PREPARE_MS });
  return { exitCode, killed, durationMs, counts: null, failing: [], tail: tail || head };
}
