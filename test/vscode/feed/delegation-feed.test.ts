import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Journal, type JournalEvent, openJournal, type StartEvent } from '../../../src/delegation/journal/journal.ts';
import {
  createDelegation,
  delegationFolder,
  newAttemptFolder,
  writeDisposition,
  writeResult,
} from '../../../src/delegation/store/delegation-folder.ts';
import { readStatus } from '../../../src/delegation/store/delegation-status.ts';
import { acquireLease, type Lease } from '../../../src/delegation/store/lease.ts';
import { type DelegationFeed, startDelegationFeed } from '../../../src/vscode/feed/delegation-feed.ts';
import { createDelegationReader, type DelegationRecord, type NewLines } from '../../../src/vscode/feed/delegation-reader.ts';
import { inWords } from '../../messages/english.ts';
import { identity, result, start, TIP } from '../sample-records.ts';

const QUICK = { gather: 5, running: 40, all: 100_000 };

describe('following delegations', () => {
  let stateDir: string;
  let feed: DelegationFeed | null;
  let written: NewLines[];
  let tell: () => void;
  let changes: number;
  let damaged: readonly string[];

  beforeEach(() => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'ckm-feed-'));
    feed = null;
    written = [];
    changes = 0;
    damaged = [];
    tell = () => {};
  });
  afterEach(() => {
    feed?.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const follow = (isMine: (branch: string) => boolean = () => true) => {
    feed = startDelegationFeed({
      stateDir,
      belongsToWindow: (who) => isMine(who.branch),
      onRecords: (_, unreadable) => {
        damaged = unreadable.map(({ id }) => id);
        changes++;
        tell();
      },
      onNewLines: (some) => {
        written.push(some);
        tell();
      },
      onError: (error) => assert.fail(String(error)),
      timing: QUICK,
    });
  };

  /** Resolves when what is shown is as it should be; mocha's time limit is the bound. */
  const until = <T>(look: () => T | false | null | undefined): Promise<T> =>
    new Promise((resolve) => {
      tell = () => {
        const found = look();
        if (found) resolve(found);
      };
      tell();
    });
  const only = (state: DelegationRecord['state']) => () =>
    feed?.records().length === 1 && feed.records()[0]?.state === state && feed.records()[0];
  const types = () => written.flatMap(({ lines }) => lines.map(({ type }) => type));

  interface AttemptOnDisk {
    folder: ReturnType<typeof delegationFolder>;
    journal: Journal;
    attemptFolder: string;
    lease: Lease | null;
    file: string;
  }

  async function begin(more: { branch?: string; id?: string; lease?: boolean; start?: Partial<StartEvent> } = {}): Promise<AttemptOnDisk> {
    const who = identity(more.branch, more.id);
    const folder = delegationFolder(stateDir, who.id);
    const acquired = more.lease === false ? null : await acquireLease(folder.leases, 1, Date.now);
    createDelegation(folder, who);
    const attempt = newAttemptFolder(folder);
    const journal = openJournal(attempt.journal, Date.now);
    journal.append({ ...start, ...more.start });
    return { folder, journal, attemptFolder: attempt.folder, file: attempt.journal, lease: acquired?.ok ? acquired.lease : null };
  }

  function end(
    attempt: AttemptOnDisk,
    event: Extract<JournalEvent, { type: 'end' }> = { type: 'end', outcome: 'ready', reason: null },
  ): void {
    writeResult(attempt.attemptFolder, result({ outcome: event.outcome }));
    attempt.journal.append(event);
    attempt.journal.close();
    attempt.lease?.release();
  }

  const command = (step: number): JournalEvent => ({
    type: 'tool_start',
    step,
    callId: `c${step}`,
    name: 'run_command',
    title: 'npm test',
  });

  it('never takes an attempt for one that was left, at whatever moment of a look it ends', async () => {
    for (let turns = 0; turns < 60; turns++) {
      const attempt = await begin({ branch: `ends/${turns}`, id: `ends-${turns}` });
      const reader = createDelegationReader(stateDir, identity(`ends/${turns}`, `ends-${turns}`));
      await reader.read();
      attempt.journal.append(command(1));
      const later = async () => {
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        end(attempt);
      };
      const [{ record }] = await Promise.all([reader.read(), later()]);
      assert.match(record.state, /^(running|ended)$/, `after ${turns} turns of the event loop`);
      assert.equal((await reader.read()).record.state, 'ended');
    }
  });

  it('names a delegation whose own file is damaged, until that is written anew or gone', async () => {
    const { folder, lease } = await begin({ lease: false });
    const other = delegationFolder(stateDir, 'f00f00f00f00f00f');
    mkdirSync(other.root, { recursive: true });
    writeFileSync(other.identity, '');
    follow();
    await until(() => feed?.records().length === 1 && damaged.join() === other.id);
    const whole = readFileSync(folder.identity, 'utf8');
    writeFileSync(folder.identity, whole.slice(0, 20));
    await until(() => feed?.records().length === 0 && damaged.length === 2);
    writeFileSync(folder.identity, whole);
    rmSync(other.root, { recursive: true });
    await until(() => feed?.records().length === 1 && damaged.length === 0);
    assert.equal(lease, null);
  });

  it('shows nothing without a state directory, and what comes once it is there', async () => {
    rmSync(stateDir, { recursive: true });
    follow();
    await until(() => changes > 0);
    assert.deepEqual(feed?.records(), []);
    const attempt = await begin();
    await feed?.refresh();
    await until(only('running'));
    end(attempt);
    await until(only('ended'));
  });

  it('tells an attempt of another process from its beginning to its end, each step once', async () => {
    mkdirSync(path.join(stateDir, 'delegations'));
    follow();
    await until(() => changes > 0);
    const attempt = await begin();
    await until(only('running'));
    for (const step of [1, 2, 3]) {
      attempt.journal.append({ type: 'request', step, bytes: 1 });
      attempt.journal.append(command(step));
      attempt.journal.append({ type: 'reply', step, finishReason: 'stop', usage: null, ms: 1, cost: 0.01 });
    }
    const record = await until(() => feed?.records().find(({ attempts }) => attempts[0]?.step === 3 && attempts[0].cost.amount! > 0.029));
    assert.deepEqual(record.attempts[0]?.activity, { kind: 'tool', tool: 'run_command', title: 'npm test' });
    end(attempt);
    const over = await until(only('ended'));
    assert.equal(over.attempts[0]?.result?.outcome, 'ready');
    const round = ['request', 'tool_start', 'reply'];
    assert.deepEqual(types(), ['start', ...round, ...round, ...round, 'end']);
  });

  it('catches up with an attempt that runs already, as after a reload', async () => {
    const attempt = await begin();
    attempt.journal.append(command(1));
    follow();
    await until(only('running'));
    assert.deepEqual(types(), ['start', 'tool_start']);
    attempt.journal.append(command(2));
    await until(() => types().length === 3);
    end(attempt);
  });

  it('notices that the process of an attempt was killed, though no file changes', async () => {
    const attempt = await begin();
    follow();
    await until(only('running'));
    attempt.lease?.release();
    const record = await until(only('interrupted'));
    assert.equal(record.attempts[0]?.result, null);
    attempt.journal.close();
  });

  it('reads ended attempts from their results and passes none of their lines on', async () => {
    const attempt = await begin({ lease: false });
    attempt.journal.append(command(1));
    end(attempt, { type: 'end', outcome: 'checks_failed', reason: inWords('x'.repeat(3000)) });
    follow();
    const record = await until(only('ended'));
    assert.equal(record.attempts[0]?.result?.outcome, 'checks_failed');
    assert.equal(record.attempts[0]?.start, null, 'the journal was read');
    assert.deepEqual(written, []);
  });

  it('goes on with an attempt that is resumed after its end, and tells only what is new', async () => {
    const first = await begin({ lease: false });
    first.journal.append(command(1));
    end(first, { type: 'end', outcome: 'cancelled', reason: null });
    follow();
    await until(only('ended'));
    const acquired = await acquireLease(first.folder.leases, 2, Date.now);
    assert.ok(acquired.ok);
    const journal = openJournal(first.file, Date.now);
    journal.append({ type: 'resume', step: 1 });
    const record = await until(() =>
      feed?.records().find(({ state, attempts }) => state === 'running' && attempts[0]?.step === 1 && attempts[0].start),
    );
    assert.equal(record.attempts[0]?.result, null, 'the result from before says nothing now');
    assert.deepEqual(types(), ['resume']);
    writeResult(first.attemptFolder, result({ summary: 'the second end', endedAt: new Date().toISOString() }));
    journal.append({ type: 'end', outcome: 'ready', reason: null });
    journal.close();
    acquired.lease.release();
    const over = await until(only('ended'));
    assert.equal(over.attempts[0]?.result?.summary, 'the second end');
  });

  it('adds up what was spent in two currencies, as a server does', async () => {
    const attempt = await begin({ start: { currency: 'USD' } });
    const reply = (step: number, cost: number): JournalEvent => ({ type: 'reply', step, finishReason: 'stop', usage: null, ms: 1, cost });
    attempt.journal.append(reply(1, 0.5));
    follow();
    await until(only('running'));
    attempt.journal.append({ type: 'resume', step: 1, currency: 'CNY' });
    attempt.journal.append(reply(2, 0.25));
    const record = await until(() => feed?.records().find(({ attempts }) => attempts[0]?.step === 2));
    assert.deepEqual(record.attempts[0]?.cost, { amount: 3.75, currency: 'CNY' });
    const status = await readStatus(stateDir, record.identity.id);
    assert.equal(status.state === 'running' && status.spent, 3.75);
    end(attempt);
  });

  it('does not take a decision for a running attempt', async () => {
    const attempt = await begin({ lease: false });
    end(attempt);
    const acquired = await acquireLease(attempt.folder.leases, 1, Date.now);
    follow();
    await until(only('ended'));
    writeDisposition(attempt.folder, { state: 'discarded', at: '', tip: TIP, commit: null, into: null });
    await until(() => feed?.records()[0]?.disposition?.state === 'discarded');
    writeDisposition(attempt.folder, null);
    await until(() => feed?.records()[0]?.disposition === null);
    if (acquired.ok) acquired.lease.release();
  });

  it('shows only what belongs to the window, newest first', async () => {
    end(await begin({ lease: false, branch: 'a', id: 'aaaaaaaaaaaaaaaa' }));
    end(await begin({ lease: false, branch: 'b', id: 'bbbbbbbbbbbbbbbb' }));
    let mine = 'a';
    follow((branch) => branch === mine || mine === 'both');
    await until(() => changes > 0);
    assert.deepEqual(
      feed?.records().map(({ identity: { branch } }) => branch),
      ['a'],
    );
    mine = 'both';
    await feed?.refresh();
    assert.equal(feed?.records().length, 2);
    mine = 'b';
    await feed?.refresh();
    assert.deepEqual(
      feed?.records().map(({ identity: { branch } }) => branch),
      ['b'],
    );
  });

  it('forgets a delegation whose records were put away, and takes the next one of that name for new', async () => {
    const old = await begin({ lease: false });
    end(old);
    follow();
    await until(only('ended'));
    renameSync(old.folder.root, path.join(stateDir, 'archived'));
    await until(() => feed?.records().length === 0);
    const next = await begin();
    await until(only('running'));
    assert.deepEqual(types(), ['start']);
    end(next);
    await until(only('ended'));
  });

  it('leaves out what cannot be read', async () => {
    mkdirSync(path.join(stateDir, 'delegations', 'half'), { recursive: true });
    writeFileSync(path.join(stateDir, 'delegations', 'half', 'delegation.json'), '{"version":1,');
    end(await begin({ lease: false }));
    follow();
    await until(only('ended'));
  });
});
