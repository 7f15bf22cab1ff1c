/** What files called `.editorconfig` say of a file. */
import path from 'node:path';
import { anchored, compileRootGlob } from './glob.ts';

/** Names of properties and their values, both in small letters; `unset` takes back what files above say. */
export type EditorConfig = ReadonlyMap<string, string>;

/** Levels in which any is looked for. Nobody's projects are so deep, and for each folder the whole way to it is walked. */
const MOST_FOLDERS = 64;

/**
 * The nearest one counts first, and in each the last section that matches.
 * @param file its path below the root; @param read the text of such a file of rules, by its path; null = there is none
 */
export function editorConfig(file: string, read: (rules: string) => string | null): EditorConfig {
  const found = new Map<string, string>();
  for (let folder = file.split('/').slice(0, MOST_FOLDERS).join('/'); folder !== '.'; ) {
    folder = path.posix.dirname(folder);
    const text = read(folder === '.' ? '.editorconfig' : `${folder}/.editorconfig`);
    if (text === null) continue;
    for (const [name, value] of propertiesFor(folder === '.' ? file : file.slice(folder.length + 1), text))
      if (!found.has(name)) found.set(name, value);
    if (/^[ \t]*root[ \t]*=[ \t]*true[ \t\r]*$/im.test(text)) break;
  }
  for (const [name, value] of found) if (value === 'unset') found.delete(name);
  return found;
}

/** The encoding that they say a file is in. */
export function editorConfigCharset(file: string, read: (rules: string) => string | null): string | null {
  return editorConfig(file, read).get('charset') ?? null;
}

function propertiesFor(file: string, text: string): Map<string, string> {
  const found = new Map<string, string>();
  let matches: (path: string) => boolean = () => false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) matches = compileRootGlob(acrossFolders(anchored(section))) ?? (() => false);
    const [, name, value] = /^\s*([\w-]+)\s*=\s*([\w-]+)/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && matches(file)) found.set(name.toLowerCase(), value.toLowerCase());
  }
  return found;
}

/** There `lib/**.js` means the files of every folder below, too. */
function acrossFolders(glob: string): string {
  return glob.replace(/(?<=^|\/)\*\*(?=[^/*])/g, '**/*');
}
