/** Among programs that users have installed lie scripts that they wrote, with a token in some of them. */
import { closeSync, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { join, relative } from 'node:path';
import { entriesIn } from '../common/list-names.ts';
import { findSecrets } from '../common/secret-forms.ts';
import { holdsPassword } from './holds-password.ts';
import { mayBeStarted } from './program-files.ts';
import { isSecretByName, settingsOfServices } from './service-settings.ts';

const NAMED = '(?:pass(?:word|wd|phrase)?|token|secret|access[-_]?key|api[-_]?key|_pat|_pwd?)';
/** Nobody writes longer ones by hand; an archive may begin as a script does. */
const LONGEST = 256 * 1024;

/**
 * The names right in a folder of programs of the scripts in which a password seems to stand.
 * @param holds tells it of the text
 */
export function secretScripts(folder: string, holds: (content: Buffer) => boolean = holdsAny): string[] {
  return entriesIn(folder).flatMap((entry) => (entry.isFile() && isSecret(join(folder, entry.name), holds) ? [entry.name] : []));
}

/** A password as somebody writes it into a script: in quotes, behind a variable of the shell, or with a digit; what computes one is a program. */
const WRITTEN = new RegExp(
  [
    String.raw`${NAMED}["']?[ \t]{0,9}(?:[=:]|=>)[ \t]{0,9}(?:'[^'$\`\s]{6,}'|"[^"$\`\s]{6,}"|(?=[\w+/=.~!@#%^-]{0,200}\d)[\w+/=.~!@#%^-]{8,200}(?:[\s;]|$))`,
    String.raw`^[ \t]{0,40}(?:export[ \t]{1,9}|environment=["']?)?\w{0,40}${NAMED}\w{0,20}=[^\s$"'\`({]{4,}["']?(?:[ \t]|$)`,
    String.raw`${NAMED}["'][ \t]{0,9},[ \t]{0,9}["'][^"'$\`\s]{4,}["']`,
    String.raw`:\/\/[^\s/:@$]{1,200}:[^\s/@$]{1,400}@`,
    String.raw`\bauthorization: ?(?:bearer|basic) [\w+/=.~-]{16,}|private-token: ?[\w-]{8}|\b(?:curl|wget)\b.{0,400} (?:-u|--user)[ =]?["']?[\w.@-]{1,80}:[^\s$]|PRIVATE KEY-----`,
  ].join('|'),
  'im',
);

/** As somebody writes it behind the name of a program, or gives it to a function that logs in. */
const GIVEN = new RegExp(
  [
    String.raw`\bsshpass[ \t].{0,80}-p ?["']?[^\s"'$\`-]`,
    String.raw`\b(?:mysql|mariadb|mycli)[\w-]{0,20}[ \t](?:.{0,300} )?["']?-p["']?[^\s"'$\`)\]|;-]`,
    String.raw`\blftp[ \t].{0,200}-u ?["']?[\w.@-]{1,80},[^\s"'$\`]`,
    String.raw`\bldap(?:search|modify|add|delete|passwd|whoami)[ \t](?:.{0,300} )?-w ?["']?[^\s"'$\`-]`,
    String.raw`\b(?:smbclient|rpcclient|net|curl|wget|http|https)[ \t](?:.{0,300} )?(?:-u|--user|-a|--auth)[ =]?["']?[\w.@\\-]{1,80}[%:][^\s"'$\`%:]`,
    String.raw`[ \t]--?pass(?:word|wd|phrase)?[ =](?:'[^'$\`\s]{4,}'|"[^"$\`\s]{4,}"|(?=[\w+/=.~!@#%^-]{0,200}\d)[\w+/=.~!@#%^-]{4,200}(?:[\s;]|$))`,
    String.raw`\becho[ \t]{1,9}(?:-n[ \t]{1,9})?["']?[^\s"'$\`|]{4,80}["']?[ \t]{0,9}\|[ \t]{0,9}(?:sudo -S|.{0,200}(?:pass(?:word|wd)?-?(?:on-)?stdin|passwd-on-stdin|--passphrase-fd))`,
    String.raw`(?:\.login|\bauth ?=|\bBasicAuth|basic_auth)[ \t]{0,9}\([ \t]{0,9}["'][^"'\n]{1,80}["'][ \t]{0,9},[ \t]{0,9}["'][^"'$\s]{4,}["']`,
    String.raw`\boathtool[ \t].{0,80}[A-Z2-7]{12}`,
    String.raw`\bbot\d{6,12}:[\w-]{30}|discord(?:app)?\.com\/api\/webhooks\/\d{1,20}\/[\w-]{20}`,
    String.raw`;[ \t]?p(?:wd|assword)=[^\s;$"'{]{4}|<pass(?:word|wd)?\b[^>\n]{0,60}>[^<\s]{4}|pass(?:word)?_?hash["']?[ \t]{0,9}[=:][ \t]{0,9}["']?[^\s"'$]{6}`,
  ].join('|'),
  'im',
);

/** Stricter than {@link holdsPassword}, as every tenth program that is a script speaks of passwords. */
export function holdsWrittenSecret(content: Buffer): boolean {
  const text = withoutXmlComments(content.toString('utf8')).replaceAll(/^[ \t]*#.*$/gm, '');
  return WRITTEN.test(text) || GIVEN.test(text) || findSecrets(text).length > 0;
}

const holdsAny = (content: Buffer): boolean => holdsPassword(content) || holdsWrittenSecret(content);

/** Lists, notes and tables beside programs are none of them, unless they can be started. */
const OF_PERSON = /\.(md|txt|org|json|csv|tsv|ya?ml|xml|html?|ipynb|ics|vcf)$/i;

/** In a folder in which users keep scripts of their own: those, and below it what they read, names from the folder on. */
export function secretsOfScripts(folder: string): string[] {
  const { files, others, deployed } = settingsOfServices(folder);
  const read = [...files.filter((file) => isSecretByName(file) || isSecret(file, holdsPassword, '')), ...secretTexts(others), ...deployed];
  const beside = entriesIn(folder).flatMap(({ name }) => (OF_PERSON.test(name) && !mayBeStarted(join(folder, name)) ? [name] : []));
  return [...new Set([...secretScripts(folder), ...read.map((path) => relative(folder, path)), ...beside])];
}

/** Templates show in them how a password is written. */
const withoutXmlComments = (text: string): string =>
  text
    .split('<!--')
    .map((part, index) => (index > 0 && part.includes('-->') ? part.slice(part.indexOf('-->') + 3) : part))
    .join('');

/** As far as there are any texts among them: all others of an installation are large, or no text. */
const MOST_BYTES = 16 * 2 ** 20;
/** By path, time and size: an attempt looks at the same installations for each of its sandboxes. */
const known = new Map<string, boolean>();
const MOST_KNOWN = 20_000;

/** Those of the files that are texts in which a password was written. */
export function secretTexts(files: readonly string[]): string[] {
  let left = MOST_BYTES;
  return files.filter((path) => {
    const stat = statOf(path);
    if (!stat || stat.size === 0 || stat.size > LONGEST || left <= 0) return false;
    const key = `${path}\0${stat.mtimeMs}\0${stat.ctimeMs}\0${stat.size}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    left -= stat.size;
    if (known.size >= MOST_KNOWN) known.clear();
    const is = isSecret(path, holdsWrittenSecret, '');
    known.set(key, is);
    return is;
  });
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isSecret(path: string, holds: (content: Buffer) => boolean, begins = '#!'): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const begin = Buffer.alloc(2);
      readSync(file, begin, 0, 2, 0);
      const { size } = fstatSync(file);
      if (!begin.toString('latin1').startsWith(begins) || size > LONGEST) return false;
      const content = Buffer.alloc(size);
      readSync(file, content, 0, size, 0);
      return !content.includes(0) && holds(content);
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // one that nobody may read is not read inside either
  }
}
