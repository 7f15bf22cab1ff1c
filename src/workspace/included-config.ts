/** What a configuration of git includes, as far as it stands there in plain lines: git opens each, pipes too, and follows includes of includes. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { readRules } from '../common/read-plain-file.ts';

/** Nobody includes that many; those that include each other several times over keep git busy for hours. */
const MOST = 200;

export interface Included {
  readonly files: readonly string[];
  /** Whether all were looked at. */
  readonly isWhole: boolean;
}

/** The files that some of a repository's include, whatever the conditions are. A file that is included twice counts twice, as git reads it twice. */
export function includedBy(configs: readonly string[]): Included {
  const files: string[] = [];
  const queue = [...configs];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const named = includes(readRules(file), dirname(file));
    files.push(...named);
    queue.push(...named);
    if (files.length > MOST) return { files, isWhole: false };
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
      const [, section, rest = line] = /^\s*\[\s*([\w.-]+)\s*(?:"(?:[^"\\]|\\.)*"\s*)?\](.*)$/s.exec(line) ?? [];
      if (section !== undefined) isInclude = /^include(if)?$/i.test(section);
      const [, value] = (isInclude && /^\s*path\s*=(.*)$/is.exec(rest)) || [];
      const named = plainValue(value ?? '');
      return named ? [resolve(folder, atHome(named))] : [];
    });
}

/** Without quotes, comments and the blanks around: in a time that grows with it, as a repository may bring megabytes of blanks. */
function plainValue(value: string): string {
  let plain = '';
  let end = 0;
  for (const [text, quoted, escaped] of value.trimStart().matchAll(/"((?:[^"\\]|\\.)*)"|\\(.)|[#;].*$|\s+|[^"\\#;\s]+|./gs)) {
    if (/^[#;]/.test(text)) break;
    plain += quoted?.replace(/\\(.)/g, '$1') ?? escaped ?? text;
    if (text.trim() !== '') end = plain.length;
  }
  return plain.slice(0, end);
}

const atHome = (path: string) => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);
