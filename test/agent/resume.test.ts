import assert from 'node:assert/strict';
import type { AgentEvent, Tool } from '../../src/agent/types.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { inWords } from '../messages/english.ts';
import { command, finish, memoryTools, ourFaults, outcomeOf, playOn, read, serverCount, write } from './harness.ts';
import { CrashJournal, resumeAfter } from './journal-world.ts';

/** Decides by the history alone, so that a resumed attempt goes on where it was; what was interrupted is done again. */
function byHistory({ messages }: RequestView): Turn {
  const step = messages.filter(({ role, content }) => role === 'tool' && !/interrupted/.test(String(content))).length;
  if (step >= 12) return finish();
  if (step % 3 === 0) return read();
  return step % 3 === 1 ? write(`count ${step}`) : command(`test ${step}`);
}

class Crash extends Error {}

const START: ReadonlyMap<string, string> = new Map([['a.txt', 'count 0']]);

/** The journal when the process dies after the nth event of the loop. */
async function crashAfter(count: number, kimi: Awaited<ReturnType<typeof startKimi>>, files: Map<string, string>): Promise<CrashJournal> {
  const journal = new CrashJournal(files);
  const onEvent = (event: AgentEvent) => {
    if (journal.events.length === count) throw new Crash();
    journal.append(event);
  };
  await playOn(kimi, { files, onEvent }).catch((error: unknown) => assert.ok(error instanceof Crash));
  return journal;
}

describe('resume', () => {
  it('after a crash at any event goes on with the same bytes and ends the same', async () => {
    const kimi = await startKimi({ scenario: byHistory });
    const undisturbed = await playOn(kimi, { files: new Map(START) });
    for (let count = 2; count < undisturbed.events.length; count += 3) {
      const files = new Map(START);
      const from = kimi.requests.length;
      const journal = await crashAfter(count, kimi, files);
      const resume = journal.resume(START);
      assert.ok(resume);
      const before = kimi.requests.slice(from).at(-1)?.body;
      const onEvent = (event: AgentEvent) => journal.append(event);
      const { end, totals, events } = await playOn(kimi, { files, resume, firstMessages: [], onEvent });
      assert.equal(outcomeOf(end), 'finished', `crash after ${count} events`);
      assert.equal(files.get('a.txt'), 'count 10');
      const after = kimi.requests.slice(from).map(({ body }) => body);
      if (before) {
        const resumed = after[after.indexOf(before) + 1];
        const messages = before.subarray(0, before.lastIndexOf('],"max_completion_tokens"'));
        assert.ok(resumed?.subarray(0, messages.length).equals(messages), `crash after ${count} events changed the bytes`);
      }
      assert.ok(events[0]!.type !== 'head', 'the journalled front is used again');
      assert.deepEqual(journal.totals(totals), totals, 'the journal adds up to the ledger');
    }
    assert.deepEqual(ourFaults(kimi), []);
    await kimi.close();
  });

  it('counts on, to the token, when nothing was in flight', async () => {
    const kimi = await startKimi({ scenario: byHistory });
    const stop = new AbortController();
    const onEvent = (event: AgentEvent) => {
      if (event.type === 'tool_end' && event.step === 5) stop.abort();
    };
    const resume = resumeAfter(await playOn(kimi, { onEvent, signal: stop.signal }));
    assert.equal(resume.step, 5);
    const { totals, end } = await playOn(kimi, { resume, firstMessages: [] });
    assert.equal(outcomeOf(end), 'finished');
    assert.deepEqual(totals.usage, serverCount(kimi.requests));
    assert.equal(totals.steps, 14, '12 acts, the interrupted one again, and finish');
    await kimi.close();
  });

  it('tells the model that a call was interrupted', async () => {
    const kimi = await startKimi({ scenario: byHistory });
    const stop = new AbortController();
    const onEvent = (event: AgentEvent) => {
      if (event.type === 'tool_start') stop.abort();
    };
    const first = await playOn(kimi, { onEvent, signal: stop.signal });
    await playOn(kimi, { resume: resumeAfter(first), firstMessages: [] });
    assert.match(kimi.requests[1]!.body.toString(), /interrupted before it gave a result.*may have had effects/);
    assert.deepEqual(ourFaults(kimi), []);
    await kimi.close();
  });

  it('knows what the model has read', async () => {
    const seen: (string | undefined)[] = [];
    const files = new Map([['a.txt', 'count 0']]);
    const tools = memoryTools(files).map(
      (tool): Tool => ({
        ...tool,
        run: (args, context) => {
          seen.push(context.seen.get('a.txt'));
          if (tool.effect !== 'finish') context.seen.set('a.txt', `after ${tool.name}`);
          return tool.run(args, context);
        },
      }),
    );
    const kimi = await startKimi({ scenario: [read(), write('1'), command(), finish()] });
    const first = await playOn(kimi, { tools, limits: { maxSteps: 2 } });
    await playOn(kimi, { tools, resume: resumeAfter(first), firstMessages: [] });
    assert.deepEqual(seen, [undefined, 'after read_file', 'after write_file', 'after run_command']);
    await kimi.close();
  });

  it('appends feedback behind the old messages', async () => {
    const kimi = await startKimi({ scenario: [write('1'), command(), { text: 'Done.' }, write('2'), command(), finish()] });
    const first = await playOn(kimi);
    const resume = { ...resumeAfter(first), step: 0 };
    const { end, files } = await playOn(kimi, { resume, firstMessages: [{ role: 'user', content: 'Count by two.' }] });
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(files.get('a.txt'), '2');
    assert.match(kimi.requests[3]!.body.toString(), /Done\.".{0,40}Count by two\./);
    await kimi.close();
  });

  it('does not let a circle begin anew', async () => {
    const kimi = await startKimi({ scenario: () => read() });
    const first = await playOn(kimi, { limits: { maxSteps: 8 } });
    const second = await playOn(kimi, { resume: resumeAfter(first), firstMessages: [] });
    assert.equal(outcomeOf(second.end), 'loop_detected');
    assert.equal(second.totals.steps, 12);
    await kimi.close();
  });

  it('sends what came up outside again, byte for byte', async () => {
    const kimi = await startKimi({ scenario: [read(), { fault: 'stall_before_headers' }, finish()] });
    const stop = new AbortController();
    void kimi.arrived(2).then(() => stop.abort());
    const news = [[], ['The tests fail.']];
    const first = await playOn(kimi, { signal: stop.signal, inbox: () => news.shift() ?? [] });
    const { end } = await playOn(kimi, { resume: resumeAfter(first), firstMessages: [], inbox: () => [] });
    assert.equal(outcomeOf(end), 'finished');
    assert.match(kimi.requests[1]!.body.toString(), /The tests fail/);
    assert.equal(kimi.requests[2]!.body.toString(), kimi.requests[1]!.body.toString());
    await kimi.close();
  });

  it('counts a request that was under way when the process died', async () => {
    const kimi = await startKimi({ scenario: [write('1'), command(), finish()] });
    const first = await playOn(kimi, { limits: { maxSteps: 2 } });
    const before = resumeAfter(first);
    const settled: number[] = [];
    const shared = { left: () => 10, hold: () => true, settle: (cost: number) => settled.push(cost), usedUp: () => inWords('') };
    const lost = { step: 3, bytes: kimi.requests[1]!.body.length + 400 };
    const second = await playOn(kimi, { resume: { ...before, lost }, firstMessages: [], limits: { shared } });
    const [spent] = second.events.filter((event) => event.type === 'spent');
    assert.ok(spent?.type === 'spent' && spent.step === 3 && spent.cost !== null);
    const { input, output } = spent.usage;
    assert.ok(input > kimi.requests[1]!.usage!.input && input < kimi.requests[1]!.usage!.input + 200, `${input}`);
    assert.equal(output, Math.ceil(before.totals.usage.output / 2));
    assert.equal(settled[0], spent.cost);
    const counted = serverCount(kimi.requests);
    assert.deepEqual(second.totals.usage, { ...counted, input: counted.input + input, output: counted.output + output });
    await kimi.close();
  });

  it('goes on with another model, whatever the one before wrote beside its calls, and once more with the same bytes', async () => {
    const silent = (view: RequestView) => ({ ...byHistory(view), ...(view.index < 3 && { reasoning: '' }) });
    const kimi = await startKimi({ scenario: silent });
    const first = await playOn(kimi, { limits: { maxSteps: 3 } });
    // As the journal of a model that knows no such field tells it.
    const events = first.events.map((event): AgentEvent => {
      if (event.type === 'head') return { ...event, model: 'glm-4.6' };
      return event.type === 'message' ? { ...event, json: event.json.replace('"reasoning_content":"",', '') } : event;
    });
    assert.ok(!JSON.stringify(events).includes('reasoning_content'));
    const second = await playOn(kimi, { resume: resumeAfter({ ...first, events }), firstMessages: [], limits: { maxSteps: 6 } });
    assert.deepEqual(ourFaults(kimi), []);
    assert.equal(outcomeOf(second.end), 'step_limit', JSON.stringify(second.end));
    const before = kimi.requests.at(-1)!.body.toString();
    const third = await playOn(kimi, { resume: resumeAfter({ ...first, events }, second), firstMessages: [] });
    assert.equal(outcomeOf(third.end), 'finished');
    assert.ok(kimi.requests[6]!.body.toString().startsWith(before.slice(0, before.lastIndexOf('],"max_completion_tokens"'))));
    assert.deepEqual(ourFaults(kimi), []);
    await kimi.close();
  });
});
