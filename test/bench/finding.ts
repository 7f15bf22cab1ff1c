/**
 * From a call to the first request that it makes, where checks are given and where they have to be found, in turn: `npm run bench finding`. Each
 * call has a server of its own, which a client has had for a second.
 */
import { setTimeout } from 'node:timers/promises';
import { startKimi } from '../fakes/kimi/server.ts';

const RUNS = 11;

export interface Answering {
  call(branch: string, checks: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** What a repository has that tells of checks. */
export const MANIFESTS: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'bench', scripts: { test: 'node --test', lint: 'eslint .', types: 'tsc --noEmit' } }, null, 2)}\n`,
  'tsconfig.json': '{ "compilerOptions": { "strict": true, "noEmit": true } }\n',
  'eslint.config.js': 'export default [];\n',
  Makefile: 'test:\n\tnpm test\n',
  'pyproject.toml': '[project]\nname = "bench"\nversion = "1"\n\n[tool.pytest.ini_options]\n',
};

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ms = (values: readonly number[]) =>
  `${median(values).toFixed(1)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;

export async function finding(serve: (baseUrl: string) => Promise<Answering>): Promise<void> {
  const took = { given: [] as number[], found: [] as number[] };
  for (let run = -1; run < RUNS; run++)
    for (const way of ['given', 'found'] as const) {
      // Refused, so that the call is over behind its first request.
      const kimi = await startKimi({ scenario: () => ({ fault: '401' }), forgetBodies: true });
      const server = await serve(kimi.baseUrl);
      await setTimeout(1000); // Claude has thought about the task
      const called = performance.now();
      await server.call(`bench/${way}${run}`, way === 'given' ? ['true && test -f package.json'] : []);
      if (run >= 0) took[way].push((kimi.requests[0]?.at ?? Number.NaN) - called); // the first ones fill the caches
      await server.close();
      await kimi.close();
    }
  console.log(`Call to first request, medians of ${RUNS} in turn: checks given ${ms(took.given)}, found ${ms(took.found)}`);
}
