/** What a merge has left half-way when its process was killed, or the machine went down: the next call finishes or undoes it. */
import { existsSync } from 'node:fs';
import { errorText } from '../common/caught-error.ts';
import { type Message, message } from '../messages/message.ts';
import { disarmedCall } from './git-config.ts';
import { hasMoved, type MergeJournal, mergeFolder, readMergeJournal, removeMergeFolder, undoMoves } from './merge-journal.ts';
import { assertOwnJournal, assertOwnMergeFolder } from './own-merge-folder.ts';
import { git, runGit, splitNul } from './run-git.ts';
import type { Repository } from './types.ts';
import { moveHead, type PreparedUpdate, prepareHead } from './update-head.ts';

/** @returns why it could not be done; null = nothing is left of any merge, or one is at work */
export async function finishBrokenMerge(repository: Repository): Promise<Message | null> {
  const { gitDir, root } = repository;
  if (!existsSync(mergeFolder(gitDir).root)) return null;
  let lock: PreparedUpdate | null = null;
  try {
    const head = (await runGit(['rev-parse', '--verify', '--quiet', 'HEAD'], disarmedCall(repository))).stdout.toString('latin1').trim();
    // Whoever merges holds the lock of HEAD from the beginning to the end.
    const prepared = await prepareHead(repository, { before: head, after: head });
    if (prepared === 'locked' || prepared === 'moved') return null;
    lock = prepared;
    assertOwnMergeFolder(repository);
    const journal = readMergeJournal(gitDir);
    if (journal) assertOwnJournal(journal, root);
    // Where the merge makes no commit, HEAD tells nothing.
    const movesHead = journal?.before !== journal?.after;
    const moved = journal !== null && ((movesHead && head === journal.after) || hasMoved(gitDir, journal));
    if (journal !== null && !moved) undoMoves(gitDir, root, journal);
    await lock.abort();
    // Who has committed since did it from the index of the merge, so the merge is in that commit.
    if (moved && head === journal.before && (await isInIndex(repository, journal))) await moveHead(repository, journal);
    removeMergeFolder(repository);
    return null;
  } catch (error) {
    await lock?.abort().catch(() => {});
    return message('merge.broken', { folder: root, kept: mergeFolder(gitDir).root, said: errorText(error) });
  }
}

/** Not when the user has taken the merge back (`git reset --hard`): then HEAD is where it belongs. */
async function isInIndex(repository: Repository, { after, moves }: MergeJournal): Promise<boolean> {
  const differing = new Set(
    splitNul(await git(['diff-index', '--cached', '--name-only', '--no-renames', '-z', after], disarmedCall(repository))),
  );
  return !moves.some(({ path }) => differing.has(path));
}
