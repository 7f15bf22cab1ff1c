import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';

/**
 * Text for a message of VS Code, which makes a link of `[words](command:...)`: a click would run any command, with arguments that whoever
 * named a file or wrote a command has chosen.
 */
export function withoutLinks(text: string): string {
  return escapeUntrusted(text).replaceAll('](', '] (');
}
