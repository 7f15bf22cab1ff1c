import { escapeUntrusted } from '../mcp/escape.ts';

/** Foreign text inside Markdown: it looks as it is, and makes no link, image, markup or icon. */
export function plain(text: string): string {
  return escapeUntrusted(text).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** Foreign text as code. */
export function inCode(text: string): string {
  return `\`${escapeUntrusted(text).replaceAll('`', "'").replaceAll('\n', ' ')}\``;
}
