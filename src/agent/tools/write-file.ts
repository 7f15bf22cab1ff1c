import { z } from 'zod';
import { count } from '../../common/count-noun.ts';
import { MASK } from '../never-send/never-send.ts';
import type { ToolContext, ToolResult } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { indexLines, lineCount } from './edit/line-index.ts';
import { readWholeFile } from './files/read-whole-file.ts';
import { replaceFile } from './files/replace-file.ts';
import { resolvePath } from './files/resolve-path.ts';
import { knowledgeOf, markSeen } from './files/seen-content.ts';
import { canEncode, type DecodedText, decodeText, encodeText } from './files/text-codec.ts';
import { fileText, filledText, PATH_ALIASES } from './lenient-arguments.ts';
import { showSize } from './text-limits.ts';

const MOST_BYTES = 1024 * 1024;

const schema = z.object({ path: filledText, content: fileText });
type Args = z.infer<typeof schema>;

export const writeFile = defineTool<Args>({
  name: 'write_file',
  description:
    'Create a file, or replace a whole one that you have read. Folders are made as needed; at most 1 MB. To change a part of a file use edit_file.',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string', description: 'The whole text of the file' } },
    required: ['path', 'content'],
  },
  effect: 'write',
  schema,
  aliases: { path: PATH_ALIASES, content: ['contents', 'text', 'filetext', 'filecontent', 'data', 'body'] },
  example: '{"path": "src/app.ts", "content": "export const a = 1;\\n"}',
  title: (args) => args.path,
  run: writeWhole,
});

async function writeWhole(args: Args, context: ToolContext): Promise<ToolResult> {
  const size = Buffer.byteLength(args.content);
  if (size > MOST_BYTES) {
    return failure(
      `The content is too long (${showSize(size)}, limit 1 MB). Write a script that generates the file, or split it.`,
      'too long',
    );
  }
  const target = resolvePath(context.workspace, args.path, 'write');
  if (!target.ok) return failure(target.message, 'refused');
  if (target.relative === '' || /[\\/]$/.test(args.path))
    return failure(`${target.shown} is a folder; give the path of a file.`, 'refused');

  const before = target.exists ? readWholeFile(target) : null;
  if (before !== null && !before.ok) return failure(before.message, 'refused');
  const old = before === null ? null : before.bytes;
  const existing = old === null ? null : decodeText(old);
  if (existing && args.content.includes(MASK) && !existing.text.includes(MASK)) {
    return failure(
      `${MASK} in the content stands for text of ${target.shown} that is never shown to you, and would be lost. Change the other parts with edit_file.`,
      'withheld text',
    );
  }
  const fitted = fitToExisting(args.content, existing);
  if (old?.equals(fitted.bytes)) {
    markSeen(context.seen, target.relative, old);
    return {
      ok: true,
      text: `${target.shown} already has exactly this content; it is unchanged. Go on with the next step.`,
      summary: 'unchanged',
    };
  }
  const warning = old === null ? null : warnUnread(context, target.relative, target.shown, old);
  if (warning !== null) return warning;

  const written = replaceFile(target, fitted.bytes, context.workspace.temp.host);
  if (!written.ok) return failure(written.message, 'refused');
  markSeen(context.seen, target.relative, fitted.bytes);
  context.workspace.touched([target.relative]);
  const lines = count(lineCount(indexLines(args.content)), 'line');
  const verb = old === null ? 'Created' : 'Overwrote';
  return { ok: true, text: `${verb} ${target.shown} (${lines}${fitted.kept}).`, summary: `${verb.toLowerCase()}, ${lines}` };
}

/** A file that is not known is protected once; the model may then insist. */
function warnUnread(context: ToolContext, relative: string, shown: string, old: Buffer): ToolResult | null {
  const knowledge = knowledgeOf(context.seen, relative, old);
  if (knowledge === 'known') return null;
  markSeen(context.seen, relative, old);
  const why = knowledge === 'unread' ? 'exists and you do not have its whole text before you' : 'has changed since you saw it';
  return failure(
    `${shown} ${why} (${showSize(old.length)}). Nothing was written. Read it first and use edit_file for a part of it; if you mean to replace all of it, call write_file again.`,
    'not read yet',
  );
}

/** Keeps the encoding, the byte order mark and the CRLF line ends of the file that is replaced: its diff should show the change only. */
function fitToExisting(content: string, existing: DecodedText | null): { bytes: Buffer; kept: string } {
  if (existing === null || !canEncode(content, existing.encoding)) return { bytes: Buffer.from(content, 'utf8'), kept: '' };
  const text = content.startsWith('\ufeff') ? content.slice(1) : content;
  const isCrlf = /\r\n/.test(existing.text) && !/(^|[^\r])\n/.test(existing.text);
  const addsCrlf = isCrlf && text.includes('\n') && !text.includes('\r\n');
  const kept = [existing.encoding.startsWith('utf16') && 'UTF-16', existing.bom && 'byte order mark', addsCrlf && 'CRLF line ends'].filter(
    Boolean,
  );
  const bytes = encodeText({ ...existing, text: addsCrlf ? text.replaceAll('\n', '\r\n') : text });
  return { bytes, kept: kept.length > 0 ? `, kept its ${kept.join(' and ')}` : '' };
}
