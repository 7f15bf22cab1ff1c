import assert from 'node:assert/strict';
import { partsTable, requestParts } from './trials/request-parts.ts';
import { resultSizes, sizesTable } from './trials/result-sizes.ts';
import { type ChatRequest, showRequest } from './trials/show-request.ts';
import { addUp, table } from './trials/sums.ts';
import { readTask, taskNames } from './trials/task-file.ts';

describe('bench trials', () => {
  it('has sound task files of several ecosystems', () => {
    const tasks = taskNames().map(readTask);
    assert.ok(tasks.length >= 6);
    assert.ok(new Set(tasks.map(({ ecosystem }) => ecosystem)).size >= 3);
    for (const { name, base, fix } of tasks) assert.notEqual(base, fix, name);
  });

  it('shows everything at first, then only what is new, and a rewritten history whole', () => {
    const tools = [{ function: { name: 'read', description: 'Reads.', parameters: { type: 'object' } } }];
    const said = { role: 'assistant', tool_calls: [{ id: 'read:0', function: { name: 'read', arguments: '{"path":"a"}' } }] };
    const messages: ChatRequest['messages'] = [
      { role: 'system', content: 'You mend.' },
      { role: 'user', content: [{ type: 'text', text: 'Mend a.' }] },
    ];
    const first = showRequest({ messages, tools }, { number: 1, shown: 0, tokens: 9 });
    assert.match(first, /request 1 [\s\S]*read: Reads\.[\s\S]*You mend\.[\s\S]*Mend a\./);

    const grown = [...messages, said, { role: 'tool', tool_call_id: 'read:0', content: 'a is empty' }];
    const second = showRequest({ messages: grown, tools }, { number: 2, shown: 2, tokens: 9 });
    assert.match(second, /request 2 [\s\S]*--- tool \(read:0\)\na is empty\n$/);
    assert.doesNotMatch(second, /You mend|Mend a|Reads|"path"/);

    const rewritten = showRequest({ messages: [messages[0]!, said], tools }, { number: 3, shown: 4, tokens: 9 });
    assert.match(rewritten, /history was rewritten[\s\S]*You mend\.[\s\S]*\[call read:0\] read \{"path":"a"\}/);
  });

  it('adds up what a run cost, with and without thinking, and what each loop cost in all', () => {
    const exchange = { asked: 100, answered: 5100, calls: 2, output: 500 };
    const log = [
      { request: 1, input: 2000, cached: 0, ...exchange },
      { request: 2, input: 3000, cached: 1792, ...exchange },
    ];
    const sums = addUp(log, 12);
    assert.deepEqual(
      [sums.requests, sums.calls, sums.input, sums.hit, sums.miss, sums.output, sums.first, sums.last, sums.ownSeconds],
      [2, 4, 5000, 1792, 3208, 1000, 2000, 3000, 2],
    );
    assert.equal(sums.usd.toFixed(6), ((3208 * 0.95 + 1792 * 0.16 + 1000 * 4) / 1e6).toFixed(6));
    assert.equal((sums.usdWithThinking - sums.usd).toFixed(6), ((1600 * 4) / 1e6).toFixed(6));

    const hidden = { exitCode: 0, counts: { passed: 3, failed: 0, skipped: 0 }, failing: [], tail: '' };
    const wrong = { ...hidden, exitCode: 1, counts: { passed: 2, failed: 1, skipped: 0 } };
    const of = (loop: string, task: string, verdict: typeof hidden) => ({ ...sums, loop, task, commit: '', hidden: verdict });
    const text = table([of('pi', 'a', hidden), of('ours', 'b', wrong), of('ours', 'a', hidden)]);
    assert.match(text, /\| a \| ours \|.*3 passed, 0 failed \|\n\| a \| pi .*\n\| b \| ours .*2 passed, 1 failed, exit 1 \|\n/);
    assert.match(text, /\| all 2 \| ours \| 4 \| 8 \| 10000 \|.*1 of 2 right \|\n\| all 1 \| pi .*1 of 1 right \|$/);
  });

  it('adds up what a first request is made of, and takes no heading of a file or of the task for a part', () => {
    const user = '# Code (data)\n<<01234567 a.md\n# Task\nno part\n01234567>>\n\n# Task: fix this bug\nMend a.\n# Steps\nRun it.';
    const tool = { type: 'function', function: { name: 'read', description: 'Reads.', parameters: { type: 'object' } } };
    const parts = requestParts({
      tools: [tool],
      messages: [
        { role: 'system', content: 'You mend.' },
        { role: 'user', content: user },
      ],
    });
    const task = user.slice(user.indexOf('# Task: fix'));
    assert.deepEqual(
      [...parts],
      [
        ['tool read', JSON.stringify(tool).length + 1],
        ['system prompt', 9],
        ['Code', user.length - task.length],
        ['task', task.length],
      ],
    );
    const text = partsTable(new Map([['a', parts]]));
    assert.match(text, /^\| tokens \| a \|\n.*\n\| system prompt \| 3 \|\n\| tool read \| \d+ \|\n\| Code \| \d+ \|\n\| task \|/);
    assert.match(text, /\| fixed: prompt and tools \| 31 \|\n\| all \| \d+ \|$/);
  });

  it('adds up what results take, and how much of them stood in the conversation already', () => {
    const line = 'const first = readTheFirstOne();';
    const requests = [
      `=== request 1\n--- tools\nread: Reads.\n--- system\nYou mend.\n--- user\nMend a.\n`,
      `=== request 2\n--- tool (functions.read:10)\n${line}\nshort\n--- tool (functions.search:11)\na.ts\n12: ${line}\n`,
      `=== request 3\n--- tool (functions.read:20)\nshort\n${line}\n--- user\n[note] x\n`,
    ];
    const sizes = resultSizes(requests);
    const whole = line.length + 1;
    assert.deepEqual(sizes.get('read'), { results: 2, bytes: 2 * (whole + 6), again: whole, largest: whole + 6 });
    assert.deepEqual(sizes.get('search'), { results: 1, bytes: whole + 9, again: whole + 4, largest: whole + 9 });
    assert.match(
      sizesTable(new Map([['a', sizes]])),
      /\| a \| search \| 1 \| 42 \| 37 \| 42 \|\n\| all \| all \| 3 \| 120 \| 70 \| 42 \|$/,
    );
  });
});
