import assert from 'node:assert/strict';
import type { JournalLine } from '../../../src/delegation/journal/journal.ts';
import { inEnglish as t } from '../../../src/messages/translate.ts';
import { stepsText } from '../../../src/vscode/log/steps-text.ts';
import { quick } from '../../quick.ts';
import { start } from '../sample-records.ts';

const at = (time: number, event: object) => ({ at: time, ...event }) as JournalLine;
const call = (time: number, step: number, id: string, title: string) =>
  at(time, { type: 'tool_start', step, callId: id, name: 'run_command', title });
const back = (time: number, step: number, id: string, summary: string, ok = true) =>
  at(time, { type: 'tool_end', step, callId: id, name: 'run_command', ok, summary, ms: 1 });
const said = (time: number, step: number, thought: string) =>
  at(time, {
    type: 'message',
    step,
    role: 'assistant',
    json: JSON.stringify({ role: 'assistant', content: '', reasoning_content: thought }),
  });

describe('the steps of a delegation as a text', () => {
  const FIRST = [
    at(10, start),
    said(20, 1, 'Look first.\nThen act.'),
    at(21, { type: 'reply', step: 1, usage: null, cost: 0.0031 }),
    call(22, 1, 'a', 'ls'),
    back(23, 1, 'a', '3 files'),
    call(24, 2, 'b', 'npm test'),
    back(29, 2, 'b', 'exit 1 in 5s', false),
    at(40, { type: 'resume', step: 1 }),
    call(44, 2, 'c', 'npm run build'),
  ];
  const text = (details: boolean, lines = FIRST) =>
    stepsText([{ number: 1, lines }], {
      t,
      branch: 'fix/cart',
      details,
      currency: 'USD',
      date: (time) => `d${time}`,
      time: (time) => `t${time}`,
    });

  it('tells each thing once, in its own time, what came before a resume too', () => {
    assert.deepEqual(text(false).split('\n').slice(2), [
      '── Attempt 1 · kimi-k2.6 · d10 ──',
      'Task: Limit the rate of requests to /api/auth/*.',
      't23  step 1    run_command ls → 3 files ($0.0031)',
      't29  step 2    run_command npm test → ✗ failed: exit 1 in 5s',
      't40            resumed after step 1',
      't44  step 2    run_command npm run build → runs now',
      '',
    ]);
  });

  it('tells of very many calls in a moment', () => {
    const lines = Array.from({ length: 40_000 }, (_, n) => [call(n, 1, `c${n}`, 'ls'), back(n, 1, `c${n}`, 'ok')]).flat();
    assert.equal(quick(() => text(true, lines)).split('\n').length, 40_004);
  });

  it('shows thought and output below their step, and only there', () => {
    const lines = text(true).split('\n');
    const thought = lines.findIndex((line) => line.includes('Look first.'));
    assert.match(lines.slice(0, thought).join('\n'), /t23 {2}step 1[^\n]*\n\s+Thought\n\s+-+$/);
    assert.match(lines[thought]!, /^ {10}Look first\.$/);
    assert.match(lines[thought + 1]!, /^ {10}Then act\.$/);
    assert.equal(lines.filter((line) => line.includes('Look first.')).length, 1);
    assert.doesNotMatch(text(false), /Look first/);
  });

  it('runs nothing any more behind its end, and hides what looks like a secret', () => {
    const ended = [
      ...FIRST,
      call(45, 2, 'd', 'curl -H "Authorization: Bearer abcdef1234567890"'),
      at(50, { type: 'end', outcome: 'cancelled', reason: null }),
    ];
    assert.doesNotMatch(text(false, ended), /runs now/);
    assert.match(text(false, ended), /t50 {12}ended: cancelled/);
    assert.doesNotMatch(text(false, ended.slice(0, -1)), /abcdef1234567890/);
  });
});
