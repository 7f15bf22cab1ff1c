/** A line with a variable; a value in quotes may take several. */
const ENTRY = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(?:(["'`])([\s\S]*?)\2[^\n]*|([^\n]*))(?:\n|$)/;

/** A piece of a `.env`: a variable, or a line that is none. */
export interface EnvEntry {
  /** null: a comment, a blank line, or something that we do not know. */
  readonly name: string | null;
  readonly value: string;
  /** As it stands there. */
  readonly text: string;
}

/** The pieces of a `.env`, which together are the text. */
export function envEntries(text: string): EnvEntry[] {
  const entries: EnvEntry[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = ENTRY.exec(rest);
    const whole = found?.[0] ?? /^[^\n]*(?:\n|$)/.exec(rest)![0];
    entries.push({ name: found?.[1] ?? null, value: found ? readValue(found) : '', text: whole });
    rest = rest.slice(whole.length);
  }
  return entries;
}

function readValue([, , quote, quoted, plain = '']: RegExpExecArray): string {
  if (quoted === undefined) return plain.split('#', 1)[0]!.trim();
  return quote === '"' ? quoted.replaceAll('\\n', '\n') : quoted;
}

/**
 * The variables in the text of a `.env`. Not by Node: versions of it differ, and before 22 one does not see a variable behind a blank in an empty
 * line, a line that is none, or a name without a value. It may be a refusal, and the set-up, a window and a server run on three of them.
 */
export function readEnv(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(envEntries(envText(text)).flatMap(({ name, value }) => (name === null ? [] : [[name, value]])));
}

/** A text as it is read: some editors begin a file with a mark, and not all end lines alike. */
export const envText = (text: string): string => text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
