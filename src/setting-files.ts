/** The files that settings come from. */
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode, errorText } from './common/caught-error.ts';
import { isEntry } from './common/list-names.ts';
import { type EnvEntry, envEntries, envText, readEnv } from './common/read-env.ts';
import { resolveSettings, SETTING_NAMES, type SettingLayer, shownName, variableLayer } from './config.ts';
import { type Message, message } from './messages/message.ts';

/** `.env` in the state directory, then, in a clone of this project, the one beside its own package.json. Never the working directory's. */
export function fileLayers(stateDir: string, programFile: string): FileLayer[] {
  const ofClone = path.join(path.dirname(programFile), '..', '.env');
  return (
    [path.join(stateDir, '.env'), ...(isClone(path.dirname(ofClone)) ? [ofClone] : [])]
      // A link that leads nowhere, as while the drive with it is away, holds something that nobody knows.
      .filter(isEntry)
      .map(fileLayer)
  );
}

type FileLayer = SettingLayer & { readonly label: string };

/** Nobody writes a longer one. */
const MOST_BYTES = 2 ** 20;

/** A pipe is not waited for, as a vault lays one that answers once it is unlocked, and a device never ends. */
function readText(file: string): string {
  const opened = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(opened);
    if (!stats.isFile() && !stats.isDirectory()) throw new Error('it is no file');
    if (stats.size > MOST_BYTES) throw new Error('it has more than 1 MB');
    return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
}

function fileLayer(file: string): FileLayer {
  try {
    const text = readText(file);
    const problem = whyNotRead(file, text);
    return { ...variableLayer('file', file, variablesIn(text)), label: file, ...(problem && { problem }) };
  } catch (error) {
    const code = errorCode(error) ?? errorText(error);
    return { source: 'file', label: file, values: {}, problem: message('setting.unreadable', { file, code }) };
  }
}

/** What a file says: of each variable the last, and of those that forbid all that it says. */
export function variablesIn(text: string): Readonly<Record<string, string>> {
  return { ...readEnv(text), ...joinedLists(text), ...joinedDecisions(text) };
}

const variable = (name: (typeof SETTING_NAMES)[number]) => String(shownName(name, 'file'));
const VARIABLES: ReadonlySet<string> = new Set(SETTING_NAMES.map(variable));
const [NEVER_SEND, PROTECTED, REPOSITORIES] = (['neverSend', 'protectedBranches', 'repositories'] as const).map(variable) as [
  string,
  string,
  string,
];

/** All that a file says of a variable, in its order. */
const valuesOf = (text: string, name: string) => envEntries(envText(text)).flatMap((entry) => (entry.name === name ? [entry.value] : []));

/** Where a file has a list several times, all of them. */
function joinedLists(text: string): Record<string, string> {
  const each = [NEVER_SEND, PROTECTED].map((name) => [name, valuesOf(text, name)] as const);
  return Object.fromEntries(each.flatMap(([name, lists]) => (lists.length > 1 ? [[name, lists.filter(Boolean).join(',')]] : [])));
}

/** What it says last of repositories, with the refusals before; or what of it is wrong. */
function joinedDecisions(text: string): Record<string, string> {
  const given = valuesOf(text, REPOSITORIES).filter(Boolean);
  if (given.length < 2) return {};
  // As it is where several sources say something: the last one is the best.
  const resolution = resolveSettings(given.toReversed().map((value) => variableLayer('file', '', { [REPOSITORIES]: value })));
  const { repositories } = resolution.ok ? resolution.settings.values : {};
  const isWrong = (value: string) => !resolveSettings([variableLayer('file', '', { [REPOSITORIES]: value })]).ok;
  return { [REPOSITORIES]: repositories ? JSON.stringify(repositories) : (given.find(isWrong) ?? given.at(-1)!) };
}

/**
 * What a file says of our settings in a form that we do not read. It may be a refusal, so it is told: as long as it is not mended, nothing is sent.
 */
function whyNotRead(file: string, text: string): Message | undefined {
  if (text.includes('\0')) return message('setting.encoding', { file });
  for (const entry of envEntries(envText(text))) {
    if (entry.name !== null && VARIABLES.has(entry.name) && entry.text.includes('\ufffd')) return message('setting.encoding', { file });
    const name = misread(entry);
    if (name !== undefined) return message('setting.form', { file, variable: name });
  }
  return undefined;
}

/** A variable of ours that stands where it sets nothing: in a line of another form, behind a value, or in one that goes over lines. */
function misread({ name, text }: EnvEntry): string | undefined {
  const isOurs = name !== null && VARIABLES.has(name);
  if (name === null && /^\s*(#|;|\/\/)/.test(text)) return undefined;
  const [first = '', ...others] = text.split('\n');
  if (isOurs) {
    const behind = /^[^=]*=[ \t]*(["'`])[\s\S]*?\1([^\n]*)/.exec(text)?.[2]?.trim() ?? '';
    if (behind !== '' && !behind.startsWith('#')) return name;
  }
  const lines = [...(isOurs ? [] : [name === null ? first : first.slice(0, first.indexOf('='))]), ...others];
  return lines.flatMap((line) => (/^\s*#/.test(line) ? [] : namesIn(line)))[0];
}

/** Those of ours that a line begins with, in whatever form and case. */
function namesIn(line: string): string[] {
  const word = /^\W*(?:(?:export|set|setx|setenv|env|declare|let|var)\b\W*)*(?:-\w+\s+)?(KIMI_\w+)/i.exec(line)?.[1]?.toUpperCase();
  return word !== undefined && VARIABLES.has(word) ? [word] : [];
}

function isClone(folder: string): boolean {
  try {
    return (
      JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).name === 'claude-kimi-mcp' && existsSync(path.join(folder, 'src'))
    );
  } catch {
    return false;
  }
}
