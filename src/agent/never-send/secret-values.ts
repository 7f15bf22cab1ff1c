/** What of a withheld file would give its secrets away wherever it stands: whole lines, and the values that look like secrets. */
import { entropyOf } from '../../common/secret-forms.ts';
import { decodeText } from '../../common/text-codec.ts';

export interface SecretValue {
  readonly text: string;
  /** Counts only as a line of its own: `DB_HOST=localhost` is the file's, `localhost` is everybody's. */
  readonly isLine: boolean;
}

/** More of one file would cost memory and say nothing new. */
const MOST_VALUES = 5_000;
const LEAST_LINE = 6;
const LONGEST = 4_000;
const WORD_ENDS = /[\s,;=:"'`(){}[\]<>]+/;
/** A name that says that its value is a secret. */
const SECRET_NAME = /pass|pwd|secret|token|key|cred|auth|salt|private|dsn|webhook|signature|cookie|session|pin$|conn(ection)?[_-]?str/i;
/** What is no secret whatever its name says. */
const ORDINARY =
  /^(true|false|null|none|yes|no|on|off|undefined|test|testing|development|production|staging|local|localhost|root|admin|user|username|password|passwd|postgres|mysql|redis|secret|token|changeme|change[_-]?me|example|string|number|bearer|basic|default|public|private|debug|info|warn|error|utf-?8|\d{1,5})$/i;

/** @param bytes the content of a file that is never sent */
export function secretValues(bytes: Buffer): SecretValue[] {
  const text = decodeText(bytes)?.text ?? printable(bytes);
  const values = new Map<string, boolean>();
  const add = (value: string, isLine: boolean) => {
    if (value.length <= LONGEST && values.size < MOST_VALUES) values.set(value, (values.get(value) ?? true) && isLine);
  };
  for (const raw of text.split(/\r?\n|\r/)) {
    const line = raw.trim();
    if (line.length > LONGEST) {
      for (const word of line.split(WORD_ENDS)) if (looksSecret(word)) add(word, false);
      continue;
    }
    if (line.length < LEAST_LINE || /^(#|\/\/|;|-----(BEGIN|END) )/.test(line)) {
      if (/^[#;/]/.test(line)) for (const value of valuesIn(line.replace(/^[#;/]+\s*/, ''))) add(value, false);
      continue;
    }
    if (/[\w"']\s*[=:]/.test(line) || line.length >= 16) add(line, !looksSecret(line));
    for (const value of valuesIn(line)) add(value, false);
  }
  return [...values].map(([value, isLine]) => ({ text: value, isLine }));
}

/** Of a file that is no text: what a program that prints it would show of it. */
function printable(bytes: Buffer): string {
  return (bytes.toString('latin1').match(/[\x20-\x7e]{12,}/g) ?? []).join('\n');
}

/** The values of a line as dotenv, JSON, YAML, INI, HCL and netrc write them. */
function* valuesIn(line: string): Iterable<string> {
  const assigned = /^(?:export\s+|set\s+|-\s+)?["']?([\w.\-/ ]{1,100}?)["']?\s*(?:=>|:=|[=:])\s*(.+)$/.exec(line);
  if (assigned) {
    const [, name = '', rest = ''] = assigned;
    for (const value of writtenAs(rest)) {
      if (isSecret(value, name)) yield value;
      yield* partsOf(value);
    }
  }
  for (const [, quoted = ''] of line.matchAll(/["'`]([^"'`\s]{6,})["'`]/g)) {
    if (looksSecret(quoted)) yield quoted;
    yield* partsOf(quoted);
  }
  for (const [, name = '', value = ''] of line.matchAll(/\b(password|passwd|account|token|secret)[\s=:]+["']?([^\s"',;]{4,})/gi))
    if (isSecret(value, name)) yield value;
  // `user:hash` of an .htpasswd, `host:port:database:user:password` of a .pgpass, and what stands for itself.
  for (const word of line.split(WORD_ENDS)) if (looksSecret(word)) yield word;
  const last = line.slice(line.lastIndexOf(':') + 1);
  if (/^[^\s:]+:[^\s]+$/.test(line) && !line.includes('//') && last.length >= 6 && !ORDINARY.test(last)) yield last;
}

/** A value with and without its quotes, its comment, and with what its escapes mean. */
function writtenAs(rest: string): Set<string> {
  const plain = rest.replace(/[,;]\s*$/, '').trim();
  const quoted = /^(["'`])(.*?)(?<!\\)\1\s*(?:#.*)?[,;]?$/.exec(plain)?.[2];
  const forms = quoted === undefined ? [plain, plain.replace(/\s+#.*$/, '')] : [quoted];
  const lines = forms.flatMap((form) =>
    form.includes('\\') ? [form, ...form.split(/\\r?\\?n?/), form.replace(/\\(["'$\\])/g, '$1')] : [form],
  );
  return new Set(lines.map((form) => form.trim()).filter((form) => form !== ''));
}

/** The password, the query and the secret path of an address. */
function* partsOf(value: string): Iterable<string> {
  const login = /:\/\/[^\s/@]*?:([^\s/]+)@/.exec(value)?.[1];
  if (login && login.length >= 4 && !ORDINARY.test(login)) yield* new Set([login, decoded(login)]);
  for (const [, parameter = ''] of value.matchAll(/[?&;][\w-]+=([^&;\s]{6,})/g)) if (looksSecret(parameter)) yield parameter;
  for (const part of value.split(/[/?&=;,\s]+/)) if (part !== value && looksSecret(part)) yield part;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isSecret(value: string, name: string): boolean {
  if (ORDINARY.test(value) || /^\$\{?\w+\}?$/.test(value)) return false;
  if (SECRET_NAME.test(name)) return value.length >= 4 && !/^\.{0,2}\/[\w./-]*$/.test(value);
  // A long value of such a file is its own, as the name of a host is.
  const isLong = value.length >= 16 && !/\s|localhost|127\.0\.0\.1/.test(value) && !/^[.~]{0,2}\//.test(value);
  return isLong || looksSecret(value);
}

/** Long, and as mixed as random characters are; not an address, a version or a path. */
function looksSecret(value: string): boolean {
  if (value.length < 12 || /\s/.test(value) || /^(https?|file):\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/i.test(value)) return false;
  const isMixed = /[0-9]/.test(value) && /[A-Za-z]/.test(value);
  const isPath = /^[@.~]?[\w-]*(\/[\w.-]+)+$/.test(value) && value.length < 40;
  const isName = /^[a-z]+\d{0,4}([-_.]([a-z]+\d{0,4}|\d{1,4}))*$/i.test(value);
  return isMixed && !isPath && !isName && !/^[\d.:-]+T?[\d.:Z+-]*$/.test(value) && entropyOf(value) >= 3;
}
