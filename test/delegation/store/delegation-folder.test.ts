import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { activityAfter } from '../../../src/delegation/journal/activity.ts';
import { type JournalEvent, openJournal } from '../../../src/delegation/journal/journal.ts';
import {
  createDelegation,
  type DelegationFolder,
  delegationFolder,
  delegationId,
  listDelegations,
  newAttemptFolder,
  readAttempts,
  writeResult,
} from '../../../src/delegation/store/delegation-folder.ts';
import { listRecords, readStatus } from '../../../src/delegation/store/delegation-status.ts';
import { acquireLease } from '../../../src/delegation/store/lease.ts';
import { inWords } from '../../messages/english.ts';
import { sampleResult, sampleStart } from '../sample-result.ts';

const COMMON = '/home/ann/shop/.git';
const TIME = Date.parse('2026-11-22T10:00:00.000Z');

describe('store and status', () => {
  let state: string;
  beforeEach(() => {
    state = mkdtempSync(path.join(tmpdir(), 'ckm-store-'));
  });
  afterEach(() => rmSync(state, { recursive: true, force: true }));

  const open = (branch = 'feature/x', createdAt = '2026-11-22T10:00:00.000Z'): DelegationFolder => {
    const id = delegationId(COMMON, branch);
    const folder = delegationFolder(state, id);
    createDelegation(folder, { version: 1, id, commonDir: COMMON, repository: '/home/ann/shop', branch, createdAt });
    return folder;
  };
  const attempt = (folder: DelegationFolder, ...events: JournalEvent[]) => {
    const place = newAttemptFolder(folder);
    write(place.journal, events);
    return place;
  };
  const write = (journalFile: string, events: JournalEvent[], from = TIME) => {
    let time = from;
    const journal = openJournal(journalFile, () => time++);
    for (const event of events) journal.append(event);
    journal.close();
  };

  describe('ids', () => {
    it('are the same for the same repository and branch, and differ otherwise', () => {
      assert.equal(delegationId(COMMON, 'a'), delegationId(COMMON, 'a'));
      const all = new Set([
        delegationId(COMMON, 'a'),
        delegationId(COMMON, 'b'),
        delegationId('/other', 'a'),
        delegationId('/other\0a', ''),
        delegationId('/other', '\0a'),
      ]);
      assert.ok(all.size >= 4);
    });

    it('are names of folders that are safe everywhere, whatever the branch is called', () => {
      for (const branch of ['../../../etc', 'feature/Ä/日本', 'CON', 'a b', '-x', 'x'.repeat(300), 'A', 'a']) {
        assert.match(delegationId(COMMON, branch), /^[0-9a-f]{16}$/);
      }
      assert.notEqual(delegationId(COMMON, 'A'), delegationId(COMMON, 'a'));
    });
  });

  describe('attempts', () => {
    it('are numbered in the order of the calls, and read oldest first', () => {
      const folder = open();
      attempt(folder, sampleStart({ task: 'one' }));
      attempt(folder, sampleStart({ task: 'two' }));
      assert.deepEqual(
        readAttempts(folder).map(({ number, start, result }) => [number, start.task, result]),
        [
          [1, 'one', null],
          [2, 'two', null],
        ],
      );
    });

    it('beyond 999 stay in order', () => {
      const folder = open();
      mkdirSync(path.join(folder.root, 'attempts', '999'), { recursive: true });
      for (const task of ['1000', '1001']) attempt(folder, sampleStart({ task }));
      assert.deepEqual(
        readAttempts(folder).map(({ start }) => start.task),
        ['1000', '1001'],
      );
    });

    it('one that never wrote its first line is left out, and its number is not used again', () => {
      const folder = open();
      attempt(folder);
      assert.deepEqual(readAttempts(folder), []);
      assert.equal(newAttemptFolder(folder).number, 2);
    });

    it('a result comes back whole', () => {
      const folder = open();
      const place = attempt(folder, sampleStart());
      const result = sampleResult({ summary: 'Zusammenfassung 概要', warnings: [{ level: 'note', text: inWords('n') }] });
      writeResult(place.folder, result);
      assert.deepEqual(readAttempts(folder)[0]?.result, result);
      assert.deepEqual(readdirSync(place.folder).sort(), ['journal.jsonl', 'result.json'], 'no half file stays behind');
      assert.equal(statSync(path.join(place.folder, 'result.json')).mode & 0o777, 0o600);
    });

    it('a result of an older version, which wrote its messages as texts, is read all the same', () => {
      const folder = open();
      const place = attempt(folder, sampleStart());
      const older = { ...sampleResult(), reason: 'the limit was reached', warnings: [{ level: 'blocking', text: 'a file was left out' }] };
      writeFileSync(path.join(place.folder, 'result.json'), JSON.stringify(older));
      const read = readAttempts(folder)[0]?.result;
      assert.deepEqual([read?.reason, read?.warnings[0]?.text], [inWords('the limit was reached'), inWords('a file was left out')]);
      writeFileSync(path.join(place.folder, 'result.json'), JSON.stringify({ ...older, reason: '' }));
      assert.equal(readAttempts(folder)[0]?.result?.reason, null);
    });

    it('a result that a crash left half-written, or that makes no sense, is none', () => {
      const folder = open();
      const place = attempt(folder, sampleStart());
      writeFileSync(path.join(place.folder, 'result.json.new'), JSON.stringify(sampleResult()));
      assert.equal(readAttempts(folder)[0]?.result, null);
      writeFileSync(path.join(place.folder, 'result.json'), '{"version":1,"outcome":"rea');
      assert.equal(readAttempts(folder)[0]?.result, null);
      writeFileSync(path.join(place.folder, 'result.json'), JSON.stringify({ ...sampleResult(), outcome: 'marvellous' }));
      assert.equal(readAttempts(folder)[0]?.result, null);
    });

    it('a result from before a resume says nothing about what became of the resume', () => {
      const folder = open();
      const place = attempt(folder, sampleStart());
      writeResult(place.folder, sampleResult({ outcome: 'cancelled', endedAt: new Date(TIME + 5000).toISOString() }));
      assert.equal(readAttempts(folder)[0]?.result?.outcome, 'cancelled');
      write(place.journal, [{ type: 'resume', step: 3 }], TIME + 9000);
      assert.equal(readAttempts(folder)[0]?.result, null);
      writeResult(place.folder, sampleResult({ outcome: 'ready', endedAt: new Date(TIME + 9500).toISOString() }));
      assert.equal(readAttempts(folder)[0]?.result?.outcome, 'ready');
    });
  });

  describe('delegations', () => {
    it('are listed with those that cannot be read left out', () => {
      assert.deepEqual(listDelegations(state), []);
      open('a');
      open('b');
      mkdirSync(path.join(state, 'delegations', 'f'.repeat(16)));
      writeFileSync(path.join(state, 'delegations', 'stray-file'), '');
      assert.deepEqual(
        listDelegations(state)
          .map(({ branch }) => branch)
          .sort(),
        ['a', 'b'],
      );
    });

    it('a second creation changes nothing', () => {
      const folder = open('a', '2026-01-01T00:00:00.000Z');
      const file = path.join(folder.root, 'delegation.json');
      const before = readFileSync(file, 'utf8');
      open('a', '2026-02-02T00:00:00.000Z');
      assert.equal(readFileSync(file, 'utf8'), before);
      assert.equal(statSync(folder.root).mode & 0o077, 0, 'others can look into the folder');
    });
  });

  describe('status', () => {
    const status = (folder: DelegationFolder) => readStatus(state, folder.id);
    const request = (step: number): JournalEvent => ({ type: 'request', step, bytes: 1 });

    it('nothing is known of what never was', async () => {
      assert.deepEqual(await readStatus(state, 'f'.repeat(16)), { state: 'unknown' });
    });

    it('ended, with its result', async () => {
      const folder = open();
      const place = attempt(folder, sampleStart(), { type: 'end', outcome: 'ready', reason: null });
      writeResult(place.folder, sampleResult());
      const seen = await status(folder);
      assert.equal(seen.state, 'ended');
      if (seen.state === 'ended') assert.deepEqual(seen.result, sampleResult());
    });

    it('running, with the step that runs and what it does; a late checkpoint does not turn it back', async () => {
      const folder = open();
      const acquired = await acquireLease(folder.leases, 1, () => TIME);
      assert.ok(acquired.ok);
      const place = attempt(folder, sampleStart(), request(6), { type: 'checkpoint', step: 5, tree: 't' });
      const thinking = await status(folder);
      assert.equal(thinking.state, 'running');
      if (thinking.state === 'running') assert.deepEqual([thinking.step, thinking.maxSteps, thinking.startedAt], [6, 50, TIME]);
      appendFileSync(
        place.journal,
        `${JSON.stringify({ at: TIME, type: 'tool_start', step: 6, callId: 'c', name: 'run_command', title: 'npm test' })}\n`,
      );
      const working = await status(folder);
      if (working.state === 'running') assert.deepEqual(working.activity, { kind: 'tool', tool: 'run_command', title: 'npm test' });
      acquired.lease.release();
    });

    it('running, before the journal tells anything', async () => {
      const folder = open();
      const first = await acquireLease(folder.leases, 1, () => TIME);
      assert.ok(first.ok);
      assert.equal((await status(folder)).state, 'running', 'a delegation that begins is not unknown');
      const place = attempt(folder, sampleStart());
      writeResult(place.folder, sampleResult());
      assert.equal((await status(folder)).state, 'running', 'the next attempt begins while the last one has a result');
      first.lease.release();
      assert.equal((await status(folder)).state, 'ended');
    });

    it('ended, also while somebody decides about it', async () => {
      const folder = open();
      const place = attempt(folder, sampleStart(), { type: 'end', outcome: 'ready', reason: null });
      writeResult(place.folder, sampleResult());
      const decision = await acquireLease(folder.leases, place.number, () => TIME);
      assert.ok(decision.ok);
      assert.equal((await status(folder)).state, 'ended');
      decision.lease.release();
      const next = await acquireLease(folder.leases, place.number + 1, () => TIME);
      assert.ok(next.ok);
      assert.equal((await status(folder)).state, 'running', 'the next attempt begins');
      next.lease.release();
    });

    it('interrupted, when nobody holds it and it has no end', async () => {
      const folder = open();
      attempt(folder, sampleStart({ attempt: 1 }), request(1), request(2));
      const seen = await status(folder);
      assert.equal(seen.state, 'interrupted');
      if (seen.state === 'interrupted') assert.deepEqual([seen.attempt, seen.step], [1, 2]);
    });

    it('running or ended, at whatever moment of a look the attempt ends', async () => {
      for (let turns = 0; turns < 40; turns++) {
        const folder = open(`ends/${turns}`);
        const acquired = await acquireLease(folder.leases, 1, () => TIME);
        assert.ok(acquired.ok);
        const place = attempt(folder, sampleStart(), request(1));
        const end = async () => {
          for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
          writeResult(place.folder, sampleResult());
          write(place.journal, [{ type: 'end', outcome: 'ready', reason: null }], TIME + 10);
          acquired.lease.release();
        };
        const [seen] = await Promise.all([status(folder), end()]);
        assert.match(seen.state, /^(running|ended)$/, `after ${turns} turns of the event loop`);
      }
    });

    it('lists those of one repository, newest first', async () => {
      open('old', '2026-11-20T00:00:00.000Z');
      open('new', '2026-11-22T00:00:00.000Z');
      const other = delegationFolder(state, delegationId('/other/.git', 'x'));
      createDelegation(other, {
        version: 1,
        id: other.id,
        commonDir: '/other/.git',
        repository: '/other',
        branch: 'x',
        createdAt: '2026-11-23T00:00:00.000Z',
      });
      const all = await listRecords(state, COMMON);
      assert.deepEqual(
        all.map(({ identity }) => identity.branch),
        ['new', 'old'],
      );
    });

    it('tells what an event means to somebody who watches', () => {
      assert.deepEqual(activityAfter(null, request(1)), { kind: 'thinking' });
      const finish = { kind: 'tool', tool: 'finish', title: '' } as const;
      assert.deepEqual(activityAfter(null, { type: 'tool_start', step: 1, callId: 'c', name: 'finish', title: '' }), finish);
      const why = inWords('rate limit');
      assert.deepEqual(activityAfter(null, { type: 'retry', step: 1, reason: why, delayMs: 400, tries: 1 }), {
        kind: 'waiting',
        seconds: 1,
        why,
      });
      const check = { type: 'check', command: 'npm test', on: 'base' } as const;
      assert.deepEqual(activityAfter(null, { ...check, phase: 'start', text: '' }), { kind: 'check', on: 'base', command: 'npm test' });
      assert.equal(activityAfter(null, { ...check, phase: 'end', text: 'pass' }), null);
      assert.equal(activityAfter(null, { type: 'message', step: 1, role: 'user', json: '{}' }), null);
      for (const nothing of [
        { ...check, phase: 'end', text: 'pass' },
        { type: 'checkpoint', step: 1, tree: 't' },
      ] as const)
        assert.equal(activityAfter(finish, nothing), finish);
    });

    it('a check on the base hides nothing that the model does', () => {
      const start = { type: 'check', command: 'npm test', on: 'base', phase: 'start', text: '' } as const;
      const shown = { kind: 'check', on: 'base', command: 'npm test' };
      for (const kind of ['preparing', 'importing'] as const) assert.deepEqual(activityAfter({ kind }, start), shown);
      const tool = { kind: 'tool', tool: 'run_command', title: 'npm test' } as const;
      for (const model of [{ kind: 'thinking' }, tool, { kind: 'waiting', seconds: 4, why: inWords('x') }] as const)
        assert.equal(activityAfter(model, start), model);
      assert.deepEqual(activityAfter({ kind: 'thinking' }, { ...start, on: 'result' }), { ...shown, on: 'result' });
    });
  });
});
