import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { statsSchema } from '../../src/cli/json-output.ts';
import { type AttemptResult, resultSchema } from '../../src/delegation/result/result-schema.ts';
import { delegationFolder, delegationId } from '../../src/delegation/store/delegation-folder.ts';
import { callerSum, netOf } from '../../src/economics/saving.ts';
import { assistant, delegating, SESSION, toolResult, user } from '../claude/session-lines.ts';
import { cli, placeIn } from '../cli/run-cli.ts';
import type { Scenario } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write } from './world.ts';

/** One server for all: what a delegation saved depends on its own session only. */
describe('what a delegation saved, through the real server', function () {
  this.timeout(60_000);
  let world: World;
  before(async () => {
    const first = (again: boolean) => (again ? run('echo DONE > done.txt') : write('done.txt', 'done\n'));
    const scenario: Scenario = ({ step, messages }) =>
      [first(JSON.stringify(messages).includes('In capitals')), run('cat done.txt')][step] ?? finish();
    world = await makeWorld(scenario, { env: { CLAUDE_CODE_SESSION_ID: SESSION } });
  });
  after(() => world.close());

  const session = (...lines: string[]) => {
    const folder = path.join(world.home, '.claude', 'projects', '-somewhere');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${SESSION}.jsonl`), lines.map((line) => `${line}\n`).join(''));
  };
  const looked = (branch: string, model?: string) => [
    user('SECRET-WORDS of the user'),
    assistant('msg_1', { write: 20_000, output: 100 }, [{ type: 'tool_use', name: 'Read', input: {} }], model),
    toolResult('SECRET-WORDS of a file'),
    assistant('msg_2', { read: 20_000, write: 1_000, output: 300 }, [delegating(branch)], model),
  ];
  const call = (branch: string, more: Record<string, unknown> = {}) => world.server.call('implement_feature', task(world, branch, more));
  const CHECKS = { checks: ['grep -q done done.txt'] };
  const folderOf = (branch: string) => delegationFolder(world.state, delegationId(path.join(world.repo, '.git'), branch));
  const resultOf = (branch: string, attempt = 1): AttemptResult =>
    resultSchema.parse(JSON.parse(readFileSync(path.join(folderOf(branch).attempts, `00${attempt}`, 'result.json'), 'utf8')));

  it('is told against the model of the session, and nothing of its texts is kept', async () => {
    session(...looked('feature/saved'));
    const report = await call('feature/saved', CHECKS);
    assert.match(report, /^cost: .*\. The same tokens at Opus 5\.5: .* for delegating.* \(list prices 2026-11\)$/m);
    const { saving, cost, usage } = resultOf('feature/saved');
    assert.ok(saving, 'no saving');
    assert.deepEqual([saving.model, saving.worker], ['claude-opus-5-5', cost.amount]);
    assert.ok(Math.abs(saving.caller.before - (100 * 20 + 300 * 20 + 1_000 * 5 + 20_000 * 0.2) / 1e6) < 1e-9);
    assert.ok(saving.caller.report > 200 * 5e-6 && saving.caller.report < 2_000 * 5e-6, String(saving.caller.report));
    assert.ok(saving.caller.told > 1_000 * 5e-6 && saving.caller.told < 3_000 * 6e-6, String(saving.caller.told));
    assert.ok(saving.same.low >= (usage.output * 20) / 1e6 && saving.same.high > saving.same.low);
    const written = readdirSync(world.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of written) assert.ok(!readFileSync(path.join(parentPath, name)).includes('SECRET-WORDS'), name);
  });

  it('counts the attempts before, whose cost and calls were paid too', async () => {
    session(...looked('feature/twice'));
    assert.equal(field(await call('feature/twice', { checks: ['! grep -q done done.txt'] }), 'outcome'), 'checks_failed');
    const first = resultOf('feature/twice').saving;
    assert.deepEqual(first?.same, { low: 0, high: 0 }, 'failed work would not have been paid for');
    assert.ok(first && netOf(first).high < 0);
    session(...looked('feature/twice'), toolResult('checks_failed'), assistant('msg_3', { output: 70 }, [delegating('feature/twice')]));
    const report = await call('feature/twice', { task_spec: 'In capitals.', checks: ['grep -q DONE done.txt'] });
    assert.equal(field(report, 'outcome'), 'ready', report);
    const [one, two] = [resultOf('feature/twice', 1), resultOf('feature/twice', 2)];
    const { saving } = two;
    assert.ok(saving && Math.abs(saving.worker - (one.cost.amount ?? 0) - (two.cost.amount ?? 0)) < 1e-9);
    assert.ok(callerSum(saving.caller) > callerSum(first.caller));
    assert.ok(saving.same.high > 0);
  });

  it('is left out for a model that nobody knows, and without a session that made the call', async () => {
    session(...looked('feature/unknown', 'claude-opus-9'));
    assert.doesNotMatch(await call('feature/unknown', CHECKS), /same tokens|saved/);
    session('{"type":"assistant","message":{"model":');
    assert.equal(field(await call('feature/none', CHECKS), 'outcome'), 'ready');
    assert.equal(resultOf('feature/none').saving, undefined);
  });

  it('is not in the report where the user wants no figures, but known all the same', async () => {
    session(...looked('feature/quiet'));
    const quiet = await world.another({ env: { CLAUDE_CODE_SESSION_ID: SESSION, KIMI_SHOW_TOKEN_STATS: 'false' } });
    const report = await quiet.call('implement_feature', task(world, 'feature/quiet', CHECKS));
    assert.equal(field(report, 'outcome'), 'ready');
    assert.doesNotMatch(report, /^cost:/m);
    assert.ok(resultOf('feature/quiet').saving);
  });

  it('is in the terminal: what one saved, and all of them', async () => {
    const place = placeIn(world);
    const shown = (await cli(place, 'show', 'feature/saved')).out.replace(/\s+/g, ' ');
    assert.match(shown, /The same tokens at Opus 5\.5: .* for delegating.* \(list prices 2026-11\)/);
    const chinese = { ...place, env: { ...place.env, LC_ALL: 'zh_CN.UTF-8' } };
    assert.match(
      (await cli(chinese, 'show', 'feature/saved')).out.replace(/\s+/g, ''),
      /相同token按Opus5\.5计：.*委派本身的.*（2026-11公开价格）/,
    );
    const all = statsSchema.parse(JSON.parse((await cli(place, 'stats', '--json')).out)).all;
    const last = [resultOf('feature/saved'), resultOf('feature/twice', 2), resultOf('feature/quiet')];
    const net = last.reduce((sum, { saving }) => sum + (saving ? netOf(saving).high : Number.NaN), 0);
    assert.deepEqual([all.proven, all.fallback, all.net.delegations], [{ first: 4, later: 1 }, 0, 3]);
    assert.ok(Math.abs(all.net.high - net) < 1e-9, `${all.net.high}, not ${net}`);
    const { out } = await cli(place, 'stats');
    assert.match(out, /^ {2}feature {2}attempts: 6 {2}proven: 4, later: 1 {2}fallback: 0 {2}\$0\.\d+ {2}\$0\.\d+ to \$0\.\d+ dearer$/m);
    assert.match(out.replace(/\s+/g, ' '), /known for 3 of 5 delegations/);
  });

  it('the record of the repository is in the instructions from eight attempts on', async () => {
    const instructions = async () =>
      (await world.another({ env: { CLAUDE_PROJECT_DIR: path.join(world.repo, 'src') }, cwd: world.home })).client.getInstructions() ?? '';
    assert.doesNotMatch(await instructions(), /Record here/);
    for (const branch of ['a', 'b', 'c']) await call(`feature/${branch}`, CHECKS);
    await call('feature/unproven', { checks: [] });
    // saved, twice (2), unknown, none, quiet, a, b, c: one of the first attempts failed.
    const text = await instructions();
    assert.match(text, /^Record here, proven at the first attempt: 7 of 8 features\.$/m);
    assert.ok(Buffer.byteLength(text) < 2048);
  });
});
