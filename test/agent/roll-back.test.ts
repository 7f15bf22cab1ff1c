import assert from 'node:assert/strict';
import type { AgentEvent, ChatMessage } from '../../src/agent/types.ts';
import { startKimi } from '../fakes/kimi/server.ts';
import { commonPrefix } from '../fakes/kimi/tokens.ts';
import { command, finish, ourFaults, outcomeOf, play, playOn, read, serverCount, write } from './harness.ts';
import { resumeAfter } from './journal-world.ts';

const rollbacks = (events: readonly AgentEvent[]) => events.filter((event) => event.type === 'rolled_back');
const roles = (body: Buffer) => (JSON.parse(body.toString()) as { messages: ChatMessage[] }).messages.map(({ role }) => role);
const lastWord = (body: Buffer) => (JSON.parse(body.toString()) as { messages: { content: string }[] }).messages.at(-1)!.content;

describe('roll-back of repeats', () => {
  it('takes identical calls out, keeps the first, and saves an attempt that then goes on', async () => {
    const { end, events, kimi, files, totals } = await play(({ index }) =>
      index < 9 ? [write('1'), ...Array.from({ length: 8 }, () => read())][index]! : [write('2'), command(), finish()][index - 9]!,
    );
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(files.get('a.txt'), '2');
    assert.equal(rollbacks(events).length, 1);
    const after = kimi.requests[9]!.body;
    assert.deepEqual(roles(after), ['system', 'user', 'assistant', 'tool', 'assistant', 'tool', 'user']);
    assert.match(lastWord(after), /^\[note\] You have made exactly this read_file call 8 times.*7 such steps were taken out/);
    // Request 2 answers the first read; everything up to there is the same bytes.
    const good = kimi.requests[2]!.body;
    const front = good.subarray(0, good.lastIndexOf('],"max_completion_tokens"'));
    assert.equal(commonPrefix(front, after), front.length);
    assert.deepEqual(ourFaults(kimi), []);
    assert.deepEqual(totals.usage, serverCount(kimi.requests));
  });

  it('takes a circle out but for its first round', async () => {
    const { end, events, kimi } = await play(({ index }) =>
      index < 10 ? (index % 2 ? read() : command()) : [write('2'), command('ls'), finish()][index - 10]!,
    );
    assert.equal(outcomeOf(end), 'finished');
    const [cut] = rollbacks(events);
    assert.deepEqual([cut!.from, cut!.to], [5, 21]);
    assert.deepEqual(roles(kimi.requests[10]!.body), ['system', 'user', 'assistant', 'tool', 'assistant', 'tool', 'user']);
  });

  it('takes edits that failed out, every one', async () => {
    const { events, kimi, end } = await play(({ index }) =>
      index < 12 ? { calls: [{ name: 'write_file', args: { path: `p${index}` } }] } : [write('2'), command(), finish()][index - 12]!,
    );
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(rollbacks(events).length, 1);
    assert.deepEqual(roles(kimi.requests[12]!.body), ['system', 'user', 'user']);
    assert.match(lastWord(kimi.requests[12]!.body), /12 edits in a row failed.*12 such steps/);
  });

  it('never takes an edit out that changed a file', async () => {
    const { end, events } = await play(({ index }) => write(index % 2 ? 'there' : 'back'));
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.deepEqual(rollbacks(events), []);
  });

  it('stops a model that goes on all the same, and does not forget by a resume what was taken out', async () => {
    const kimi = await startKimi({ scenario: () => read() });
    const first = await playOn(kimi, { limits: { maxSteps: 9 } });
    assert.equal(rollbacks(first.events).length, 1);
    const second = await playOn(kimi, { resume: resumeAfter(first), firstMessages: [] });
    assert.equal(outcomeOf(second.end), 'loop_detected');
    assert.equal(second.totals.steps, 12);
    assert.deepEqual(ourFaults(kimi), []);
    await kimi.close();
  });

  it('goes on after a resume with the bytes that the roll-back left', async () => {
    const kimi = await startKimi({ scenario: ({ index }) => (index < 10 ? read() : finish()) });
    const first = await playOn(kimi, { limits: { maxSteps: 10 } });
    const before = kimi.requests.at(-1)!.body;
    await playOn(kimi, { resume: resumeAfter(first), firstMessages: [] });
    const front = before.subarray(0, before.lastIndexOf('],"max_completion_tokens"'));
    assert.equal(commonPrefix(front, kimi.requests.at(-1)!.body), front.length);
    await kimi.close();
  });
});
