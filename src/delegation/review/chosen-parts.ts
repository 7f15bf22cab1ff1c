/** Which parts of the work somebody means: files, folders, or lines of files. */
import { message, shortList } from '../../messages/message.ts';
import type { ChosenPart, LineRange } from '../../workspace/take-parts.ts';
import type { ChangedFile, Refusal } from '../../workspace/types.ts';

const FILES_NAMED = 8;

/** `src/a.ts:12`, `src/a.ts:12-40`, `src/a.ts:12-40,55`, and as links to lines are written: `src/a.ts#L12-L40`. */
const LINES = /^(.+?)[:#]((?:L?\d+(?:-L?\d+)?)(?:, *L?\d+(?:-L?\d+)?)*)$/;

/** A file of the change, some of its lines, or all that a folder holds of it; of a renamed one the old name goes with the new one. */
export function chosenParts(
  files: readonly ChangedFile[],
  wanted: readonly string[],
): { readonly ok: true; readonly parts: readonly ChosenPart[] } | Refusal {
  const parts = new Map<string, ChosenPart>();
  const unknown: string[] = [];
  for (const one of wanted) {
    const [, path = '', ranges = ''] = LINES.exec(one) ?? [];
    const named = files.find((file) => file.path === plain(path));
    // A file that is called like lines of another one takes not their place: `./` names it.
    const whole = named && !one.startsWith('./') ? [] : filesIn(files, one);
    const inLines = whole.length > 0 ? undefined : named;
    for (const { path: name, from } of whole) parts.set(name, { path: name, ...(from !== undefined && { from }) });
    if (inLines) addLines(parts, inLines, rangesOf(ranges));
    else if (whole.length === 0) unknown.push(one);
  }
  if (unknown.length === 0) return { ok: true, parts: [...parts.values()] };
  const changed = shortList(
    files.map(({ path }) => path),
    FILES_NAMED,
  );
  return { ok: false, reason: message('merge.notChanged', { paths: shortList(unknown, FILES_NAMED), files: changed }) };
}

const plain = (path: string): string => path.replace(/^(\.\/)+/, '').replace(/\/+$/, '');

function filesIn(files: readonly ChangedFile[], wanted: string): readonly ChangedFile[] {
  const isIn = (path: string | undefined) => [wanted, plain(wanted)].some((folder) => path === folder || path?.startsWith(`${folder}/`));
  // Where a file has the name now, one that had it before is not meant.
  const isName = files.some(({ path }) => path === wanted || path === plain(wanted));
  return files.filter(({ path, from }) => isIn(path) || (!isName && isIn(from)));
}

/** Where the whole file was named too, it is meant. */
function addLines(parts: Map<string, ChosenPart>, { path, from }: ChangedFile, lines: readonly LineRange[]): void {
  const before = parts.get(path);
  if (before && !before.lines) return;
  parts.set(path, { path, ...(from !== undefined && { from }), lines: [...(before?.lines ?? []), ...lines] });
}

function rangesOf(text: string): LineRange[] {
  return text.split(',').map((range) => {
    const [first = 0, last = first] = range.split('-').map((line) => Number(line.trim().replace(/^L/, '')));
    return first <= last ? { first, last } : { first: last, last: first };
  });
}
