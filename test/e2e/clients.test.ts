import assert from 'node:assert/strict';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** The arguments of the call that an answer asks for. */
function nextCall(answer: string): Record<string, unknown> {
  const [, json] = /^next: call get_delegation (\{.*\}) /m.exec(answer) ?? assert.fail(`no call in: ${answer}`);
  return JSON.parse(json ?? '') as Record<string, unknown>;
}

describe('a client that does not wait to the end', () => {
  let world: World;
  afterEach(() => world.close());

  /** @param seconds that the client waits for an answer */
  const make = (seconds: number, thinkMs: number) =>
    makeWorld([write('done.txt', 'done\n'), run('true'), finish()], {
      clientName: 'some-client',
      env: { KIMI_ANSWER_AFTER: String(seconds) },
      kimi: { thinkMs },
    });

  it('comes to the report by doing what the answers say, each time with other arguments', async () => {
    world = await make(1, 1200);
    let answer = await world.server.call('implement_feature', task(world, 'feature/later'));
    assert.match(answer, /^state: running {3}branch: feature\/later/);
    assert.match(answer, /while this session stays open.*resume_delegation continues it/);
    const calls: string[] = [];
    while (!answer.startsWith('outcome:')) {
      const next = nextCall(answer);
      calls.push(JSON.stringify(next));
      answer = await world.server.call('get_delegation', next);
    }
    assert.equal(field(answer, 'outcome'), 'unverified');
    assert.equal(new Set(calls).size, calls.length, 'loop guards of clients stop equal calls');
    assert.ok(calls.length <= 5, `asked in a circle: ${calls}`);
  });

  it('a model that leaves the new argument out does not ask in a circle either', async () => {
    world = await make(1, 1200);
    let answer = await world.server.call('implement_feature', task(world, 'feature/plain'));
    const where = { repo_path: world.repo, branch_name: 'feature/plain' };
    let calls = 0;
    for (; !answer.startsWith('outcome:'); calls++) answer = await world.server.call('get_delegation', where);
    assert.ok(calls <= 5, `${calls} calls`);
  });

  it('gets no progress after an answer, and some while it waits for news', async () => {
    world = await make(1, 700);
    const { client, call } = world.server;
    const faults: string[] = [];
    client.onerror = (error) => faults.push(error.message);
    const seen: string[] = [];
    const onProgress = ({ message }: { message?: string | undefined }) => seen.push(message ?? '');
    let answer = await call('implement_feature', task(world, 'feature/silent'), { onProgress });
    seen.length = 0;
    while (!answer.startsWith('outcome:')) answer = await call('get_delegation', nextCall(answer), { onProgress });
    assert.match(seen[0] ?? '', /^step \d\/50 · /);
    assert.deepEqual(faults, []);
  });

  /** Takes back the call that waits for news. */
  async function takenBack(branch: string, reason: string): Promise<string> {
    world = await makeWorld([write('done.txt', 'done\n'), { fault: 'stall_before_headers' }], {
      clientName: 'some-client',
      env: { KIMI_ANSWER_AFTER: '1' },
    });
    const early = await world.server.call('implement_feature', task(world, branch));
    const waiting = new AbortController();
    const call = world.server.call('get_delegation', nextCall(early), { signal: waiting.signal });
    await world.kimi.arrived(2);
    waiting.abort(reason);
    await assert.rejects(call);
    return branch;
  }
  const status = (branch: string) => world.server.call('get_delegation', { repo_path: world.repo, branch_name: branch });

  it('Esc while it waits for news stops the spending, as it would have before; the work is kept', async () => {
    const branch = await takenBack('feature/esc', 'AbortError: user-cancel');
    const report = await until('the end', async () => {
      const answer = await status(branch);
      return answer.startsWith('outcome:') && answer;
    });
    assert.equal(field(report, 'outcome'), 'cancelled');
    assert.match(field(report, 'next') ?? '', /resume_delegation continues it/);
  });

  it('a client that got tired of waiting stops nothing', async () => {
    const branch = await takenBack('feature/tired', 'McpError: MCP error -32001: Request timed out');
    assert.match(await status(branch), /^state: running/);
    await world.server.call('cancel_delegation', { repo_path: world.repo, branch_name: branch });
  });

  it('the same call again while it runs is told how to wait', async () => {
    world = await make(1, 1200);
    await world.server.call('implement_feature', task(world, 'feature/twice'));
    const busy = await world.server.call('implement_feature', task(world, 'feature/twice'));
    assert.equal(field(busy, 'outcome'), 'busy');
    let answer = await world.server.call('get_delegation', nextCall(busy));
    while (!answer.startsWith('outcome:')) answer = await world.server.call('get_delegation', nextCall(answer));
    assert.equal(field(answer, 'outcome'), 'unverified');
  });
});
