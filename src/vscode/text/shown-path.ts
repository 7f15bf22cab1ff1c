import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import { withoutIcons } from './without-links.ts';

/**
 * The path of a folder within a question about it. In its name a line break would end the question and begin another one, and VS Code draws a
 * picture for `$(name)` in the status bar; signs that nobody sees, or that turn the others round, make it look like another one.
 */
export function shownPath(folder: string): string {
  return withoutIcons(escapeUntrusted(folder).replaceAll('\n', '\\x0a').replaceAll('\t', '\\x09'));
}
