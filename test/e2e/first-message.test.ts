import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RequestRecord } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { journals, killServer } from './moments.ts';
import { finish, makeWorld, run, task, type World, write, writeIn } from './world.ts';

/** What the model is told before it begins, as the built server sends it. */
describe('the first message', () => {
  let world: World;
  afterEach(() => world.close());

  const call = (branch: string, more: Record<string, unknown> = {}) =>
    world.server.call('implement_feature', task(world, branch, { task_spec: 'Make src/greet.txt like src/new.txt.', ...more }));
  const first = (request: RequestRecord | undefined): string => {
    const { messages } = JSON.parse(request?.body.toString() ?? '') as { messages: { role: string; content: string }[] };
    return messages.find(({ role }) => role === 'user')?.content ?? '';
  };

  function change(): void {
    world.write('src/greet.txt', 'a changed greeting\n');
    world.write('src/new.txt', 'a new file\n');
    world.write('CLAUDE.md', 'Greet in verse.\n');
  }
  function assertShown(text: string): void {
    for (const shown of ['a changed greeting', 'a new file', 'Greet in verse.', 'src/: greet.txt, new.txt'])
      assert.ok(text.includes(shown), `${shown}: ${text}`);
    assert.ok(!text.includes('\nhello\n'), text);
  }

  it('shows the uncommitted changes that are included', async () => {
    world = await makeWorld([run('cat src/greet.txt'), finish()]);
    change();
    await call('feature/dirty', { include_uncommitted: true });
    assertShown(first(world.kimi.requests[0]));
    const body = world.kimi.requests[0]?.body.toString() ?? '{}';
    assert.equal((JSON.parse(body) as { tools: unknown[] }).tools.length, 7);
    assert.ok(Buffer.byteLength(body) < 8 * 1024, `a small task starts small: ${Buffer.byteLength(body)}`);
  });

  it('shows them after a crash before the first answer too', async () => {
    world = await makeWorld(({ index }) => (index === 0 ? { fault: 'stall_before_headers' } : finish()));
    change();
    const doomed = call('feature/dirty', { include_uncommitted: true }).catch(() => {});
    await world.kimi.arrived(1);
    await until('the base', () => journals(world.state)[0]?.some((line) => line.type === 'workspace'));
    await killServer(world.server);
    await doomed;
    const other = await world.another();
    const where = { repo_path: world.repo, branch_name: 'feature/dirty' };
    assert.equal(field(await other.call('resume_delegation', where), 'outcome'), 'no_changes');
    assertShown(first(world.kimi.requests[1]));
    assert.equal(world.kimi.requests[1]?.body.toString(), world.kimi.requests[0]?.body.toString());
  });

  it('shows the unfinished work that a new attempt begins with', async () => {
    const turns = [
      write('src/new.txt', 'a new file\n'),
      write('CLAUDE.md', 'Greet in verse.\n'),
      run('echo a changed greeting > src/greet.txt'),
      { fault: 'stall_before_headers' as const },
    ];
    world = await makeWorld(({ index }) => turns[index] ?? finish());
    const stopped = call('feature/half');
    await world.kimi.arrived(4);
    await world.server.call('cancel_delegation', { repo_path: world.repo, branch_name: 'feature/half' });
    assert.equal(field(await stopped, 'outcome'), 'cancelled');
    await call('feature/half', { task_spec: 'Make src/greet.txt like src/new.txt, please.', attempt: 2 });
    assertShown(first(world.kimi.requests[4]));
  });

  describe('a check that fails on the base', () => {
    const FAILS = 'seq 1 3; echo expected bonjour; exit 7';
    const notes = (request: RequestRecord | undefined): string[] => {
      const { messages } = JSON.parse(request?.body.toString() ?? '') as { messages: { role: string; content: string }[] };
      return messages.filter(({ role, content }) => role === 'user' && content.startsWith('[note] ')).map(({ content }) => content);
    };
    /** The model's first command ends when the checks on the base have; the attempt's temp folder shows the signal. */
    async function open(turns: Parameters<typeof makeWorld>[0]): Promise<void> {
      world = await makeWorld(turns);
    }
    const WAIT = 'until [ -e "$TMPDIR/go" ]; do sleep 0.02; done';
    async function release(ended: number): Promise<void> {
      await until('the checks', () => {
        const ends = journals(world.state)
          .at(-1)
          ?.filter((line) => line.type === 'check' && line.phase === 'end');
        return (ends?.length ?? 0) >= ended;
      });
      const delegations = path.join(world.state, 'delegations');
      for (const id of readdirSync(delegations)) writeFileSync(path.join(delegations, id, 'tmp/go'), '');
    }

    it('is told with what installs the thing that it misses', async () => {
      await open(({ step }) => [run(WAIT), write('done.txt', 'done\n'), finish()][step] ?? finish());
      writeIn(world.repo, 'package-lock.json', '{}');
      const report = call('feature/missing', { checks: ['no-such-runner'] });
      await release(1);
      await report;
      assert.match(
        notes(world.kimi.requests[1])[0] ?? '',
        /not installed; it says nothing of the code\. .*run_command `npm ci` in .* with network: true\.$/,
      );
    });

    it('is told to the model with its output, as soon as it is known, and once', async () => {
      await open(({ step }) => [run(WAIT), write('done.txt', 'done\n'), run('true'), finish()][step] ?? finish());
      const report = call('feature/red', { checks: ['true', FAILS] });
      await release(2);
      await report;
      assert.deepEqual(notes(world.kimi.requests[0]), []);
      assert.match(first(world.kimi.requests[0]), /- true\n- seq 1 3; .*\nThey run on the unchanged files meanwhile; you are told/);
      const [passes, note, ...more] = notes(world.kimi.requests[1]);
      assert.deepEqual(more, []);
      assert.match(passes ?? '', /^\[note\] This check passes before any change of yours: true\nexit 0 after \d+\.\d s$/);
      assert.match(
        note ?? '',
        /^\[note\] This check fails before any change of yours: seq 1 3; echo expected bonjour; exit 7\nexit 7 after \d+\.\d s; its output .* \(data\):\n<<\w+ output of: .*\n1\n2\n3\nexpected bonjour\n\w+>>$/,
      );
      assert.deepEqual(notes(world.kimi.requests[3]), [passes, note]);
      // An attempt that begins on the work of the first knows from its first message how the check fails there.
      const before = world.kimi.requests.length;
      const second = call('feature/red', { checks: ['true', FAILS], task_spec: 'In French, please.' });
      await until('the second attempt', () => journals(world.state).length === 2);
      await release(2);
      await second;
      assert.deepEqual(notes(world.kimi.requests.at(-1)), []);
      assert.match(first(world.kimi.requests[before]), /What fails now[\s\S]*expected bonjour/);
      assert.doesNotMatch(first(world.kimi.requests[before]), /meanwhile/);
    });

    it('is not told again after a crash', async () => {
      await open(({ index, step }) =>
        index === 1 ? { fault: 'stall_before_headers' } : ([run(WAIT), run('true'), write('done.txt', 'done\n')][step] ?? finish()),
      );
      const doomed = call('feature/crash', { checks: [FAILS] }).catch(() => {});
      await release(1);
      await world.kimi.arrived(2);
      await until('the checkpoint', () => journals(world.state)[0]?.some((line) => line.type === 'checkpoint' && line.step === 1));
      await killServer(world.server);
      await doomed;
      const other = await world.another();
      await other.call('resume_delegation', { repo_path: world.repo, branch_name: 'feature/crash' });
      assert.equal(world.kimi.requests[2]?.body.toString(), world.kimi.requests[1]?.body.toString());
      assert.equal(notes(world.kimi.requests.at(-1)).length, 1);
    });
  });
});
