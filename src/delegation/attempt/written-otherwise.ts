/** Runs tests on the same code, written otherwise: one that fails there looks at the text of the code, and shows nothing of what it does. */
import { posix } from 'node:path';
import { encodedCode } from '../../checks/proof/encoded-code.ts';
import { sameCode } from '../../checks/proof/same-code.ts';
import { isTestPath } from '../../checks/test-files.ts';
import type { CheckRun } from '../../checks/types.ts';
import { listTree } from '../../workspace/read-objects.ts';
import { type Replacement, treeWithFiles } from '../../workspace/tree-with-files.ts';
import { LEAST_MS, type ProofParts } from './proof-runs.ts';
import { textsOf } from './sides.ts';

/** Of those beside a new file. */
const MOST_BESIDE = 5;

/** Each with the lines whose comments go. */
export type Rewritten = ReadonlyMap<string, ReadonlySet<number>>;

interface Way {
  readonly commands: readonly string[];
  readonly timeoutMs: number;
  /** What they say on the result, and on the base; null = they run new tests only, and nothing that minds how code is written. */
  readonly onResult: Said;
  readonly onBase: Said | null;
}
type Said = Pick<CheckRun, 'exitCode' | 'counts'>;

/**
 * @param more what else stands otherwise in the tree
 * @returns null where the tests say the same; nothing: nothing can be written otherwise
 */
export async function noticeRewriting(
  parts: ProofParts,
  rewritten: Rewritten,
  way: Way,
  more: readonly Replacement[] = [],
): Promise<'by_text' | 'stopped' | 'too_long' | 'nothing' | null> {
  const { runs, base, result } = parts;
  const runOn = async (commit: string, files: readonly Replacement[], how: string) => {
    const timeoutMs = Math.min(way.timeoutMs, parts.until - parts.now());
    if (timeoutMs < LEAST_MS) return 'too_long';
    const ran = await runs.run({ commands: way.commands, timeoutMs, tree: await treeWithFiles(runs.git, commit, files), how });
    return !ran || ran.run.killed !== null ? 'stopped' : ran.run;
  };
  const texts = await textsOf(runs.git, result, [...rewritten.keys()]);
  for (const form of FORMS) {
    if (form === 'encoded' && !canBeEncoded(texts)) continue;
    const sources = otherwise(texts, form, (path) => rewritten.get(path));
    if (sources.length + more.length === 0) return 'nothing';
    const ran = await runOn(result, [...sources, ...more], 'the same code, written otherwise');
    if (typeof ran === 'string') return ran;
    if (saysTheSame(ran, way.onResult)) return null;
    // A formatter or a linter in the check minds it, too. Whether there is one is asked of the base: work could fail on purpose.
    const files = sources.map(({ path }) => path);
    const old = way.onBase ? await textsOf(runs.git, base, await likeOnBase(parts, files)) : new Map<string, string>();
    if (!way.onBase || old.size === 0) return 'by_text';
    const isBare = files.some((path) => rewritten.get(path)?.size);
    const asWell = otherwise(old, form, (_, text) => (isBare ? allLines(text) : undefined));
    const onBase = await runOn(base, asWell, 'the base, written otherwise');
    if (typeof onBase === 'string') return onBase;
    if (saysTheSame(onBase, way.onBase)) return 'by_text';
  }
  return null;
}

/** What tells most first: where it passes so, it does with other blanks. */
const FORMS = ['encoded', 'other', 'kept'] as const;
type Form = (typeof FORMS)[number];
const canBeEncoded = (texts: ReadonlyMap<string, string>) => [...texts].some(([path, text]) => encodedCode(path, text) !== null);

const failed = ({ counts }: Said) => counts?.failed ?? 0;
const saysTheSame = (one: Said, other: Said) => one.exitCode === other.exitCode && failed(one) === failed(other);

function otherwise(
  texts: ReadonlyMap<string, string>,
  form: Form,
  bareIn: (path: string, text: string) => ReadonlySet<number> | undefined,
): { path: string; text: string }[] {
  return [...texts].flatMap(([path, before]) => {
    const encoded = form === 'encoded' ? encodedCode(path, before) : null;
    const text = encoded ?? sameCode(path, before, bareIn(path, before), form === 'kept' ? 'kept' : 'other');
    return text === null ? [] : [{ path, text }];
  });
}

const allLines = (text: string) => new Set(text.split('\n').map((_, at) => at + 1));

/** The same files where the base has some of them; if all are new, those beside them, or else others of the kind. */
async function likeOnBase({ runs, base }: ProofParts, files: readonly string[]): Promise<string[]> {
  const paths = (await listTree(runs.git, base)).map(({ path }) => path);
  const [names, endings, folders] = [new Set(files), new Set(files.map(posix.extname)), new Set(files.map(posix.dirname))];
  const known = paths.filter((path) => names.has(path));
  if (known.length > 0) return known;
  const alike = paths.filter((path) => endings.has(posix.extname(path)) && !isTestPath(path));
  const beside = alike.filter((path) => folders.has(posix.dirname(path)));
  return (beside.length > 0 ? beside : alike).slice(0, MOST_BESIDE);
}
