/** Why a check fails that reads a file beside the repository, as a sibling project or data of the user's: commands and checks do not see it. */
import path from 'node:path';
import type { CheckComparison } from '../../checks/types.ts';
import { contains } from '../../common/path-contains.ts';
import { isThere } from '../../common/real-path.ts';
import { type Message, message, shortList } from '../../messages/message.ts';
import { OPT } from '../../sandbox/opt-installations.ts';
import { SYSTEM_PARTS } from '../../sandbox/system-parts.ts';
import { fails } from './missed-ignored.ts';

/** Shells, Node, Python, Go, Rust, Ruby, Java, PHP. */
const NOT_THERE =
  /no such file or directory|\bENOENT\b|cannot find (?:the )?(?:file|path)|can(?:'|no)t open|cannot be opened|FileNotFound|NoSuchFile|does not exist|not found/i;
const PATHS = /(?:^|[\s"'`(=:])((?:\.\.\/|\/)[\w.@+-]+(?:\/[\w.@+-]+)*)/g;
const LONGEST_LINE = 500;
/** There in the sandbox, or of the machine: what speaks of them misses something else. */
const OTHERS = [...SYSTEM_PARTS.map((part) => part.path), '/etc', '/dev', '/proc', '/run', '/sys', '/var'];

/**
 * @param root of the user's checkout
 * @param folder of it, in which the checks ran
 */
export function outsideNotes(checks: readonly CheckComparison[], root: string, folder: string): Message[] {
  return checks.flatMap(({ command, base, result }) => {
    if (!fails(base) || (result !== null && !fails(result))) return [];
    const files = [...new Set(missedIn(base!.tail, root, folder))];
    const inOpt = files.filter((file) => contains(OPT, path.normalize(file)));
    const others = files.filter((file) => !inOpt.includes(file));
    return [
      ...(others.length > 0 ? [message('lent.outside', { command, files: shortList(others, 5) })] : []),
      ...(inOpt.length > 0 ? [message('lent.inOpt', { command, files: shortList(inOpt, 5) })] : []),
    ];
  });
}

function missedIn(text: string, root: string, folder: string): string[] {
  const lines = text.split('\n').filter((line) => line.length <= LONGEST_LINE && NOT_THERE.test(line));
  const named = lines.flatMap((line) => {
    const files = [...line.matchAll(PATHS)].map(([, file = '']) => file);
    return files.filter((file) => !line.trimStart().startsWith(`${file}:`)); // the program that says it
  });
  return named.filter((file) => liesOutside(file, root, folder));
}

function liesOutside(file: string, root: string, folder: string): boolean {
  const from = path.isAbsolute(file) ? ['/'] : [path.join(root, folder), root];
  return from.some((start) => {
    const at = path.resolve(start, file);
    return !contains(root, at) && !OTHERS.some((other) => contains(other, at)) && isThere(at);
  });
}
