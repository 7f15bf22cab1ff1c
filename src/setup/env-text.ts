import { envEntries, readEnv } from '../common/read-env.ts';

/** Reads and changes the text of a `.env`, so that whatever else stands in it keeps its form: comments, order, unknown lines, line ends. */

export type Variables = Readonly<Record<string, string>>;

export const readVariables = (text: string): Variables => readEnv(text);

/** @param changes the new values; null = the variable is removed */
export function withVariables(text: string, changes: Readonly<Record<string, string | null>>): string {
  return Object.entries(changes).reduce((changed, [name, value]) => withVariable(changed, name, value), text);
}

/** What a text says that another does not, with the comments above: to be added to that one, on lines of their own. */
export function missingLines(text: string, target: string, wanted: (name: string) => boolean): string {
  const lines = linesAsTheyStand(text, readVariables(target), wanted);
  if (addsOnly(lines, text, target, wanted)) return lines;
  // It holds what is no variable to us and one to the reader (`=NAME=value`, a lone carriage return, a quote that does not end).
  let added = '';
  for (const [name, value] of Object.entries(readVariables(text))) {
    const line = wanted(name) && !(name in readVariables(target)) && isQuotable(value) ? `${name}=${quoted(value)}\n` : '';
    if (addsOnly(added + line, text, target, wanted)) added += line;
  }
  return added;
}

/** Whether a target with these lines says what it said before and, of what the text says, only what is wanted. */
function addsOnly(lines: string, text: string, target: string, wanted: (name: string) => boolean): boolean {
  const [known, given] = [readVariables(target), readVariables(text)];
  const after = readVariables(withLines(target, lines));
  const isGiven = ([name, value]: [string, string]) => name in known || (wanted(name) && given[name] === value);
  return Object.entries(known).every(([name, value]) => after[name] === value) && Object.entries(after).every(isGiven);
}

/** A text with further lines at its end. */
export function withLines(text: string, lines: string): string {
  return text === '' || text.endsWith('\n') ? text + lines : `${text}\n${lines}`;
}

function linesAsTheyStand(text: string, known: Variables, wanted: (name: string) => boolean): string {
  const kept: string[] = [];
  let comments: string[] = [];
  for (const entry of envEntries(text.replace(/^\ufeff/, ''))) {
    if (entry.name === null) {
      comments = entry.text.trim() === '' ? [] : [...comments, entry.text];
      continue;
    }
    if (wanted(entry.name) && !(entry.name in known)) kept.push(...comments, entry.text);
    comments = [];
  }
  return kept.map((line) => `${line.replace(/\r?\n$/, '')}\n`).join('');
}

function withVariable(text: string, name: string, value: string | null): string {
  const before = readVariables(text);
  if ((before[name] ?? null) === value) return text;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const line = value === null ? '' : `${name}=${quoted(value)}${eol}`;
  const [mark, lines] = text.startsWith('\ufeff') ? ['\ufeff', text.slice(1)] : ['', text];
  const entries = envEntries(lines);
  // Of several the last one counts.
  const last = entries.findLastIndex((entry) => entry.name === name);
  const inPlace = (put: string) => entries.map((entry, at) => (entry.name === name ? (at === last ? put : '') : entry.text)).join('');
  const atEnd = `${lines}${lines === '' || lines.endsWith('\n') ? '' : eol}${line}`;
  // Behind a quote that does not end, it would be a part of what stands there.
  const ways = [last >= 0 ? inPlace(line) : atEnd, line + inPlace('')].map((way) => mark + way);
  const right = ways.find((way) => saysTheSame({ ...before, [name]: value }, readVariables(way)));
  if (right === undefined) throw new Error('the value cannot be written into a .env file: something in it is read otherwise than it looks');
  return right;
}

function saysTheSame(wanted: Readonly<Record<string, string | null>>, read: Variables): boolean {
  return Object.keys({ ...wanted, ...read }).every((name) => (wanted[name] ?? null) === (read[name] ?? null));
}

/** As it is read back the same. */
function quoted(value: string): string {
  const form = formOf(value);
  if (form === undefined) throw new Error('the value cannot be written into a .env file');
  return form;
}

const isQuotable = (value: string) => formOf(value) !== undefined;

function formOf(value: string): string | undefined {
  const forms = [value, `'${value}'`, `"${value}"`, `\`${value}\``, `"${value.replaceAll('\n', '\\n')}"`];
  return forms.find((each) => readVariables(`X=${each}\n`).X === value && !each.includes('\n'));
}
