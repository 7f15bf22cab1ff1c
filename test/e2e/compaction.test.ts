import assert from 'node:assert/strict';
import { NOTE_REQUEST } from '../../src/agent/history/compaction-note.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { journals, killServer } from './moments.ts';
import { finish, makeWorld, run, task, type World } from './world.ts';

/** A step that shows when it is repeated or forgotten, and fills the window. */
const COUNT = 'n=$(cat n.txt 2>/dev/null || echo 0); n=$((n+1)); echo $n > n.txt; seq $n 2500; echo count $n';
const STEPS = 18;

function turn({ messages }: RequestView): Turn {
  if (messages.at(-1)?.content === NOTE_REQUEST) return { text: 'Done: n.txt counts up. Plan: go on counting, then finish.' };
  const last = messages.findLast(({ role }) => role === 'tool');
  const count = Number(/count (\d+)\s*$/.exec(String(last?.content ?? ''))?.[1] ?? 0);
  return count >= STEPS ? finish() : run(COUNT);
}

describe('a window that is too small for the attempt', () => {
  let world: World | null = null;
  afterEach(async () => {
    await world?.close();
    world = null;
  });

  it('is learned and lived with, and a kill while a note is being written loses nothing', async function () {
    this.timeout(90_000);
    let kills = 0;
    let server: World['server'];
    const scenario = (view: RequestView): Turn => {
      // The first note, and the first request behind a note.
      const now =
        view.messages.at(-1)?.content === NOTE_REQUEST
          ? kills === 0
          : kills === 1 && view.messages.some(({ content }) => String(content).startsWith('[note] Hand-over'));
      if (now) {
        kills++;
        void killServer(server);
      }
      return turn(view);
    };
    world = await makeWorld(scenario, { kimi: { window: 32_768, thinkMs: 120 } });
    server = world.server;
    const call = () => server.call('implement_feature', task(world!, 'feature/long', { max_steps: 60 }));
    let report = '';
    while (!report) {
      const before = kills;
      report = await call().catch(() => '');
      if (report) break;
      assert.equal(kills, before + 1);
      server = await world.another();
    }
    assert.equal(field(report, 'outcome'), 'unverified', report);
    assert.equal(kills, 2);
    assert.equal(world.git('show', 'feature/long:n.txt'), String(STEPS));
    const lines = journals(world.state).flat();
    assert.ok(lines.filter(({ type }) => type === 'compacted').length >= 2);
    assert.equal(lines.filter(({ type }) => type === 'resume').length, 2);
    const refused = world.kimi.requests.filter(({ status }) => status === 400).map(({ error }) => error ?? '');
    assert.ok(refused.length <= 3 && refused.every((error) => error.includes('exceeded model token limit')), refused.join());
  });
});
