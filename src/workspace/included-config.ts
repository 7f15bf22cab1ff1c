/** What a configuration of git includes, as far as it stands there in plain lines: git opens each, pipes too, and follows includes of includes. */
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { readRules } from '../common/read-plain-file.ts';
import { namedFrom } from '../common/real-path.ts';

/** Nobody includes that many; those that include each other several times over keep git busy for hours. */
const MOST = 200;

export interface Included {
  readonly files: readonly string[];
  /** Whether all were looked at; a path may be written in ways that only git follows. */
  readonly isWhole: boolean;
}

/** The files that some of a repository's include, whatever the conditions are. A file that is included twice counts twice, as git reads it twice. */
export function includedBy(configs: readonly string[]): Included {
  const files: string[] = [];
  const queue = [...configs];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const named = includes(readRules(file), dirname(file));
    const followed = named.filter(isFollowed);
    files.push(...followed);
    queue.push(...followed);
    if (files.length > MOST || followed.length < named.length) return { files, isWhole: false };
  }
  return { files, isWhole: true };
}

function includes(text: string, folder: string): string[] {
  let isInclude = false;
  // A backslash goes on in the next line.
  return text
    .replace(/\\\r?\n/g, '')
    .split('\n')
    .flatMap((line) => {
      // Several may stand in a line.
      const sections = /\s*\[\s*([\w.-]+)\s*(?:"(?:[^"\\]|\\.)*"\s*)?\]/sy;
      let start = 0;
      for (let found = sections.exec(line); found !== null; found = sections.exec(line)) {
        isInclude = /^include(if)?(\.|$)/i.test(found[1]!);
        start = sections.lastIndex;
      }
      const rest = line.slice(start);
      const [, value] = (isInclude && /^\s*path\s*=(.*)$/is.exec(rest)) || [];
      const named = plainValue(value ?? '');
      return named ? [isFollowed(named) ? namedFrom(folder, atHome(named)) : named] : [];
    });
}

/** Not by the home of another user, from where git is installed, or by a name that is no UTF-8. */
export const isFollowed = (path: string): boolean => !/^~[^/]|^%\(|^:\(|\ufffd/.test(path);

/** Without quotes, comments and the blanks around: in a time that grows with it, as a repository may bring megabytes of blanks. */
function plainValue(value: string): string {
  let plain = '';
  let end = 0;
  for (const [text, quoted, escaped] of value.trimStart().matchAll(/"((?:[^"\\]|\\.)*)"|\\(.)|[#;].*$|\s+|[^"\\#;\s]+|./gs)) {
    if (/^[#;]/.test(text)) break;
    plain += quoted?.replace(/\\(.)/g, (_, one: string) => ESCAPED[one] ?? one) ?? (escaped && (ESCAPED[escaped] ?? escaped)) ?? text;
    if (text.trim() !== '') end = plain.length;
  }
  return plain.slice(0, end);
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' };

const atHome = (path: string) => (path.startsWith('~/') ? `${homedir()}/${path.slice(2)}` : path);
