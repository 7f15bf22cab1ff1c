/** Runs only the test files that an attempt wrote, where it can be told how, and they pass so. */
import { posix } from 'node:path';
import { testsOf } from '../../checks/definition/judge-definition.ts';
import type { CheckComparison } from '../../checks/types.ts';
import { packageScripts } from '../../common/package-scripts.ts';
import { shellWord } from '../../common/shell-word.ts';
import { listTree, treeOf } from '../../workspace/read-objects.ts';
import { goPackages, theseTestFiles } from '../first-request/one-test-file.ts';
import type { ProofParts, ProofRun, TestCheck } from './proof-runs.ts';
import { readerOf, sidesOf } from './sides.ts';

const MOST_FILES = 20;
/** A start of the runner, on a machine that does much else. */
const LEAST_MS = 10_000;

export interface AloneRun {
  readonly command: string;
  /** On the result. */
  readonly ran: ProofRun;
  /** For further runs of the same tests. */
  readonly timeoutMs: number;
}

/** @returns null where nothing tells how to run them alone, or where they do not pass so */
export async function newTestsAlone(
  parts: ProofParts,
  check: TestCheck,
  before: readonly CheckComparison[],
  files: readonly string[],
  which: Which = 'all in them',
): Promise<AloneRun | null> {
  const command = await commandFor(parts, check.command, files, which);
  if (command === null) return null;
  const tree = await treeOf(parts.runs.git, parts.result);
  const commands = [...before.map((one) => one.command), command];
  const ran = await parts.runs.run({
    tree,
    commands,
    how: 'new tests alone',
    timeoutMs: Math.min(parts.timeoutMs, (parts.until - parts.now()) / 2),
  });
  if (ran?.run.exitCode !== 0 || testsOf(ran.run) === 0) return null;
  return { command, ran, timeoutMs: Math.min(parts.timeoutMs, Math.max(LEAST_MS, 4 * ran.run.durationMs)) };
}

/** A package of Go runs as a whole where its tests are not named. */
type Which = 'all in them' | 'new ones';

async function commandFor(parts: ProofParts, check: string, files: readonly string[], which: Which): Promise<string | null> {
  const entered = /^cd ([\w./@+-]+) && (.+)$/.exec(check);
  if (!entered) return commandIn(parts, check, files, which);
  const [, folder = '', rest = ''] = entered;
  const command = await commandIn({ ...parts, folder: posix.join(parts.folder, folder) }, rest, files, which);
  return command === null ? null : `cd ${folder} && ${command}`;
}

async function commandIn(parts: ProofParts, check: string, files: readonly string[], which: Which): Promise<string | null> {
  const { runs, result, folder } = parts;
  const seen = files.map((file) => (folder === '' ? file : posix.relative(folder, file)));
  if (seen.length === 0 || seen.length > MOST_FILES || seen.some((file) => file.startsWith('..'))) return null;
  if (seen.every((file) => file.endsWith('.go'))) {
    const names = which === 'new ones' ? await newGoTests(parts, files) : [];
    // Tests that were there in the same package would answer for the new ones.
    return `go test -v ${names.length > 0 ? `-run '^(${names.join('|')})$' ` : ''}${goPackages(seen)}`;
  }
  const python = pythonRunner(check);
  if (python !== null && seen.every((file) => file.endsWith('.py'))) return `${python} ${seen.map(shellWord).join(' ')}`;
  const manifest = posix.join(folder, 'package.json');
  const scripts = packageScripts((await readerOf(runs.git, result)([manifest])).get(manifest));
  const all = new Set((await listTree(runs.git, result)).map(({ path }) => path));
  return theseTestFiles(seen, { 'the test check': check, ...scripts }, { all });
}

/** Names of tests that the files hold more than on the base. */
export async function newGoTests({ runs, base, result }: ProofParts, files: readonly string[]): Promise<string[]> {
  const sides = sidesOf(runs.git, base, result);
  const [before, now] = await Promise.all([sides.base(files), sides.result(files)]);
  const names = (texts: ReadonlyMap<string, string>) =>
    [...texts].flatMap(([path, text]) => [...text.matchAll(/^func (Test\w+)\(/gm)].map(([, name]) => [path, name!] as const));
  const known = new Set(names(before).map((one) => one.join('\0')));
  return [...new Set(names(now).flatMap((one) => (known.has(one.join('\0')) ? [] : [one[1]])))];
}

/** What a check calls pytest or unittest by, up to that word: `PYTHONPATH=src .venv/bin/python -m unittest`. */
function pythonRunner(check: string): string | null {
  return /^(?:\w+=[\w./:-]* )*(?:[\w./-]+ ){0,3}?(?:\S*\bpytest|-m unittest|nose2)(?= |$)/.exec(check)?.[0] ?? null;
}
