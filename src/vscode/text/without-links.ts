import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';

/**
 * Text for a message, the title of a progress or what an input box says below its field: VS Code makes a link of `[words](command:...)` in
 * all of them. A click would run any command, with arguments that whoever named a file or wrote a command has chosen.
 */
export function withoutLinks(text: string): string {
  return escapeUntrusted(text).replaceAll('](', '] (');
}

/** Text for lists, input boxes and the status bar: VS Code draws a picture for `$(name)` there, a tick, too. */
export const withoutIcons = (text: string): string => text.replaceAll('$(', '$ (');

/** What an input box says above and below its field: links and pictures, both. */
export const shownPrompt = (text: string): string => withoutIcons(withoutLinks(text));
