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
      const [, section, rest = line] = /^\s*\[([^\]"]*)(?:"(?:[^"\\]|\\.)*")?\s*\](.*)$/s.exec(line) ?? [];
      if (section !== undefined) isInclude = /^include(if)?\s*$/i.test(section);
      const [, value] = (isInclude && /^\s*path\s*=\s*(.*?)\s*$/is.exec(rest)) || [];
      return value ? [resolve(folder, atHome(plainValue(value)))] : [];
    });
}

/** Without quotes and comments. */
function plainValue(value: string): string {
  return value.replace(/"((?:[^"\\]|\\.)*)"|\\(.)|\s*[#;].*$|(.)/g, (_, quoted, escaped, plain) =>
    quoted === undefined ? (escaped ?? plain ?? '') : quoted.replace(/\\(.)/g, '$1'),
  );
}

const atHome = (path: string) => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);
