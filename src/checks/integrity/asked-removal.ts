/**
 * What a task asks to remove, and what of the code is gone then: tests of it cannot pass any more, and go with it. What is said must be gone
 * indeed, and a test must speak of it.
 */
import { basename, extname } from 'node:path';
import { isTestPath } from '../test-files.ts';
import type { TestCase } from './test-cases.ts';

export interface ChangedSource {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

const REMOVES = /\b(?:remov|delet|dropp?|retir|eliminat)(?:e|es|ed|ing|al)?\b|\bget rid of\b|删除|移除|去掉/i;
const SENTENCE_END = /[.;!?](?=\s|$)|[\n。；！？]/;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]{2,}/gu;
const DEFINES =
  /\b(?:function\*?|def|class|fn|func|const|let|var|type|interface|struct|enum|trait|module|sub)\s+(?:\([^)\n]{0,100}\)\s*)?(\w{3,})|\bexports\.(\w{3,})\s*=/g;
const LONGEST = 1000;

/** @param changed the sources that the work changed; those of tests are left out */
export function goneByTask(task: string, changed: readonly ChangedSource[]): ReadonlySet<string> {
  const asked = task.split(SENTENCE_END).filter((sentence) => REMOVES.test(sentence.slice(0, LONGEST)));
  const words = new Set(asked.flatMap((sentence) => sentence.slice(0, LONGEST).match(WORD) ?? []));
  const gone = new Set<string>();
  if (words.size === 0) return gone;
  const left = new Set<string>();
  for (const { path, before, after } of changed) {
    if (isTestPath(path)) continue;
    for (const word of wordsOf(after ?? '')) left.add(word);
    if (before === null) continue;
    const name = basename(path, extname(path));
    // Of a file that is named all goes that it defined.
    if (after === null && words.has(name)) for (const one of [name, ...definedIn(before)]) gone.add(one);
    for (const word of definedIn(before)) if (words.has(word)) gone.add(word);
  }
  return new Set([...gone].filter((word) => !left.has(word)));
}

const wordsOf = (text: string): string[] => text.match(WORD) ?? [];
const definedIn = (text: string): string[] => [...text.matchAll(DEFINES)].map(([, one, other]) => (one ?? other)!);

/** Whether a test speaks of what is gone. */
export const isAbout = (gone: ReadonlySet<string>, { lines }: TestCase): boolean =>
  gone.size > 0 && lines.some((line) => wordsOf(line.slice(0, LONGEST)).some((word) => gone.has(word)));
