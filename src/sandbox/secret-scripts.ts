/** Among programs that users have installed lie scripts that they wrote, with a token in some of them. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { entriesIn } from '../common/list-names.ts';
import { findSecrets } from '../common/secret-forms.ts';
import { holdsPassword } from './holds-password.ts';

const NAMED = '(?:pass(?:word|wd|phrase)?|token|secret|access[-_]?key|api[-_]?key|_pat|_pwd?)';
/** Nobody writes longer ones by hand; an archive may begin as a script does. */
const LONGEST = 256 * 1024;

/**
 * The names right in a folder of programs of the scripts in which a password seems to stand.
 * @param holds tells it of the text
 */
export function secretScripts(folder: string, holds: (content: Buffer) => boolean = holdsPassword): string[] {
  return entriesIn(folder).flatMap((entry) => (entry.isFile() && isSecret(join(folder, entry.name), holds) ? [entry.name] : []));
}

/** A password as somebody writes it into a script: in quotes, behind a variable of the shell, or with a digit; what computes one is a program. */
const WRITTEN = new RegExp(
  [
    String.raw`${NAMED}["']?[ \t]{0,9}[=:][ \t]{0,9}(?:'[^'$\`\s]{6,}'|"[^"$\`\s]{6,}"|(?=[\w+/=.~!@#%^-]{0,200}\d)[\w+/=.~!@#%^-]{8,200}(?:[\s;]|$))`,
    String.raw`^[ \t]{0,40}(?:export[ \t]{1,9})?\w{0,40}${NAMED}\w{0,20}=[^\s$"'\`({]{4,}(?:[ \t]|$)`,
    String.raw`:\/\/[^\s/:@$]{1,200}:[^\s/@$]{1,400}@`,
    String.raw`\bauthorization: ?(?:bearer|basic) [\w+/=.~-]{16,}|private-token: ?[\w-]{8}|\b(?:curl|wget)\b.{0,400} (?:-u|--user)[ =]?["']?[\w.@-]{1,80}:[^\s$]|PRIVATE KEY-----`,
  ].join('|'),
  'im',
);

/** Stricter than {@link holdsPassword}, as every tenth program that is a script speaks of passwords. */
export function holdsWrittenSecret(content: Buffer): boolean {
  const text = content.toString('utf8').replaceAll(/^[ \t]*#.*$/gm, '');
  return WRITTEN.test(text) || findSecrets(text).length > 0;
}

function isSecret(path: string, holds: (content: Buffer) => boolean): boolean {
  try {
    const file = openSync(path, 'r');
    try {
      const begin = Buffer.alloc(2);
      readSync(file, begin, 0, 2, 0);
      const { size } = fstatSync(file);
      if (begin.toString('latin1') !== '#!' || size > LONGEST) return false;
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
