import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type Journal, openJournal } from '../../src/delegation/journal/journal.ts';
import {
  createDelegation,
  delegationFolder,
  delegationId,
  newAttemptFolder,
  writeResult,
} from '../../src/delegation/store/delegation-folder.ts';
import { acquireLease, type Lease } from '../../src/delegation/store/lease.ts';
import { identity, result, start } from '../vscode/sample-records.ts';

/** Delegations of a repository, as its server would have left them: one runs, every tenth has failed, the others wait for a review. */
export interface ManyDelegations {
  /** Of the one that runs, `feature/part-0`. */
  readonly journal: Journal;
  end(): void;
}

/** @param stateDir of the window's user */
export async function seedMany(repository: string, stateDir: string, count: number): Promise<ManyDelegations> {
  const git = (input: string, ...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], {
      cwd: repository,
      input,
      encoding: 'utf8',
    }).trim();
  const base = git('', 'rev-parse', 'HEAD');
  const tip = git('', 'commit-tree', '-p', base, '-m', 'Part', `${base}^{tree}`);
  const branchOf = (n: number) => `feature/part-${n}`;
  const refs = Array.from({ length: count - 1 }, (_, n) => `create refs/heads/${branchOf(n + 1)} ${tip}\n`);
  git(refs.join(''), 'update-ref', '--stdin');
  const commonDir = path.join(repository, '.git');
  const begin = (n: number) => {
    const id = delegationId(commonDir, branchOf(n));
    const place = delegationFolder(stateDir, id);
    const createdAt = new Date(Date.UTC(2026, 10, 1, 0, n)).toISOString();
    createDelegation(place, { ...identity(branchOf(n), id), commonDir, repository, createdAt });
    const attempt = newAttemptFolder(place);
    const journal = openJournal(attempt.journal, Date.now);
    journal.append({ ...start, base, parent: base });
    return { place, attempt, journal };
  };
  for (let n = 1; n < count; n++) {
    const { attempt, journal } = begin(n);
    const outcome = n % 10 === 0 ? 'checks_failed' : 'ready';
    writeResult(attempt.folder, result({ repository, branch: branchOf(n), base, tip, outcome }));
    journal.append({ type: 'end', outcome, reason: null });
    journal.close();
  }
  const { place, journal } = begin(0);
  const acquired = await acquireLease(place.leases, 1, Date.now);
  if (!acquired.ok) throw new Error('another server has the delegation');
  const lease: Lease = acquired.lease;
  return {
    journal,
    end: () => {
      journal.close();
      lease.release();
    },
  };
}
