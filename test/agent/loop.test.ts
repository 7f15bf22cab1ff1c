import assert from 'node:assert/strict';
import type { ChatMessage, Tool } from '../../src/agent/types.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { commonPrefix } from '../fakes/kimi/tokens.ts';
import {
  command,
  finish,
  longText,
  memoryTools,
  type Overrides,
  ourFaults,
  outcomeOf,
  play,
  playOn,
  read,
  serverCount,
  texts,
  write,
} from './harness.ts';
import { resumeAfter } from './journal-world.ts';

describe('agent loop', () => {
  it('reads, changes, tries and finishes, and tells each step before it happens', async () => {
    const { end, events, files, totals, kimi } = await play([read(), write('count 1'), command(), finish()]);
    assert.deepEqual(end, { kind: 'finished', summary: 'It counts.', commitMessage: 'Count' });
    assert.equal(files.get('a.txt'), 'count 1');
    assert.equal(totals.steps, 4);
    assert.deepEqual(ourFaults(kimi), []);
    const kinds = events.filter(({ type }) => type !== 'head').map(({ type }) => type);
    const step = ['request', 'reply', 'message', 'tool_start', 'tool_end', 'message'];
    assert.deepEqual(kinds, ['message', ...step, ...step, ...step, ...step]);
  });

  it('sends each request as the bytes of the one before it and more', async () => {
    const { kimi } = await play([read(), write('1'), command(), { text: 'Notes and', ...command('ls') }, read(), finish()]);
    const bodies = kimi.requests.map(({ body }) => body);
    for (let i = 1; i < bodies.length; i++) {
      const before = bodies[i - 1]!;
      const messagesEnd = before.lastIndexOf('],"max_completion_tokens"');
      assert.ok(commonPrefix(before, bodies[i]!) >= messagesEnd, `request ${i} changes the bytes of request ${i - 1}`);
    }
  });

  it('counts tokens as the server does, and the cost by the table', async () => {
    const turns = [read(), ...Array.from({ length: 8 }, (_, i) => write('x'.repeat(3000 + i))), command(), finish()];
    const { totals, kimi } = await play(turns);
    assert.deepEqual(totals.usage, serverCount(kimi.requests));
    assert.ok(totals.usage.cached > 0.5 * totals.usage.input);
    const { input, cached, output } = totals.usage;
    const expected = ((input - cached) * 0.95 + cached * 0.16 + output * 4) / 1e6;
    assert.ok(Math.abs(totals.cost.amount! - expected) < 1e-9);
    assert.equal(totals.cost.currency, 'USD');
  });

  it('says once that the cache served nothing when it should have, and only then', async () => {
    const firstMessages = [{ role: 'user', content: longText(30_000) }] as const;
    const cold = { fault: 'cold_cache' } as const;
    const notices = async (turns: Turn[], more: Overrides = {}) => {
      const { events, totals, kimi } = await play(turns, { firstMessages, ...more });
      assert.deepEqual(totals.usage, serverCount(kimi.requests));
      return texts(events, 'notice').filter((text) => text.includes('nothing of this request from its cache')).length;
    };
    assert.equal(await notices([read(), write('1'), command(), finish()]), 0, 'the first request is always cold');
    assert.equal(await notices([read(), write('1', cold), command('ls', cold), command(), finish()]), 1);
    const small = { firstMessages: [{ role: 'user', content: 'Do it.' }] } as const;
    assert.equal(await notices([read(), write('1', cold), command(), finish()], small), 0, 'too small to be cached at all');

    let ahead = 0;
    const slowTools = memoryTools(new Map()).map(
      (tool): Tool => ({
        ...tool,
        run: (args, context) => {
          ahead += 600_000;
          return tool.run(args, context);
        },
      }),
    );
    const clock = { now: () => Date.now() + ahead, random: () => 0.5, sleep: async () => {} };
    const waited = { clock, tools: slowTools };
    assert.equal(await notices([read(), command('sleep', cold), finish()], waited), 0, 'no cache holds while a command runs ten minutes');

    const kimi = await startKimi({ scenario: [read(), write('1', cold), command(), finish()] });
    const first = await playOn(kimi, { firstMessages, limits: { maxSteps: 1 } });
    const resumed = await playOn(kimi, { resume: resumeAfter(first), firstMessages: [] });
    assert.deepEqual(texts(resumed.events, 'notice'), [], 'after a pause no cache can be counted on');
    await kimi.close();
  });

  it('runs reads that follow each other together, and everything else in order', async () => {
    const order: string[] = [];
    let release = () => {};
    const bothIn = new Promise<void>((resolve) => {
      release = resolve;
    });
    let inside = 0;
    const base = memoryTools(new Map());
    const tools: Tool[] = base.map((tool) => ({
      ...tool,
      run: async (args, context) => {
        order.push(`${tool.name} in`);
        if (tool.name === 'read_file' && ++inside === 2) release();
        if (tool.name === 'read_file') await bothIn;
        const result = await tool.run(args, context);
        order.push(`${tool.name} out`);
        return result;
      },
    }));
    const calls = [...read('a').calls!, ...read('b').calls!, ...write('1').calls!, ...command().calls!];
    const { end } = await play([{ calls }, finish()], { tools });
    assert.equal(end.kind, 'finished');
    assert.deepEqual(order.slice(0, 2), ['read_file in', 'read_file in']);
    assert.deepEqual(order.slice(4, 8), ['write_file in', 'write_file out', 'run_command in', 'run_command out']);
  });

  it('runs at most eight of them side by side, and all of them', async () => {
    let [inside, most] = [0, 0];
    const started: string[] = [];
    const tools = memoryTools(new Map([['a.txt', '0']])).map(
      (tool): Tool => ({
        ...tool,
        run: async (args, context) => {
          if (tool.name !== 'read_file') return tool.run(args, context);
          started.push((args as { path: string }).path);
          most = Math.max(most, ++inside);
          await new Promise(setImmediate);
          inside--;
          return tool.run(args, context);
        },
      }),
    );
    const paths = Array.from({ length: 20 }, (_, n) => `${n}.txt`);
    const { end, kimi } = await play([{ calls: paths.flatMap((path) => read(path).calls!) }, finish()], { tools });
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(most, 8);
    assert.deepEqual(started, paths);
    const sent = (JSON.parse(kimi.requests[1]!.body.toString()) as { messages: ChatMessage[] }).messages;
    assert.equal(sent.filter(({ role }) => role === 'tool').length, 20);
  });

  it('turns a tool that throws into a result and a notice', async () => {
    const tools = memoryTools(new Map()).map((tool) =>
      tool.name === 'run_command' ? { ...tool, run: () => Promise.reject(new Error('disk on fire')) } : tool,
    );
    const { end, events, kimi } = await play([command(), finish()], { tools });
    assert.equal(end.kind, 'finished');
    assert.match(texts(events, 'notice').join(), /disk on fire/);
    assert.match(kimi.requests[1]!.body.toString(), /run_command failed: disk on fire/);
  });

  it('runs nothing behind finish in the same answer', async () => {
    const { end, files, kimi, events } = await play([write('1'), { calls: [...finish().calls!, ...write('2').calls!, ...read().calls!] }]);
    assert.equal(outcomeOf(end), 'finished');
    assert.equal(files.get('a.txt'), '1');
    const answers = events.flatMap((event) => (event.type === 'message' && event.role === 'tool' ? [event.json] : []));
    assert.equal(answers.filter((json) => json.includes('not run: the work had ended')).length, 2);
    assert.equal(texts(events, 'tool_start').length, 2);
    assert.equal(kimi.requests.length, 2);
  });

  it('cuts a tool result that would crowd out the work', async () => {
    const files = new Map([['big', 'ä'.repeat(200_000)]]);
    const { kimi, end } = await play([read('big'), finish()], { files });
    assert.equal(end.kind, 'finished');
    assert.ok(kimi.requests[1]!.body.length < 70_000);
    assert.match(kimi.requests[1]!.body.toString(), /bytes left out/);
  });

  it('tells the model what came up outside, behind the results of its calls', async () => {
    const news = [[], ['The tests fail.', 'So does the linter.'], [], []];
    const inbox = () => news.shift() ?? [];
    const { end, kimi, events } = await play([{ ...read(), calls: [...read().calls!, ...read('b.txt').calls!] }, command(), finish()], {
      inbox,
    });
    assert.equal(end.kind, 'finished');
    assert.deepEqual(ourFaults(kimi), []);
    const sent = kimi.requests.map(({ body }) => (JSON.parse(body.toString()) as { messages: ChatMessage[] }).messages);
    assert.deepEqual(
      sent[1]!.map((message) => message.role),
      ['system', 'user', 'assistant', 'tool', 'tool', 'user', 'user'],
    );
    assert.deepEqual(
      sent[1]!.slice(-2).map((message) => message.content),
      ['[note] The tests fail.', '[note] So does the linter.'],
    );
    assert.equal(sent[2]!.filter((message) => message.role === 'user').length, 3, 'once');
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'message' && event.role === 'user' ? [event.step] : [])),
      [0, 1, 1],
    );
  });

  it('asks again with twice the cap when the answer passes it', async () => {
    const { end, kimi, files } = await play([write(longText(150_000)), write(longText(150_000)), command(), finish()]);
    assert.equal(end.kind, 'finished');
    assert.equal(files.get('a.txt')?.length, 150_000);
    assert.equal(kimi.requests[0]!.usage!.output, 32_768);
    assert.equal(kimi.requests[1]!.maxOutput, 65_536);
  });

  it('cannot begin without a message', async () => {
    await assert.rejects(play([finish()], { firstMessages: [] }), /first message/);
  });

  it('accepts a plain stop after an edit that was tried, and sends back one without', async () => {
    const tried = await play([write('1'), command(), { text: 'All done.' }]);
    assert.deepEqual(tried.end, { kind: 'finished', summary: 'All done.', commitMessage: null });
    assert.equal(tried.totals.steps, 3);
    const untried = await play([write('1'), { text: 'All done.' }, { text: 'Really.' }]);
    assert.deepEqual(untried.end, { kind: 'finished', summary: 'Really.', commitMessage: null });
    assert.match(untried.kimi.requests[2]!.body.toString(), /not run anything since/);
    const nothing = await play([{ text: 'Shall I begin?' }, finish()], { hasChanges: () => false });
    assert.match(nothing.kimi.requests[1]!.body.toString(), /Nothing has been changed yet/);
  });

  it('sends tool markup that leaked into text back', async () => {
    const leaked = '<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>{}';
    const { end, kimi } = await play([write('1'), command(), { text: leaked }, finish()]);
    assert.equal(end.kind, 'finished');
    assert.match(kimi.requests[3]!.body.toString(), /came as text and did not run/);
  });

  it('goes by the edits when it cannot be looked whether anything changed', async () => {
    const hasChanges = () => Promise.reject(new Error('the disk is full'));
    const { end, events, kimi } = await play([{ text: 'Done.' }, write('1'), command(), { text: 'Done.' }], { hasChanges });
    assert.equal(outcomeOf(end), 'finished');
    assert.match(kimi.requests[1]!.body.toString(), /Nothing has been changed yet/);
    assert.match(texts(events, 'notice').join(), /Could not look at what changed: the disk is full/);
  });

  it('nudges after thinking without an answer, then asks once without thinking, then stops', async () => {
    const silent = { reasoning: 'Hm.' };
    const saved = await play([silent, silent, finish()]);
    assert.equal(saved.end.kind, 'finished');
    assert.deepEqual(
      saved.kimi.requests.map(({ thinking }) => thinking),
      ['enabled', 'enabled', 'disabled'],
    );
    const lost = await play([silent, {}, silent, silent]);
    assert.equal(outcomeOf(lost.end), 'loop_detected');
    assert.equal(lost.kimi.requests.length, 3);
    assert.deepEqual(ourFaults(lost.kimi), []);
  });

  it('never asks a model that always thinks to stop thinking', async () => {
    const { end, kimi } = await play([{ reasoning: 'Hm.' }, { reasoning: 'Hm.' }], { api: { model: 'kimi-k2.7-code' } });
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.ok(kimi.requests.every(({ thinking }) => thinking === 'enabled'));
  });

  it('reminds of identical calls at 3, 5 and 8 and stops at 12', async () => {
    const { end, events, totals } = await play(() => read());
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.equal(totals.steps, 12);
    assert.equal(texts(events, 'notice').length, 4, 'three reminders, and the repeats taken out at the last');
  });

  it('does not take the same command after each edit for a circle', async () => {
    const { end } = await play(({ index }) => (index >= 40 ? finish() : index % 2 ? command() : write(`${index}`)), {
      limits: { maxSteps: 60 },
    });
    assert.equal(end.kind, 'finished');
  });

  it('notices calls that alternate, edits included', async () => {
    const { end, totals } = await play(({ index }) => write(index % 2 ? 'there' : 'back'));
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.ok(totals.steps <= 16);
  });

  it('stops after edits that keep failing', async () => {
    const fails = ({ index }: { index: number }) => ({ calls: [{ name: 'write_file', args: { path: `p${index}` } }] });
    const { end, totals } = await play(fails);
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.equal(totals.steps, 16);
  });

  it('ends 300 steps well', async () => {
    const turn = ({ index }: { index: number }) =>
      index === 299 ? finish() : index % 3 === 0 ? read() : index % 3 === 1 ? write(`${index}`.repeat(200)) : command();
    const { end, totals, kimi } = await play(turn, { limits: { maxSteps: 300, stallSeconds: 30 } });
    assert.equal(end.kind, 'finished');
    assert.equal(totals.steps, 300);
    assert.deepEqual(totals.usage, serverCount(kimi.requests));
  });
});

describe('the key', () => {
  it('is in no event and no reason, whoever says it', async () => {
    const files = new Map([['.env', `KIMI_API_KEY=${TEST_KEY}`]]);
    const { events, end } = await play([read('.env'), { fault: '503' }, finish(`the key is ${TEST_KEY}`)], { files });
    assert.ok(!JSON.stringify(events).includes(TEST_KEY));
    assert.deepEqual(end, { kind: 'finished', summary: 'the key is [key]', commitMessage: 'Count' });
  });
});

describe('a model of the K3 series', () => {
  it('is asked as it wants to be: no thinking field, thinking kept, notes in words, a tool forced at last', async () => {
    const thoughts = { reasoning: 'I wonder.' };
    const { end, kimi, events } = await play([read(), thoughts, thoughts, write('1'), command(), finish()], {
      api: { model: 'kimi-k3' },
      kimi: { models: ['kimi-k3'] },
    });
    assert.equal(outcomeOf(end), 'finished', JSON.stringify(end));
    assert.deepEqual(ourFaults(kimi), []);
    const bodies = kimi.requests.map(({ body }) => JSON.parse(body.toString()));
    assert.ok(bodies.every((body) => !('thinking' in body)));
    assert.equal(bodies[3].tool_choice, 'required', 'after two answers without a call');
    assert.match(kimi.requests.at(-1)!.body.toString(), /"reasoning_content":"Look first\."/);
    assert.ok(
      texts(events, 'reply').every((text) => text.includes('"cost":0.')),
      'its price is known',
    );
  });
});
