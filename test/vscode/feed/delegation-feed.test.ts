import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Journal, type JournalEvent, openJournal, type StartEvent } from '../../../src/delegation/journal/journal.ts';
import { readStatus } from '../../../src/delegation/store/delegation-status.ts';
import { acquireLease, type Lease } from '../../../src/delegation/store/lease.ts';
import {
  createDelegation,
  delegationFolder,
  newAttemptFolder,
  writeDisposition,
  writeResult,
} from '../../../src/delegation/store/store.ts';
import { type Feed, startFeed } from '../../../src/vscode/feed/delegation-feed.ts';
import type { DelegationRecord, Steps } from '../../../src/vscode/feed/delegation-reader.ts';
import { inWords } from '../../messages/english.ts';
import { identity, result, start, TIP } from '../results.ts';

const QUICK = { gather: 5, running: 40, all: 100_000 };

describe('following delegations', () => {
  let stateDir: string;
  let feed: Feed | null;
  let steps: Steps[];
  let tell: () => void;
  let changes: number;

  beforeEach(() => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'ckm-feed-'));
    feed = null;
    steps = [];
    changes = 0;
    tell = () => {};
  });
  afterEach(() => {
    feed?.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const follow = (isMine: (branch: string) => boolean = () => true) => {
    feed = startFeed({
      stateDir,
      isMine: (who) => isMine(who.branch),
      onRecords: () => {
        changes++;
        tell();
      },
      onSteps: (some) => {
        steps.push(some);
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
    feed?.views().length === 1 && feed.views()[0]?.state === state && feed.views()[0];
  const told = () => steps.flatMap(({ lines }) => lines.map(({ type }) => type));

  interface Place {
    folder: ReturnType<typeof delegationFolder>;
    journal: Journal;
    attempt: string;
    lease: Lease | null;
    file: string;
  }

  async function begin(more: { branch?: string; id?: string; lease?: boolean; start?: Partial<StartEvent> } = {}): Promise<Place> {
    const who = identity(more.branch, more.id);
    const folder = delegationFolder(stateDir, who.id);
    const acquired = more.lease === false ? null : await acquireLease(folder.leases, 1, Date.now);
    createDelegation(folder, who);
    const place = newAttemptFolder(folder);
    const journal = openJournal(place.journal, Date.now);
    journal.append({ ...start, ...more.start });
    return { folder, journal, attempt: place.folder, file: place.journal, lease: acquired?.ok ? acquired.lease : null };
  }

  function end(place: Place, event: Extract<JournalEvent, { type: 'end' }> = { type: 'end', outcome: 'ready', reason: null }): void {
    writeResult(place.attempt, result({ outcome: event.outcome }));
    place.journal.append(event);
    place.journal.close();
    place.lease?.release();
  }

  const command = (step: number): JournalEvent => ({
    type: 'tool_start',
    step,
    callId: `c${step}`,
    name: 'run_command',
    title: 'npm test',
  });

  it('shows nothing without a state directory, and what comes once it is there', async () => {
    rmSync(stateDir, { recursive: true });
    follow();
    await until(() => changes > 0);
    assert.deepEqual(feed?.views(), []);
    const place = await begin();
    await feed?.refresh();
    await until(only('running'));
    end(place);
    await until(only('ended'));
  });

  it('tells an attempt of another process from its beginning to its end, each step once', async () => {
    mkdirSync(path.join(stateDir, 'delegations'));
    follow();
    await until(() => changes > 0);
    const place = await begin();
    await until(only('running'));
    for (const step of [1, 2, 3]) {
      place.journal.append({ type: 'request', step, bytes: 1 });
      place.journal.append(command(step));
      place.journal.append({ type: 'reply', step, finishReason: 'stop', usage: null, ms: 1, cost: 0.01 });
    }
    const view = await until(() => feed?.views().find(({ attempts }) => attempts[0]?.step === 3 && attempts[0].cost.amount! > 0.029));
    assert.deepEqual(view.attempts[0]?.doing, { kind: 'tool', tool: 'run_command', title: 'npm test' });
    end(place);
    const over = await until(only('ended'));
    assert.equal(over.attempts[0]?.result?.outcome, 'ready');
    const round = ['request', 'tool_start', 'reply'];
    assert.deepEqual(told(), ['start', ...round, ...round, ...round, 'end']);
  });

  it('catches up with an attempt that runs already, as after a reload', async () => {
    const place = await begin();
    place.journal.append(command(1));
    follow();
    await until(only('running'));
    assert.deepEqual(told(), ['start', 'tool_start']);
    place.journal.append(command(2));
    await until(() => told().length === 3);
    end(place);
  });

  it('notices that the process of an attempt was killed, though no file changes', async () => {
    const place = await begin();
    follow();
    await until(only('running'));
    place.lease?.release();
    const view = await until(only('interrupted'));
    assert.equal(view.attempts[0]?.result, null);
    place.journal.close();
  });

  it('reads ended attempts from their results and tells none of their steps', async () => {
    const place = await begin({ lease: false });
    place.journal.append(command(1));
    end(place, { type: 'end', outcome: 'checks_failed', reason: inWords('x'.repeat(3000)) });
    follow();
    const view = await until(only('ended'));
    assert.equal(view.attempts[0]?.result?.outcome, 'checks_failed');
    assert.equal(view.attempts[0]?.start, null, 'the journal was read');
    assert.deepEqual(steps, []);
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
    const view = await until(() =>
      feed?.views().find(({ state, attempts }) => state === 'running' && attempts[0]?.step === 1 && attempts[0].start),
    );
    assert.equal(view.attempts[0]?.result, null, 'the result from before says nothing now');
    assert.deepEqual(told(), ['resume']);
    writeResult(first.attempt, result({ summary: 'the second end', endedAt: new Date().toISOString() }));
    journal.append({ type: 'end', outcome: 'ready', reason: null });
    journal.close();
    acquired.lease.release();
    const over = await until(only('ended'));
    assert.equal(over.attempts[0]?.result?.summary, 'the second end');
  });

  it('adds up what was spent in two currencies, as a server does', async () => {
    const place = await begin({ start: { currency: 'USD' } });
    const reply = (step: number, cost: number): JournalEvent => ({ type: 'reply', step, finishReason: 'stop', usage: null, ms: 1, cost });
    place.journal.append(reply(1, 0.5));
    follow();
    await until(only('running'));
    place.journal.append({ type: 'resume', step: 1, currency: 'CNY' });
    place.journal.append(reply(2, 0.25));
    const view = await until(() => feed?.views().find(({ attempts }) => attempts[0]?.step === 2));
    assert.deepEqual(view.attempts[0]?.cost, { amount: 3.75, currency: 'CNY' });
    const status = await readStatus(stateDir, view.identity.id);
    assert.equal(status.state === 'running' && status.spent, 3.75);
    end(place);
  });

  it('does not take a decision for a running attempt', async () => {
    const place = await begin({ lease: false });
    end(place);
    const acquired = await acquireLease(place.folder.leases, 1, Date.now);
    follow();
    await until(only('ended'));
    writeDisposition(place.folder, { state: 'discarded', at: '', tip: TIP, commit: null, into: null });
    await until(() => feed?.views()[0]?.disposition?.state === 'discarded');
    writeDisposition(place.folder, null);
    await until(() => feed?.views()[0]?.disposition === null);
    if (acquired.ok) acquired.lease.release();
  });

  it('shows only what belongs to the window, newest first', async () => {
    end(await begin({ lease: false, branch: 'a', id: 'aaaaaaaaaaaaaaaa' }));
    end(await begin({ lease: false, branch: 'b', id: 'bbbbbbbbbbbbbbbb' }));
    let mine = 'a';
    follow((branch) => branch === mine || mine === 'both');
    await until(() => changes > 0);
    assert.deepEqual(
      feed?.views().map(({ identity: { branch } }) => branch),
      ['a'],
    );
    mine = 'both';
    await feed?.refresh();
    assert.equal(feed?.views().length, 2);
    mine = 'b';
    await feed?.refresh();
    assert.deepEqual(
      feed?.views().map(({ identity: { branch } }) => branch),
      ['b'],
    );
  });

  it('forgets a delegation whose records were put away, and takes the next one of that name for new', async () => {
    const old = await begin({ lease: false });
    end(old);
    follow();
    await until(only('ended'));
    renameSync(old.folder.root, path.join(stateDir, 'archived'));
    await until(() => feed?.views().length === 0);
    const next = await begin();
    await until(only('running'));
    assert.deepEqual(told(), ['start']);
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
