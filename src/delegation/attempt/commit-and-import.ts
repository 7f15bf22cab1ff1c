import type { AgentEnd } from '../../agent/types.ts';
import type { Finding } from '../../checks/integrity/rule.ts';
import { cutText } from '../../common/cut-text.ts';
import { firstLine } from '../../common/first-line.ts';
import { type Message, message } from '../../messages/message.ts';
import { importLfsObjects } from '../../workspace/content-filters.ts';
import { keptWorkRef } from '../../workspace/hidden-refs.ts';
import { importCommit } from '../../workspace/import-commit.ts';
import { currentHead, resolveCommit } from '../../workspace/open-repository.ts';
import { readChange } from '../../workspace/read-change.ts';
import { treeOf } from '../../workspace/read-objects.ts';
import type { Change, Repository } from '../../workspace/types.ts';
import { writeCommit } from '../../workspace/write-commit.ts';
import type { LoopEnd } from '../journal/fold-journal.ts';
import type { StartEvent } from '../journal/journal.ts';
import { pathsOf } from '../result/out-of-scope.ts';
import type { AttemptResult } from '../result/result-schema.ts';
import { type Effect, effectOf } from './effect-of.ts';
import { findIdle } from './find-idle.ts';
import { gitFolderNotes } from './git-folder-notes.ts';
import { askedIn, integrityWarnings, tasksIn } from './integrity-warnings.ts';
import { missedIgnored } from './missed-ignored.ts';
import type { OpenAttempt } from './open-attempt.ts';
import { outsideNotes } from './outside-paths.ts';
import { identityOf } from './prepare-workspace.ts';
import { PROOF_MS } from './proof-runs.ts';

/** What came back, as far as it did. */
export interface Delivery {
  /** null = the working tree is as it was. */
  readonly change: Change | null;
  readonly checks: AttemptResult['checks'];
  /** Where checks were looked for in vain, the manifests that tell of none; null = they were not. */
  readonly silentManifests: readonly string[] | null;
  /** Places of packages that the checks used as commands of the attempt left them. */
  readonly ownPackages: readonly string[];
  /** What of the user's checkout checks failed for want of, in words. */
  readonly missed?: readonly Message[];
  /** What a reviewer must know of the change before reading it. */
  readonly integrity: readonly Finding[];
  /** Where it does nothing, or nothing but to test, although the task asks for more. */
  readonly effect?: Effect | undefined;
  /** What its tests show. */
  readonly proof?: AttemptResult['proof'];
  readonly headMoved: AttemptResult['headMoved'];
  readonly ending:
    | { kind: 'nothing' }
    | { kind: 'done'; tip: string }
    /** Stopped during the checks, before the branch was moved. */
    | { kind: 'stopped' }
    /** The branch belongs to somebody else by now; the work is under another name. */
    | { kind: 'moved'; tip: string; keptAt: string; reason: Message }
    /** git refused the objects. */
    | { kind: 'rejected'; reason: Message };
}

/**
 * Commit, check, then move the branch: the one moment at which the user's repository changes.
 * The time when the loop ended dates the commit, so that an import which a crash broke off makes the same commit when it is repeated,
 * and knows its own work on the branch.
 * @param final the files as they were left, a commit or tree
 */
export async function commitAndImport(attempt: OpenAttempt, final: string, { end, at }: LoopEnd): Promise<Delivery> {
  const { start, privateGit, checks, stop } = attempt;
  const { request, repository, folder } = attempt.input.call;
  const [before, tree] = await Promise.all([treeOf(privateGit, start.parent), treeOf(privateGit, final)]);
  const silentManifests = start.silentManifests ?? null;
  const nothing = { change: null, checks: [], silentManifests, ownPackages: [], integrity: [], headMoved: null };
  if (tree === before) return { ...nothing, ending: { kind: 'nothing' } };

  const identity = identityOf(repository, at);
  const tip = await writeCommit(privateGit, { tree, parents: [start.parent], message: commitMessage(end, start), identity });
  const change = await readChange(privateGit, start.base, tip);
  const integrity = await integrityWarnings(attempt, tip, change.files);
  const compared = await markIdle(await checks.result(tip, pathsOf(change.files), askedIn(attempt)), attempt);
  const effect = await effectOf(privateGit, { base: start.base, result: tip, files: change.files }, tasksIn(attempt).join('\n'));
  const proof = await proofOf(attempt, tip, change.files, compared);
  const ignored = await missedIgnored(repository, compared, { tree: folder.checkTree, folder: start.folder ?? '' }, stop.signal);
  const outside = outsideNotes(compared, repository.root, start.folder ?? '');
  const missed = [...ignored, ...gitFolderNotes(compared, folder.git), ...outside];
  const evidence = { change, checks: compared, missed, silentManifests, ownPackages: checks.ownPackages(), integrity, effect, proof };
  if (stop.why()) return { ...evidence, headMoved: null, ending: { kind: 'stopped' } };

  attempt.input.record.emit({ type: 'hand_back', tip });
  await importLfsObjects(repository, privateGit, tip, pathsOf(change.files));
  const [imported, headMoved] = await Promise.all([
    importCommit({
      repository,
      privateGit,
      tip,
      exclude: [...new Set([start.head.commit, ...(start.expected ? [start.expected] : [])])],
      branch: request.branch,
      expected: start.expected,
      // Without slashes: a branch `feature` that appeared beside `feature/x` is in the way of every name below it.
      keepAs: (n) => `${request.branch.replaceAll('/', '-')}-kimi-${n}`,
      lastResort: keptWorkRef(folder.id, tip),
    }),
    whereHeadMoved(repository, start, change),
  ]);
  if (imported.ok) return { ...evidence, headMoved, ending: { kind: 'done', tip } };
  if (imported.reason === 'rejected') {
    const reason = message('end.objectsRefused', { said: imported.message });
    return { ...evidence, headMoved, ending: { kind: 'rejected', reason } };
  }
  const code = imported.reason === 'checked_out' ? 'end.checkedOut' : 'end.moved';
  const reason = message(code, { branch: request.branch, keptAt: imported.keptAs });
  return { ...evidence, headMoved, ending: { kind: 'moved', tip, keptAt: imported.keptAs, reason } };
}

/** Those that somebody gave, and that pass whatever the code is. */
async function markIdle(compared: AttemptResult['checks'], { start, privateGit }: OpenAttempt): Promise<AttemptResult['checks']> {
  const given = compared.flatMap(({ command, found }) => (found ? [] : [command]));
  const idle = await findIdle(given, start, privateGit);
  return compared.map((check) => (idle.has(check.command) && !check.found ? { ...check, idle: true } : check));
}

/** What its tests show, once its checks have run. */
async function proofOf(
  { checks, start, input, stop }: OpenAttempt,
  tip: string,
  files: Change['files'],
  comparisons: AttemptResult['checks'],
): Promise<AttemptResult['proof']> {
  const runs = stop.why() ? null : await checks.proofRuns().catch(() => null);
  if (!runs) return undefined;
  const { prove } = await import('./prove.ts'); // needed at the end only, by attempts that get so far
  const { settings, clock } = input.call.context;
  return prove(start.kind, {
    ...{ runs, comparisons, files, base: start.base, result: tip, folder: start.folder ?? '' },
    timeoutMs: settings.values.checkTimeoutSeconds * 1000,
    until: clock.now() + PROOF_MS,
    now: clock.now,
  });
}

/** The worker's own message, or the first line of what is known. */
function commitMessage(end: AgentEnd, start: StartEvent): string {
  if (end.kind === 'finished' && end.commitMessage?.trim()) return end.commitMessage;
  const text = (end.kind === 'finished' && end.summary.trim()) || start.task;
  return cutText(`${end.kind === 'finished' ? '' : 'Unfinished: '}${firstLine(text)}`, 72);
}

/** Whether the user's HEAD moved since the base was chosen, and which of the changed files were changed there too. */
async function whereHeadMoved(repository: Repository, start: StartEvent, change: Change): Promise<AttemptResult['headMoved']> {
  const now = await currentHead(repository);
  // An amended commit may be gone by now; what is told then is where HEAD moved since this attempt began.
  const from = (start.began && (await resolveCommit(repository, start.began))) || start.head.commit;
  if (!now || now === from) return null;
  const theirs = await readChange(repository, from, now);
  const mine = new Set(change.files.flatMap((file) => [file.path, ...(file.from ? [file.from] : [])]));
  const overlap = theirs.files.flatMap((file) => [file.path, ...(file.from ? [file.from] : [])]).filter((file) => mine.has(file));
  return { from, to: now, overlap: [...new Set(overlap)].sort() };
}
