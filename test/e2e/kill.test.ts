import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readJournal } from '../../src/delegation/journal/journal.ts';
import { delegationFolder, listDelegations } from '../../src/delegation/store/delegation-folder.ts';
import { numbers } from '../campaign/disturbances.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { field, type ServerHandle } from '../fakes/mcp-client.ts';
import { killServer } from './moments.ts';
import { finish, makeWorld, read, run, task, type World, write } from './world.ts';

/** `npm run campaign` does it 200 times. */
const KILLS = Number(process.env.KILLS ?? 4);
const SEED = Number(process.env.SEED ?? 20261122);
const STEPS = 40;
const LANES = 2;
const LONGEST_STEP_MS = 200;
/** What a delegation may change in the user's repository; all of it is looked at otherwise. */
const OURS = ['.git/refs/heads/kill', '.git/logs/refs/heads/kill', '.git/refs/claude-kimi'];

/** Files made, edited, moved and removed, and a log that every repeated or forgotten step would show in. */
function turn({ step }: RequestView): Turn {
  if (step >= STEPS - 1) return finish();
  const file = `src/part-${step - (step % 5)}.txt`;
  const text = Array.from({ length: 20 }, (_, line) => `line ${line} of step ${step}`).join('\n');
  const edit = { name: 'edit_file', args: { path: file, edits: [{ old_text: 'line 7 of', new_text: 'line seven of' }] } };
  const move = `mkdir -p done && mv ${file} done/ && rm -f done/part-${step - 14}.txt && echo "step ${step}" >> src/steps.txt`;
  const acts = [write(file, `${text}\n`), read(file), { calls: [edit] }, write(`src/extra-${step % 3}.txt`, text), run(move)];
  return { reasoning: `Step ${step}.`, ...acts[step % 5]! };
}

/** Mostly quick, so that most steps have no checkpoint of their own; sometimes long enough for one. */
const thinkMs = ({ step }: RequestView) => (step % 6 === 4 ? 130 : 5);

describe('kill -9 at random moments', () => {
  it(`${KILLS} resumes end with the tree of an undisturbed run, in a repository that is sound each time`, async function () {
    this.timeout(60_000 + KILLS * 20_000);
    const lanes = Array.from({ length: LANES }, (_, lane) => endure(lane, Math.ceil((KILLS - lane) / LANES)));
    const moments = (await Promise.all(lanes)).flat();
    const where = Object.entries(Object.groupBy(moments, ({ when }) => when)).map(([when, list]) => `${list?.length} ${when}`);
    const repeated = moments.reduce((sum, moment) => sum + moment.repeated, 0) / moments.length;
    console.log(`      ${moments.length} kills: ${where.sort().join(', ')}; ${repeated.toFixed(1)} steps asked for again on average`);
    assert.equal(moments.length, KILLS);
    assert.ok(moments.some(({ when }) => when === 'in the loop'));
  });
});

interface Moment {
  when: 'before the first line' | 'before the first answer' | 'in the loop' | 'in the import' | 'after the end';
  /** Requests beyond those of an undisturbed run. */
  repeated: number;
}

async function endure(lane: number, kills: number): Promise<Moment[]> {
  const random = numbers(SEED + lane);
  const world = await makeWorld(turn, { kimi: { thinkMs, forgetBodies: true }, env: { KIMI_MAX_STEPS: '60' } });
  try {
    world.write('src/dirty.txt', 'not committed\n');
    const before = await fingerprint(world.repo, OURS);
    const call = (server: ServerHandle, branch: string) => server.call('implement_feature', task(world, branch));
    assert.equal(field(await call(world.server, 'kill/never'), 'outcome'), 'unverified');
    const tree = world.git('rev-parse', 'kill/never^{tree}');
    assert.equal(world.kimi.requests.length, STEPS);
    assert.equal(world.git('show', 'kill/never:src/steps.txt').split('\n').length, 7);

    const moments: Moment[] = [];
    let server = world.server;
    for (let kill = 0; kill < kills; kill++) {
      const branch = `kill/at-${kill}`;
      const asked = world.kimi.requests.length;
      const lost = call(server, branch).catch(() => 'killed');
      // Any of its requests, the call itself, or the end; then as long as a step takes at most.
      await world.kimi.arrived(asked + Math.floor(random() * (STEPS + 1)));
      await pause(random() * LONGEST_STEP_MS);
      await killServer(server);
      await lost;
      await server.close();
      const when = momentOf(world, branch);
      assertSound(world, tree);
      server = await world.another();
      const report = await call(server, branch);
      const at = `seed ${SEED}, lane ${lane}, kill ${kill} (${when})`;
      assert.equal(field(report, 'outcome'), 'unverified', `${at}\n${report}`);
      assert.equal(world.git('rev-parse', `${branch}^{tree}`), tree, at);
      assert.equal(world.git('rev-parse', `${branch}^`), world.git('rev-parse', 'main'), at);
      assertSound(world, tree);
      assert.equal(world.git('for-each-ref', 'refs/claude-kimi'), '', `${at}: the guard of the base is gone`);
      assert.deepEqual(await fingerprint(world.repo, OURS), before, at);
      moments.push({ when, repeated: world.kimi.requests.length - asked - STEPS });
    }
    return moments;
  } finally {
    await world.close();
  }
}

/** The repository passes git's own check, and no branch of ours ever stands at anything but the whole work. */
function assertSound(world: World, tree: string): void {
  world.git('fsck', '--strict', '--no-dangling', '--connectivity-only');
  for (const branch of world.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/kill').split('\n'))
    assert.equal(world.git('rev-parse', `${branch}^{tree}`), tree, branch);
}

/** How far the attempt on a branch had come. */
function momentOf(world: World, branch: string): Moment['when'] {
  const identity = listDelegations(world.state).find((one) => one.branch === branch);
  if (!identity) return 'before the first line';
  const lines = readJournal(path.join(delegationFolder(world.state, identity.id).root, 'attempts', '001', 'journal.jsonl'));
  const events = new Set(lines.map(({ type }) => type));
  if (events.has('end')) return 'after the end';
  if (events.has('loop_end')) return 'in the import';
  if (events.has('reply')) return 'in the loop';
  return events.has('start') ? 'before the first answer' : 'before the first line';
}
