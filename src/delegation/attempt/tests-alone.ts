/** Runs only the test files that an attempt wrote, where it can be told how, and they pass so. */
import { posix } from 'node:path';
import { testsOf } from '../../checks/definition/judge-definition.ts';
import type { CheckComparison } from '../../checks/types.ts';
import { packageScripts } from '../../common/package-scripts.ts';
import { shellWord } from '../../common/shell-word.ts';
import { listTree, readBlobs, treeOf } from '../../workspace/read-objects.ts';
import { goPackages, theseTestFiles } from '../first-request/one-test-file.ts';
import type { PassingCheck, ProofParts, ProofRun } from './proof-runs.ts';

const MOST_FILES = 20;
const MANIFEST_BYTES = 1024 * 1024;
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
  check: PassingCheck,
  before: readonly CheckComparison[],
  files: readonly string[],
): Promise<AloneRun | null> {
  const command = await commandFor(parts, check.command, files);
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

async function commandFor({ runs, result, folder }: ProofParts, check: string, files: readonly string[]): Promise<string | null> {
  const seen = files.map((file) => (folder === '' ? file : posix.relative(folder, file)));
  if (seen.length === 0 || seen.length > MOST_FILES || seen.some((file) => file.startsWith('..'))) return null;
  if (seen.every((file) => file.endsWith('.go'))) return `go test -v ${goPackages(seen)}`;
  const python = pythonRunner(check);
  if (python !== null && seen.every((file) => file.endsWith('.py'))) return `${python} ${seen.map(shellWord).join(' ')}`;
  const manifest = posix.join(folder, 'package.json');
  const scripts = packageScripts((await readBlobs(runs.git, result, [manifest], MANIFEST_BYTES)).get(manifest)?.toString());
  const all = new Set((await listTree(runs.git, result)).map(({ path }) => path));
  return theseTestFiles(seen, { 'the test check': check, ...scripts }, { all });
}

/** What a check calls pytest or unittest by, up to that word: `PYTHONPATH=src .venv/bin/python -m unittest`. */
function pythonRunner(check: string): string | null {
  return /^(?:\w+=[\w./:-]* )*(?:[\w./-]+ ){0,3}?(?:\S*\bpytest|-m unittest|nose2)(?= |$)/.exec(check)?.[0] ?? null;
}
