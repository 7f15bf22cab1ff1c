import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readText, readToChange } from '../claude/claude-files.ts';
import { readRecord, updateRecord } from '../claude/setup-record.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import { writeWhole } from '../common/write-atomic.ts';
import { resolveSettings, type SettingName, shownName } from '../config.ts';
import { variablesIn } from '../setting-files.ts';
import { missingLines, readVariables, withLines, withVariables } from './env-text.ts';
import type { SetupContext } from './setup-context.ts';

/** Key and settings of a terminal: `.env` in the state directory, for nobody but the user. What was written there is remembered, to be undone. */
export interface EnvStore extends Pick<SetupContext, 'key'> {
  readonly file: string;
  readonly settings: Omit<SetupContext['settings'], 'ofWindow'>;
  /** Adds what another `.env` says and this one does not, with its comments. */
  adopt(text: string, wanted: (name: string) => boolean): void;
}

const KEY = 'KIMI_API_KEY';
const DECISIONS = 'KIMI_REPOSITORIES';
const variableOf = (name: string) => (name === 'claudePath' ? 'KIMI_CLAUDE_PATH' : String(shownName(name as SettingName, 'file')));

export function openEnvStore(stateDir: string): EnvStore {
  const file = path.join(stateDir, '.env');
  const read = () => readText(file) ?? '';
  const toChange = () => readToChange(file) ?? '';
  const variables = () => variablesIn(read());
  const change = (changes: Readonly<Record<string, string | null>>) => write(stateDir, file, withVariables(toChange(), changes), changes);
  const own = (name: string) => typedValue(name, variables()[variableOf(name)], file);
  return {
    file,
    key: {
      read: async () => variables()[KEY] || undefined,
      async store(key, baseUrl) {
        change({ [KEY]: key, ...(baseUrl && { [variableOf('baseUrl')]: baseUrl }) });
      },
      isOurs: async () => KEY in written(stateDir),
      delete: async () => takeBack(stateDir, file, [KEY]),
    },
    settings: {
      get: (name) => own(name) ?? defaultOf(name),
      own,
      async set(name, value) {
        change({ [variableOf(name)]: value === undefined ? null : textOf(name, value, file) });
      },
      written: () => {
        const said = variables();
        return Object.fromEntries(writtenNames(stateDir).map((name) => [name, said[name] ?? null]));
      },
      takeBack: async (shown) =>
        takeBack(
          stateDir,
          file,
          writtenNames(stateDir).filter((name) => shown.includes(name)),
        ),
    },
    adopt(text, wanted) {
      const before = toChange();
      const added = missingLines(text, before, wanted);
      write(stateDir, file, withLines(before, added), readVariables(added));
    },
  };
}

/** As it is read back the same: a list is divided by other signs in each setting, and one that is read otherwise would forbid nothing. */
function textOf(name: string, value: unknown, label: string): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.values(value);
  const divided = (Array.isArray(value) ? [',', '\n', path.delimiter] : ['/']).map((divider) => parts.join(divider));
  const forms = Array.isArray(value) ? divided : [JSON.stringify(value), ...divided];
  const text = forms.find((form) => isDeepStrictEqual(typedValue(name, form, label), value));
  if (text === undefined) throw new Error(`${variableOf(name)}: the value cannot be written into a .env file`);
  return text;
}

/** A value as the settings have it; one that is wrong as it stands there. */
function typedValue(name: string, text: string | undefined, label: string): unknown {
  if (!text) return undefined;
  if (name === 'claudePath') return text;
  const resolution = resolveSettings([{ source: 'file', label, values: { [name]: text } }]);
  return resolution.ok ? resolution.settings.values[name as SettingName] : text;
}

function defaultOf(name: string): unknown {
  const resolution = resolveSettings([]);
  return resolution.ok ? resolution.settings.values[name as SettingName] : undefined;
}

const writtenNames = (stateDir: string) => Object.keys(written(stateDir)).filter((name) => name !== KEY);
const written = (stateDir: string) => readRecord(stateDir).env?.previous ?? {};
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** What stood there before is remembered, but never an older key. */
function write(stateDir: string, file: string, text: string, changes: Readonly<Record<string, string | null>>): void {
  const before = readText(file);
  if (text === (before ?? '')) return;
  makePrivateFolder(stateDir);
  const old = variablesIn(before ?? '');
  const known = readRecord(stateDir).env;
  const fresh = Object.keys(changes).filter((name) => !(name in (known?.previous ?? {})));
  const previous = { ...Object.fromEntries(fresh.map((name) => [name, name === KEY ? null : (old[name] ?? null)])), ...known?.previous };
  writeWhole(before === null ? file : realpathSync.native(file), text, 0o600);
  // Whoever wrote into it since our last write keeps that when ours is taken back.
  const isOurs = before === null || (known?.created && hash(before) === known.written);
  updateRecord(stateDir, { env: { previous, created: known ? known.created : before === null, written: isOurs ? hash(text) : '' } });
}

/**
 * What was decided about repositories before the set-up, with what is refused by now, where somebody has written into the file since: that was not our
 * doing, and what we had written in its place may have allowed it.
 */
function withRefusals(before: string | null, now: string | undefined): string | null {
  const [former, decided] = [before ?? undefined, now].map((text) => typedValue('repositories', text, ''));
  if (typeof decided === 'string') return now!; // what cannot be read may be a refusal
  const isFormer = (name: string) => typeof former === 'object' && (former as Record<string, unknown>)[name] === 'deny';
  const refused = Object.entries(decided ?? {}).filter(([name, word]) => word === 'deny' && !isFormer(name));
  return refused.length === 0 ? before : JSON.stringify({ ...(former as object | undefined), ...Object.fromEntries(refused) });
}

/** A file that we made goes as a whole, unless somebody changed it since. */
function takeBack(stateDir: string, file: string, names: readonly string[]): void {
  const record = readRecord(stateDir).env;
  const text = readToChange(file);
  if (!record || text === null) {
    updateRecord(stateDir, { env: null });
    return;
  }
  const isAsWritten = hash(text) === record.written;
  const previous = (name: string) => record.previous[name] ?? null;
  const changes = Object.fromEntries(
    names.map((name) => [
      name,
      name === DECISIONS && !isAsWritten ? withRefusals(previous(name), variablesIn(text)[name]) : previous(name),
    ]),
  );
  const after = withVariables(text, changes);
  const left = Object.fromEntries(Object.entries(record.previous).filter(([name]) => !names.includes(name)));
  const untouched = record.created && isAsWritten;
  const nothingLeft = after.trim() === '' || (untouched && Object.keys(left).length === 0);
  if (nothingLeft && record.created) rmSync(file, { force: true });
  else if (after !== text) writeWhole(realpathSync.native(file), after, 0o600);
  const isOver = Object.keys(left).length === 0;
  updateRecord(stateDir, { env: isOver ? null : { ...record, previous: left, written: untouched ? hash(after) : record.written } });
}
