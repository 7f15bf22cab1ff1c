/** The history seen as exchanges: an answer of the model with the results of its calls. They are what may be cut out: never half of one. */
import type { ChatMessage } from '../types.ts';

export interface Exchange {
  /** Positions in the history: the answer, and what follows its last result. */
  readonly from: number;
  readonly to: number;
  readonly answer: Extract<ChatMessage, { role: 'assistant' }>;
  readonly results: readonly Extract<ChatMessage, { role: 'tool' }>[];
}

/** User messages stand between exchanges and belong to none. */
export function exchangesOf(messages: readonly ChatMessage[]): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const [from, answer] of messages.entries()) {
    if (answer.role !== 'assistant') continue;
    const results: Extract<ChatMessage, { role: 'tool' }>[] = [];
    for (let next = messages[from + 1]; next?.role === 'tool'; next = messages[from + 1 + results.length]) results.push(next);
    exchanges.push({ from, to: from + 1 + results.length, answer, results });
  }
  return exchanges;
}

/** How everything begins that the loop itself says to the model in a user message. The caller's messages do not. */
export const NOTE_PREFIX = '[note] ';

/** The task, a reviewer's feedback: what no rewrite may take away. */
export function isFromCaller(message: ChatMessage): boolean {
  return message.role === 'user' && !message.content.startsWith(NOTE_PREFIX);
}
