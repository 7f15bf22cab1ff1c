import { withoutIcons } from './without-links.ts';

/**
 * The path of a folder within a question about it. In its name a line break would end the question and begin another one, and VS Code draws a
 * picture for `$(name)` in the status bar.
 */
export function shownPath(folder: string): string {
  return withoutIcons(folder.replaceAll('\n', '\\x0a').replaceAll('\t', '\\x09'));
}
