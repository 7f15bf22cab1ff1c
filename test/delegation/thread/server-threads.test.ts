import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Answer } from '../../../src/delegation/delegate.ts';
import type { DelegateContext, DelegateRequest } from '../../../src/delegation/delegate-request.ts';
import { serverThreads, type Threads } from '../../../src/delegation/thread/server-threads.ts';
import { workThread } from '../../../src/delegation/thread/work-thread.ts';
import { ErrorWithReason } from '../../../src/messages/error-with-reason.ts';
import { type Message, message } from '../../../src/messages/message.ts';
import type { Repository } from '../../../src/workspace/types.ts';
import { english } from '../../messages/english.ts';

const REQUEST = { repoPath: '/work/shop', branch: 'feature/x', task: 'Do it.' } as unknown as DelegateRequest;
const ANSWER: Answer = { kind: 'refused', outcome: 'busy', reason: message('api.noKey'), fallbackNeeded: false, branch: 'feature/x' };

describe('the thread of the attempts', () => {
  let folder: string;
  let threads: Threads[] = [];
  let said = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'thread-'));
    said = '';
  });
  afterEach(async () => {
    await Promise.all(threads.map((thread) => thread.close()));
    threads = [];
    rmSync(folder, { recursive: true });
  });

  /** A thread that does this with each message; `tell` says something back. */
  function play(act: string): Threads {
    const file = path.join(folder, `${threads.length}.cjs`);
    const text = `const { parentPort } = require('node:worker_threads');
const tell = (what) => parentPort.postMessage(what), answer = ${JSON.stringify(ANSWER)};
parentPort.on('message', (told) => { if (told.kind === 'end') process.exit(); ${act} });`;
    writeFileSync(file, text);
    const thread = serverThreads({ file, said: (line) => (said += line), stallMs: 200, lookEveryMs: 20 });
    threads.push(thread);
    return thread;
  }
  const contextOf = (more: Partial<DelegateContext> = {}): DelegateContext =>
    ({
      settings: { values: { maxAttempts: 2 } },
      stateDir: '/state',
      env: {},
      outside: async () => null,
      signal: new AbortController().signal,
      onEvent() {},
      ...more,
    }) as unknown as DelegateContext;

  it('gets the call, tells its events and answers it', async () => {
    const events: unknown[] = [];
    const thread = play(`if (told.kind !== 'start') return;
tell({ kind: 'event', call: told.call, event: { type: told.job.request.task }, attempt: { number: 1, maxSteps: 2 } });
tell({ kind: 'ended', call: told.call, answer: { ...answer, branch: told.job.context.stateDir } });`);
    const answer = await thread.delegate(REQUEST, contextOf({ onEvent: (event) => void events.push(event) }));
    assert.deepEqual(answer, { ...ANSWER, branch: '/state' });
    assert.deepEqual(events, [{ type: 'Do it.' }]);
  });

  it('asks the door, which may not know either', async () => {
    const thread = play(`if (told.kind === 'start') {
  globalThis.call = told.call; tell({ kind: 'ask', call, question: 7, what: told.job.asks.join(), about: null });
} else if (told.question === 7 && told.kind === 'noAnswer') tell({ kind: 'ask', call, question: 8, what: 'outside', about: { root: '/r' } });
else tell({ kind: 'ended', call, answer: { ...answer, reason: told.kind === 'answer' ? told.answer : told.reason } });`);
    const outside = async ({ root }: { root: string }): Promise<Message> => message('repo.noSuchFolder', { path: root });
    const answer = await thread.delegate(REQUEST, contextOf({ outside }));
    assert.match(english(answer.kind === 'refused' ? answer.reason : message('api.noKey')), /repo_path \/r does not exist/);
    const fails = async () => {
      throw new ErrorWithReason(message('git.unwanted'));
    };
    const refusing =
      play(`if (told.kind === 'start') tell({ kind: 'ask', call: globalThis.call = told.call, question: 1, what: 'withheld', about: null });
else tell({ kind: 'ended', call, answer: { ...answer, reason: told.reason } });`);
    const refused = await refusing.delegate(REQUEST, contextOf({ withheld: fails }));
    assert.deepEqual(refused.kind === 'refused' && refused.reason, message('git.unwanted'));
  });

  it('is told of a cancel, with what it means', async () => {
    const thread = play(`if (told.kind === 'abort') tell({ kind: 'ended', call: told.call, answer: { ...answer, branch: told.reason } });
if (told.kind === 'areYouThere') tell({ kind: 'here' });`);
    for (const reason of ['cancelled', 'interrupted']) {
      const controller = new AbortController();
      const answer = thread.delegate(REQUEST, contextOf({ signal: controller.signal }));
      setImmediate(() => controller.abort(reason));
      assert.deepEqual(await answer, { ...ANSWER, branch: reason });
    }
  });

  it('is ended where it hears no cancel, with all that runs in it, and another one begins', async () => {
    const thread = play(`if (told.kind === 'start' && told.job.request.task === 'hang') for (;;);
else if (told.kind === 'start') tell({ kind: 'ended', call: told.call, answer });`);
    const controller = new AbortController();
    const hanging = thread.delegate({ ...REQUEST, task: 'hang' }, contextOf({ signal: controller.signal }));
    const beside = thread.delegate(REQUEST, contextOf());
    setImmediate(() => controller.abort('cancelled'));
    const ends = await Promise.all([hanging, beside]);
    assert.deepEqual(
      ends.map((end) => end.kind === 'refused' && end.outcome),
      ['cancelled', 'internal_error'],
    );
    for (const end of ends) assert.match(english(end.kind === 'refused' ? end.reason : message('api.noKey')), /heard no cancel for \d+ s/);
    assert.deepEqual(await thread.delegate(REQUEST, contextOf()), ANSWER);
  });

  it('that waits in a call of the system, which no end ends, is left, and another one begins', async () => {
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const thread =
      play(`if (told.kind === 'start' && told.job.request.task === 'wait') require('node:fs').openSync(${JSON.stringify(pipe)});
else if (told.kind === 'start') tell({ kind: 'ended', call: told.call, answer });`);
    try {
      const controller = new AbortController();
      const waiting = thread.delegate({ ...REQUEST, task: 'wait' }, contextOf({ signal: controller.signal }));
      setImmediate(() => controller.abort('cancelled'));
      const end = await waiting;
      assert.equal(end.kind === 'refused' && end.outcome, 'cancelled');
      assert.deepEqual(await thread.delegate(REQUEST, contextOf()), ANSWER);
      assert.equal(await thread.close(), false);
    } finally {
      const both = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
      while (!(await thread.close()));
      closeSync(both);
    }
  });

  it('says why it ended by itself, and begins anew', async () => {
    const thread = play(`if (told.kind === 'start' && told.job.request.task === 'fail') throw new Error('no room');
if (told.kind === 'start') tell({ kind: 'ended', call: told.call, answer });`);
    const end = await thread.delegate({ ...REQUEST, task: 'fail' }, contextOf());
    assert.match(english(end.kind === 'refused' ? end.reason : message('api.noKey')), /ended unexpectedly \(no room\).*resume_delegation/);
    assert.match(said, /a thread of the server ended: Error: no room/);
    assert.deepEqual(await thread.delegate(REQUEST, contextOf()), ANSWER);
  });

  it('that cannot be started is told, too', async () => {
    const thread = serverThreads({ file: path.join(folder, 'not-there.cjs'), said: () => {} });
    const end = await thread.delegate(REQUEST, contextOf());
    assert.equal(end.kind === 'refused' && end.outcome, 'internal_error');
  });

  describe('and that of decisions', () => {
    const DECISION = { kind: 'restore' } as const;
    const deciding = (signal = new AbortController().signal) => {
      const { settings, stateDir, env } = contextOf();
      return { repository: { root: '/r' } as unknown as Repository, branch: 'feature/x', settings, stateDir, env, signal, onEvent() {} };
    };
    const range = { base: 'a', tip: 'b' };
    const limits = { totalBytes: 1, fileBytes: 1 };
    const where = { stateDir: '/state', gitDir: '/r/.git' };

    it('gets the decision, and answers while the other one hears nothing', async () => {
      const thread = play(`if (told.kind === 'start' && told.job.what === 'delegate') for (;;);
else if (told.kind === 'start') tell({ kind: 'ended', call: told.call, answer: { ok: true, text: told.job.deciding.kind } });`);
      const controller = new AbortController();
      const hanging = thread.delegate(REQUEST, contextOf({ signal: controller.signal }));
      assert.deepEqual(await thread.decide(DECISION, deciding()), { ok: true, text: 'restore' });
      controller.abort('cancelled');
      await hanging;
    });

    it('tells what was thrown, as it was sorted there', async () => {
      const thread = play(`if (told.kind === 'start')
  tell({ kind: 'failed', call: told.call, outcome: 'storage_error', reason: { code: 'git.unwanted', args: {} } });`);
      await assert.rejects(thread.readChange(where, range, limits, new AbortController().signal), { outcome: 'storage_error' });
    });

    it('is ended where it hears no cancel, and says how to learn what came of it', async () => {
      const thread = play(`if (told.kind === 'start') for (;;);`);
      const controller = new AbortController();
      const hanging = thread.decide(DECISION, deciding(controller.signal));
      setImmediate(() => controller.abort());
      await assert.rejects(hanging, { outcome: 'cancelled', message: /heard no cancel .* get_delegation tells which/ });
    });
  });

  it('ends when it has had nothing to do for a while, and begins anew', async () => {
    const file = path.join(folder, 'idle.cjs');
    writeFileSync(
      file,
      `const { parentPort, threadId } = require('node:worker_threads');
parentPort.on('message', ({ kind, call }) => kind === 'end' ? process.exit() : parentPort.postMessage({ kind: 'ended', call, answer: threadId }));`,
    );
    const none = () => message('git.unwanted');
    const thread = workThread({ file, said: () => {}, why: { deaf: none, ended: none }, idleMs: 0 });
    const door = { signal: new AbortController().signal };
    const ask = () =>
      thread.run({ what: 'readChange', stateDir: '', gitDir: '', base: '', tip: '', limits: { totalBytes: 0, fileBytes: 0 } }, door);
    const first = await ask();
    assert.notEqual(first, await new Promise((resolve) => setTimeout(() => resolve(ask()), 1)));
    await thread.close();
  });
});
