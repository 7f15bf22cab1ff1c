import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';

/** Foreign text inside Markdown: it looks as it is, and makes no link, image, markup or icon. */
export function plain(text: string): string {
  return escapeUntrusted(text).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** A sentence of ours with names between backticks: those as code, the rest as it is. */
export function withCode(text: string): string {
  const parts = text.split('`');
  // an odd backtick belongs to the text
  if (parts.length % 2 === 0) return plain(text);
  return parts.map((part, index) => (index % 2 === 0 ? plain(part) : part.trim() ? inCode(part) : plain(`\`${part}\``))).join('');
}

/** Foreign text as code. */
export function inCode(text: string): string {
  return `\`${escapeUntrusted(text).replaceAll('`', "'").replaceAll('\n', ' ')}\``;
}
