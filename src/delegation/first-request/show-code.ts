/** What is shown of the files that a task points at. */
import type { NeverSend } from '../../agent/never-send/never-send.ts';
import { excerptOf, isGenerated } from '../../agent/prompt/excerpt.ts';
import type { NamedFile } from '../../agent/prompt/first-message.ts';
import { isTestPath, testLines } from '../../checks/test-files.ts';
import { count } from '../../common/count-noun.ts';
import type { Document } from '../../workspace/remember-documents.ts';
import type { ReadFiles } from './prefetch.ts';
import { testExcerpt } from './test-excerpt.ts';
import { isRead } from './text-pointers.ts';
import type { Text } from './texts-of.ts';

interface Remark {
  readonly path: string;
  /** `(not text)`. */
  readonly what: string;
}

/** Parts of code, in all, of the first file and of each other: what the task names is read anyway, what was found by its words only likely. */
const NAMED_BYTES = { all: 7000, first: 5500, others: 5500, outline: 800, share: 0.4 } as const;
const FOUND_BYTES = { all: 5000, first: 4200, others: 1200, outline: 320, share: 0.75 } as const;
const TEST_BYTES = 2500;
/** A repository of no more text is shown whole. */
const TINY_BYTES = 4096;

export function showCode(
  task: string,
  read: ReadFiles,
  texts: Pick<ReadonlyMap<string, Text>, 'get'>,
  neverSend: NeverSend,
): { code: NamedFile[]; tests: NamedFile[]; remarks: Remark[] } {
  const code: NamedFile[] = [];
  const tests: NamedFile[] = [];
  const remarks: Remark[] = [];
  let leftForTests = TEST_BYTES;
  const showTest = (path: string, text: Text) => {
    const { text: content, isWhole } = testExcerpt(path, text.content, read.terms);
    const bytes = Buffer.byteLength(content);
    if (bytes > leftForTests) remarks.push({ path, what: `(${sizeOf(text.content)})` });
    else tests.push({ path, content, note: noteOf(text, isWhole), isExcerpt: !isWhole });
    leftForTests -= Math.min(bytes, leftForTests);
  };
  const show = (paths: readonly string[], most: typeof NAMED_BYTES | typeof FOUND_BYTES) => {
    let left: number = most.all;
    for (const path of paths) {
      const text = texts.get(path);
      const why = whyNotShown(path, read.documents.get(path), text, neverSend);
      if (why !== null) remarks.push(...why);
      else if (isTestPath(path) && testLines(path, text!.content).length > 0) showTest(path, text!);
      else {
        const pointers = { task, terms: read.terms, lines: read.lines.get(path) ?? [] };
        const {
          text: content,
          isWhole,
          isOutline,
        } = excerptOf(path, text!.content, pointers, {
          parts: Math.min(left, path === paths[0] ? most.first : most.others),
          outline: most.outline,
          share: most.share,
        });
        const isPoor = content === '' || (isOutline && most === FOUND_BYTES);
        left -= isPoor ? 0 : Buffer.byteLength(content);
        if (isPoor) remarks.push({ path, what: `(${sizeOf(text!.content)})` });
        else code.push({ path, content, note: noteOf(text!, isWhole), isExcerpt: !isWhole });
      }
    }
  };
  show([...new Set([...read.named, ...tinyRepository(read, texts)])], NAMED_BYTES);
  show(read.found, FOUND_BYTES);
  show(read.tests, NAMED_BYTES);
  return { code, tests, remarks };
}

/** All of its files, or none. */
function tinyRepository({ all }: ReadFiles, texts: Pick<ReadonlyMap<string, Text>, 'get'>): readonly string[] {
  const contents = all.map((path) => texts.get(path)?.content);
  const bytes = contents.reduce((sum, content) => sum + Buffer.byteLength(content ?? ''), 0);
  return bytes <= TINY_BYTES ? all.filter((_, at) => contents[at] !== undefined) : [];
}

function noteOf({ content, note }: Text, isWhole: boolean): string | undefined {
  const parts = isWhole ? [] : [`parts of ${sizeOf(content)}`];
  return [...parts, ...(note === undefined ? [] : [note])].join('; ') || undefined;
}

function sizeOf(content: string): string {
  return count(content.replace(/\n$/, '').split('\n').length, 'line');
}

/** @returns null = it can be shown; nothing where there is nothing to say */
function whyNotShown(path: string, document: Document | undefined, text: Text | undefined, neverSend: NeverSend): Remark[] | null {
  if (!document) return [];
  if (neverSend.withheld(path, document.bytes ?? Buffer.alloc(0))) {
    neverSend.heldBack(path, 'name');
    return [{ path, what: '(never sent: it holds secrets by its name)' }];
  }
  if (!document.bytes) return [{ path, what: `(too large, ${Math.ceil(document.size / 1024)} KiB)` }];
  if (!text) return [{ path, what: '(not text)' }];
  return !isRead(path) || isGenerated(path, text.content) ? [{ path, what: '(generated)' }] : null;
}
