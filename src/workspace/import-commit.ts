/** The way back: one commit, its objects into the user's repository, and one compare-and-swap of the branch. */

import { PassThrough, type Readable } from 'node:stream';
import { forgedObject } from './forged-objects.ts';
import { disarmedCall } from './git-config.ts';
import { openQuarantine } from './object-quarantine.ts';
import { readCheckedOut } from './open-repository.ts';
import { exitCode, GitError, git, runGit, startGit } from './run-git.ts';
import type { PrivateGit, Repository } from './types.ts';
import { isRefMoved } from './update-head.ts';

/** From here on the objects stay together in a pack, as git's own fetch does it on a similar scale. */
const LOOSE_OBJECT_LIMIT = 500;
const MAX_KEPT_NAMES = 100;

export interface ImportPlan {
  readonly repository: Repository;
  readonly privateGit: PrivateGit;
  readonly tip: string;
  /** Commits that the user's repository has; what they reach is not sent. */
  readonly exclude: readonly string[];
  readonly branch: string;
  /** Where the branch must stand; null = it must not exist. */
  readonly expected: string | null;
  /** Names to keep the work under when the branch cannot be moved, tried with 1, 2, 3 ... until one is free. */
  readonly keepAs: (attempt: number) => string;
  /** The whole name of a ref of ours, for when no branch name is free: whatever branches exist, the work is not lost. */
  readonly lastResort: string;
}

export type ImportResult =
  | { readonly ok: true }
  /** The branch was moved or checked out meanwhile; it is untouched and the work is kept under `keptAs`. */
  | { readonly ok: false; readonly reason: 'moved' | 'checked_out'; readonly keptAs: string }
  /** Git's own consistency check refused the objects (a hostile .gitmodules, for one), or one is not what it is called; the branch is untouched. */
  | { readonly ok: false; readonly reason: 'rejected'; readonly message: string };

/** Brings the commit into the user's repository and moves the branch to it. Asking again after a crash is harmless. */
export async function importCommit(plan: ImportPlan): Promise<ImportResult> {
  const [rejected, checkedOut] = await Promise.all([sendObjects(plan), readCheckedOut(plan.repository)]);
  const forged = rejected === null ? await forgedIn(plan) : null;
  if (rejected !== null || forged !== null) return { ok: false, reason: 'rejected', message: rejected ?? `hash mismatch ${forged}` };
  if (checkedOut.has(plan.branch)) {
    if ((await readBranch(plan.repository, plan.branch)) === plan.tip) return { ok: true };
    return { ok: false, reason: 'checked_out', keptAs: await keep(plan) };
  }
  if (await moveBranch(plan, plan.branch, plan.expected)) return { ok: true };
  if ((await readBranch(plan.repository, plan.branch)) === plan.tip) return { ok: true };
  return { ok: false, reason: 'moved', keptAs: await keep(plan) };
}

/** As it was read for checks and the review, and as a merge will read it. */
async function forgedIn({ repository, privateGit: { gitDir }, tip, exclude }: ImportPlan): Promise<string | null> {
  const places = [{ gitDir }, { ...disarmedCall(repository), gitDir: repository.gitDir }];
  const found = await Promise.all(places.map((call) => forgedObject(call, tip, exclude)));
  return found.find((id) => id !== null) ?? null;
}

async function keep(plan: ImportPlan): Promise<string> {
  for (let attempt = 1; attempt <= MAX_KEPT_NAMES; attempt++) {
    const name = plan.keepAs(attempt);
    if (await moveBranch(plan, name, null)) return name;
    if ((await readBranch(plan.repository, name)) === plan.tip) return name;
  }
  await git(['update-ref', '--no-deref', plan.lastResort, plan.tip], disarmedCall(plan.repository));
  return plan.lastResort;
}

/**
 * One compare-and-swap, of the branch itself: one that somebody has made another name of theirs meanwhile moves nothing of theirs. False: the
 * branch does not stand where expected, or another branch is in the way of its name.
 */
async function moveBranch(plan: ImportPlan, branch: string, expected: string | null): Promise<boolean> {
  const values = [`refs/heads/${branch}`, plan.tip, expected ?? '0'.repeat(plan.tip.length)];
  const args = ['update-ref', '--no-deref', '-m', 'claude-kimi: import', ...values];
  const { code, stderr } = await runGit(args, disarmedCall(plan.repository));
  if (code === 0) return true;
  if (isRefMoved(stderr)) return false;
  throw new GitError(args, code, stderr, plan.repository.gitDir);
}

async function readBranch(repository: Repository, branch: string): Promise<string | null> {
  const { code, stdout } = await runGit(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`], disarmedCall(repository));
  return code === 0 ? stdout.toString('latin1').trim() : null;
}

/** Streams a pack out of the private git dir into the user's repository. Answers with git's complaint when it is refused. */
async function sendObjects(plan: ImportPlan): Promise<string | null> {
  const packer = await startGit(['pack-objects', '--revs', '--thin', '--stdout', '-q', '--delta-base-offset'], {
    gitDir: plan.privateGit.gitDir,
  });
  packer.stdin.end([plan.tip, ...plan.exclude.map((commit) => `^${commit}`), ''].join('\n'));
  const packerEnd = collectEnd(packer);
  packerEnd.catch(() => {}); // who waits for it, further down, learns of it all the same
  // Node throws away what a process has printed and nobody reads when the process ends; the receiver is not started yet by then.
  const pack = packer.stdout.pipe(new PassThrough());
  packer.stdout.once('close', () => pack.end()); // one that was stopped does not end its output
  const head = await firstBytes(pack, 12);
  const count = head.length < 12 ? 0 : head.readUInt32BE(8);
  if (count === 0) {
    pack.resume();
    const { code, stderr } = await packerEnd;
    if (code !== 0) throw new GitError(['pack-objects'], code, stderr, plan.privateGit.gitDir);
    return null;
  }
  const quarantine = await openQuarantine(plan.repository.objectDirs[0]!);
  try {
    const args = count > LOOSE_OBJECT_LIMIT ? ['index-pack', '--stdin', '--fix-thin', '--strict'] : ['unpack-objects', '-q', '--strict'];
    const receiver = await startGit(args, { ...disarmedCall(plan.repository), env: quarantine.env });
    const [packed, received] = await Promise.all([packerEnd, receive(pack, head, receiver)]);
    if (packed.code !== 0) throw new GitError(['pack-objects'], packed.code, packed.stderr, plan.privateGit.gitDir);
    if (received.code < 0) throw new GitError(args, received.code, received.stderr, plan.repository.gitDir); // ended from outside: it refused nothing
    if (received.code !== 0) return complaint(args, received, plan.repository);
    await quarantine.release();
    return null;
  } finally {
    await quarantine.discard();
  }
}

/** Feeds a pack, of which `head` has been read already, to a git that takes it in. */
async function receive(pack: Readable, head: Buffer, receiver: GitProcess): Promise<{ code: number; stderr: string }> {
  receiver.stdout.resume();
  const receiverEnd = collectEnd(receiver);
  receiver.stdin.write(head);
  pack.pipe(receiver.stdin);
  // A receiver that stops early must not leave the packer waiting for room in its pipe.
  receiver.once('close', () => pack.resume());
  return receiverEnd;
}

/** Git's words when the objects are at fault; what the disk does is an error. */
function complaint(args: readonly string[], received: { code: number; stderr: string }, { gitDir }: Repository): string {
  if (/No space left|Permission denied|Read-only file system|unable to (create|write)/i.test(received.stderr)) {
    throw new GitError(args, received.code, received.stderr, gitDir);
  }
  return received.stderr.trim();
}

type GitProcess = Awaited<ReturnType<typeof startGit>>;

async function collectEnd(child: GitProcess): Promise<{ code: number; stderr: string }> {
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const stderr = () => Buffer.concat(errors).toString('utf8');
  const code = await exitCode(child, stderr);
  return { code, stderr: stderr() };
}

/** Reads at least `count` bytes (fewer at the end) and leaves the stream paused behind them. */
async function firstBytes(stream: Readable, count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    const finish = () => {
      stream.off('data', take).off('end', finish).off('error', reject);
      stream.pause();
      resolve(Buffer.concat(chunks));
    };
    const take = (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= count) finish();
    };
    stream.on('data', take).once('end', finish).once('error', reject);
  });
}
