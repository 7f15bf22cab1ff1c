import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { journals, killServer } from './moments.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

describe('budget of an attempt', () => {
  it('is that of the endpoint when a resume goes to one with another currency', async () => {
    const world = await makeWorld(({ index }) => (index === 1 ? { fault: 'stall_before_headers' } : index === 0 ? run('true') : finish()), {
      kimi: { thinkMs: 150 },
    });
    try {
      const doomed = world.server.call('implement_feature', task(world, 'feature/money')).catch(() => {});
      await world.kimi.arrived(2);
      await until('the checkpoint', () => journals(world.state)[0]?.some((line) => line.type === 'checkpoint'));
      await killServer(world.server);
      await doomed;
      const [file] = readdirSync(world.state, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('journal.jsonl'));
      const journal = path.join(world.state, file ?? '');
      const text = readFileSync(journal, 'utf8');
      assert.match(text, /"budget":1,"currency":"USD"/);
      writeFileSync(journal, text.replace('"budget":1,"currency":"USD"', '"budget":0.000001,"currency":"CNY"'));
      const other = await world.another();
      const report = await other.call('resume_delegation', { repo_path: world.repo, branch_name: 'feature/money' });
      assert.equal(field(report, 'outcome'), 'no_changes', report);
      assert.match(report, /another currency than before/);
    } finally {
      await world.close();
    }
  });
});

describe('daily budget', () => {
  let world: World | null = null;
  afterEach(async () => {
    await world?.close();
    world = null;
  });

  it('counts a request that was under way when the server was killed', async () => {
    world = await makeWorld(({ index }) => (index === 0 ? { fault: 'stall_before_headers' } : finish()), {
      env: { KIMI_BUDGET_PER_DAY: '1' },
    });
    const doomed = world.server.call('implement_feature', task(world, 'feature/killed')).catch(() => {});
    await world.kimi.arrived(1);
    await killServer(world.server);
    await doomed;
    const other = await world.another({ env: { KIMI_BUDGET_PER_DAY: '1' } });
    const report = await other.call('implement_feature', task(world, 'feature/killed'));
    assert.equal(field(report, 'outcome'), 'no_changes', report);
    const lines = spentToday(world) as { hold?: number; cost?: number }[];
    assert.deepEqual(
      lines.map((line) => Object.keys(line).at(-1)),
      ['hold', 'cost', 'hold', 'cost'],
    );
    assert.ok(lines[1]!.cost! > 0.001 && lines[1]!.cost! < lines[0]!.hold! / 5, `${lines[1]!.cost}`);
    const journal = journals(world.state)[0]!;
    assert.deepEqual(
      journal.flatMap((line) => (['request', 'resume', 'spent', 'reply'].includes(line.type) ? [line.type] : [])),
      ['request', 'resume', 'spent', 'request', 'reply'],
    );
  });

  const spentToday = ({ state }: World) => {
    const folder = path.join(state, 'spending');
    return readdirSync(folder).flatMap((name) =>
      readFileSync(path.join(folder, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { cost?: number }),
    );
  };

  it('stops every attempt before the sum of the day passes it, and the attempt goes on when there is more', async () => {
    const limit = 0.009;
    world = await makeWorld(({ step }) => (step === 0 ? write('done.txt', 'done\n') : step < 12 ? run(`echo ${step}`) : finish()));
    const limited = await world.another({ env: { KIMI_BUDGET_PER_DAY: String(limit) } });
    const first = await limited.call('implement_feature', task(world, 'feature/one'));
    assert.equal(field(first, 'outcome'), 'budget_exhausted', first);
    assert.match(field(first, 'reason') ?? '', /daily budget of 0\.009 USD .* for \d{4}-\d\d-\d\d/);
    assert.equal(field(first, 'fallback_needed'), 'true', 'nothing can be delegated any more today');
    const spent = () => spentToday(world!).reduce((sum, line) => sum + (line.cost ?? 0), 0);
    const billed = world.kimi.requests.reduce((sum, { usage }) => {
      const { input, cached, output } = usage ?? { input: 0, cached: 0, output: 0 };
      return sum + ((input - cached) * 0.95 + cached * 0.16 + output * 4) / 1e6;
    }, 0);
    assert.ok(Math.abs(spent() - billed) < 1e-9);
    assert.ok(billed <= limit && billed > 0, `${billed}`);

    const requests = world.kimi.requests.length;
    const second = await limited.call('implement_feature', task(world, 'feature/two'));
    assert.equal(field(second, 'outcome'), 'budget_exhausted');
    assert.ok(spent() <= limit);
    assert.ok(world.kimi.requests.length - requests <= 1);

    const resumed = await world.server.call('resume_delegation', { repo_path: world.repo, branch_name: 'feature/one' });
    assert.equal(field(resumed, 'outcome'), 'unverified', resumed);
    assert.equal(world.git('show', 'feature/one:done.txt'), 'done');
  });
});
