import assert from 'node:assert/strict';
import type { RequestRecord } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { journals, killServer, until } from './moments.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

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
    for (const shown of ['a changed greeting', 'a new file', 'Greet in verse.', '  new.txt'])
      assert.ok(text.includes(shown), `${shown}: ${text}`);
    assert.ok(!text.includes('\nhello\n'), text);
  }

  it('shows the uncommitted changes that are included', async () => {
    world = await makeWorld([run('cat src/greet.txt'), finish()]);
    change();
    await call('feature/dirty', { include_uncommitted: true });
    assertShown(first(world.kimi.requests[0]));
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
    await call('feature/half', { task_spec: 'Make src/greet.txt like src/new.txt, please.' });
    assertShown(first(world.kimi.requests[4]));
  });
});
