import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finish, gitIn, makeRepository, makeWorld, run, task, write } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';

const numberIn = ({ messages }: RequestView) => /work item (\d+)/.exec(String(messages[1]?.content))?.[1] ?? '?';

/** What one attempt does: a file of its own, a line in a file that all of them change, the end. */
function turn(view: RequestView): Turn {
  const n = numberIn(view);
  return [write(`item-${n}.txt`, `item ${n}\n`), run(`cat item-${n}.txt >> src/greet.txt`), finish(`Item ${n}.`)][view.step] ?? finish();
}

/** Many delegations at once in one server, over several repositories: each ends right, and no checkout changes. */
export async function manyAtOnce(count: number, repositories: number): Promise<void> {
  const world = await makeWorld(turn, { kimi: { thinkMs: 40 } });
  try {
    const repos = Array.from({ length: repositories }, (_, i) => (i === 0 ? world.repo : path.join(world.folder, `repo-${i}`)));
    for (const repo of repos.slice(1)) {
      mkdirSync(repo);
      makeRepository(repo);
    }
    const works = Array.from({ length: count }, (_, n) => ({ n, repo: repos[n % repositories]!, branch: `feature/item-${n}` }));
    const except = works.flatMap(({ branch }) => [`.git/refs/heads/${branch}`, `.git/logs/refs/heads/${branch}`]);
    const before = await Promise.all(repos.map((repo) => fingerprint(repo, except)));
    const server = await world.another({ env: { KIMI_DIRECTORIES: world.folder } });
    const reports = await Promise.all(
      works.map(({ n, repo, branch }) =>
        server.call('implement_feature', {
          ...task({ repo }, branch),
          task_spec: `Do work item ${n}.`,
          checks: [`grep -q "item ${n}$" item-${n}.txt`],
        }),
      ),
    );
    for (const [i, { n, repo, branch }] of works.entries()) {
      assert.equal(field(reports[i]!, 'outcome'), 'ready', reports[i]);
      assert.equal(gitIn(repo, 'diff', '--name-only', `main..${branch}`), `item-${n}.txt\nsrc/greet.txt`);
      assert.equal(gitIn(repo, 'show', `${branch}:src/greet.txt`), `hello\nitem ${n}`);
    }
    assert.deepEqual(await Promise.all(repos.map((repo) => fingerprint(repo, except))), before);
    for (const repo of repos) {
      assert.equal(gitIn(repo, 'for-each-ref', 'refs/claude-kimi'), '');
      gitIn(repo, 'fsck', '--strict', '--no-dangling', '--connectivity-only');
    }
  } finally {
    await world.close();
  }
}

/** Two servers want one branch at the same moment, again and again: one works, the other is told, and all is sound. */
export async function races(count: number): Promise<void> {
  const world = await makeWorld(turn, { kimi: { thinkMs: 20, forgetBodies: true } });
  try {
    const other = await world.another();
    for (let n = 0; n < count; n++) {
      const branch = `race/${n}`;
      const call = (server: typeof other) => server.call('implement_feature', task(world, branch, { task_spec: `Do work item ${n}.` }));
      const servers = n % 2 === 0 ? [world.server, other] : [other, world.server];
      const reports = await Promise.all(servers.map(call));
      const outcomes = reports.map((report) => field(report, 'outcome')).sort();
      // Whoever comes when the other has just ended gets its result, as any second call does.
      if (outcomes[0] !== 'busy') assert.match(reports.join('\n'), /^stored: /m);
      else assert.deepEqual(outcomes, ['busy', 'unverified'], reports.join('\n\n'));
      assert.equal(world.git('rev-list', '--count', `main..${branch}`), '1', `race ${n}`);
      assert.equal(world.git('show', `${branch}:src/greet.txt`), `hello\nitem ${n}`);
    }
    assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '');
    world.git('fsck', '--strict', '--no-dangling', '--connectivity-only');
  } finally {
    await world.close();
  }
}

/** What a server holds after garbage collection. */
export interface Memory {
  /** Bytes of objects and buffers. */
  kept: number;
  /** Open sockets, timers, processes. */
  handles: number;
  /** Bytes of the process; varies by some MiB from one look to the next. */
  resident: number;
}

/** The compiler would add to the heap as long as it finds something that is worth it; so all is there from the first call of a function. */
const INTERPRETED = ['--no-opt', '--no-maglev', '--no-sparkplug', '--no-lazy-feedback-allocation', '--no-flush-bytecode'];

/**
 * Short attempts one after the other in one server, each discarded.
 * @returns its memory after the first ones, by when all is loaded, and at the end
 */
export async function memoryOver(attempts: number, first: number): Promise<{ early: Memory; late: Memory }> {
  const file = path.join(tmpdir(), `ckm-memory-${process.pid}`);
  const node = ['--expose-gc', ...INTERPRETED, '--require', path.join(import.meta.dirname, 'collect.cjs')];
  const world = await makeWorld(turn, { kimi: { forgetBodies: true }, node, env: { MEMORY_FILE: file } });
  const look = async (): Promise<Memory> => {
    rmSync(file, { force: true });
    process.kill(world.server.pid, 'SIGUSR2');
    await until('the answer about memory', () => existsSync(file));
    return JSON.parse(readFileSync(file, 'utf8'));
  };
  /** Two threads seldom hold their least in the same moment. */
  const memory = async (): Promise<Memory> => {
    const looks = [await look(), await look(), await look()];
    return looks.reduce((least, other) => (other.kept < least.kept ? other : least));
  };
  try {
    let early: Memory | undefined;
    for (let n = 0; n < attempts; n++) {
      // What the first collection of all throws away is made anew once, and stays then.
      if (n === first - 3) await memory();
      if (n === first) early = await memory();
      const branch = `short/${n}`;
      const report = await world.server.call('implement_feature', task(world, branch, { task_spec: `Do work item ${n}.` }));
      assert.equal(field(report, 'outcome'), 'unverified', report);
      const gone = await world.server.call('discard_delegation', { repo_path: world.repo, branch_name: branch });
      assert.equal(field(gone, 'outcome'), 'discarded', gone);
    }
    assert.ok(early);
    return { early, late: await memory() };
  } finally {
    rmSync(file, { force: true });
    await world.close();
  }
}

/** The first request of an attempt alone holds about 6 KiB. */
const KEPT_BY_EACH = 5 * 1024;

/** @returns what further attempts left in the server, in words, or null when it is nothing to speak of */
export function keptTooMuch(attempts: number, { early, late }: { early: Memory; late: Memory }): string | null {
  const each = (late.kept - early.kept) / attempts;
  if (each >= KEPT_BY_EACH) return `${Math.round(each)} bytes kept by each of ${attempts} attempts`;
  if (late.handles - early.handles < attempts) return null;
  return `${early.handles} handles, ${late.handles} after ${attempts} more attempts`;
}
