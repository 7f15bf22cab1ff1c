/**
 * Merges, and kills itself as SIGKILL from outside would: before the call of this number among those that change files, or behind the one
 * for a path. Or lets each fail that brings something to a path; or the git that moves HEAD, once it has moved it.
 */
import processes from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { MergeWay } from '../../src/common/merge-way.ts';

const {
  repo,
  home,
  tip,
  die,
  fail,
  git,
  how = 'squash',
} = JSON.parse(process.argv[2]!) as {
  repo: string;
  home: string;
  tip: string;
  die: number | string;
  how?: MergeWay;
  fail?: string;
  /** `unsure`: and afterwards git cannot tell where HEAD is. `last`: this process dies with it. */
  git?: 'moves and dies' | 'unsure' | 'last';
};
let calls = 0;
for (const name of ['renameSync', 'linkSync', 'mkdirSync', 'unlinkSync', 'rmdirSync', 'rmSync', 'fsyncSync', 'writeFileSync'] as const) {
  const real = fs[name] as (...args: unknown[]) => unknown;
  (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
    if (++calls === die) process.kill(process.pid, 'SIGKILL');
    if (typeof fail === 'string' && String(args[1]).endsWith(fail))
      throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: name });
    const answer = real(...args);
    const changed = String(args[name === 'writeFileSync' ? 0 : 1]);
    if (typeof die === 'string' && changed.endsWith(die)) process.kill(process.pid, 'SIGKILL');
    return answer;
  };
}
let moved = false;
const { spawn } = processes;
processes.spawn = ((program: string, words: string[], options: processes.SpawnOptions) => {
  const isLast = git !== undefined && words.includes('--stdin') && words.includes('update-ref');
  if (git === 'unsure' && moved && words.includes('rev-parse')) return spawn('/bin/false', [], options);
  if (!isLast) return spawn(program, words, options);
  moved = true;
  return spawn('/bin/sh', ['-c', `"$0" "$@"; kill -9 ${git === 'last' ? '$PPID' : '$$'}`, program, ...words], options);
}) as typeof processes.spawn;
syncBuiltinESMExports();
const { openRepository } = await import('../../src/workspace/open-repository.ts');
const { mergeIntoCheckout } = await import('../../src/workspace/merge-into-checkout.ts');
const opened = await openRepository(repo, { home, xdgConfigHome: null });
if (!opened.ok) throw new Error(opened.reason.code);
const identity = { name: 'Ada', email: 'ada@example.org', date: '1700000000 +0000' };
const result = await mergeIntoCheckout({ repository: opened.repository, tip, how, message: 'Merge', identity });
process.stdout.write(JSON.stringify({ ...result, calls }));
