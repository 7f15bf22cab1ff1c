/** What a first request is made of: a row for the system prompt, for each tool and for each part of the first message, a column for each request. */
import type { ChatRequest } from './show-request.ts';

export const BYTES_PER_TOKEN = 3.6;

/** In the order of the request; bytes of JSON for the tools, as the endpoint counts them, of text for the rest. */
export function requestParts({ tools = [], messages }: ChatRequest): Map<string, number> {
  const parts = new Map<string, number>();
  const add = (name: string, bytes: number) => parts.set(name, (parts.get(name) ?? 0) + bytes);
  for (const tool of tools) add(`tool ${tool.function.name}`, Buffer.byteLength(JSON.stringify(tool)) + 1);
  for (const { role, content } of messages) {
    const text = typeof content === 'string' ? content : JSON.stringify(content ?? '');
    if (role === 'user') for (const section of sectionsOf(text)) add(section.name, Buffer.byteLength(section.text));
    else add('system prompt', Buffer.byteLength(text));
  }
  return parts;
}

/** By headings outside of the fences; a task that has headings of its own is the last of them. */
function sectionsOf(text: string): { name: string; text: string }[] {
  const sections: { name: string; text: string }[] = [];
  let fence = '';
  let isTask = false;
  for (const line of text.split(/(?<=\n)/)) {
    const [, opened] = /^<<(\w{8}) /.exec(line) ?? [];
    if (fence === '' && opened !== undefined) fence = `${opened}>>`;
    else if (fence !== '' && line.startsWith(fence)) fence = '';
    const title: string | undefined = fence === '' && !isTask ? /^# (.*?)(?: \(data\))?$/m.exec(line)?.[1] : undefined;
    isTask ||= title?.startsWith('Task') ?? false;
    if (title !== undefined || sections.length === 0) sections.push({ name: isTask || title === undefined ? 'task' : title, text: '' });
    sections.at(-1)!.text += line;
  }
  return sections;
}

/** @param requests a column each, by its name */
export function partsTable(requests: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
  const names = [...new Set([...requests.values()].flatMap((parts) => [...parts.keys()]))];
  const order = (name: string) => (name === 'system prompt' ? 0 : name.startsWith('tool ') ? 1 : name === 'task' ? 3 : 2);
  const sum = (parts: ReadonlyMap<string, number>, isMeant: (name: string) => boolean) =>
    [...parts].reduce((all, [name, bytes]) => (isMeant(name) ? all + bytes : all), 0);
  const row = (name: string, isMeant: (other: string) => boolean) =>
    `| ${name} | ${[...requests.values()].map((parts) => Math.round(sum(parts, isMeant) / BYTES_PER_TOKEN)).join(' | ')} |`;
  return [
    `| tokens | ${[...requests.keys()].join(' | ')} |`,
    `| --- |${' ---: |'.repeat(requests.size)}`,
    ...names.toSorted((a, b) => order(a) - order(b)).map((name) => row(name, (other) => other === name)),
    row('fixed: prompt and tools', (name) => order(name) < 2),
    row('all', () => true),
  ].join('\n');
}
