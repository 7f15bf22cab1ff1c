import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from '../common/json-file.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import { removeOwn } from '../common/remove-own.ts';
import { type Change, type ClaudeFiles, isBackup, readText, readToChange, writeChange } from './claude-files.ts';
import { type Disclosure, hasRules, type RulesLanguage, withoutRules, withRules } from './claude-md-rules.ts';
import { ALLOW_RULES, heldRules, type Planned, planPermissions, withoutPermissions } from './permissions.ts';
import { entryAt, readRegistered } from './registration.ts';

/** `<state>/setup.json`: what setup wrote into the user's files, so that exactly this can be undone. */
const recordSchema = z.object({
  version: z.literal(1),
  /** Set while the user wants Claude Code to know the server; only then is a broken registration repaired by itself. */
  connected: z
    .object({
      at: z.string(),
      place: z
        .object({ scope: z.enum(['project', 'local']), folder: z.string() })
        .nullable()
        .default(null),
    })
    .nullable()
    .catch(null),
  permissions: z
    .object({ file: z.string(), added: z.array(z.string()), backup: z.string().nullable(), written: z.string() })
    .nullable()
    .catch(null),
  /** What a terminal wrote into `.env`: the values that stood there before, null where there was none. */
  env: z
    .object({ previous: z.record(z.string(), z.string().nullable()), created: z.boolean(), written: z.string() })
    .nullable()
    .default(null)
    .catch(null),
  rules: z.array(z.object({ file: z.string(), backup: z.string().nullable(), written: z.string() })).catch([]),
});
export type SetupRecord = z.infer<typeof recordSchema>;

const EMPTY: SetupRecord = { version: 1, connected: null, permissions: null, env: null, rules: [] };

export function readRecord(stateDir: string): SetupRecord {
  return readJson(recordSchema, path.join(stateDir, 'setup.json')) ?? EMPTY;
}

/** Whether Claude Code knows the server. Where its own files cannot be read, what was recorded counts. */
export function isConnected(stateDir: string, files: ClaudeFiles): boolean {
  const { connected } = readRecord(stateDir);
  const place = connected?.place ?? { scope: 'user' };
  const registered = readRegistered(files, connected?.place ? [connected.place.folder] : []);
  return registered.problems.length > 0 ? connected !== null : entryAt(registered, place) !== null;
}

export function updateRecord(stateDir: string, change: Partial<SetupRecord>): void {
  makePrivateFolder(stateDir);
  writeJson(path.join(stateDir, 'setup.json'), { ...readRecord(stateDir), ...change });
}

export function forgetRecord(stateDir: string): void {
  rmSync(path.join(stateDir, 'setup.json'), { force: true });
  removeOwn(backupsOf(stateDir), isBackup);
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
/** In the place of the hash of what we wrote: no file is given back as it was before us that somebody wrote into between two writes of ours. */
const NOT_OURS = '';
const hashAfter = (after: string, before: string | null, old: { readonly written: string } | undefined) =>
  old && (before === null || hash(before) !== old.written) ? NOT_OURS : hash(after);
const backupsOf = (stateDir: string) => path.join(stateDir, 'backups');

/**
 * Adds the rules that are missing to a settings.json.
 * @param shown those that the user agreed to: one that was taken away since is not theirs to come back
 */
export function allowTools(
  stateDir: string,
  file: string,
  now: number,
  shown: readonly string[] = ALLOW_RULES,
): Planned<readonly string[]> {
  const before = readToChange(file);
  const planned = planPermissions(before, file, { shown });
  if (!planned.ok) return planned;
  const { missing, after } = planned.plan;
  if (missing.length === 0) return { ok: true, plan: [] };
  const backup = writeChange({ file, before, after }, backupsOf(stateDir), now);
  const old = readRecord(stateDir).permissions;
  const earlier = old?.file === file ? old.added.filter((rule) => !missing.includes(rule)) : [];
  const [first, known] = earlier.length > 0 ? [old!.backup, old!] : [backup];
  updateRecord(stateDir, {
    permissions: { file, added: [...earlier, ...missing], backup: first, written: hashAfter(after, before, known) },
  });
  return { ok: true, plan: missing };
}

export interface GrantedRules {
  readonly file: string;
  readonly added: readonly string[];
}

/**
 * The permission rules that are to be taken back: those of the record. Where it tells of none (it may have got lost), those of ours that
 * stand in the file: without the server they mean nothing.
 */
export function grantedRules(stateDir: string, settings: string): GrantedRules | null {
  const { permissions } = readRecord(stateDir);
  if (permissions) return permissions;
  const added = heldRules(readText(settings));
  return added.length > 0 ? { file: settings, added } : null;
}

/**
 * Takes back what allowTools added: byte for byte when nobody changed the file since, else only our rules.
 * @param settings where rules are looked for when the record tells of none
 */
export function disallowTools(stateDir: string, now: number, settings?: string): Planned<boolean> {
  const granted = settings === undefined ? readRecord(stateDir).permissions : grantedRules(stateDir, settings);
  if (!granted) return { ok: true, plan: false };
  const { file, added } = granted;
  const { backup = null, written = null } = readRecord(stateDir).permissions ?? {};
  const before = readToChange(file);
  if (before !== null) {
    const planned = withoutPermissions(before, file, added);
    if (!planned.ok) return planned;
    const untouched = hash(before) === written ? original(backup) : undefined;
    const after = untouched === undefined ? planned.plan : untouched;
    if (after !== before) writeChange({ file, before, after }, backupsOf(stateDir), now);
  }
  updateRecord(stateDir, { permissions: null });
  return { ok: true, plan: true };
}

/** Whether a file holds the rules; one that cannot be read is reported when it is to be written. */
export function holdsRules(file: string): boolean {
  try {
    return hasRules(readText(file));
  } catch {
    return false;
  }
}

/** What adding the rules to a CLAUDE.md would write. */
export function planRules(file: string, language: RulesLanguage, disclosure: Disclosure = 'silent'): Change {
  const before = readToChange(file);
  return { file, before, after: withRules(before, language, disclosure) };
}

export function addRules(stateDir: string, change: Change, now: number): void {
  if (change.after === change.before || change.after === null) return;
  const backup = writeChange(change, backupsOf(stateDir), now);
  const { rules } = readRecord(stateDir);
  const old = rules.find(({ file }) => file === change.file);
  const kept = rules.filter(({ file }) => file !== change.file);
  const written = hashAfter(change.after, change.before, old);
  updateRecord(stateDir, { rules: [...kept, { file: change.file, backup: old ? old.backup : backup, written }] });
}

/** Removes the block from a CLAUDE.md, byte for byte when nobody changed the file since. */
export function removeRules(stateDir: string, file: string, now: number): boolean {
  const { rules } = readRecord(stateDir);
  const ours = rules.find((rule) => rule.file === file);
  const before = readToChange(file);
  if (before !== null) {
    const untouched = ours && hash(before) === ours.written ? original(ours.backup) : undefined;
    const after = untouched === undefined ? withoutRules(before) : untouched;
    if (after !== before) writeChange({ file, before, after }, backupsOf(stateDir), now);
  }
  updateRecord(stateDir, { rules: rules.filter((rule) => rule.file !== file) });
  return ours !== undefined;
}

/** What stood in a file before we wrote: null when there was no file, undefined when the backup is gone. */
function original(backup: string | null): string | null | undefined {
  return backup === null ? null : (readText(backup) ?? undefined);
}
