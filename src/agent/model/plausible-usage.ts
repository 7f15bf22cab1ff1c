import type { TokenUsage } from '../types.ts';

/** No text of a request or an answer has more bytes a token, not even runs of blanks. */
const MOST_BYTES_PER_TOKEN = 40;
/** What a server may add around the messages, and how far an answer may go beyond its cap. */
const ROOM = 4096;

/**
 * Whether a count can be true. Some servers count nothing, only the new part, or every request so far; a budget that believed them would
 * never end, or at once.
 * @param sizes bytes of the request and of its answer, and the output cap in tokens
 */
export function isPlausible({ input, cached, output }: TokenUsage, sizes: { request: number; answer: number; maxOutput: number }): boolean {
  const isBetween = (count: number, least: number, most: number) => Number.isSafeInteger(count) && count >= least && count <= most;
  return (
    isBetween(input, sizes.request / MOST_BYTES_PER_TOKEN, sizes.request + ROOM) &&
    isBetween(cached, 0, input) &&
    isBetween(output, Math.floor(sizes.answer / MOST_BYTES_PER_TOKEN), sizes.maxOutput + ROOM)
  );
}
