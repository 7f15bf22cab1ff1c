/** The stand-in's tokenizer and prefix cache: four bytes a token, cached in chunks of 256 tokens. No dependencies. */

const BYTES_PER_TOKEN = 4;
const CHUNK_TOKENS = 256;
const REMEMBERED = 16;

export function tokensOf(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

export function bytesOf(tokens: number): number {
  return tokens * BYTES_PER_TOKEN;
}

/** Remembers the last prompts; what a new one shares with one of them from its first byte on is cached. */
export class PrefixCache {
  #prompts: Buffer[] = [];

  /** @returns cached tokens of the prompt, and remembers it */
  serve(prompt: Buffer): number {
    const best = Math.max(0, ...this.#prompts.map((known) => commonPrefix(known, prompt)));
    this.#prompts.unshift(prompt);
    this.#prompts.length = Math.min(this.#prompts.length, REMEMBERED);
    return Math.floor(best / BYTES_PER_TOKEN / CHUNK_TOKENS) * CHUNK_TOKENS;
  }
}

/** Length of the longest common prefix, by bisection over memory compares. */
export function commonPrefix(a: Buffer, b: Buffer): number {
  let low = 0;
  let high = Math.min(a.length, b.length);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (a.subarray(low, middle).equals(b.subarray(low, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}
