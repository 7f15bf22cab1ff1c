import { oneLine } from '../../mcp/escape-untrusted.ts';

/** Each is one line, however somebody called a file or a command: a line break in a name would write lines of its own into the question. */
export const linesText = (lines: readonly string[]): string =>
  lines
    .map((line) => oneLine(line, 1000))
    .join('\n')
    .trim();
