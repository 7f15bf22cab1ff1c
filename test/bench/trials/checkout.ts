/** The repository of a task as somebody has it who is about to work on it, and the tests that are run on what came out. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readFindings } from '../../../src/checks/read-test-output.ts';
import type { CheckRun } from '../../../src/checks/types.ts';
import { cleanOutput } from '../../../src/sandbox/clean-output.ts';
import type { Task } from './task-file.ts';

const LONGEST_RUN_MS = 15 * 60_000;

/** What the hidden tests say of a commit. */
export interface Verdict {
  readonly exitCode: number | null;
  readonly counts: CheckRun['counts'];
  readonly failing: readonly string[];
  readonly tail: string;
}

const identity = ['-c', 'user.name=Trial', '-c', 'user.email=trial@localhost'];

export function git(repo: string, ...words: string[]): string {
  return execFileSync('git', ['-C', repo, ...identity, ...words], { encoding: 'utf8', maxBuffer: 1 << 28 }).trim();
}

/** The base with its history on `main`, and nothing that came later: neither a ref nor an object. */
export function makeCheckout(task: Task, folder: string): string {
  const repo = path.join(folder, path.basename(task.repository).replace(/\.git$/, ''));
  execFileSync('git', ['init', '-q', '-b', 'main', repo]);
  git(repo, 'fetch', '-q', '--no-tags', task.repository, task.base);
  git(repo, 'reset', '-q', '--hard', task.base);
  git(repo, 'config', 'user.name', 'Trial');
  git(repo, 'config', 'user.email', 'trial@localhost');
  git(repo, 'config', 'gc.auto', '0');
  for (const command of task.prepare) {
    const { status, stdout } = shell(repo, command);
    if (status !== 0) throw new Error(`${command}: exit ${status}\n${cleanOutput(stdout).slice(-3000)}`);
  }
  const dirty = git(repo, 'status', '--porcelain');
  if (dirty !== '') throw new Error(`the preparation of ${task.name} leaves something behind:\n${dirty}`);
  return repo;
}

/** In the same folder, since what was installed there may know its path. Nobody needs the checkout afterwards. */
export function runHiddenTests(task: Task, repo: string, commit: string): Verdict {
  git(repo, 'checkout', '-q', '-f', '--detach', commit);
  git(repo, 'clean', '-q', '-f', '-d');
  git(repo, 'fetch', '-q', '--no-tags', task.repository, task.fix);
  git(repo, 'checkout', '-q', task.fix, '--', ...task.tests);
  const { status, stdout } = shell(repo, task.decide);
  const output = cleanOutput(stdout);
  return { exitCode: status, ...readFindings(output), tail: output.slice(-3000) };
}

function shell(cwd: string, command: string) {
  const found = ['/bin/bash', '/bin/sh'].find(existsSync) ?? 'sh';
  const options = { cwd, encoding: 'buffer', maxBuffer: 2 ** 28, timeout: LONGEST_RUN_MS } as const;
  return spawnSync(found, ['-c', `exec 2>&1 </dev/null; ${command}`], options);
}
