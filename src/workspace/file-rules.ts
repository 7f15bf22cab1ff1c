/** What the rules of the repository say of one file: whether git ignores it, by which line, and how git writes and reads it. */
import { decodeName, type GitCall, git, runGit, splitNul } from './run-git.ts';
import type { PrivateGit } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

export interface FileRules {
  /** Set when git ignores the file, so that it does not come onto the branch. */
  readonly ignored: Ignored | null;
  /** `working-tree-encoding` of `.gitattributes`. */
  readonly encoding: string | null;
  /** The ends of lines that git writes into a working tree, and makes plain ones in what it stores; `null` = it leaves them alone. */
  readonly lineEnds: 'lf' | 'crlf' | null;
}

export interface Ignored {
  /** The file of the rule in the repository; `null` = the user's own rules, which are no part of it. */
  readonly rules: string | null;
  readonly line: number;
  readonly pattern: string;
  /** What the rule matches: the file itself, or a folder above it. */
  readonly matched: string;
}

export async function fileRules(privateGit: PrivateGit, workTree: string, path: string, signal?: AbortSignal): Promise<FileRules> {
  const call = workTreeCall(privateGit, workTree, signal);
  const parts = path.split('/');
  const ways = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  const [attributes, ignored] = await Promise.all([
    git(['check-attr', '-z', 'working-tree-encoding', 'text', 'eol', '--', path], call),
    // Exit code 1 says that nothing is ignored. Tracked files never are.
    runGit(['check-ignore', '-v', '-z', '--stdin'], { ...call, stdin: Buffer.from(ways.map((way) => `${way}\0`).join('')) }),
  ]);
  const [, , encoding = '', , , text = '', , , eol = ''] = attributes.toString('utf8').split('\0');
  return {
    ignored: readIgnored(ignored.stdout.toString('utf8'), path),
    encoding: /^(unspecified|unset|set|)$/.test(encoding) ? null : encoding,
    lineEnds: lineEnds(text, eol),
  };
}

/** Those among these files that git ignores, by what its rules are now; never one that it tracks. */
export async function ignoredOf(
  privateGit: PrivateGit,
  workTree: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const stdin = Buffer.from(paths.map((path) => `${path}\0`).join(''));
  const ignored = new Set((await ignoredNames({ ...workTreeCall(privateGit, workTree, signal), stdin })).map(decodeName));
  return paths.filter((path) => ignored.has(path));
}

/**
 * Names of files (latin1) that git ignores. An exit code of 1 says that there are none.
 * @param call with the names as its input, each with a NUL behind it
 * @param how `--no-index`: those that git tracks, too
 */
export async function ignoredNames(call: GitCall, ...how: '--no-index'[]): Promise<string[]> {
  if (!call.stdin?.length) return [];
  return splitNul((await runGit(['check-ignore', ...how, '-z', '--stdin'], call)).stdout);
}

/** As gitattributes(5) has it: `eol` makes a file text unless `-text` says that it is none. */
function lineEnds(text: string, eol: string): FileRules['lineEnds'] {
  if (text === 'unset') return null;
  if (eol === 'crlf' || eol === 'lf') return eol;
  return text === 'unspecified' || text === '' ? null : 'lf';
}

/** Records of rules file, line, pattern and path, the topmost folder first. Only where the file is among them it is ignored. */
function readIgnored(output: string, path: string): Ignored | null {
  const fields = output.split('\0');
  let first: Ignored | null = null;
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [source = '', line = '', pattern = '', matched = ''] = fields.slice(at, at + 4);
    // A line that takes a rule back is reported, too.
    if (pattern.startsWith('!')) continue;
    const isInside = !source.startsWith('/') && !source.startsWith('.git/');
    first ??= { rules: isInside ? source : null, line: Number(line), pattern, matched };
    if (matched === path) return first;
  }
  return null;
}
