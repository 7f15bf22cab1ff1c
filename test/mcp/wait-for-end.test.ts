import assert from 'node:assert/strict';
import type { DelegationStatus } from '../../src/delegation/store/delegation-status.ts';
import type { Progress } from '../../src/mcp/types.ts';
import { waitForEnd } from '../../src/mcp/wait-for-end.ts';
import { sampleResult } from '../delegation/sample-result.ts';

/** An attempt that ends after so many seconds of a clock that runs only while somebody sleeps. */
function attempt(endsAfter: number) {
  let now = 1_000_000;
  let reads = 0;
  const sent: Progress[] = [];
  const controller = new AbortController();
  const passed = () => (now - 1_000_000) / 1000;
  const running = (): DelegationStatus => ({
    state: 'running',
    attempt: 1,
    step: Math.floor(passed() / 5),
    maxSteps: 50,
    activity: { kind: 'thinking' },
    spent: 0,
    startedAt: 1_000_000,
  });
  const over: DelegationStatus = { state: 'ended', result: sampleResult({}), disposition: null };
  return {
    sent,
    controller,
    passed,
    reads: () => reads,
    wait: (seconds: number, onSleep = () => {}) =>
      waitForEnd(
        {
          read: async () => {
            reads++;
            return passed() < endsAfter ? running() : over;
          },
          isHeld: async () => passed() < endsAfter,
        },
        seconds,
        {
          call: { signal: controller.signal, progress: (progress) => void sent.push(progress) },
          clock: {
            now: () => now,
            random: () => 0,
            sleep: async (ms) => {
              onSleep();
              now += ms;
            },
          },
        },
      ),
  };
}

describe('waiting for the end', () => {
  it('ends with the attempt', async () => {
    const { wait, passed } = attempt(30);
    assert.equal((await wait(45)).state, 'ended');
    assert.equal(passed(), 30);
  });

  it('answers at once what is over', async () => {
    const { wait, passed, sent } = attempt(0);
    assert.equal((await wait(45)).state, 'ended');
    assert.equal(passed(), 0);
    assert.deepEqual(sent, []);
  });

  it('lasts no longer than it may, and tells the last step then', async () => {
    const { wait, passed } = attempt(1000);
    const status = await wait(45);
    assert.equal(passed(), 45);
    assert.equal(status.state === 'running' && status.step, 9);
  });

  it('tells how far it is at least every ten seconds, with a progress that grows', async () => {
    const { wait, sent, reads } = attempt(1000);
    await wait(45);
    assert.deepEqual(
      sent.map(({ message }) => message),
      [0, 2, 4, 6, 8].map((step) => `step ${step}/50 · thinking`),
    );
    for (const [i, { progress, total }] of sent.entries()) assert.ok(progress > (sent[i - 1]?.progress ?? 0) && progress <= total);
    assert.ok(reads() < 10, 'a long journal is not read every second');
  });

  it('ends when the client takes its call back', async () => {
    const { wait, controller, passed } = attempt(1000);
    await wait(45, () => passed() >= 7 && controller.abort());
    assert.ok(passed() < 10);
  });
});
