import { z } from 'zod';
import { count } from '../../common/count-noun.ts';
import { cutText } from '../../common/cut-text.ts';
import { inTimeOr } from '../../common/in-time.ts';
import { type DecodedText, encodeText } from '../../common/text-codec.ts';
import { MASK } from '../never-send/never-send.ts';
import type { ToolContext, ToolResult } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { type AppliedEdits, applyEdits } from './edit/apply-edits.ts';
import { namePlaces, showRegions } from './edit/changed-regions.ts';
import { hasCrLines } from './edit/line-index.ts';
import { decodeFile } from './files/decode-file.ts';
import { ruleNote } from './files/ignored-note.ts';
import { missingPath } from './files/missing-path.ts';
import { readWholeFile } from './files/read-whole-file.ts';
import { refuseFiltered } from './files/refuse-filtered.ts';
import { refuseUnencodable } from './files/refuse-unencodable.ts';
import { replaceFile } from './files/replace-file.ts';
import { type ResolvedPath, resolvePath } from './files/resolve-path.ts';
import { markEdited } from './files/seen-content.ts';
import { takeRoom } from './files/written-bytes.ts';
import {
  fileText,
  filledText,
  isObject,
  PATH_ALIASES,
  requiredText,
  unquoteJson,
  withCanonicalNames,
  yesOrNo,
} from './lenient-arguments.ts';
import { MOST_EDITED_BYTES } from './text-limits.ts';

const MOST_EDITS = 50;
const MOST_SHOWN = 6_000;
/** For the places of all edits, a hundred times what they usually take: other attempts wait meanwhile, and a model writes what is looked for. */
const MOST_MS = 5_000;

const EDIT_ALIASES = {
  old_text: ['oldstr', 'oldstring', 'old', 'search', 'searchtext', 'find', 'original'],
  new_text: ['newstr', 'newstring', 'new', 'replace', 'replacement', 'replacewith', 'updated'],
  replace_all: ['all', 'global', 'replaceallmatches'],
};

const edit = z.preprocess(
  (value) => (isObject(value) ? withCanonicalNames(value, EDIT_ALIASES) : value),
  z.object({ old_text: requiredText, new_text: fileText, replace_all: yesOrNo }, 'must be an object with old_text and new_text'),
);
const schema = z.preprocess(
  withEditList,
  z.object({
    path: filledText,
    edits: z
      .array(edit, 'must be a list of {old_text, new_text}')
      .min(1, 'must hold at least one edit')
      .max(MOST_EDITS, `must hold at most ${MOST_EDITS} edits`),
  }),
);
type Args = z.infer<typeof schema>;

export const editFile = defineTool<Args>({
  name: 'edit_file',
  description: 'Replace parts of a file. Each old_text is copied exactly from the file as it was before the call, and occurs there once.',
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      edits: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            old_text: { type: 'string' },
            new_text: { type: 'string' },
            replace_all: { type: 'boolean' },
          },
          required: ['old_text', 'new_text'],
        },
      },
    },
    required: ['path', 'edits'],
  },
  effect: 'write',
  schema,
  aliases: { path: PATH_ALIASES, edits: ['changes', 'replacements', 'edit'] },
  example: '{"path": "src/app.ts", "edits": [{"old_text": "a = 1", "new_text": "a = 2"}]}',
  title: (args) => args.path,
  run: editParts,
});

/** Takes `edits` as JSON text or as a single edit, and an edit that stands beside `path` instead of in the list. */
function withEditList(value: unknown): unknown {
  if (!isObject(value)) return value;
  const edits = unquoteJson(value['edits']);
  if (isObject(edits)) return { ...value, edits: [edits] };
  if (edits !== undefined && edits !== null) return { ...value, edits };
  const single = withCanonicalNames(value, EDIT_ALIASES);
  if (single['old_text'] === undefined && single['new_text'] === undefined) return { ...value, edits: undefined };
  return { ...value, edits: [single] };
}

async function editParts(args: Args, context: ToolContext): Promise<ToolResult> {
  const target = resolvePath(context.workspace, args.path, 'write');
  if (!target.ok) return failure(target.message, 'refused');
  if (!target.exists) return missingPath(context, target, 'To create a file use write_file.');
  const filtered = await refuseFiltered(target, context);
  if (filtered !== null) return filtered;
  const before = readWholeFile(target);
  if (!before.ok) return failure(before.message, 'refused');
  const newTexts = args.edits.map((one) => one.new_text).join('');
  const stored = await decodeFile(target, before.bytes, context, newTexts);
  const decoded = stored && withLineFeeds(stored);
  if (decoded === null)
    return failure(`${target.shown} is a binary file; edit_file changes only text. Use run_command with a script.`, 'binary');
  if (args.edits.some((one) => [one.old_text, one.new_text].some((text) => text.includes(MASK) && !decoded.text.includes(MASK)))) {
    return failure(
      `${target.shown}: ${MASK} stands for text of the file that is never shown to you. Edit beside it, and leave it out of old_text and new_text.`,
      'withheld text',
    );
  }
  const refusal = refuseUnencodable(target.shown, addedText(args, decoded.text), decoded);
  if (refusal !== null) return refusal;

  const given = (text: string) => (decoded.isCr ? text.replace(/\r\n?/g, '\n') : text);
  const wanted = args.edits.map((one) => ({
    oldText: given(one.old_text),
    newText: given(one.new_text),
    replaceAll: one.replace_all ?? false,
  }));
  const look = inTimeOr(MOST_MS, null, () => {
    const applied = applyEdits(decoded.text, wanted, MOST_EDITED_BYTES);
    return { applied, failures: failuresOf(applied, () => applyEdits(target.neverSend.mask(decoded.text), wanted, MOST_EDITED_BYTES)) };
  });
  if (look === null)
    return failure(
      `${target.shown}: to find these edits takes too long. Give shorter ones with exact text, fewer at a time, or use run_command with sed or a script. Nothing was changed.`,
      'too big',
    );
  const { applied, failures } = look;
  if (!applied.ok) return failure(`${target.shown}: ${failures.join('\n')}`, applied.summary);
  const after = encodeText({ ...decoded, text: decoded.isCr ? applied.text.replace(/\r?\n/g, '\r') : applied.text });
  const full = takeRoom(context.workspace, before.bytes.length, after.length);
  if (full !== null) return failure(`${target.shown}: ${full}. Nothing was changed.`, 'too big');
  const written = replaceFile(target, after, context.workspace.temp.host);
  if (!written.ok) return failure(written.message, 'refused');
  markEdited(context.seen, target.relative, before.bytes, after);
  context.workspace.touched([target.relative]);
  return success(target, decoded, { ...applied, failures }, await ruleNote(target, context));
}

/** Lines that end as on old Macs, for everything that knows lines by their line feed. */
function withLineFeeds(decoded: DecodedText): DecodedText & { isCr: boolean } {
  const isCr = hasCrLines(decoded.text);
  return { ...decoded, isCr, text: isCr ? decoded.text.replaceAll('\r', '\n') : decoded.text };
}

/** What is said of the edits that were not made, in the words for the text as it is shown: they quote parts of lines, and half a secret is known to nobody. */
function failuresOf(applied: ReturnType<typeof applyEdits>, asShown: () => ReturnType<typeof applyEdits>): readonly string[] {
  if (applied.ok && applied.failures.length === 0) return [];
  const shown = asShown();
  return shown.ok ? shown.failures : [shown.message];
}

/** What the file does not hold yet: characters that stand in it may stay. */
function addedText(args: Args, before: string): string {
  const texts = args.edits.map((one) => one.new_text).join('');
  return texts.replace(/[^\x00-\x7f]/gu, (character) => (before.includes(character) ? '' : character));
}

function success(target: ResolvedPath, before: DecodedText, applied: AppliedEdits, note: string): ToolResult {
  const removed = applied.blocks.reduce((sum, block) => sum + linesIn(before.text.slice(block.start, block.end)), 0);
  const added = applied.blocks.reduce((sum, block) => sum + linesIn(block.text), 0);
  const regions = cutText(target.neverSend.mask(showRegions(applied.text, applied.regions)), MOST_SHOWN);
  const text = [
    `Edited ${target.shown}, ${namePlaces(applied.text, applied.regions)}.${note}`,
    ...applied.notes.map((note) => `Note: ${note}.`),
    ...(regions === '' ? [] : [regions]),
    ...applied.failures,
  ].join('\n');
  const summary = `${count(applied.blocks.length, 'place')}, +${added} -${removed} lines`;
  const sent = { [target.relative]: Buffer.byteLength(regions) };
  if (applied.failures.length === 0) return { ok: true, sent, text, summary };
  return { ok: false, ran: true, sent, text, summary: `${summary}, ${applied.failures.length} not made` };
}

function linesIn(text: string): number {
  if (text === '') return 0;
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
