import assert from 'node:assert/strict';
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Scenario } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { journals } from './moments.ts';
import { finish, makeWorld, run, type ServerOptions, task, type World, write, writeIn } from './world.ts';

const BRANCH = 'feature/left';

/** So that nothing in the state directory grows with each delegation but what its decision or a later call needs. */
describe('what an attempt leaves on the disk', () => {
  let world: World;
  afterEach(() => world.close());

  const open = async (scenario: Scenario, options: ServerOptions & { thinkMs?: number } = {}) => {
    world = await makeWorld(scenario, { kimi: { thinkMs: options.thinkMs ?? 0 }, ...options });
  };
  const call = (more: Record<string, unknown> = {}) => world.server.call('implement_feature', task(world, BRANCH, more));
  const root = () => {
    const all = path.join(world.state, 'delegations');
    return path.join(all, readdirSync(all)[0]!);
  };
  const left = () => readdirSync(root()).sort();
  /** Large folders are removed behind the answer. */
  const leaves = (...names: readonly string[]) =>
    until(`only ${names.join(', ')} in ${left().join(', ')}`, () => left().join() === [...names].sort().join());

  it('work that is on its branch: no working tree, no copy of anything; other checks run on it all the same', async () => {
    await open([write('done.txt', 'done\n'), run('head -c 30M /dev/zero > big.log'), finish()], { env: { KIMI_DISK_MB: '16' } });
    assert.equal(field(await call(), 'outcome'), 'unverified');
    await leaves('attempts', 'delegation.json', 'git', 'leases');
    assert.ok(sizeOf(root()) < 150_000, `${sizeOf(root())} bytes`);
    const again = await call({ checks: ['grep -q done done.txt'] });
    assert.equal(field(again, 'outcome'), 'ready', again);
    assert.equal(world.kimi.requests.length, 3, 'the model is not asked');
    await leaves('attempts', 'delegation.json', 'git', 'leases');
  });

  it('work that installed packages: they stay for other checks, until somebody decides', async () => {
    const install = 'mkdir -p node_modules/shout && echo "module.exports = 1" > node_modules/shout/index.js';
    await open([run(`echo '{"dependencies":{"shout":"1.0.0"}}' > package.json`), run(install), finish()]);
    writeIn(world.repo, 'package.json', '{}');
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'A package');
    assert.equal(field(await call(), 'outcome'), 'unverified');
    assert.ok(left().includes('ws'));
    const again = await call({ checks: ['test -s node_modules/shout/index.js'] });
    assert.match(again, /exit 1 then pass[\s\S]*packages as the worker installed them: node_modules/);
    await world.server.call('discard_delegation', { repo_path: world.repo, branch_name: BRANCH });
    await leaves('attempts', 'delegation.json', 'disposition.json', 'git', 'leases');
  });

  it('an attempt that may go on: its files, with what git ignores', async () => {
    await open(({ index }) => [write('done.txt', 'done\n'), run('echo built > built.log'), run('cat built.log')][index] ?? finish());
    assert.equal(field(await call({ max_steps: 2 }), 'outcome'), 'step_limit');
    assert.ok(left().includes('ws'));
    const on = await call({ max_steps: 5 });
    assert.equal(field(on, 'outcome'), 'unverified', on);
    assert.match(String(world.kimi.requests.at(-1)?.body), /\\nbuilt/);
    await leaves('attempts', 'delegation.json', 'git', 'leases');
  });

  it('files that each step writes anew: no more of their old forms than the limit of the disk', async () => {
    const anew = (n: number) => run(`head -c 6000000 /dev/urandom > data.bin; cat data.bin > copy.bin; : ${n}`);
    await open(({ step }) => (step < 9 ? anew(step) : finish()), { thinkMs: 250, env: { KIMI_DISK_MB: '20' } });
    const report = await call();
    assert.equal(field(report, 'outcome'), 'unverified', report);
    const checkpoints = journals(world.state)[0]!.filter((line) => line.type === 'checkpoint').length;
    assert.ok(checkpoints >= 8, `${checkpoints}`);
    const kept = sizeOf(path.join(root(), 'git'));
    assert.ok(kept < 40e6, `${kept} bytes of ${checkpoints * 6e6}`);
    world.git('fsck', '--strict', '--no-dangling', '--connectivity-only');
    assert.equal(world.git('rev-parse', `${BRANCH}:data.bin`), world.git('rev-parse', `${BRANCH}:copy.bin`));
  });
});

function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const at = path.join(folder, entry.name);
    return sum + (entry.isDirectory() ? sizeOf(at) : lstatSync(at).size);
  }, 0);
}
