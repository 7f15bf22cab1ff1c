import assert from 'node:assert/strict';
import { openClientSession } from '../../src/mcp/client-session.ts';

/** An attempt that runs until its signal fires, and the calls that it belongs to. */
function started(id: string | null = 'd1') {
  const session = openClientSession(() => 0);
  const call = new AbortController();
  const ends: string[] = [];
  const { attempt, detach } = session.start(
    id,
    call.signal,
    (signal) =>
      new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => {
          ends.push(String(signal.reason));
          resolve();
        }),
      ),
  );
  return { session, call, ends, attempt, detach };
}

/** What the SDKs say when nobody has decided anything. */
const TIMEOUTS = ['McpError: MCP error -32001: Request timed out', 'request timeout', 'Timeout', 'timed-out after 60s'];

describe('a call that is taken back', () => {
  it('stops the attempt', () => {
    const { call, ends } = started();
    call.abort('AbortError: user-cancel');
    assert.deepEqual(ends, ['cancelled']);
  });

  it('stops it without a reason too', () => {
    const { call, ends } = started();
    call.abort();
    assert.deepEqual(ends, ['cancelled']);
  });

  for (const reason of TIMEOUTS) {
    it(`stops nothing when the client only got tired of waiting: ${reason}`, async () => {
      const { session, call, ends } = started();
      call.abort(reason);
      assert.deepEqual(ends, []);
      assert.ok(session.detached('d1'), 'it can be waited for');
      await session.shutdown();
      assert.deepEqual(ends, ['interrupted']);
    });
  }
});

describe('an attempt whose call was answered', () => {
  it('is stopped when the call that waits for it is taken back', async () => {
    const { session, call, ends, attempt, detach } = started();
    detach();
    call.abort('late');
    assert.deepEqual(ends, [], 'an answered call has no say');
    const waiting = new AbortController();
    waiting.abort('AbortError: user-cancel'); // before anybody could listen
    session.detached('d1')?.belongTo(waiting.signal);
    assert.deepEqual(ends, ['cancelled']);
    await attempt;
    assert.equal(session.detached('d1'), null);
  });

  it('goes on when that call only took too long', () => {
    const { session, ends, detach } = started();
    detach();
    const waiting = new AbortController();
    session.detached('d1')?.belongTo(waiting.signal);
    waiting.abort(TIMEOUTS[0]);
    assert.deepEqual(ends, []);
  });

  it('is nobody else’s: not while its own call waits, and not under another name', () => {
    const { session } = started();
    assert.equal(session.detached('d1'), null);
    assert.equal(session.detached('d2'), null);
  });
});

describe('a cancel by the name of the branch', () => {
  it('stops what this session runs there, and nothing else', () => {
    const { session, ends } = started('d1');
    session.cancel('d2');
    assert.deepEqual(ends, []);
    session.cancel('d1');
    assert.deepEqual(ends, ['cancelled']);
  });
});
