import { z } from 'zod';
import { count } from '../../common/count-noun.ts';
import { type DecodedText, encodeText } from '../../common/text-codec.ts';
import { MASK } from '../never-send/never-send.ts';
import type { ToolContext, ToolResult } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { hasCrLines, indexLines, lineCount } from './edit/line-index.ts';
import { caseTwinNote } from './files/case-twin.ts';
import { declaredEncoding, decodeFile } from './files/decode-file.ts';
import { ignoredNote, ruleNote } from './files/ignored-note.ts';
import { type NewFileRules, newFileRules } from './files/new-file-rules.ts';
import { readWholeFile } from './files/read-whole-file.ts';
import { refuseFiltered } from './files/refuse-filtered.ts';
import { refuseUnencodable } from './files/refuse-unencodable.ts';
import { replaceFile } from './files/replace-file.ts';
import { resolvePath } from './files/resolve-path.ts';
import { knowledgeOf, markSeen } from './files/seen-content.ts';
import { takeRoom } from './files/written-bytes.ts';
import { fileText, filledText, PATH_ALIASES } from './lenient-arguments.ts';
import { showSize } from './text-limits.ts';

const MOST_BYTES = 1024 * 1024;

const schema = z.object({ path: filledText, content: fileText });
type Args = z.infer<typeof schema>;

export const writeFile = defineTool<Args>({
  name: 'write_file',
  description: 'Create a file, or replace all of it.',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string' } },
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

  const filtered = await refuseFiltered(target, context);
  if (filtered !== null) return filtered;
  const before = target.exists ? readWholeFile(target) : null;
  if (before !== null && !before.ok) return failure(before.message, 'refused');
  const old = before === null ? null : before.bytes;
  const existing = old === null ? null : await decodeFile(target, old, context, args.content);
  if (existing && args.content.includes(MASK) && !existing.text.includes(MASK)) {
    return failure(
      `${MASK} in the content stands for text of ${target.shown} that is never shown to you, and would be lost. Change the other parts with edit_file.`,
      'withheld text',
    );
  }
  const form = existing ?? { text: '', ...((await declaredEncoding(target, context)) ?? { encoding: 'utf-8' as const, bom: false }) };
  const refusal = refuseUnencodable(target.shown, addedText(args.content, form), form);
  if (refusal !== null) return refusal;
  const rules = form.text === '' ? await newFileRules(target, args.content, context) : null;
  const fitted = fitTo(form, args.content, rules);
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

  const twin = old === null ? caseTwinNote(target, context.workspace.folder) : '';
  const full = takeRoom(context.workspace, old?.length ?? 0, fitted.bytes.length);
  if (full !== null) return failure(`${target.shown}: ${full}. Nothing was written.`, 'too big');
  const written = replaceFile(target, fitted.bytes, context.workspace.temp.host);
  if (!written.ok) return failure(written.message, 'refused');
  markSeen(context.seen, target.relative, fitted.bytes);
  context.workspace.touched([target.relative]);
  const lines = count(lineCount(indexLines(args.content)), 'line');
  const verb = old === null ? 'Created' : 'Overwrote';
  const ignored = await ignoredNote(target, context);
  return {
    ok: true,
    text: `${verb} ${target.shown} (${lines}${fitted.kept}).${twin}${rules?.note ?? ''}${ignored}${await ruleNote(target, context)}`,
    summary: `${verb.toLowerCase()}, ${lines}${ignored && ', ignored by git'}`,
  };
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

/** Of a text in doubt what stands in it already may stay, so that a file can be overwritten with a little change. */
function addedText(content: string, { text, doubt, encoding }: DecodedText): string {
  return doubt === undefined && encoding !== 'bytes'
    ? content
    : content.replace(/[^\x00-\x7f]/gu, (one) => (text.includes(one) ? '' : one));
}

/** Keeps the encoding, the byte order mark and the CRLF line ends of the file that is replaced: its diff should show the change only. */
function fitTo(existing: DecodedText, content: string, rules: NewFileRules | null): { bytes: Buffer; kept: string } {
  const plain = existing.bom && content.startsWith('\ufeff') ? content.slice(1) : content;
  const text = rules?.endsLastLine && /[^\r\n]$/.test(plain) ? `${plain}\n` : plain;
  const isCrlf = rules?.isCrlf ?? (/\r\n/.test(existing.text) && !/(^|[^\r])\n/.test(existing.text));
  const addsCr = rules === null && hasCrLines(existing.text) && !text.includes('\r');
  const addsCrlf = isCrlf && text.includes('\n') && !text.includes('\r\n');
  const kept = [
    existing.encoding !== 'utf-8' && existing.encoding !== 'bytes' && existing.encoding,
    existing.bom && 'byte order mark',
    addsCrlf && 'CRLF line ends',
    addsCr && 'CR line ends',
  ].filter(Boolean);
  const bytes = encodeText({ ...existing, text: addsCrlf ? text.replaceAll('\n', '\r\n') : addsCr ? text.replaceAll('\n', '\r') : text });
  return { bytes, kept: kept.length > 0 ? `, ${existing.text === '' ? 'in' : 'kept its'} ${kept.join(' and ')}` : '' };
}
