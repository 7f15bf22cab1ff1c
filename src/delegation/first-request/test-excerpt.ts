/** What of a test file is shown to somebody who adds a test: how it begins, one test that is about the task, and the names of others. */
import { blockEnd } from '../../agent/prompt/outline.ts';
import type { Term } from '../../agent/prompt/task-terms.ts';
import { testLines } from '../../checks/test-files.ts';
import { count } from '../../common/count-noun.ts';
import { cutText } from '../../common/cut-text.ts';

const SMALL_BYTES = 1536;
const MOST_HEAD_LINES = 10;
const MOST_SAMPLE_LINES = 16;
const MOST_NAMES = 6;
const LONGEST_LINE = 160;
const LONGEST_NAME = 70;

export function testExcerpt(path: string, content: string, terms: readonly Term[]): { text: string; isWhole: boolean } {
  if (Buffer.byteLength(content) <= SMALL_BYTES) return { text: content, isWhole: true };
  const lines = content.replace(/\n$/, '').split('\n');
  const tests = testLines(path, content);
  if (tests.length === 0) return { text: rangeText(lines, 1, MOST_HEAD_LINES), isWhole: false };
  const begin = lines.findIndex((line) => !/^\s*($|\/\/|\/\*|\*|#(?!include))/.test(line)) + 1;
  const head = Math.min(tests[0]!.line - 1, begin + MOST_HEAD_LINES - 1);
  const about = tests.filter(({ text }) => terms.some((term) => text.includes(term.text))).slice(-MOST_NAMES);
  const names = about.map(({ line, text }) => `${line} ${nameOf(text)}`).join('; ');
  const last = tests.at(-1)!;
  const sample = about.at(-1) ?? last;
  const end = Math.min(blockEnd(lines, sample.line - 1) + 1, lines.length);
  const to = end - sample.line > MOST_SAMPLE_LINES ? sample.line + MOST_SAMPLE_LINES - 1 : end;
  return {
    text: [
      ...(begin > 0 && head >= begin ? [rangeText(lines, begin, head)] : []),
      rangeText(lines, sample.line, to),
      `[${count(tests.length, 'test')}, the last in line ${last.line}${names === '' ? '' : `; about this, by line: ${names}`}]`,
    ].join('\n'),
    isWhole: false,
  };
}

function rangeText(lines: readonly string[], from: number, to: number): string {
  const shown = lines.slice(from - 1, to).map((line) => cutText(line, LONGEST_LINE));
  return [`[lines ${from}-${from + shown.length - 1}]`, ...shown].join('\n');
}

/** What stands between quotes, or the line itself. */
function nameOf(line: string): string {
  const quoted = /(["'`])(.+?)\1/.exec(line)?.[2];
  return cutText(
    quoted ??
      line
        .slice(0, LONGEST_LINE)
        .trim()
        .replace(/\s*[({:].*$/, ''),
    LONGEST_NAME,
  );
}
