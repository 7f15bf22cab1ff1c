import { cutText } from '../common/cut-text.ts';

/** What a terminal obeys, and what reorders or hides text. */
export const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\u034f|[\u180b-\u180f]|[\ufe00-\ufe0d]/gu;

/**
 * Makes text that comes from the model, the repository or a command safe to show: control and escape sequences become visible
 * `\x1b`, and characters that reorder or hide text (bidirectional controls, zero-width, fillers, variation selectors but the one
 * of emoji, tags) become `\u{202e}`. So do halves of surrogate pairs, which some readers of JSON refuse. Tabs and newlines stay.
 */
export function escapeUntrusted(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** One line: newlines become spaces, the rest as `escapeUntrusted`, cut at `max` characters. */
export function oneLine(text: string, max: number): string {
  const lines = text.split('\n').map((line) => line.trim());
  return cutText(escapeUntrusted(lines.filter(Boolean).join(' ')), max);
}
