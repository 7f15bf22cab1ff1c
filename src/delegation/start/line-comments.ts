/** Comments on lines of the diff: what a reviewer says in feedback as `src/a.ts:12: text`, and a window keeps as data. */
import path from 'node:path';
import { z } from 'zod';
import { indexPaths, nameOf } from '../../agent/prompt/path-index.ts';
import { decodeText } from '../../common/text-codec.ts';
import { type Message, message, shortList } from '../../messages/message.ts';
import { listTree, readBlobs } from '../../workspace/read-objects.ts';
import type { ObjectSource } from '../../workspace/types.ts';

export const lineCommentSchema = z.object({
  /** Relative to the root. */
  file: z.string(),
  /** As the branch has it, from 1; a comment on several lines names the last one, too. */
  line: z.number(),
  last: z.number().optional(),
  text: z.string(),
});
export type LineComment = z.infer<typeof lineCommentSchema>;

const LARGEST = 2 * 2 ** 20;
const MOST = 100;
const FILES_NAMED = 8;
/** What stands before it in a list, the place, with quotes or a column, and the text. */
const COMMENT =
  /^\s{0,3}(?:[-*+]\s+|\d{1,3}[.)]\s+)?[`*_]{0,3}([^\s`:*]{1,300}?)(?::|#L)(\d{1,7})(?:-L?(\d{1,7})|:\d{1,5})?[`*_]{0,3}(?:\s*[:,;\u2013\u2014-]\s*|\s+)[`*_]{0,3}(\S.*)$/;
/** The same for a name that holds a blank, a colon or a star: only the backticks tell where it ends. */
const QUOTED = /^\s{0,3}(?:[-*+]\s+|\d{1,3}[.)]\s+)?`([^`]{1,300}):(\d{1,7})(?:-L?(\d{1,7}))?`(?:\s*[:,;\u2013\u2014-]\s*|\s+)(\S.*)$/;

/** The comments in a text: each begins a line, and goes on to the next one, to an empty line, or to a line that is not set in. */
export function commentsIn(text: string): LineComment[] {
  const comments: LineComment[] = [];
  let open: LineComment | null = null;
  for (const line of text.split('\n')) {
    const [, file, first, last, said] = COMMENT.exec(line.trimEnd()) ?? QUOTED.exec(line.trimEnd()) ?? [];
    if (file !== undefined && comments.length < MOST) {
      open = { file, line: Number(first), ...(last !== undefined && { last: Number(last) }), text: said! };
      comments.push(open);
    } else if (open && /^\s+\S/.test(line)) open.text += `\n${line.trim()}`;
    else open = null;
  }
  return comments;
}

/** The form in which `commentsIn` finds them. */
export function commentsText(comments: readonly LineComment[]): string {
  return comments
    .map(({ file: name, line, last, text }) => {
      const file = name.replaceAll('\n', ' '); // a name must not begin another comment
      const place = `${file}:${line}${last === undefined ? '' : `-${last}`}`;
      return `${/[\s:*]/.test(file) ? `\`${place}\`` : place}: ${indented(text)}`;
    })
    .join('\n');
}

/** So far that no line of it, as of pasted output, begins another comment. */
const indented = (text: string): string => text.trim().replace(/\s*\n\s*/g, '\n    ');

/**
 * The comments of a feedback with the files that they mean, in the commit or tree that the next attempt begins with.
 * A text that only looks like one (output of a tool about files that are none of the branch) is left to stand as it is.
 */
export async function readComments(
  text: string,
  where: { readonly source: ObjectSource; readonly tree: string; readonly root: string; readonly folder: string },
): Promise<{ readonly ok: true; readonly comments: readonly LineComment[] } | { readonly ok: false; readonly reason: Message }> {
  const written = commentsIn(text);
  if (written.length === 0) return { ok: true, comments: [] };
  const refuse = (reason: Message) => ({ ok: false, reason }) as const;
  const paths = (await listTree(where.source, where.tree)).map((file) => file.path);
  const index = indexPaths(paths);
  const comments: LineComment[] = [];
  for (const comment of written) {
    const meant = candidates(comment.file, where).find((name) => index.all.has(name));
    const alike = meant === undefined && !isElsewhere(comment.file) ? (index.byName.get(nameOf(plain(comment.file))) ?? []) : [];
    const file = meant ?? (alike.length === 1 && endsLike(alike[0]!, comment.file) ? alike[0] : undefined);
    if (file !== undefined) comments.push({ ...comment, file });
    else if (alike.length > 0) return refuse(message('call.commentFile', { file: comment.file, files: shortList(alike, FILES_NAMED) }));
  }
  const blobs = await readBlobs(where.source, where.tree, [...new Set(comments.map(({ file }) => file))], LARGEST);
  for (const { file, line, last = line } of comments) {
    const bytes = blobs.get(file);
    const decoded = bytes && decodeText(bytes);
    if (!decoded) return refuse(message('call.commentNoText', { file }));
    const lines = decoded.text === '' ? 0 : decoded.text.replace(/\n$/, '').split('\n').length;
    if (line < 1 || last > lines || last < line)
      return refuse(message('call.commentLine', { place: `${file}:${line}${last === line ? '' : `-${last}`}`, file, lines }));
  }
  return { ok: true, comments };
}

const plain = (file: string): string => file.replaceAll('\\', '/').replace(/^(\.\/)+/, '');

/** A file of the machine, or of a package: output of a tool names them as well. */
const isElsewhere = (file: string): boolean =>
  path.isAbsolute(file) || /^\.\.\/|(^|\/)(node_modules|site-packages|\.?venv|vendor)\//.test(plain(file));

/** As seen from the root, from the folder of the task, as the diff writes it, or with the place of the repository. */
function candidates(file: string, { root, folder }: { readonly root: string; readonly folder: string }): string[] {
  const name = plain(file);
  if (path.isAbsolute(name)) return [path.relative(root, name)];
  return [...(folder === '' ? [] : [path.posix.join(folder, name)]), name, ...(/^[ab]\//.test(name) ? [name.slice(2)] : [])];
}

/** `a.ts` and `lib/a.ts` may stand for `src/lib/a.ts`, not `other/a.ts`. */
const endsLike = (file: string, written: string): boolean => `/${file}`.endsWith(`/${plain(written)}`);
