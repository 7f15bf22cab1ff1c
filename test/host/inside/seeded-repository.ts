import { execFileSync } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openJournal } from '../../../src/delegation/journal/journal.ts';
import {
  createDelegation,
  delegationFolder,
  delegationId,
  newAttemptFolder,
  writeResult,
} from '../../../src/delegation/store/delegation-folder.ts';
import { identity, result, start } from '../../vscode/sample-records.ts';

/** A repository with a branch that somebody else's server handed back, and its record in the state directory. */
export interface Seeded {
  /** Of the delegation. */
  readonly id: string;
  readonly branch: string;
}

/** Makes the open folder a repository with one delegation that is ready to review. */
export function seedRepository(folder: string, stateDir: string): Seeded {
  const root = realpathSync(folder);
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], { cwd: root, encoding: 'utf8' }).trim();
  const branch = 'feature/rate-limiting';
  git('init', '-q', '-b', 'main');
  writeFileSync(path.join(root, 'limit.txt'), 'none\n');
  git('add', '.');
  git('commit', '-q', '-m', 'Begin');
  const base = git('rev-parse', 'HEAD');
  git('checkout', '-q', '-b', branch);
  writeFileSync(path.join(root, 'limit.txt'), 'ten a minute\n');
  git('commit', '-q', '-a', '-m', 'Limit the rate');
  const tip = git('rev-parse', 'HEAD');
  git('checkout', '-q', 'main');

  const commonDir = path.join(root, '.git');
  const id = delegationId(commonDir, branch);
  const place = delegationFolder(stateDir, id);
  createDelegation(place, { ...identity(branch, id), commonDir, repository: root });
  const attempt = newAttemptFolder(place);
  const journal = openJournal(attempt.journal, Date.now);
  journal.append({ ...start, base, parent: base });
  const files = [{ path: 'limit.txt', status: 'M' as const, added: 1, removed: 1 }];
  const change = { ...result().change!, files, added: 1, removed: 1 };
  writeResult(attempt.folder, result({ repository: root, branch, base, tip, change }));
  journal.append({ type: 'end', outcome: 'ready', reason: null });
  journal.close();
  return { id, branch };
}
