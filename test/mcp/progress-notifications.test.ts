import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Activity } from '../../src/delegation/journal/activity.ts';
import type { JournalEvent } from '../../src/delegation/journal/journal.ts';
import { activityText, createProgress, type ProgressReporter } from '../../src/mcp/progress-notifications.ts';
import { inWords } from '../messages/english.ts';

interface Sent {
  progress: number;
  total: number;
  message: string;
}

describe('progress', () => {
  let reporter: ProgressReporter | null = null;
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
  afterEach(() => {
    reporter?.stop();
    mock.timers.reset();
  });

  /** @param everyMs an hour where heartbeats are not the matter */
  function watch(everyMs = 3_600_000) {
    const sent: Sent[] = [];
    reporter = createProgress((progress) => void sent.push(progress), everyMs);
    const event = (one: JournalEvent) => reporter?.onEvent(one, { maxSteps: 50 });
    return { sent, event };
  }
  const request = (step: number): JournalEvent => ({ type: 'request', step, bytes: 1 });
  const tool = (step: number, title = 'npm test'): JournalEvent => ({ type: 'tool_start', step, callId: 'c', name: 'run_command', title });

  const grows = (sent: readonly Sent[]) => {
    for (const [i, { progress, total }] of sent.entries()) {
      assert.ok(progress > (sent[i - 1]?.progress ?? 0), `${i}: ${progress} after ${sent[i - 1]?.progress}`);
      assert.ok(progress <= total, `${progress} of ${total}`);
    }
  };

  it('tells each step and tool call', () => {
    const { sent, event } = watch();
    event(request(7));
    event(tool(7));
    assert.deepEqual(
      sent.map(({ message, total }) => [message, total]),
      [
        ['step 7/50 · thinking', 50],
        ['step 7/50 · run_command npm test', 50],
      ],
    );
  });

  it('says what is done, whatever it is', () => {
    const texts: readonly (readonly [Activity, string])[] = [
      [{ kind: 'preparing' }, 'preparing'],
      [{ kind: 'thinking' }, 'thinking'],
      [{ kind: 'tool', tool: 'finish', title: '' }, 'finish'],
      [{ kind: 'tool', tool: 'read_file', title: 'src/a.ts' }, 'read_file src/a.ts'],
      [{ kind: 'waiting', seconds: 4, why: inWords('rate limit') }, 'waiting 4 s: rate limit'],
      [{ kind: 'check', on: 'base', command: 'npm test' }, 'check on base: npm test'],
      [{ kind: 'check', on: 'result', command: 'npm test' }, 'check on result: npm test'],
      [{ kind: 'check', on: 'result', command: 'npm test', how: 'with the definition of the base' }, 'check on result: npm test'],
      [{ kind: 'check', on: 'result', command: 'npm test', how: 'new tests on the base' }, 'new tests on base: npm test'],
      [{ kind: 'check', on: 'result', command: 'npm test', how: 'mutant 3 of 5: is its line run' }, 'mutant 3 of 5: npm test'],
      [{ kind: 'importing' }, 'handing back'],
    ];
    for (const [activity, text] of texts) assert.equal(activityText(activity), text);
  });

  it('stays with what the model does while the base is checked beside it', () => {
    const { sent, event } = watch();
    event(request(1));
    event({ type: 'check', command: 'npm test', on: 'base', phase: 'start', text: '' });
    event({ type: 'check', command: 'npm test', on: 'base', phase: 'end', text: 'pass' });
    assert.deepEqual(
      sent.map(({ message }) => message),
      ['step 1/50 · thinking'],
    );
  });

  it('says nothing of events that nobody would watch', () => {
    const { sent, event } = watch();
    event({ type: 'message', step: 1, role: 'user', json: '{}' });
    event({ type: 'checkpoint', step: 0, tree: 't' });
    assert.deepEqual(sent, []);
  });

  it('always grows, also when a checkpoint tells late of the step before, and in the last step', () => {
    const { sent, event } = watch();
    for (let step = 1; step <= 50; step++) {
      event(request(step));
      event({ type: 'checkpoint', step: step - 1, tree: 't' });
      event(tool(step));
    }
    for (let i = 0; i < 500; i++) event({ type: 'check', command: 'npm test', on: 'result', phase: 'start', text: '' });
    assert.equal(sent.length, 600);
    grows(sent);
    assert.match(sent.at(-1)?.message ?? '', /^step 50\/50 · check on result/);
  });

  it('grows when a resumed attempt has more steps than its limit', () => {
    const { sent, event } = watch();
    for (const step of [60, 61]) event(request(step));
    grows(sent);
  });

  it('beats when nothing happens, from the beginning and with the last message', () => {
    const { sent, event } = watch(15_000);
    mock.timers.tick(15_000);
    event(request(3));
    mock.timers.tick(14_999);
    const messages = () => sent.map(({ message }) => message);
    assert.deepEqual(messages(), ['preparing', 'step 3/50 · thinking'], 'the beat counts from the last message');
    mock.timers.tick(1 + 2 * 15_000);
    assert.deepEqual(messages().slice(2), Array(3).fill('step 3/50 · thinking'));
    grows(sent);
  });

  it('ends with stop', () => {
    const { sent } = watch(15_000);
    mock.timers.tick(15_000);
    reporter?.stop();
    mock.timers.tick(10 * 15_000);
    assert.equal(sent.length, 1);
  });

  it('is cut at 200 characters, on one line, escaped', () => {
    const { sent, event } = watch();
    event(tool(1, `echo ${'x'.repeat(500)}`));
    event(tool(2, 'a\nb\u001b[2J\u202e'));
    assert.equal(sent[0]?.message.length, 200);
    assert.equal(sent[1]?.message, 'step 2/50 · run_command a b\\x1b[2J\\u{202e}');
  });
});
