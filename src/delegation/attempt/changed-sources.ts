import { addedLines } from '../../checks/integrity/changed-text.ts';
import { isTestPath } from '../../checks/test-files.ts';
import type { ChangedFile } from '../../workspace/types.ts';
import type { ProofParts } from './proof-runs.ts';
import { textsOf } from './sides.ts';

/** A file that the attempt wrote or changed and that is not one of tests; tests may stand in it. */
export interface ChangedSource {
  readonly file: ChangedFile;
  /** '' = the base has none, or none that could be read. */
  readonly before: string;
  readonly text: string;
  /** Lines, from 1, that the base has not. */
  readonly added: ReadonlySet<number>;
}

/** By their paths. */
export async function changedSources({ runs, base, result, files }: ProofParts): Promise<ReadonlyMap<string, ChangedSource>> {
  const sources = files.filter(({ path, status }) => status !== 'D' && !isTestPath(path));
  const places = sources.map(({ path, from }) => from ?? path);
  // One after the other: what was listed last is remembered.
  const old = await textsOf(runs.git, base, places);
  const now = await textsOf(
    runs.git,
    result,
    sources.map(({ path }) => path),
  );
  return new Map(
    sources.flatMap((file, at) => {
      const [before, text] = [old.get(places[at]!) ?? '', now.get(file.path)];
      return text === undefined ? [] : [[file.path, { file, before, text, added: new Set(addedLines(before, text)) }] as const];
    }),
  );
}
