/** What files called `.editorconfig` say of a file's encoding. */
import path from 'node:path';
import { anchored, compileRootGlob } from './glob.ts';

/**
 * The nearest one counts first, and in each the last section that matches.
 * @param file its path below the root; @param read the text of such a file of rules, by its path; null = there is none
 */
export function editorConfigCharset(file: string, read: (rules: string) => string | null): string | null {
  for (let folder = file; folder !== '.'; ) {
    folder = path.posix.dirname(folder);
    const text = read(folder === '.' ? '.editorconfig' : `${folder}/.editorconfig`);
    if (text === null) continue;
    const charset = charsetFor(folder === '.' ? file : file.slice(folder.length + 1), text);
    if (charset !== null) return charset;
    if (/^[ \t]*root[ \t]*=[ \t]*true[ \t\r]*$/im.test(text)) return null;
  }
  return null;
}

function charsetFor(file: string, text: string): string | null {
  let charset: string | null = null;
  let matches: (path: string) => boolean = () => false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) matches = compileRootGlob(anchored(section)) ?? (() => false);
    const value = /^\s*charset\s*=\s*([\w-]+)/i.exec(line)?.[1];
    if (value !== undefined && matches(file)) charset = value;
  }
  return charset;
}
