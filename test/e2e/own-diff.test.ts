import assert from 'node:assert/strict';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { journals } from './moments.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

describe('what a command sees of the work', () => {
  let world: World;
  afterEach(() => world.close());

  it('is all of it, in a plain git status and git diff, also when checkpoints were made', async () => {
    const edit: Turn = { calls: [{ name: 'edit_file', args: { path: 'src/greet.txt', old_text: 'hello', new_text: 'good morning' } }] };
    const look = run('git status --porcelain; git diff --stat; git diff; git diff --cached | wc -l');
    world = await makeWorld([edit, write('new.txt', 'new\n'), look, look, finish()], {
      kimi: { thinkMs: 300 }, // time for a checkpoint
    });
    const report = await world.server.call('implement_feature', task(world, 'feature/diff', { checks: ['cat new.txt'] }));
    assert.equal(field(report, 'outcome'), 'ready', report);
    assert.ok((journals(world.state)[0] ?? []).filter(({ type }) => type === 'checkpoint').length >= 2);
    const messages = JSON.parse(world.kimi.requests.at(-1)!.body.toString()).messages as { role: string; content: string }[];
    const [first, second] = messages.filter(({ role }) => role === 'tool').slice(2);
    assert.match(
      first!.content,
      /^exit 0\n M src\/greet\.txt\n\?\? new\.txt\n src\/greet\.txt \| [\s\S]*\n-hello[\s\S]*\n\+good morning[\s\S]*\n0$/,
    );
    assert.equal(second!.content, first!.content);
  });
});
