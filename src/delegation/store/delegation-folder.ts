import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson, readJson, writeJson } from '../../common/json-file.ts';
import { namesIn } from '../../common/list-names.ts';
import { makePrivateFolder } from '../../common/private-folder.ts';
import { type Message, message } from '../../messages/message.ts';
import { currentResult } from '../journal/attempt-progress.ts';
import { type JournalLine, journalVersion, readEvents, readJournal, type StartEvent } from '../journal/journal.ts';
import { type AttemptResult, resultSchema } from '../result/result-schema.ts';

/** Of the form of the files here. */
const VERSION = 1;

const identitySchema = z.object({
  version: z.literal(VERSION),
  id: z.string(),
  commonDir: z.string(),
  repository: z.string(),
  branch: z.string(),
  createdAt: z.string(),
});

/** Which repository and branch a delegation belongs to. Everything else about it is read from its attempts. */
export type DelegationIdentity = z.infer<typeof identitySchema>;

/** The folders and files of one delegation in the state directory. */
export interface DelegationFolder {
  readonly id: string;
  readonly root: string;
  /** Says which delegation it is; see `parseIdentity`. */
  readonly identity: string;
  readonly attempts: string;
  readonly git: string;
  readonly workTree: string;
  /** A second working tree, where checks run on the base and on the result. */
  readonly checkTree: string;
  /** What commands have written over lent folders. */
  readonly layers: string;
  /** Where the user's set-up command has run. */
  readonly setUp: string;
  readonly temp: string;
  readonly leases: string;
}

/** The files of one attempt. */
export interface AttemptFiles {
  /** Numbered from 1 in the order of the calls, cancelled ones included. */
  readonly number: number;
  readonly folder: string;
  readonly journal: string;
}

export interface StoredAttempt extends AttemptFiles {
  readonly start: StartEvent;
  /** null while it runs, and after a crash. */
  readonly result: AttemptResult | null;
}

/** The same repository (whatever worktree or path names it) and branch always give the same id. */
export function delegationId(commonDir: string, branch: string): string {
  return createHash('sha256').update(`${commonDir}\0${branch}`).digest('hex').slice(0, 16);
}

/** What another program has in a folder of that name is none of ours. */
const DELEGATION_ID = /^[0-9a-f]{16}$/;

/** Where the folders of all delegations lie. */
export const delegationsFolder = (stateDir: string) => path.join(stateDir, 'delegations');

/** Where those lie that were over when their branch name was used again. */
export const archiveFolder = (stateDir: string) => path.join(stateDir, 'archive');

export function delegationFolder(stateDir: string, id: string): DelegationFolder {
  return folderAt(path.join(delegationsFolder(stateDir), id), id);
}

export function folderAt(root: string, id: string): DelegationFolder {
  return {
    id,
    root,
    identity: path.join(root, 'delegation.json'),
    attempts: path.join(root, 'attempts'),
    git: path.join(root, 'git'),
    workTree: path.join(root, 'ws'),
    checkTree: path.join(root, 'check'),
    layers: path.join(root, 'layers'),
    setUp: path.join(root, 'setup'),
    temp: path.join(root, 'tmp'),
    leases: path.join(root, 'leases'),
  };
}

/** Makes the folder with its identity file; a second call changes nothing, but for a file that cannot be read. */
export function createDelegation(folder: DelegationFolder, identity: DelegationIdentity): void {
  makePrivateFolder(folder.attempts);
  const file = folder.identity;
  if (!readJson(identitySchema, file)) writeJson(file, identity);
}

/** Every delegation on this machine whose identity can be read. */
export function listDelegations(stateDir: string): DelegationIdentity[] {
  return namesIn(delegationsFolder(stateDir)).flatMap((id) => readIdentity(delegationFolder(stateDir, id)) ?? []);
}

/** The folders of those whose identity cannot be read; one that never began has no attempt. */
export function unreadableDelegations(stateDir: string): DelegationFolder[] {
  return namesIn(delegationsFolder(stateDir))
    .map((id) => delegationFolder(stateDir, id))
    .filter((folder) => !readIdentity(folder) && (existsSync(folder.identity) || namesIn(folder.attempts).length > 0));
}

/** Folders in which no attempt was noted, and not whose they are. */
export function unnamedFolders(stateDir: string): DelegationFolder[] {
  return namesIn(delegationsFolder(stateDir))
    .filter((name) => DELEGATION_ID.test(name))
    .map((id) => delegationFolder(stateDir, id))
    .filter((folder) => !existsSync(folder.identity) && namesIn(folder.attempts).length === 0);
}

const versionSchema = z.object({ version: z.number() });

/**
 * Why a delegation must be left alone, or null: a newer version of the program wrote in its folder. To this one it would look as if
 * nothing had been done.
 */
export function whyLeaveAlone(folder: DelegationFolder): Message | null {
  const last = attemptNumbers(namesIn(folder.attempts)).at(-1);
  const attempt = last === undefined ? null : attemptFiles(folder, last);
  const versions = [
    readJson(versionSchema, folder.identity)?.version,
    ...(attempt ? [readJson(versionSchema, resultFile(attempt.folder))?.version, journalVersion(attempt.journal)] : []),
  ];
  const newer = versions.find((version) => version !== undefined && version > VERSION);
  return newer === undefined ? null : message('state.newer', { folder: folder.root, version: newer });
}

export function readIdentity(folder: DelegationFolder): DelegationIdentity | null {
  return readJson(identitySchema, folder.identity);
}

export const newestFirst = (a: DelegationIdentity, b: DelegationIdentity) => b.createdAt.localeCompare(a.createdAt);

/** @returns what a `delegation.json` says, or null when it is cut or of another version */
export function parseIdentity(text: string): DelegationIdentity | null {
  return parseJson(identitySchema, text);
}

export function attemptFiles(folder: DelegationFolder, number: number): AttemptFiles {
  const at = path.join(folder.attempts, String(number).padStart(3, '0'));
  return { number, folder: at, journal: path.join(at, 'journal.jsonl') };
}

/** The numbers of the attempts among the names in their folder, oldest first. */
export function attemptNumbers(names: readonly string[]): number[] {
  return names.flatMap((name) => (/^\d{3,}$/.test(name) ? [Number(name)] : [])).sort((a, b) => a - b);
}

/** A folder for the next attempt. */
export function newAttemptFolder(folder: DelegationFolder): AttemptFiles {
  const files = attemptFiles(folder, Math.max(0, ...attemptNumbers(namesIn(folder.attempts))) + 1);
  makePrivateFolder(files.folder);
  return files;
}

/** The attempts so far, oldest first. One whose first line cannot be read never began and is left out. */
export function readAttempts(folder: DelegationFolder): StoredAttempt[] {
  return attemptNumbers(namesIn(folder.attempts)).flatMap((number) => {
    const files = attemptFiles(folder, number);
    const lines = readEvents(files.journal, ['start', 'resume']);
    const start = lines.find((line): line is StartEvent & { at: number } => line.type === 'start');
    const resumed = lines.findLast((line) => line.type === 'resume');
    if (!start) return [];
    const result = currentResult(readJson(resultSchema, resultFile(files.folder)), resumed?.at ?? null);
    return [{ ...files, start: { ...start, task: resumed?.task ?? start.task }, result }];
  });
}

export function readAttemptJournal(attempt: StoredAttempt): JournalLine[] {
  return readJournal(attempt.journal);
}

/** Whether the branch was, or was about to be, moved to a commit by an attempt. */
export function hasImported(attempt: StoredAttempt, tip: string): boolean {
  return readEvents(attempt.journal, ['hand_back']).some((event) => event.tip === tip);
}

const dispositionSchema = z.object({
  state: z.enum(['merged', 'discarded']),
  at: z.string(),
  /** The branch that it was about. */
  branch: z.string().optional(),
  /** The branch as it stood; what a restore brings back. null = it had no branch, or has it back. */
  tip: z.string().nullable(),
  /** Where the branch was left, when it had been there before the delegation; absent = it was removed. */
  back: z.string().optional(),
  /** The commit that a merge made, and where. */
  commit: z.string().nullable(),
  into: z.string().nullable(),
  /** Where HEAD stood before that. */
  before: z.string().optional(),
});

/** What the user decided about a delegation. */
export type Disposition = z.infer<typeof dispositionSchema>;

export function readDisposition(folder: DelegationFolder): Disposition | null {
  return readJson(dispositionSchema, path.join(folder.root, 'disposition.json'));
}

/** @param disposition null = open again */
export function writeDisposition(folder: DelegationFolder, disposition: Disposition | null): void {
  const file = path.join(folder.root, 'disposition.json');
  if (disposition) writeJson(file, disposition);
  else rmSync(file, { force: true });
}

export const resultFile = (attemptFolder: string) => path.join(attemptFolder, 'result.json');

export function writeResult(attemptFolder: string, result: AttemptResult): void {
  writeJson(resultFile(attemptFolder), result);
}

/** @returns what a `result.json` says, or null when it is cut or of another version */
export function parseResult(text: string): AttemptResult | null {
  return parseJson(resultSchema, text);
}
