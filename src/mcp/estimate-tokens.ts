/**
 * A cautious count of the tokens that a text costs the reader. It splits as byte-pair tokenizers do: a word of up to six letters,
 * two digits, a space that stands alone before a word (nothing), two signs. Plain text comes out too high; hashes, lock files and
 * escapes, of which a count by length gives half, come out about right. Real counts are below it for nearly every text.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(RUNS)) tokens += costOf(run);
  return Math.ceil(tokens);
}

const RUNS = /[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[ \t]+|[\r\n]+|[\u0080-\u{10ffff}]|[^A-Za-z0-9\s\u0080-\u{10ffff}]+|\s/gu;

/** Scripts whose characters are single tokens, or nearly: up to Arabic, Indic to Thai, Japanese, Chinese, Korean. */
const COMMON = /[\u0080-\u074f\u0900-\u0e7f\u2000-\u22ff\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef]/u;

function costOf(run: string): number {
  const first = run.charCodeAt(0);
  if (first >= 0x80) return COMMON.test(run) ? 1.2 : 3;
  if (/^[A-Z][a-z]$/.test(run)) return 1.6; // half of base64 looks so
  if (/[a-z]/.test(run)) return run.length <= 6 ? 1 : run.length / 5;
  if (/[A-Z]/.test(run)) return Math.max(1, run.length / 2);
  if (/[0-9]/.test(run)) return Math.ceil(run.length / 2);
  if (run === ' ') return 0;
  if (/\s/.test(run)) return Math.max(1, run.length / 16);
  return Math.max(1, run.length * 0.6);
}
