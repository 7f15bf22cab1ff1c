import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RequestRecord, Scenario, Turn } from '../fakes/kimi/scenario.ts';
import { field, type ServerHandle } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { commandLines, isInWorkspace, journals, killServer } from './moments.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The turn for each step of one conversation, counted from its own first request. */
const turns =
  (...list: Turn[]): Scenario =>
  ({ step }) =>
    list[step] ?? finish();

/** A command that waits until the user's checkout has `node_modules/go`, which the sandbox shows. */
const WAIT = 'until [ -e node_modules/go ]; do sleep 0.02; done';

/** A word in a command by which its processes are found, and no other's. */
const MARK = `mark-${process.pid}-${Date.now()}`;
/** See there. */
const DIE_AT = path.join(import.meta.dirname, 'die-at.cjs');
/** What commit and import do, in order; all but the last can be broken off again when it is repeated. */
const TWICE = ['git:commit-tree', 'git:pack-objects', 'git:unpack-objects', 'git:update-ref', 'rename:result.json'];
const ACTS = [...TWICE, 'renamed:result.json'];
/** A test run takes every third line of a journal; `EVERY=1` takes all, as `npm run campaign` does. */
const EVERY = Number(process.env.EVERY ?? 3);

describe('an attempt that was stopped half-way', () => {
  let world: World;
  afterEach(() => world.close());

  const call = (branch: string, more: Record<string, unknown> = {}, server: ServerHandle = world.server) =>
    server.call('implement_feature', task(world, branch, more));
  const textOf = (request: RequestRecord | undefined) => request?.body.toString() ?? '';

  /** A checkout whose `node_modules` lets the test speak to commands in the sandbox. */
  function prepareSignal(): void {
    world.write('package.json', '{"name":"sample"}\n');
    world.git('add', 'package.json');
    world.git('commit', '-q', '-m', 'Manifest');
    mkdirSync(path.join(world.repo, 'node_modules'));
  }
  const go = () => writeFileSync(path.join(world.repo, 'node_modules', 'go'), '');

  it('cancelled, then other words: they are added to the conversation, which goes on with its work', async () => {
    world = await makeWorld(
      ({ index }) =>
        [write('done.txt', 'done\n'), run(`echo half >> half.txt; ${WAIT}; : ${MARK}`), run('cat done.txt half.txt'), finish()][index] ??
        finish(),
    );
    prepareSignal();
    const first = call('feature/stop');
    await until('the command', () => journals(world.state)[0]?.some((line) => line.type === 'tool_start' && line.name === 'run_command'));
    await until('its first effect', () => isInWorkspace(world.state, 'half.txt'));
    await world.server.call('cancel_delegation', { repo_path: world.repo, branch_name: 'feature/stop' });
    assert.equal(field(await first, 'outcome'), 'cancelled');
    assert.equal(world.git('branch', '--list', 'feature/stop'), '');
    const second = await call('feature/stop', { task_spec: 'Something better.' });
    assert.equal(field(second, 'outcome'), 'unverified', second);
    assert.equal(field(second, 'attempt'), '1 of 2');
    assert.match(textOf(world.kimi.requests[3]), /exit 0(?: in [\d.]+s)?\\ndone(?:\\n|")/);
    assert.equal(world.git('show', 'feature/stop:done.txt'), 'done');
    assert.ok(textOf(world.kimi.requests[2]).startsWith(messagesOf(world.kimi.requests[1]!)), 'no step is asked for again');
    const last = JSON.parse(textOf(world.kimi.requests[2])).messages.at(-1);
    assert.deepEqual(last, {
      role: 'user',
      content: 'The task again, in other words; where they differ from those above, these hold:\n\nSomething better.',
    });
    assert.match(await call('feature/stop', { task_spec: 'Something better.' }), /^stored: /m, 'the new words are its task now');
    assert.equal(world.kimi.requests.length, 4);
  });

  it('killed, then other words, then killed again: the words are said once', async () => {
    const stall: Turn = { fault: 'stall_before_headers' };
    world = await makeWorld(({ index }) => [write('done.txt', 'done\n'), stall, run('true'), stall][index] ?? finish(), {
      kimi: { thinkMs: 200 },
    });
    const doomed = [await world.another(), await world.another()];
    const killed = async (server: ServerHandle, more: object, requests: number) => {
      const running = call('feature/words', { ...more }, server);
      await world.kimi.arrived(requests);
      await until('its checkpoint', () =>
        journals(world.state)[0]?.some((line) => line.type === 'checkpoint' && line.step === requests / 2),
      );
      await killServer(server);
      await assert.rejects(running);
    };
    await killed(doomed[0]!, {}, 2);
    await killed(doomed[1]!, { task_spec: 'Write done.txt, please.' }, 4);
    const report = await call('feature/words', { task_spec: 'Write done.txt, please.' });
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.equal(field(report, 'attempt'), '1 of 2');
    assert.equal(textOf(world.kimi.requests.at(-1)).split('in other words; where they differ').length, 2);
  });

  it('killed while the model thinks: the same call sends the same request again, byte for byte', async () => {
    world = await makeWorld(
      ({ index, step }) =>
        index === 2
          ? { fault: 'stall_before_headers' }
          : ([write('done.txt', 'done\n'), run('echo one >> log.txt'), finish()][step] ?? finish()),
      { kimi: { thinkMs: 200 } },
    );
    const doomed = await world.another();
    const lost = call('feature/thinking', {}, doomed).catch(() => {});
    await world.kimi.arrived(3);
    await until('the checkpoint', () => journals(world.state)[0]?.some((line) => line.type === 'checkpoint' && line.step === 2));
    await killServer(doomed);
    await lost;
    const status = await world.server.call('get_delegation', { repo_path: world.repo, branch_name: 'feature/thinking' });
    assert.match(status, /^state: interrupted[\s\S]*step 3 of 50/);
    const report = await call('feature/thinking');
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.equal(world.kimi.requests.length, 4);
    assert.ok(world.kimi.requests[3]?.body.equals(world.kimi.requests[2]!.body), 'the request that was lost, again');
    assert.equal(world.git('show', 'feature/thinking:log.txt'), 'one');
  });

  it('killed in the middle of a command: nothing lives on, and its half effects are undone before it is repeated', async () => {
    world = await makeWorld(
      turns(write('done.txt', 'done\n'), run(`echo half >> log.txt; ${WAIT}; echo whole >> log.txt; : ${MARK}`), finish()),
      {
        kimi: { thinkMs: 200 },
      },
    );
    prepareSignal();
    const doomed = await world.another();
    const lost = call('feature/command', {}, doomed).catch(() => {});
    await until('its first effect', () => isInWorkspace(world.state, 'log.txt'));
    await killServer(doomed);
    await lost;
    await until('the end of the command', () => !commandLines().some((line) => line.includes(MARK)), 5);
    go();
    const report = await call('feature/command');
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.equal(world.git('show', 'feature/command:log.txt'), 'half\nwhole');
    assert.equal(world.kimi.requests.length, 4, 'only the step in flight was asked for again');
    assert.ok(world.kimi.requests[2]?.body.equals(world.kimi.requests[1]!.body));
  });

  it('killed during the check of the result: the same call only checks and hands back', async () => {
    world = await makeWorld(turns(write('done.txt', 'done\n'), run('cat done.txt'), finish()));
    prepareSignal();
    const checks = [`test -e done.txt || exit 1; ${WAIT}`];
    const doomed = await world.another();
    const lost = call('feature/checking', { checks }, doomed).catch(() => {});
    await until('the check', () =>
      journals(world.state)[0]?.some((line) => line.type === 'check' && line.on === 'result' && line.phase === 'start'),
    );
    await killServer(doomed);
    await lost;
    assert.equal(world.git('branch', '--list', 'feature/checking'), '', 'nothing is handed back before the checks');
    go();
    const report = await call('feature/checking', { checks });
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.equal(world.kimi.requests.length, 3, 'nothing was asked again');
    assert.equal(world.git('rev-list', '--count', 'main..feature/checking'), '1');
  });

  for (const [pace, thinkMs, script] of [
    ['a model that takes its time', 130, [write('done.txt', 'done\n'), run('echo line >> log.txt; rm src/other.txt'), finish()]],
    [
      'a model that answers at once, in one step',
      0,
      [{ calls: [write('done.txt', 'done\n'), finish()].flatMap((turn) => turn.calls ?? []) }],
    ],
  ] as const) {
    it(`killed at any line of the journal and at any act of commit and import, ${pace}: the end is as if nothing had happened`, async function () {
      this.timeout(120_000);
      world = await makeWorld(turns(...script), { kimi: { thinkMs } });
      await call('feature/undisturbed');
      const wanted = world.git('rev-parse', 'feature/undisturbed^{tree}');
      const lines = journals(world.state)[0]!.length;
      assert.ok(lines >= 8, `a journal of ${lines} lines`);
      // The number of checkpoints depends on the machine's pace, so the last lines are not reached each time.
      const moments = [...Array.from({ length: Math.ceil((lines - 3) / EVERY) }, (_, i) => `line:${i * EVERY + 1}`), ...ACTS];
      await inTurns(3, moments, async (moment) => {
        const branch = `feature/${moment.replace(':', '-')}`;
        const text = `Write done.txt, and die at ${moment}!`;
        const asked = () => world.kimi.requests.map(messagesOf).filter((messages) => messages.includes(text));
        for (const times of TWICE.includes(moment) ? [1, 2] : [1]) {
          const doomed = await world.another({ node: ['--require', DIE_AT], env: { DIE_AT: moment } });
          await assert.rejects(call(branch, { task_spec: text }, doomed), `${moment} was reached (${times})`);
        }
        const sent = asked();
        const report = await call(branch, { task_spec: text });
        assert.equal(field(report, 'outcome'), 'unverified', `${moment}: ${report}`);
        assert.equal(world.git('rev-parse', `${branch}^{tree}`), wanted, moment);
        assert.equal(world.git('rev-list', '--count', `main..${branch}`), '1', moment);
        const next = asked()[sent.length];
        if (ACTS.includes(moment)) assert.equal(next, undefined, `${moment}: asked again for what was there`);
        else if (next) assert.ok(sent.includes(next) || next.startsWith(sent.at(-1) ?? ''), `${moment}: the prefix broke`);
      });
      assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '', 'no guard is left behind');
    });
  }
});

/** Does the same for all of a list, so many at a time. */
async function inTurns<T>(atOnce: number, list: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  const worker = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await act(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** A request without its end, where the output cap stands: what the provider's cache sees. */
function messagesOf({ body }: RequestRecord): string {
  const text = body.toString();
  return text.slice(0, text.lastIndexOf('],"max_completion_tokens"'));
}
