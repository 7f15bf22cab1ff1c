/** What the results of a run's calls take: by tool their number and bytes, and how many bytes are of lines that stood in the conversation already. */

export interface ToolSizes {
  readonly results: number;
  readonly bytes: number;
  readonly again: number;
  readonly largest: number;
}

/** Shorter lines stand in any text. */
const LEAST_LINE = 24;
const HEAD = /^--- (\w+)(?: \((?:functions\.)?([\w-]+):?\d*\))?$/m;

/** @param requests as they were shown, in order: each holds what is new in it */
export function resultSizes(requests: readonly string[]): Map<string, ToolSizes> {
  const known = new Set<string>();
  const sizes = new Map<string, ToolSizes>();
  for (const text of requests.flatMap(messagesIn)) {
    const { tool, lines } = text;
    const fresh = lines.filter((line) => !known.has(plain(line)));
    if (tool !== null) {
      const bytes = bytesOf(lines);
      const before = sizes.get(tool) ?? { results: 0, bytes: 0, again: 0, largest: 0 };
      const again = before.again + bytes - bytesOf(fresh);
      sizes.set(tool, { results: before.results + 1, bytes: before.bytes + bytes, again, largest: Math.max(before.largest, bytes) });
    }
    for (const line of lines) if (plain(line).length >= LEAST_LINE) known.add(plain(line));
  }
  return sizes;
}

function messagesIn(request: string): { tool: string | null; lines: string[] }[] {
  const [, ...parts] = request.split(new RegExp(HEAD, 'gm'));
  const messages = [];
  for (let at = 0; at < parts.length; at += 3) {
    const [role, tool, text] = parts.slice(at, at + 3);
    messages.push({ tool: role === 'tool' ? (tool ?? 'unknown') : null, lines: (text ?? '').split('\n').filter((line) => line !== '') });
  }
  return messages;
}

/** Without the number that a search puts in front of a line. */
const plain = (line: string) => line.replace(/^(\S+:)?\d+[-:] ?/, '').trim();

const bytesOf = (lines: readonly string[]) => lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

/** @param runs the sizes of each, by its name */
export function sizesTable(runs: ReadonlyMap<string, ReadonlyMap<string, ToolSizes>>): string {
  const rows = [...runs].flatMap(([run, sizes]) => [...sizes].map(([tool, one]) => [run, tool, one] as const));
  const cells = (run: string, tool: string, { results, bytes, again, largest }: ToolSizes) =>
    `| ${[run, tool, results, bytes, again, largest].join(' | ')} |`;
  const sum = rows.reduce(
    (all, [, , one]) => ({
      results: all.results + one.results,
      bytes: all.bytes + one.bytes,
      again: all.again + one.again,
      largest: Math.max(all.largest, one.largest),
    }),
    { results: 0, bytes: 0, again: 0, largest: 0 },
  );
  return [
    '| run | tool | results | bytes | of these again | largest |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...rows.map(([run, tool, one]) => cells(run, tool, one)),
    cells('all', 'all', sum),
  ].join('\n');
}
