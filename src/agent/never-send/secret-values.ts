/** What of a withheld file would give its secrets away wherever it stands: whole lines, and the values that look like secrets. */
import { entropyOf } from '../../common/secret-forms.ts';
import { decodeText } from '../../common/text-codec.ts';
import { encodedForms } from './encoded-forms.ts';

export interface SecretValue {
  readonly text: string;
  /** Counts only as a line of its own: `DB_HOST=localhost` is the file's, `localhost` is everybody's. */
  readonly isLine: boolean;
}

/** Of one file: what looks secret comes first, so that a large state of Terraform does not hide its passwords behind its lines. */
const MOST_VALUES = 100_000;
/** No line and no address, of which parts are everybody's. */
const TOKEN = /^[^\s=:%\\]{12,}={0,2}$/;
/** Values of one file that are known in base64 and hexadecimal, too. */
const MOST_ENCODED = 200;
export const LEAST_LINE = 6;
/** Of a line that counts as such. */
export const LONGEST = 4_000;
/** A longer secret is known by its pieces, each of which begins with the last character of the one before: so a part of it is known as well. */
const PIECE = 256;
/** A piece of a secret that another encoding, or a program that shows bytes, parts at its other characters. */
const LEAST_RUN = 8;
const WORD_ENDS = /[\s,;=:"'`(){}[\]<>]+/;
/** What stands between such and is long enough to be a secret for itself. */
export const WORD = /[^\s,;=:"'`(){}[\]<>]{12,4000}/g;
/** A name that says that its value is a secret. */
const SECRET_NAME = /pass|pwd|secret|token|key|cred|auth|salt|private|dsn|webhook|signature|cookie|session|pin$|conn(ection)?[_-]?str/i;
/** What is no secret whatever its name says. */
const ORDINARY =
  /^(true|false|null|none|yes|no|on|off|undefined|test|testing|development|production|staging|local|localhost|root|admin|user|username|password|passwd|postgres|mysql|redis|secret|token|changeme|change[_-]?me|example|string|number|bearer|basic|default|public|private|debug|info|warn|error|utf-?8|\d{1,5})$/i;

/** @param bytes the content of a file that is never sent */
export function secretValues(bytes: Buffer): SecretValue[] {
  const secrets = new Set<string>();
  const lines = new Set<string>();
  const parts = new Set<string>();
  for (const text of readings(bytes)) collect(text, secrets, lines, parts);
  const found: SecretValue[] = [];
  for (const text of secrets) {
    if (found.length >= MOST_VALUES) break;
    for (const piece of piecesOf(text)) found.push({ text: piece, isLine: false });
  }
  for (const text of parts) if (found.length < MOST_VALUES && !secrets.has(text)) found.push({ text, isLine: false });
  for (const text of lines) if (found.length < MOST_VALUES && !secrets.has(text)) found.push({ text, isLine: true });
  const encoded = [...secrets].filter((text) => TOKEN.test(text) && looksSecret(text)).slice(0, MOST_ENCODED);
  for (const text of new Set(encoded.flatMap((value) => [...encodedForms(value)])))
    if (found.length < MOST_VALUES) found.push({ text, isLine: false });
  return found;
}

/** Less is everybody's. */
const LEAST_PART = 20;

/** Where a line holds a whole table, as JSON without line breaks does: its fields and rows, of which nobody else has one by chance. */
export function* partsOfLine(line: string): Iterable<{ readonly text: string; readonly at: number }> {
  for (const form of [/(?<=[({[])[^(){}[\]\n]{1,4000}(?=[)}\]])/g, /[^,;{}()[\]\t\n]+/g])
    for (const { 0: part, index } of line.matchAll(form)) {
      const text = part.trim();
      if (text.length >= LEAST_PART && text.length <= LONGEST && /\p{L}/u.test(text)) yield { text, at: index + part.indexOf(text) };
    }
}

/** The text, and what those make of it who take its bytes for another encoding. */
function readings(bytes: Buffer): Set<string> {
  const decoded = decodeText(bytes);
  if (decoded === null) return new Set([printable(bytes)]);
  const isWide = decoded.encoding.startsWith('utf-');
  return new Set(isWide ? [decoded.text] : [decoded.text, bytes.toString('utf8'), bytes.toString('latin1')]);
}

function collect(text: string, secrets: Set<string>, lines: Set<string>, parts: Set<string>): void {
  const add = (value: string) => {
    secrets.add(value);
    for (const form of writtenElsewhere(value)) secrets.add(form);
  };
  let goesOn = '';
  for (const raw of text.split(/\r?\n|\r/)) {
    const line = raw.trim();
    if (line.length > LONGEST) {
      for (const word of line.split(WORD_ENDS)) if (looksSecret(word)) add(word);
      for (const { text: part } of partsOfLine(line)) parts.add(part);
    }
    if (line.length < LEAST_LINE || /^(#|\/\/|;|-----(BEGIN|END) )/.test(line)) {
      if (/^[#;/]/.test(line)) for (const value of valuesIn(line.replace(/^[#;/]+\s*/, ''))) add(value);
      if (!BEGINS.test(line)) continue;
    }
    const isAssigned = ASSIGNED.test(line);
    if (!isAssigned && goesOn !== '')
      for (const value of writtenAs(line.replace(/^-\s+/, ''))) if (!/^\W*$/.test(value) && isSecret(value, goesOn)) add(value);
    if (isAssigned || /[[\]{}]/.test(line)) goesOn = '';
    goesOn = BEGINS.exec(line)?.[1] ?? goesOn;
    if (line.length <= LONGEST && (/[\w"']\s*[=:]/.test(line) || line.length >= 16)) {
      if (looksSecret(line)) add(line);
      else lines.add(line);
    }
    for (const value of valuesIn(line)) add(value);
  }
}

/** `name: value` and the like: the name, and what is behind. */
const ASSIGNED = /^(?:export\s+|set\s+|-\s+)?["']?((?! )[\w.\-/ ]{1,100}?)["']?\s*(?:=>|:=|[=:])\s*(.+)$/;
/** A name of a secret of which the value is on the next lines: nothing behind it, a block of YAML, a list, or quotes that are still open. */
const BEGINS =
  /^["'\-\s]{0,4}([\w.\-/]{0,60}(?:pass|pwd|secret|token|key|cred|auth|private)[\w.\-/]{0,40})["']?\s*(?:(?::=|[=:])\s*(?:[>|][-+\d]{0,3}|\[|\\|"(?:[^"\\]|\\.)*|'[^']*)?)?$/i;

function* piecesOf(value: string): Iterable<string> {
  if (value.length <= 2 * PIECE) return yield value;
  for (let at = 0; at + PIECE < value.length; at += PIECE - 1) yield value.slice(at, at + PIECE);
  yield value.slice(-PIECE);
}

/** How programs write a value that holds more than letters and digits: in JSON, in an address, in a page, in a shell, and in bytes. */
function* writtenElsewhere(value: string): Iterable<string> {
  if (/^[\w.~-]*$/.test(value) || value.length > LONGEST) return;
  const json = JSON.stringify(value).slice(1, -1);
  yield* [json, json.replaceAll('/', '\\/'), json.replace(/[<>&']/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)];
  yield json.replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  yield* [value.replace(/[\\']/g, '\\$&'), value.replace(/\\/g, '\\\\'), value.replaceAll("'", "'\\''")];
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  yield* [html, html.replaceAll('"', '&quot;').replaceAll("'", '&#39;'), html.replaceAll('"', '&quot;').replaceAll("'", '&#x27;')];
  const isWhole = value.isWellFormed();
  if (isWhole) yield* [encodeURIComponent(value), encodeURIComponent(value).replaceAll('%2F', '/'), encodeURI(value)];
  if (/[^\x20-\x7e]/.test(value)) {
    // Where bytes are taken for two of which the second is ASCII, that goes with the first.
    for (const run of value.match(/[\x20-\x7e]+/g) ?? []) if (run.trim().length > LEAST_RUN) yield* [run, run.slice(1)];
  }
}

/** Of a file that is no text: what a program that prints it would show of it. */
function printable(bytes: Buffer): string {
  return (bytes.toString('latin1').match(/[\x20-\x7e]{12,}/g) ?? []).join('\n');
}

/** The values of a line as dotenv, JSON, YAML, INI, HCL and netrc write them. */
function* valuesIn(line: string): Iterable<string> {
  const inside = line.startsWith('{') || line.startsWith('[') ? line.matchAll(PAIRS) : [];
  for (const [, name = '', rest = ''] of [ASSIGNED.exec(line) ?? [], ...inside]) {
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
  const forms = quoted === undefined ? [plain, plain.replace(/(?<!\s)\s+#.*$/, ''), plain.replace(/^["'`]|["'`]$/g, '')] : [quoted];
  const lines = forms.flatMap((form) =>
    form.includes('\\') ? [form, ...form.split(/\\r?\\?n?/), form.replace(/\\(["'$\\])/g, '$1'), ...unescaped(form)] : [form],
  );
  return new Set(lines.map((form) => form.trim()).filter((form) => form !== ''));
}

/** What a program reads there: in JSON and YAML `\u0026` and `\x26` are a sign, in `.properties` and elsewhere `\:` is one. */
function unescaped(form: string): string[] {
  const whole = form.replace(/\\(?:u([\da-f]{4})|x([\da-f]{2})|([^nrtbf\d]))/gi, (all, wide, narrow, sign) =>
    sign === undefined ? String.fromCharCode(Number.parseInt(wide ?? narrow, 16)) : /^[ux]$/i.test(sign) ? all : sign,
  );
  return whole.split(/\\[rn]|[\r\n]/);
}

/** Names and values of JSON that was written without line breaks. */
const PAIRS = /["']([\w.\-/ ]{1,100})["']\s*:\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g;

/** The password, the query and the secret path of an address. */
function* partsOf(value: string): Iterable<string> {
  const login = /:\/\/[^\s/@]{0,200}?:([^\s/]{1,4000})@/.exec(value)?.[1];
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

/** Values behind names that say that they are secrets, in a text of any form and size, as programs write them. */
export function* secretsNamed(text: string): Iterable<string> {
  for (const [, name = '', double, single, plain] of text.matchAll(NAMED)) {
    const value = double ?? single ?? plain ?? '';
    if (!isSecret(value, name)) continue;
    yield value;
    yield* writtenElsewhere(value);
  }
}

const NAMED =
  /(pass|pwd|secret|token|key|cred|auth|salt|private|dsn|cookie|session)[\w.-]{0,40}["']?[ \t]{0,4}(?:=>|:=|[=:])[ \t]{0,4}(?:"([^"\n]{4,400})"|'([^'\n]{4,400})'|([^\s"',;]{4,400}))/gi;

/** Long, and as mixed as random characters are; not an address, a version or a path. */
export function looksSecret(value: string): boolean {
  if (value.length < 12 || /\s/.test(value) || /^(https?|file):\/\/[\w.-]+(:\d+)?(\/[\w./-]*)?$/i.test(value)) return false;
  const isMixed = /[0-9]/.test(value) && /[A-Za-z]/.test(value);
  const isPath = /^[@.~]?[\w-]*(\/[\w.-]+)+$/.test(value) && value.length < 40;
  const isName = /^[a-z]+\d{0,4}([-_.]([a-z]+\d{0,4}|\d{1,4}))*$/i.test(value);
  return isMixed && !isPath && !isName && !/^[\d.:-][\d.:Z+-]*(?:T[\d.:Z+-]*)?$/.test(value) && entropyOf(value) >= 3;
}
