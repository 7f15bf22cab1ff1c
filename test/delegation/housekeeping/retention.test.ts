import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findLeftovers, removeLeftover } from '../../../src/delegation/housekeeping/leftovers.ts';
import { removeExpired } from '../../../src/delegation/housekeeping/retention.ts';
import { openJournal } from '../../../src/delegation/journal/journal.ts';
import {
  archiveFolder,
  createDelegation,
  type DelegationFolder,
  delegationFolder,
  delegationId,
  newAttemptFolder,
  writeDisposition,
  writeResult,
} from '../../../src/delegation/store/delegation-folder.ts';
import { acquireLease } from '../../../src/delegation/store/lease.ts';
import { RefsStay } from '../../../src/workspace/hidden-refs.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';
import { sampleResult, sampleStart } from '../sample-result.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const COMMON = '/nowhere/shop/.git';

/** Path -> bytes. */
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [[entry.name, readFileSync(path.join(entry.parentPath, entry.name), 'latin1')]] : [],
  );

describe('retention', () => {
  let state: string;
  beforeEach(() => {
    state = mkdtempSync(path.join(tmpdir(), 'ckm-retention-'));
  });
  afterEach(() => rmSync(state, { recursive: true, force: true }));

  const ago = (days: number) => new Date(NOW - days * DAY).toISOString();
  /** A delegation of a repository that is gone, with one attempt. */
  function delegation(branch: string, decided: { state: 'merged' | 'discarded'; at: string } | null, endedAt = ago(200)): DelegationFolder {
    const id = delegationId(COMMON, branch);
    const folder = delegationFolder(state, id);
    createDelegation(folder, { version: 1, id, commonDir: COMMON, repository: '/nowhere/shop', branch, createdAt: endedAt });
    attemptOf(folder, { branch, endedAt });
    if (decided) writeDisposition(folder, { ...decided, branch, tip: null, commit: null, into: null });
    return folder;
  }
  function attemptOf(folder: DelegationFolder, result: Parameters<typeof sampleResult>[0] & { endedAt: string }): void {
    const attempt = newAttemptFolder(folder);
    const journal = openJournal(attempt.journal, () => Date.parse(result.endedAt));
    journal.append(sampleStart());
    journal.close();
    writeResult(attempt.folder, sampleResult(result));
  }
  const left = () => readdirSync(path.join(state, 'delegations'));
  const lastLook = (days: number) => writeFileSync(path.join(state, 'last-removal.json'), JSON.stringify({ at: NOW - days * DAY }));
  const remove = (days = 90, now = NOW, commonDir = COMMON) => removeExpired(state, { days, commonDir }, () => now);

  it('removes what was decided and is old enough, and nothing else', async () => {
    const old = [delegation('merged', { state: 'merged', at: ago(91) }), delegation('discarded', { state: 'discarded', at: ago(90) })];
    const young = [delegation('young', { state: 'discarded', at: ago(89) }), delegation('undecided', null)];
    mkdirSync(archiveFolder(state), { recursive: true });
    const archived = (days: number) => {
      const target = path.join(archiveFolder(state), `0123456789abcdef-${NOW - days * DAY}`);
      mkdirSync(target);
      writeFileSync(path.join(target, 'delegation.json'), readFileSync(young[0]!.identity));
      return target;
    };
    const [oldArchive, youngArchive] = [archived(100), archived(10)];
    lastLook(2);
    const removed = await remove();
    assert.deepEqual(removed.map(({ folder }) => folder).sort(), [...old.map(({ root }) => root), oldArchive].sort());
    assert.deepEqual(left().sort(), young.map(({ id }) => id).sort());
    assert.equal(existsSync(youngArchive), true);
  });

  it('keeps those of each repository as long as its own calls have said, whoever looks', async () => {
    const old = delegation('old', { state: 'discarded', at: ago(200) });
    mkdirSync(old.git, { recursive: true });
    const undecided = delegation('undecided', null);
    mkdirSync(undecided.workTree);
    lastLook(2);
    assert.deepEqual(await remove(0), []);
    for (const [days, other] of [
      [90, '/nowhere/other/.git'],
      [90, null],
    ] as const) {
      lastLook(2);
      assert.deepEqual(await removeExpired(state, { days, commonDir: other }, () => NOW), []);
      assert.ok(existsSync(undecided.workTree));
    }
    lastLook(2);
    assert.equal((await remove(300)).length, 0);
    lastLook(2);
    const removed = await remove(100);
    assert.deepEqual([removed.map(({ folder }) => folder), existsSync(undecided.workTree)], [[old.root], false]);
  });

  it('leaves what somebody took up again between the look and the removal, where a question may stand for minutes', async () => {
    const decided = { state: 'discarded', at: ago(100) } as const;
    const [undone, again, over] = [delegation('undone', decided), delegation('again', decided), delegation('over', decided)];
    const unnamed = delegationFolder(state, delegationId(COMMON, 'unnamed'));
    mkdirSync(unnamed.leases, { recursive: true });
    const repository = path.join(state, 'shop');
    makeRepository(repository);
    gitIn(repository, 'checkout', '-q', '-b', 'by-hand');
    gitIn(repository, 'commit', '-q', '--allow-empty', '-m', 'Work');
    const commonDir = path.join(repository, '.git');
    const byHand = delegationFolder(state, delegationId(commonDir, 'by-hand'));
    createDelegation(byHand, { version: 1, id: byHand.id, commonDir, repository, branch: 'by-hand', createdAt: ago(200) });
    const tip = gitIn(repository, 'rev-parse', 'HEAD');
    const base = gitIn(repository, 'rev-parse', 'main');
    attemptOf(byHand, { branch: 'by-hand', endedAt: ago(200), tip, base });
    gitIn(repository, 'checkout', '-q', 'main');
    gitIn(repository, 'merge', '-q', '--no-ff', 'by-hand');
    const found = await findLeftovers(state);
    assert.equal(found.length, 5);

    writeDisposition(undone, null);
    attemptOf(again, { branch: 'again', endedAt: ago(0) });
    createDelegation(unnamed, {
      version: 1,
      id: unnamed.id,
      commonDir: COMMON,
      repository: '/nowhere',
      branch: 'unnamed',
      createdAt: ago(0),
    });
    gitIn(repository, 'reset', '-q', '--hard', base);
    const removed = [];
    for (const leftover of found) if (await removeLeftover(leftover, () => NOW)) removed.push(leftover.folder);
    assert.deepEqual(removed, [over.root]);
    assert.deepEqual(left().sort(), [undone.id, again.id, unnamed.id, byHand.id].sort());
  });

  /** Of a repository that is there, with what is kept for it. */
  function discardedIn(repository: string): DelegationFolder {
    makeRepository(repository);
    const commonDir = path.join(repository, '.git');
    const files = delegationFolder(state, delegationId(commonDir, 'work'));
    createDelegation(files, { version: 1, id: files.id, commonDir, repository, branch: 'work', createdAt: ago(200) });
    attemptOf(files, { branch: 'work', endedAt: ago(200) });
    writeDisposition(files, { state: 'discarded', at: ago(100), branch: 'work', tip: null, commit: null, into: null });
    gitIn(repository, 'update-ref', `refs/claude-kimi/kept/${files.id}`, 'HEAD');
    return files;
  }

  const ODD: Record<string, (gitDir: string, elsewhere: string, kept: string) => void> = {
    'a link where our refs were': (gitDir, elsewhere, kept) => {
      mkdirSync(path.join(elsewhere, 'kept'));
      renameSync(path.join(gitDir, kept), path.join(elsewhere, 'kept', path.basename(kept)));
      rmSync(path.join(gitDir, 'refs/claude-kimi'), { recursive: true });
      symlinkSync(elsewhere, path.join(gitDir, 'refs/claude-kimi'));
    },
    'packed refs behind a link': (gitDir, elsewhere) => {
      gitIn(path.dirname(gitDir), 'pack-refs', '--all');
      renameSync(path.join(gitDir, 'packed-refs'), path.join(elsewhere, 'packed-refs'));
      symlinkSync(path.join(elsewhere, 'packed-refs'), path.join(gitDir, 'packed-refs'));
    },
    'a pipe as packed refs': (gitDir) => void execFileSync('mkfifo', [path.join(gitDir, 'packed-refs')]),
    'a pipe that the configuration includes': (gitDir) => {
      execFileSync('mkfifo', [path.join(gitDir, 'more')]);
      appendFileSync(path.join(gitDir, 'config'), '[include]\n\tpath = more\n');
    },
  };
  for (const [what, lay] of Object.entries(ODD)) {
    it(`writes nothing elsewhere, waits for nothing and says why: ${what}`, async () => {
      const files = discardedIn(path.join(state, 'shop'));
      const elsewhere = mkdtempSync(path.join(tmpdir(), 'ckm-elsewhere-'));
      try {
        const [found] = await findLeftovers(state); // a question, or ninety days, stand in between
        lay(path.join(state, 'shop/.git'), elsewhere, `refs/claude-kimi/kept/${files.id}`);
        const before = filesBelow(elsewhere);
        await assert.rejects(
          removeLeftover(found!, () => NOW),
          RefsStay,
        );
        assert.deepEqual(filesBelow(elsewhere), before);
        assert.equal(existsSync(files.identity), true);
      } finally {
        rmSync(elsewhere, { recursive: true, force: true });
      }
    });
  }

  it('leaves an attempt that broke off behind work which was merged by hand: its checkpoints are nowhere else', async () => {
    const repository = path.join(state, 'shop');
    makeRepository(repository);
    const commonDir = path.join(repository, '.git');
    const id = delegationId(commonDir, 'work');
    const folder = delegationFolder(state, id);
    createDelegation(folder, { version: 1, id, commonDir, repository, branch: 'work', createdAt: ago(200) });
    gitIn(repository, 'branch', 'work');
    for (const attempt of [newAttemptFolder(folder), newAttemptFolder(folder)]) {
      const journal = openJournal(attempt.journal, () => Date.parse(ago(200)));
      journal.append(sampleStart());
      journal.close();
      if (attempt.number === 1)
        writeResult(attempt.folder, sampleResult({ branch: 'work', endedAt: ago(200), tip: gitIn(repository, 'rev-parse', 'work') }));
    }
    const found = await findLeftovers(state);
    assert.deepEqual(
      found.map(({ kind, unmerged }) => [kind, unmerged]),
      [['merged', true]],
    );
    lastLook(2);
    assert.deepEqual(await remove(), []);
    assert.deepEqual(left(), [id]);
  });

  it('empties the workspace of what nobody decided about for as long, and of nothing that is younger or runs', async () => {
    const fill = (folder: DelegationFolder) => {
      for (const sub of [folder.workTree, folder.layers, folder.temp, folder.git]) mkdirSync(path.join(sub, 'x'), { recursive: true });
      return folder;
    };
    const [old, young, running] = [
      fill(delegation('old', null, ago(91))),
      fill(delegation('young', null, ago(89))),
      fill(delegation('running', null, ago(91))),
    ];
    const attempt = newAttemptFolder(fill(delegation('interrupted', null, ago(91))));
    const journal = openJournal(attempt.journal, () => Date.parse(ago(91)));
    journal.append(sampleStart());
    journal.close();
    const held = await acquireLease(running!.leases, 1, () => NOW);
    lastLook(2);
    try {
      assert.deepEqual(await remove(), []);
    } finally {
      if (held.ok) held.lease.release();
    }
    const has = (folder: DelegationFolder) => [folder.workTree, folder.layers, folder.temp, folder.git].map((sub) => existsSync(sub));
    assert.deepEqual(has(old!), [false, false, false, true]);
    assert.deepEqual(has(young!), [true, true, true, true]);
    assert.deepEqual(has(running!), [true, true, true, true]);
    assert.deepEqual(has(delegationFolder(state, delegationId(COMMON, 'interrupted'))), [false, false, false, true]);
    assert.ok(readdirSync(old!.attempts).length === 1 && existsSync(old!.identity));
  });

  it('removes folders in which nothing was begun, but none whose lease is held', async () => {
    const folders = ['a', 'b'].map((id) => delegationFolder(state, id.repeat(16)));
    for (const { leases } of folders) {
      mkdirSync(leases, { recursive: true });
      utimesSync(leases, new Date(ago(100)), new Date(ago(100)));
    }
    const held = await acquireLease(folders[1]!.leases, 1, () => NOW);
    utimesSync(folders[1]!.leases, new Date(ago(100)), new Date(ago(100)));
    lastLook(2);
    await remove();
    assert.deepEqual(left(), ['b'.repeat(16)]);
    if (held.ok) held.lease.release();
  });

  it('does nothing with 0, twice a day, or at the first look', async () => {
    delegation('old', { state: 'merged', at: ago(400) });
    lastLook(2);
    assert.deepEqual(await remove(0), []);
    rmSync(path.join(state, 'last-removal.json'));
    assert.deepEqual(await remove(), []);
    assert.deepEqual(await remove(90, NOW + DAY / 2), []);
    assert.equal((await remove(90, NOW + DAY)).length, 1);
  });

  it('does nothing when the clock jumped, ahead or back, and goes on when it is right', async () => {
    delegation('decided yesterday', { state: 'discarded', at: ago(1) });
    lastLook(1);
    assert.deepEqual(await remove(90, NOW + 3650 * DAY), [], 'ten years ahead');
    assert.deepEqual(await remove(90, NOW), [], 'back again');
    assert.deepEqual(await remove(90, NOW + DAY), []);
    assert.equal(left().length, 1);
    for (let day = 2; day < 89; day++) assert.deepEqual(await remove(90, NOW + day * DAY), []);
    assert.equal((await remove(90, NOW + 89 * DAY)).length, 1);
  });

  it('leaves what a newer version wrote', async () => {
    const { identity, root } = delegation('newer', { state: 'merged', at: ago(400) });
    writeFileSync(identity, readFileSync(identity, 'utf8').replace('"version": 1', '"version": 2'));
    lastLook(2);
    assert.deepEqual(await remove(), []);
    assert.equal(existsSync(root), true);
  });
});
