import assert from 'node:assert/strict';
import { NOTE_REQUEST } from '../../src/agent/history/compaction-note.ts';
import type { AgentEvent, ChatMessage } from '../../src/agent/types.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { commonPrefix } from '../fakes/kimi/tokens.ts';
import { command, finish, longText, type Ran, read, write } from './harness.ts';

export const WINDOW = 32_768;
export const SMALL = { api: { contextWindow: WINDOW }, kimi: { window: WINDOW } };
export const NOTE = 'Done: a.txt counts. Checked: npm test, exit 0. Unknown: nothing. Plan: count on, then finish.';

export const asksForNote = ({ messages }: Pick<RequestView, 'messages'>) => messages.at(-1)?.content === NOTE_REQUEST;

/** Long reads, writes and commands, each different from all before; a note whenever one is asked for. */
export function long(steps: number, note: Turn = { text: NOTE }, size = 4000): (view: RequestView) => Turn {
  let done = 0;
  return (view) => {
    if (asksForNote(view)) return note;
    const at = done++;
    if (at >= steps) return finish();
    const text = `${at} ${at} ${longText(size, at * size)}`.slice(0, size);
    return [write(text), read(), command(`test ${text.slice(0, size / 2)}`)][at % 3]!;
  };
}

export function messagesIn(body: Buffer): ChatMessage[] {
  return (JSON.parse(body.toString()) as { messages: ChatMessage[] }).messages;
}

/** The requests of steps, each with whether the history was rewritten just before it. */
export function stepRequests({ events, kimi }: Pick<Ran, 'events' | 'kimi'>): { body: Buffer; rewritten: boolean }[] {
  const steps: { body: Buffer; rewritten: boolean }[] = [];
  let rewritten = false;
  let at = 0;
  for (const event of events) {
    if (event.type === 'compacted' || event.type === 'rolled_back') rewritten = true;
    if (event.type !== 'request') continue;
    const { body } = kimi.requests[at++]!;
    if (messagesIn(body).at(-1)?.content === NOTE_REQUEST) continue;
    steps.push({ body, rewritten });
    rewritten = false;
  }
  return steps;
}

export const withoutTail = (body: Buffer) => body.subarray(0, body.lastIndexOf('],"max_completion_tokens"'));
export const compactions = (events: readonly AgentEvent[]) => events.filter((event) => event.type === 'compacted');

export function assertPrefixes(ran: Pick<Ran, 'events' | 'kimi'>): void {
  const steps = stepRequests(ran);
  for (let i = 1; i < steps.length; i++) {
    const before = withoutTail(steps[i - 1]!.body);
    if (!steps[i]!.rewritten) assert.ok(commonPrefix(before, steps[i]!.body) === before.length, `request ${i} changes its prefix`);
  }
}

/** Compares each request of a step with the one before it, without keeping more than that. */
export function prefixWatch() {
  let before: Buffer | null = null;
  let [kept, broken] = [0, 0];
  return {
    kept: () => kept,
    broken: () => broken,
    note: (event: AgentEvent) => {
      if (event.type === 'compacted') before = null;
    },
    fetch: ((url, init) => {
      if (init?.body instanceof Uint8Array && !Buffer.from(init.body).includes(JSON.stringify(NOTE_REQUEST).slice(1, -1))) {
        const messages = withoutTail(Buffer.from(init.body));
        if (before) commonPrefix(before, messages) === before.length ? kept++ : broken++;
        before = messages;
      }
      return fetch(url, init);
    }) as typeof fetch,
  };
}

/** Bytes of all messages that ever stood in the history. */
export function appendedBytes(events: readonly AgentEvent[]): number {
  return events.reduce((sum, event) => sum + (event.type === 'message' ? Buffer.byteLength(event.json) : 0), 0);
}
