import assert from 'node:assert/strict';
import type { AgentEvent } from '../../src/agent/types.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { type ScriptedKimi, startKimi } from '../fakes/kimi/server.ts';
import { asksForNote, assertPrefixes, compactions, NOTE } from './compaction-world.ts';
import { finish, ourFaults, outcomeOf, playOn, type Ran, write } from './harness.ts';
import { CrashJournal } from './journal-world.ts';

describe('resume after a compaction', () => {
  class Crash extends Error {}

  /** Decides by what the files say, which outlive a crash and a compaction alike. */
  const byFile = (files: Map<string, string>): ((view: RequestView) => Turn) => {
    return (view) => {
      if (asksForNote(view)) return { text: NOTE };
      const count = Number(files.get('a.txt')!.split(' ')[1]);
      return count >= 45 ? finish() : write(`count ${count + 1} ${'x'.repeat(5000)}`);
    };
  };

  async function run(kimi: ScriptedKimi, files: Map<string, string>, more: Parameters<typeof playOn>[1]): Promise<Ran> {
    return playOn(kimi, { files, api: { contextWindow: 20_000 }, ...more });
  }

  it('sends the same bytes, whenever the crash was', async () => {
    const start = () => new Map([['a.txt', 'count 0']]);
    const all = start();
    const first = await startKimi({ scenario: byFile(all), window: 20_000 });
    const undisturbed = await run(first, all, {});
    await first.close();
    assert.ok(compactions(undisturbed.events).length >= 3);
    const end = undisturbed.files.get('a.txt');
    for (let count = 3; count < undisturbed.events.length; count += 11) {
      const files = start();
      const kimi = await startKimi({ scenario: byFile(files), window: 20_000 });
      const journal = new CrashJournal(files);
      const onEvent = (event: AgentEvent) => {
        if (journal.events.length === count) throw new Crash();
        journal.append(event);
      };
      await run(kimi, files, { onEvent }).catch((error: unknown) => assert.ok(error instanceof Crash));
      const resume = journal.resume(start())!;
      const resumed = await run(kimi, files, { resume, firstMessages: [], onEvent: (event) => journal.append(event) });
      assert.equal(outcomeOf(resumed.end), 'finished', `crash after ${count} events`);
      assert.equal(resumed.files.get('a.txt'), end);
      assert.deepEqual(ourFaults(kimi), []);
      assertPrefixes({ events: journal.events, kimi });
      assert.deepEqual(journal.totals(resumed.totals), resumed.totals);
      await kimi.close();
    }
  });
});
