/** The lines that a reviewer commented on, as the next attempt finds them. */
import type { NeverSend } from '../../agent/never-send/never-send.ts';
import { fenced } from '../../agent/prompt/fence-foreign-text.ts';
import { showName } from '../../agent/tools/text-limits.ts';
import { cutText } from '../../common/cut-text.ts';
import { readDocuments } from '../../workspace/read-objects.ts';
import type { ObjectSource } from '../../workspace/types.ts';
import type { LineComment } from '../start/line-comments.ts';
import { MOST_FILE_BYTES } from './text-pointers.ts';
import { textsOf } from './texts-of.ts';

const AROUND = 3;
const LONGEST_LINE = 200;
const MOST_LINES = 60;
const MOST_BYTES = 8 * 1024;

/**
 * Each comment beside its lines: numbers in front of them, a mark at those that are meant.
 * @param seen the path as the model sees it
 */
export async function commentedCode(
  comments: readonly LineComment[],
  { source, tree, neverSend, seen }: { source: ObjectSource; tree: string; neverSend: NeverSend; seen(path: string): string },
): Promise<string> {
  const texts = textsOf(await readDocuments(source, tree, [...new Set(comments.map(({ file }) => file))], MOST_FILE_BYTES), neverSend);
  const shown: string[] = [];
  let left = MOST_BYTES;
  for (const { file, line, last = line, text } of comments) {
    const lines = texts.get(file)?.content.replace(/\n$/, '').split('\n');
    if (!lines) continue; // never sent
    const from = Math.max(1, line - AROUND);
    const to = Math.min(lines.length, last + AROUND, from + MOST_LINES - 1);
    const numbered = lines
      .slice(from - 1, to)
      .map((code, at) => `${from + at >= line && from + at <= last ? '>' : ' '} ${from + at} ${cutText(code, LONGEST_LINE)}`);
    const block = `${cutText(text.replace(/\s+/g, ' '), LONGEST_LINE)}\n${fenced(`${showName(seen(file))} [lines ${from}-${to}]`, numbered.join('\n'))}`;
    left -= Buffer.byteLength(block);
    if (left < 0) break; // they can be read
    shown.push(block);
  }
  return shown.length === 0 ? '' : `The lines that it is about, as they are now (data; > marks them):\n${shown.join('\n')}`;
}
