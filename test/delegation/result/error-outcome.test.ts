import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { stopSignal } from '../../../src/delegation/attempt/stop-signal.ts';
import { errorOutcome } from '../../../src/delegation/result/error-outcome.ts';
import { message } from '../../../src/messages/message.ts';
import { GitError } from '../../../src/workspace/run-git.ts';
import { english, inWords } from '../../messages/english.ts';

describe('faults: what was thrown', () => {
  it('a fault of the disk is told as such, with the way out', () => {
    const error = caught(() => writeFileSync('/proc/nothing/here', ''));
    const { outcome, reason } = errorOutcome(error, '/home/ann/.claude-kimi-mcp');
    assert.equal(outcome, 'storage_error');
    assert.match(english(reason), /ENOENT/);
    assert.match(english(reason), /\/home\/ann\/\.claude-kimi-mcp must be writable and have room; CLAUDE_KIMI_HOME/);
  });

  it("git's word for a full disk counts too", () => {
    assert.equal(errorOutcome(new Error('fatal: write error: No space left on device'), '/s').outcome, 'storage_error');
  });

  it('git that could not write into the state directory and does not say why is about that, and elsewhere about the repository', () => {
    const ours = new GitError(['read-tree'], 128, 'error: unable to write file src/a.txt', '/s/delegations/1/git');
    const { outcome, reason } = errorOutcome(ours, '/s', '/home/ann/shop');
    assert.equal(outcome, 'storage_error');
    assert.match(english(reason), /unable to write file src\/a\.txt\. The state directory \/s must be writable/);
    const theirs = new GitError(['fetch'], 128, 'error: unable to write file objects/pack', '/home/ann/shop/.git');
    assert.doesNotMatch(english(errorOutcome(theirs, '/s', '/home/ann/shop').reason), /state directory/);
  });

  it('a write through a descriptor is one of our journals, also where there is room again by then', () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EIO']) {
      const error = Object.assign(new Error(`${code}: it is full, write`), { code, syscall: 'write', errno: -28 });
      const { outcome, reason } = errorOutcome(error, '/s', '/home/ann/shop');
      assert.equal(outcome, 'storage_error');
      assert.match(english(reason), /\/s must be writable and have room/, code);
    }
  });

  it('everything else is a fault of ours', () => {
    assert.deepEqual(errorOutcome(new TypeError('x is undefined'), '/s'), {
      outcome: 'internal_error',
      reason: message('end.unexpected', { kind: 'TypeError', said: 'x is undefined' }),
    });
    assert.equal(errorOutcome('a string', '/s').outcome, 'internal_error');
    assert.equal(errorOutcome(undefined, '/s').outcome, 'internal_error');
  });

  it('a program that is missing does not send the user to the state directory', async () => {
    const child = spawn('/nowhere/git');
    const [error] = await once(child, 'error');
    assert.notEqual(errorOutcome(error, '/s').outcome, 'storage_error');
  });

  it('a file error that has no call is none', () => {
    assert.equal(errorOutcome(Object.assign(new Error('x'), { code: 'ENOENT' }), '/s').outcome, 'internal_error');
    assert.equal(
      errorOutcome(
        caught(() => readFileSync('/proc/nothing')),
        '/s',
      ).outcome,
      'storage_error',
    );
  });
});

describe('stop signal: who stopped the attempt', () => {
  const parts = () => {
    const caller = new AbortController();
    const lease = new AbortController();
    return { caller, lease, stop: stopSignal(caller.signal, lease.signal) };
  };

  it('nobody, at first', () => {
    const { stop } = parts();
    assert.deepEqual([stop.signal.aborted, stop.why()], [false, null]);
  });

  it('a cancelled call', () => {
    const { caller, stop } = parts();
    caller.abort('cancelled');
    assert.equal(stop.signal.aborted, true);
    assert.equal(stop.why()?.outcome, 'cancelled');
  });

  it('a client or server that goes away', () => {
    const { caller, stop } = parts();
    caller.abort('interrupted');
    assert.equal(stop.why()?.outcome, 'interrupted');
  });

  it('cancel_delegation, by name', () => {
    const { lease, stop } = parts();
    lease.abort();
    assert.equal(stop.why()?.outcome, 'cancelled');
    assert.match(english(stop.why()?.reason), /cancel_delegation/);
  });

  it('the first one counts', () => {
    const { caller, lease, stop } = parts();
    stop.stop({ outcome: 'environment_broken', reason: inWords('no disk') });
    lease.abort();
    caller.abort('interrupted');
    assert.deepEqual(stop.why(), { outcome: 'environment_broken', reason: inWords('no disk') });
  });

  it('what was stopped before it began is stopped', () => {
    const stop = stopSignal(AbortSignal.abort('interrupted'), new AbortController().signal);
    assert.deepEqual([stop.signal.aborted, stop.why()?.outcome], [true, 'interrupted']);
    assert.equal(stopSignal(new AbortController().signal, AbortSignal.abort()).why()?.outcome, 'cancelled');
  });
});

function caught(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
