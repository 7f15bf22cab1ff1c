/** Merges, and kills itself as SIGKILL from outside would: before the call number DIE_AT of those with which a merge moves files. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { repo, home, tip, dieAt } = JSON.parse(process.argv[2]!) as { repo: string; home: string; tip: string; dieAt: number };
let calls = 0;
for (const name of ['renameSync', 'linkSync', 'mkdirSync', 'unlinkSync', 'rmdirSync', 'rmSync', 'fsyncSync'] as const) {
  const real = fs[name] as (...args: unknown[]) => unknown;
  (fs as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
    if (++calls === dieAt) process.kill(process.pid, 'SIGKILL');
    return real(...args);
  };
}
syncBuiltinESMExports();
const { openRepository } = await import('../../src/workspace/open-repository.ts');
const { mergeIntoCheckout } = await import('../../src/workspace/merge-into-checkout.ts');
const opened = await openRepository(repo, { home, xdgConfigHome: null });
if (!opened.ok) throw new Error(opened.reason.code);
const identity = { name: 'Ada', email: 'ada@example.org', date: '1700000000 +0000' };
const result = await mergeIntoCheckout({ repository: opened.repository, tip, squash: true, message: 'Merge', identity });
process.stdout.write(JSON.stringify({ ...result, calls }));
