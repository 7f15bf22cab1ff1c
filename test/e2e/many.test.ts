import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, read, run, task, type World, write } from './world.ts';

describe('many', () => {
  let world: World;
  afterEach(() => world.close());

  it('8 delegations on 8 branches at once in one server: each ends right, and the checkout is as it was', async () => {
    const number = ({ messages }: RequestView) => /work item (\d)/.exec(String(messages[1]?.content))?.[1] ?? '?';
    world = await makeWorld(
      (view) => {
        const n = number(view);
        const own = `item-${n}.txt`;
        return (
          [write(own, `item ${n}\n`), run(`cat ${own} >> src/greet.txt; ls item-*`), finish(`Item ${n}.`, `Add item ${n}`)][view.step] ??
          finish()
        );
      },
      { kimi: { thinkMs: 60 } },
    );
    world.write('src/other.txt', 'not committed\n');
    const branches = Array.from({ length: 8 }, (_, i) => `feature/item-${i}`);
    const except = branches.flatMap((branch) => [`.git/refs/heads/${branch}`, `.git/logs/refs/heads/${branch}`]);
    const before = await fingerprint(world.repo, except);
    const reports = await Promise.all(
      branches.map((branch, i) =>
        world.server.call(
          'implement_feature',
          task(world, branch, { task_spec: `Do work item ${i}.`, checks: [`grep -q "item ${i}" item-${i}.txt`] }),
        ),
      ),
    );
    for (const [i, report] of reports.entries()) {
      const branch = `feature/item-${i}`;
      assert.equal(field(report, 'outcome'), 'ready', report);
      assert.equal(world.git('diff', '--name-only', `main..${branch}`), `item-${i}.txt\nsrc/greet.txt`);
      assert.equal(world.git('show', `${branch}:src/greet.txt`), `hello\nitem ${i}`);
      assert.equal(world.git('log', '--format=%s', `main..${branch}`), `Add item ${i}`);
    }
    assert.deepEqual(await fingerprint(world.repo, except), before);
    assert.equal(world.git('for-each-ref', '--format=%(refname)', 'refs/claude-kimi'), '');
  }).timeout(60_000);

  it('300 steps end well, in bounded memory', async () => {
    const STEPS = 300;
    world = await makeWorld(({ step }) => longWork(step, STEPS), { kimi: { forgetBodies: true } });
    const report = await world.server.call('implement_feature', task(world, 'feature/long', { max_steps: STEPS, budget: 1000 }));
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.match(report, /^cost: 300 steps/m);
    assert.equal(world.kimi.requests.length, STEPS);
    assert.ok(
      world.kimi.requests.every((request) => request.status === 200),
      'no request was refused',
    );
    assert.equal(world.git('show', 'feature/long:log.txt').split('\n').length, 100);
    assert.equal(world.git('ls-tree', '--name-only', 'feature/long', 'parts/').split('\n').length, 100);
    const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${world.server.pid}/status`, 'utf8'))?.[1]) / 1024;
    // The program itself, as it is loaded by then, is some 100 of it.
    assert.ok(peak < 160, `${peak} MiB`);
  }).timeout(120_000);
});

/** A file, a command, a look, in turn; the last step finishes. */
function longWork(step: number, steps: number): Turn {
  if (step === steps - 1) return finish();
  const reasoning = `Step ${step}: ${'thinking about it. '.repeat(5)}`;
  const turns = [
    write(`parts/part-${step}.txt`, `part ${step}\n`.repeat(20)),
    run(`echo ${step} >> log.txt; wc -l log.txt`),
    read(`parts/part-${step - 2}.txt`),
  ];
  return { reasoning, ...turns[step % 3] };
}
