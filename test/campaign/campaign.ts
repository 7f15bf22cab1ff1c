/**
 * What tests of seconds cannot show. Kills the server, and lets disk, git, journal and clock fail, at seeded moments of delegations, merges,
 * discards and restores; runs many delegations at once; lets two servers race for a branch; watches the memory of one that lives long.
 * Then it plays attempts with mixed faults and kills at moments of the clock: more rounds of tests that are in `npm test`.
 * Prints what was tried; ends with 1 when anything was lost, corrupt, left behind, or did not go on.
 *
 *   npm run campaign [-- --kills 500 --faults 500 --at-once 20 --races 100 --attempts 2000 --mixes 1000 --moments 200 --seed 1 --verbose]
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { keptTooMuch, manyAtOnce, memoryOver, races } from './crowd.ts';
import { blankTally, endure } from './endure.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    faults: { type: 'string', default: '500' },
    'at-once': { type: 'string', default: '20' },
    races: { type: 'string', default: '100' },
    attempts: { type: 'string', default: '2000' },
    mixes: { type: 'string', default: '1000' },
    moments: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
  },
});
const ROOT = path.join(import.meta.dirname, '../..');
const LANES = 2;
const failures: Error[] = [];
const began = Date.now();
const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;

if (Number(values.kills) + Number(values.faults) > 0) {
  const tally = blankTally();
  const share = (all: string, lane: number) => Math.ceil((Number(all) - lane) / LANES);
  const tell = values.verbose ? console.log : undefined;
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    endure(Number(values.seed) * LANES + lane, share(values.kills, lane), share(values.faults, lane), tally, tell),
  );
  for (const end of await Promise.allSettled(lanes)) failures.push(...(end.status === 'fulfilled' ? end.value : [end.reason as Error]));
  for (const [title, counts] of Object.entries({ kills: tally.kills, faults: tally.faults, answers: tally.answers })) {
    const sum = Object.values(counts).reduce((all, n) => all + n, 0);
    console.log(`${sum} ${title}:`);
    for (const [name, n] of Object.entries(counts).sort(([, a], [, b]) => b - a)) console.log(`  ${String(n).padStart(4)} ${name}`);
  }
  console.log(`${failures.length} of them did not hold; ${seconds()}, seed ${values.seed}`);
}
await tried(Number(values['at-once']), async (count) => {
  await manyAtOnce(count, 3);
  return `${count} delegations at once in 3 repositories: all ready`;
});
await tried(Number(values.races), async (count) => {
  await races(count);
  return `${count} races of 2 servers for one branch: one winner each`;
});
await tried(Number(values.attempts), async (count) => {
  const first = Math.ceil(count / 10);
  const { early, late } = await memoryOver(count, first);
  const kept = Math.round((late.kept - early.kept) / (count - first));
  const resident = [early, late].map((memory) => (memory.resident / 2 ** 20).toFixed(0));
  const growth = `${kept} bytes kept by each after the first ${first}; resident ${resident[0]} MiB then, ${resident[1]} MiB at the end`;
  if (late.resident > early.resident * 1.1) throw new Error(`memory grew by more than a tenth over ${count} attempts: ${growth}`);
  assert.equal(keptTooMuch(count - first, { early, late }), null);
  return `${count} attempts in one server: ${growth}`;
});
await tried(Number(values.mixes), (count) => longForm('test/agent/fault-mixes.slow.test.ts', 'MIXES', count));
await tried(Number(values.moments), (count) => longForm('test/e2e/kill.test.ts', 'KILLS', count));
await tried(Math.min(1, Number(values.moments)), () => longForm('test/e2e/interrupted.test.ts', 'EVERY', 1));

for (const failure of failures) console.error(`\n${failure.stack}`);
console.log(failures.length === 0 ? `all held; ${seconds()}` : `${failures.length} did not hold; ${seconds()}`);
process.exitCode = failures.length > 0 ? 1 : 0;

async function tried(count: number, act: (count: number) => Promise<string>): Promise<void> {
  if (count === 0) return;
  try {
    console.log(`${await act(count)}; ${seconds()}`);
  } catch (error) {
    failures.push(error as Error);
  }
}

/** Runs a file of tests with more rounds. @returns what it printed */
async function longForm(file: string, variable: string, rounds: number): Promise<string> {
  const mocha = path.join(ROOT, 'node_modules/mocha/bin/mocha.js');
  const env = { ...process.env, [variable]: String(rounds) };
  const ran = promisify(execFile)(process.execPath, [mocha, '--reporter', 'test/reporter.cjs', file], { cwd: ROOT, env });
  const { stdout } = await ran.catch((error: Error & { stdout?: string }) => {
    throw new Error(`${variable}=${rounds} ${file}\n${error.stdout ?? error.message}`);
  });
  return stdout.trimEnd();
}
