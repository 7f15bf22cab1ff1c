/**
 * What `.editorconfig` says of a new file, as an editor would obey it. Ends of lines and the last one are put in; indentation is only told,
 * and only where it is another one: blanks may stand in a string, and a model that sees the code around nearly always indents alike.
 */
import type { EditorConfig } from '../../../common/editor-config.ts';
import type { ToolContext } from '../../types.ts';
import { editorConfigOf } from './decode-file.ts';
import type { ResolvedPath } from './resolve-path.ts';

export interface NewFileRules {
  readonly isCrlf: boolean;
  readonly endsLastLine: boolean;
  /** Said of the text; '' where nothing is to be said. */
  readonly note: string;
}

/** What git is told of ends of lines holds before that. A script that a kernel starts by its first line has none but plain ones. */
export async function newFileRules(target: ResolvedPath, content: string, context: ToolContext): Promise<NewFileRules> {
  const config = editorConfigOf(target, context);
  const { lineEnds } = await context.workspace.rulesFor(target.relative, context.signal);
  return {
    isCrlf: (lineEnds ?? config.get('end_of_line')) === 'crlf' && !content.startsWith('#!'),
    endsLastLine: config.get('insert_final_newline') === 'true',
    note: indentNote(content, config),
  };
}

function indentNote(content: string, config: EditorConfig): string {
  const size = Number(config.get('indent_size') ?? Number.NaN);
  const wanted = config.get('indent_style');
  const { tabs, blanks, least } = indents(content);
  if (wanted === 'tab' && blanks > tabs) return ' But .editorconfig wants it indented with tabs.';
  if (wanted !== 'space') return '';
  const isOther = blanks > 0 && size > 1 && least !== size;
  return tabs > blanks || isOther ? ` But .editorconfig wants it indented with ${size > 0 ? `${size} ` : ''}spaces.` : '';
}

/** How many lines begin with a tab and how many with blanks, and the least of those; the ` *` of a comment is no indentation. */
function indents(content: string): { tabs: number; blanks: number; least: number } {
  const found = [...content.matchAll(/^(\t| {2,})(?=[^\s*])/gm)].map(([, indent]) => indent!);
  const blanks = found.filter((indent) => indent !== '\t').map((indent) => indent.length);
  return { tabs: found.length - blanks.length, blanks: blanks.length, least: Math.min(...blanks) };
}
