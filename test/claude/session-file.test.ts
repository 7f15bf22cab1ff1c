import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findSessionCall } from '../../src/claude/session-file.ts';
import { assistant, delegating, SESSION, toolResult, user } from './session-lines.ts';

describe('the file of a session', () => {
  let projects: string;
  beforeEach(() => {
    projects = mkdtempSync(path.join(tmpdir(), 'ckm-session-'));
  });
  afterEach(() => rmSync(projects, { recursive: true, force: true }));

  const put = (name: string, lines: readonly string[], project = '-home-ann-shop') => {
    const file = path.join(projects, project, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  };
  const find = (lines: readonly string[], branch = 'feature/a') => {
    put(`${SESSION}.jsonl`, lines);
    return findSessionCall(projects, SESSION, branch);
  };

  it('tells the model of the call, and what was used from the user’s message to it', () => {
    const found = find([
      user('Something else.'),
      assistant('msg_0', { write: 9_000, output: 50 }),
      user('Limit the rate.'),
      assistant('msg_1', { write: 20_000, output: 3 }, [{ type: 'text', text: 'I look.' }]),
      assistant('msg_1', { write: 20_000, output: 120 }, [{ type: 'tool_use', name: 'Grep', input: { pattern: 'rate' } }]),
      toolResult('src/app.ts'),
      assistant('msg_2', { input: 7, read: 20_000, write: 800, output: 400 }, [delegating('feature/a')]),
      toolResult('outcome: ready'),
      assistant('msg_3', { read: 20_800, output: 30 }, [{ type: 'text', text: 'Done.' }], 'claude-sonnet-5-5'),
    ]);
    assert.deepEqual(found, {
      model: 'claude-opus-5-5',
      requests: [
        { input: 0, output: 120, read: 0, write5m: 20_000, write1h: 0 },
        { input: 7, output: 400, read: 20_000, write5m: 800, write1h: 0 },
      ],
      carried: { requests: 3, fromStart: true },
    });
  });

  it('tells what was written for an hour from what was written for five minutes', () => {
    const found = find([user('Go.'), assistant('msg_1', { write: 900, hour: 600 }, [delegating('feature/a')])]);
    assert.deepEqual([found?.requests[0]?.write5m, found?.requests[0]?.write1h], [300, 600]);
  });

  it('takes the last call on the branch, and counts since the one before it, whatever its branch', () => {
    const found = find([
      user('Go.'),
      assistant('msg_1', {}, [delegating('feature/a')]),
      toolResult('outcome: checks_failed'),
      assistant('msg_2', {}, [delegating('feature/b', 'mcp__plugin_kimi_kimi-agent__write_tests')]),
      toolResult('outcome: ready'),
      assistant('msg_3', { output: 5 }),
      assistant('msg_4', { output: 9 }, [delegating('feature/a', 'mcp__kimi-agent__resume_delegation')]),
    ]);
    assert.deepEqual(found?.carried, { requests: 2, fromStart: false });
    assert.deepEqual(
      found?.requests.map(({ output }) => output),
      [0, 0, 5, 9],
    );
  });

  it('finds the call of a subagent, in the newest file first', () => {
    const own = [user('Use an agent.'), assistant('msg_1', {}, [{ type: 'tool_use', name: 'Agent', input: { prompt: 'x' } }])];
    const agent = (output: number) => [
      user('SUBTASK'),
      assistant('msg_9', { output }, [delegating('feature/a')], 'claude-haiku-4-5-20251001'),
    ];
    const old = put(`${SESSION}/subagents/agent-1.jsonl`, agent(1));
    utimesSync(old, 1, 1);
    put(`${SESSION}/subagents/agent-2.jsonl`, agent(2));
    put(`${SESSION}/subagents/agent-2.meta.json`, ['{}']);
    const found = find(own);
    assert.deepEqual([found?.model, found?.requests.map(({ output }) => output)], ['claude-haiku-4-5-20251001', [2]]);
  });

  it('finds the call where the session went on under another id, with the same server', () => {
    put('11111111-aaaa.jsonl', [user('Go.'), assistant('msg_1', { output: 7 }, [delegating('feature/a')])]);
    put('elsewhere.jsonl', [user('Go.'), assistant('msg_1', { output: 8 }, [delegating('feature/a')])], '-other');
    assert.equal(find([user('Before.'), assistant('msg_0')])?.requests[0]?.output, 7);
  });

  for (const [what, lines] of [
    ['no call', [user('Go.'), assistant('msg_1')]],
    ['a call on another branch', [user('Go.'), assistant('msg_1', {}, [delegating('feature/other')])]],
    [
      'a call of another tool with such an argument',
      [assistant('msg_1', {}, [{ type: 'tool_use', name: 'x', input: { branch_name: 'feature/a' } }])],
    ],
    ['an answer that the program made up', [assistant('msg_1', {}, [delegating('feature/a')], '<synthetic>')]],
    ['a faster answer, at other prices', [assistant('msg_1', { speed: 'fast' }, [delegating('feature/a')])]],
    ['nothing', []],
  ] as const)
    it(`tells nothing of a file with ${what}`, () => assert.equal(find(lines), null));

  it('leaves out what it does not understand, as another version may write it', () => {
    const call = assistant('msg_1', { output: 5 }, [delegating('feature/a')]);
    const strange = [
      '',
      'no json "type":"assistant"',
      '{"type":"assistant"}',
      '{"type":"assistant","message":{"id":7}}',
      '{"type":"user"}',
      '[]',
    ];
    const found = find([user('Go.'), ...strange, call.replace('"output_tokens":5', '"output_tokens":"many"'), '{"type":"user","mess']);
    assert.deepEqual(found?.requests, [{ input: 0, output: 0, read: 0, write5m: 0, write1h: 0 }]);
    const bare =
      '{"type":"assistant","message":{"id":"m","model":"claude-opus-5-5","usage":{},"content":[null,7,{"type":"tool_use","name":"mcp__k__fix_bug","input":{"branch_name":"feature/a"}}]}}';
    assert.equal(find([bare])?.requests.length, 1);
  });

  it('reads no more than the end of a long one', () => {
    const long = Array.from({ length: 40 }, () => toolResult('x'.repeat(400_000)));
    const began = performance.now();
    const found = find([user('Long ago.'), assistant('msg_0'), ...long, user('Go.'), assistant('msg_1', {}, [delegating('feature/a')])]);
    assert.deepEqual([found?.requests.length, found?.carried], [1, { requests: 1, fromStart: false }]);
    assert.ok(performance.now() - began < 2000);
  });

  it('takes nothing for a session that is a path, and nothing where there is none', () => {
    put('x.jsonl', [user('Go.'), assistant('msg_1', {}, [delegating('feature/a')])]);
    assert.equal(findSessionCall(projects, '../-home-ann-shop/x', 'feature/a'), null);
    assert.equal(findSessionCall(projects, 'f00', 'feature/a'), null);
  });
});
