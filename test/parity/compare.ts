/** The same command in the same folder, outside as the user has it, and inside as a check of a delegation. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readFindings } from '../../src/checks/read-test-output.ts';
import type { CheckRun } from '../../src/checks/types.ts';
import { cleanOutput } from '../../src/sandbox/clean-output.ts';
import { finish, makeWorld, run, task, write } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { giveAway } from '../fakes/ordinary-user.ts';
import { makeProject } from './make-project.ts';
import type { Project } from './projects.ts';

export interface Side {
  readonly exitCode: number | null;
  readonly counts: CheckRun['counts'];
  readonly failing: readonly string[];
  readonly seconds: number;
  readonly tail: string;
}

export interface Comparison {
  readonly outside: Side;
  /** As the check saw it. */
  readonly inside: Side;
  /** Empty when both are equal. */
  readonly differences: readonly string[];
  /** Those for which the report has a line. */
  readonly told: readonly string[];
  /** What Claude was told. */
  readonly report: string;
}

const BRANCH = 'parity/check';

/** @param before words before the command that make it run as an ordinary user; none = as whoever runs this */
export async function compare(project: Project, before: readonly string[] = []): Promise<Comparison> {
  const env = environmentFor(before);
  let note = 'note.txt';
  const world = await makeWorld(({ index }) => [write(note, 'done\n'), run(project.command)][index] ?? finish(), {
    env,
    ...(before.length > 0 && { before }),
  });
  try {
    // Java asks the user database for the home, which is the real one outside, or none; those that it starts ask again.
    const own = { ...env, JAVA_TOOL_OPTIONS: `-Duser.home=${world.home}` };
    await makeProject(project, { folder: world.repo, home: world.home, env: own });
    note = unignored(world.repo);
    if (before.length > 0) giveAway(world.folder);
    const outside = runOutside(project.command, world.repo, { ...own, HOME: world.home }, before);
    const lent = ['node_modules', '.venv', 'vendor', 'deps', '../home/go/pkg', '../home/.cargo/registry', '../home/.m2/repository']
      .map((name) => path.join(world.repo, name))
      .filter(existsSync);
    const prints = await Promise.all(lent.map((folder) => fingerprint(folder)));
    const report = await world.server.call('implement_feature', task(world, BRANCH, { checks: [project.command] }));
    const inside = readInside(world.state) ?? { exitCode: null, counts: null, failing: [], seconds: 0, tail: report };
    const after = await Promise.all(lent.map((folder) => fingerprint(folder)));
    const harmed = JSON.stringify(prints) === JSON.stringify(after) ? [] : ['lent folders were changed'];
    const different = differences(outside, inside);
    const isTold = project.differsForRoot === true && /user: root without its power/.test(report);
    return { outside, inside, differences: [...(isTold ? [] : different), ...harmed], told: isTold ? different : [], report };
  } finally {
    await world.close();
  }
}

/** Some projects ignore everything at their root but what they name. */
function unignored(repo: string): string {
  const names = ['note.txt', ...['lib', 'src', 'test', 'tests', 'docs'].map((folder) => `${folder}/note.txt`)];
  const isIgnored = (name: string) => spawnSync('git', ['-C', repo, 'check-ignore', '-q', name]).status === 0;
  return names.find((name) => !isIgnored(name)) ?? 'note.txt';
}

function differences(outside: Side, inside: Side): string[] {
  const say = (what: string, a: unknown, b: unknown) =>
    JSON.stringify(a) === JSON.stringify(b) ? [] : [`${what}: ${JSON.stringify(a)} outside, ${JSON.stringify(b)} inside`];
  return [
    ...say('exit code', outside.exitCode, inside.exitCode),
    ...say('counts', outside.counts, inside.counts),
    ...say('failing', outside.failing.toSorted(), inside.failing.toSorted()),
  ];
}

function runOutside(command: string, cwd: string, env: Record<string, string>, before: readonly string[]): Side {
  const began = performance.now();
  const [program = '', ...args] = [...before, '/bin/bash', '-c', `exec 2>&1; ${command}`];
  const { status, stdout } = spawnSync(program, args, { cwd, env, encoding: 'buffer', maxBuffer: 2 ** 28, timeout: 600_000 });
  const text = cleanOutput(stdout);
  return { exitCode: status, ...readFindings(text), seconds: (performance.now() - began) / 1000, tail: text.slice(-2000) };
}

/** What the check gave on the result, as it was stored. */
function readInside(state: string): Side | null {
  const delegations = path.join(state, 'delegations');
  const [id = ''] = readdirSync(delegations);
  const file = path.join(delegations, id, 'attempts/001/result.json');
  if (!existsSync(file)) return null;
  const { checks } = JSON.parse(readFileSync(file, 'utf8')) as { checks: { result: CheckRun | null }[] };
  const found = checks[0]?.result;
  return found ? { ...found, seconds: found.durationMs / 1000 } : null;
}

/** What the tools are found by; whoever else runs them may not look into the home of whoever runs this. */
export function environmentFor(before: readonly string[]): Record<string, string> {
  const LANG = 'C.UTF-8';
  // As a terminal has it, whoever runs this.
  const terminal = { TERM: 'xterm-256color', SHELL: '/bin/bash' };
  if (before.length > 0) return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG, ...terminal };
  return { PATH: process.env['PATH'] ?? '', LANG, ...terminal, ...toolEnvironment() };
}

/** Version managers of whoever runs this, since the home is another one. */
function toolEnvironment(): Record<string, string> {
  const folders = { RUSTUP_HOME: '.rustup', PYENV_ROOT: '.pyenv' };
  const found = Object.entries(folders).map(
    ([name, folder]) => [name, process.env[name] ?? path.join(os.userInfo().homedir, folder)] as const,
  );
  return Object.fromEntries(found.filter(([, folder]) => existsSync(folder)));
}
