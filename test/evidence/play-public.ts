/** The good and the bad work of a fix commit, on its parent, through the real server and in the real sandbox, without checks in the call. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { errorText } from '../../src/common/caught-error.ts';
import { finish, gitIn, makeWorld, run, type World, writeIn } from '../e2e/world.ts';
import { environmentFor } from '../parity/compare.ts';
import { judge, type Row, resultOf } from './play.ts';
import type { PublicRepository } from './public-repositories.ts';

export const PUBLIC_ATTEMPTS = ['good', 'bad'] as const;
type PublicAttempt = (typeof PUBLIC_ATTEMPTS)[number];
export type PublicRow = Omit<Row, 'attempt'> & { readonly attempt: PublicAttempt };

const EXPECTED = {
  good: { outcome: ['ready'], says: [/fails? on base/] },
  bad: { outcome: ['checks_failed'], says: [] },
} as const;

/** It cannot be had here: no network, or what it needs is not to be installed. */
export class NotMade extends Error {}

/**
 * @param sources git directories on this machine, one of which may have the commit; else it comes from GitHub
 */
export async function* playPublic(
  repository: PublicRepository,
  attempts: readonly PublicAttempt[],
  sources: readonly string[],
): AsyncGenerator<PublicRow> {
  const env = environmentFor([]);
  const change = { good: '', bad: '' };
  let attempt: PublicAttempt = 'good';
  const scenario = ({ step }: { step: number }) =>
    step === 0
      ? run(`echo ${Buffer.from(change[attempt]).toString('base64')} | base64 -d | git apply`)
      : finish('Fixed as asked.', 'Fix it');
  const world = await makeWorld(scenario, { env: { ...env, KIMI_CHECK_TIMEOUT: '600' }, name: path.basename(repository.name) });
  try {
    try {
      Object.assign(change, prepare(world, repository, sources));
    } catch (error) {
      throw new NotMade(errorText(error).trim().split('\n').slice(0, 3).join(' '), { cause: error });
    }
    for (attempt of attempts) {
      const began = performance.now();
      const branch = `public/${attempt}`;
      const report = await world.server.call('fix_bug', {
        repo_path: world.repo,
        branch_name: branch,
        bug_description: gitIn(world.repo, 'log', '-1', '--format=%s', repository.fix),
      });
      const expected = { ...EXPECTED[attempt], checks: repository.checks };
      const judged = judge(expected, report, resultOf(world, world.repo, branch));
      const seconds = (performance.now() - began) / 1000;
      yield { repository: `${repository.name}, ${repository.kind}`, tool: 'fix_bug', attempt, ...judged, report, seconds };
    }
  } finally {
    await world.close();
  }
}

/**
 * With the registries and settings of whoever runs this, as its user would.
 * @returns both changes as patches
 */
function prepare(
  { repo }: World,
  { name, fix, install, broken }: PublicRepository,
  sources: readonly string[],
): Record<PublicAttempt, string> {
  const from = sources.find((dir) => has(dir, fix)) ?? `https://github.com/${name}`;
  rmSync(repo, { recursive: true, force: true });
  execFileSync('git', ['clone', '-q', '--no-checkout', from, repo], { stdio: ['ignore', 'ignore', 'pipe'] });
  for (const [key, value] of Object.entries({ 'user.name': 'Ann', 'user.email': 'ann@example.org' })) gitIn(repo, 'config', key, value);
  const diff = () =>
    execFileSync('git', ['-C', repo, 'diff', '--binary', `${fix}^`], {
      encoding: 'utf8',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null' },
    });
  gitIn(repo, 'checkout', '-q', '-B', 'main', fix);
  const good = diff();
  const text = readFileSync(path.join(repo, broken.file), 'utf8');
  if (!text.includes(broken.from)) throw new Error(`${broken.file} of ${name} has no ${broken.from}`);
  writeIn(
    repo,
    broken.file,
    text.replace(broken.from, () => broken.to),
  );
  const bad = diff();
  gitIn(repo, 'checkout', '-q', '-f', '-B', 'main', `${fix}^`);
  if (install !== undefined) execFileSync('/bin/bash', ['-c', install], { cwd: repo, stdio: ['ignore', 'ignore', 'pipe'] });
  return { good, bad };
}

function has(dir: string, commit: string): boolean {
  if (!existsSync(dir)) throw new Error(`${dir} is not there`);
  try {
    execFileSync('git', ['-c', 'safe.directory=*', '-C', dir, 'cat-file', '-e', `${commit}^{commit}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
