import path from 'node:path';
import { z } from 'zod';
import { count } from '../../common/count-noun.ts';
import { cutText } from '../../common/cut-text.ts';
import { anchored, compileRootGlob, expandBraces, hasWildcard, withoutRoot } from '../../common/glob.ts';
import type { SearchFound, SearchHit, SearchTarget, ToolContext, ToolResult, ToolWorkspace } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { resolvePath, shownPath } from './files/resolve-path.ts';
import { hitTexts } from './hit-texts.ts';
import { filledText, optionalText, wholeNumber, yesOrNo } from './lenient-arguments.ts';
import { toExtendedPattern } from './search-pattern.ts';
import { showName } from './text-limits.ts';

const MOST_HITS = 100;
const MOST_BYTES = 12 * 1024;
const MOST_CONTEXT = 20;
/** So many are asked for, so that the model can be told how many there are. */
const MOST_COUNTED = 1_000;
const MOST_PATTERN = 4000;
const NARROWER = 'Narrow it with glob, or search for plain text.';

const schema = z.object({
  pattern: filledText.max(MOST_PATTERN, `must have at most ${MOST_PATTERN} characters`),
  glob: optionalText,
  path: optionalText,
  regex: yesOrNo,
  ignore_case: yesOrNo,
  context: wholeNumber,
  offset: wholeNumber,
});
type Args = z.infer<typeof schema>;

export const search = defineTool<Args>({
  name: 'search',
  description: 'Find lines that hold a text, or match a regex; ignored files left out.',
  parameters: {
    type: 'object',
    properties: {
      pattern: { type: 'string' },
      glob: { type: 'string' },
      regex: { type: 'boolean' },
      ignore_case: { type: 'boolean' },
      context: { type: 'integer' },
    },
    required: ['pattern'],
  },
  effect: 'read',
  schema,
  aliases: {
    pattern: ['query', 'text', 'searchtext', 'needle', 'string'],
    glob: ['include', 'files', 'filepattern', 'globpattern', 'filter'],
    path: ['dir', 'directory', 'folder', 'paths'],
    regex: ['isregex', 'isregexp', 'regexp', 'useregex'],
    ignore_case: ['caseinsensitive', 'insensitive', 'i'],
    context: ['contextlines', 'around', 'c'],
    offset: ['skip', 'from'],
  },
  example: '{"pattern": "function parse", "glob": "src"}',
  title: (args) => [args.pattern, args.glob ?? args.path].filter(Boolean).join(' in '),
  run: find,
});

async function find(args: Args, context: ToolContext): Promise<ToolResult> {
  const pattern = args.pattern.replace(/(?<![\r\n])[\r\n]+$/, '');
  if (/[\r\n]/.test(pattern)) {
    return failure('search looks at one line at a time; the pattern has several. Search for one of them.', 'several lines');
  }
  const syntax = args.regex ? 'regex' : 'literal';
  const extended = args.regex ? toExtendedPattern(pattern) : { ok: true as const, pattern };
  if (!extended.ok) return failure(`The pattern ${JSON.stringify(cutText(pattern, 200))} ${extended.message}.`, 'bad pattern');
  const targets = await targetsOf(args, context);
  if (!Array.isArray(targets)) return targets;

  const ignoreCase = args.ignore_case ?? false;
  const leftOut = context.workspace.neverSend.rules.isWithheld;
  const query = { pattern: extended.pattern, syntax, ignoreCase, targets, limit: MOST_COUNTED, leftOut } as const;
  try {
    const found = await context.workspace.search(query, context.signal);
    const note = [noteOfWithheld(targets, context), tooLarge(found, context.workspace)].filter(Boolean).join('\n') || null;
    if (found.hits.length > 0) return withNote(await show(found, args, context), note);
    if (found.end === 'time') return failure(`No hit so far, but the search ran out of time. ${NARROWER}`, 'out of time');
    return withNote((await nothingToSearch(targets, context)) ?? nothing(args), note);
  } catch (error) {
    if (context.signal.aborted || !(error instanceof Error)) throw error;
    return failure(`The search failed: ${error.message}. Try a simpler pattern, or run_command with grep.`, 'search failed');
  }
}

/** Everywhere (none), an exact place, or a glob as one or several (`{a,b}` is not known to git); or why not. */
async function targetsOf(args: Args, context: ToolContext): Promise<SearchTarget[] | ToolResult> {
  const [folder, glob] = await folderAndGlob(args, context);
  const prefix = folder === '' ? '' : await relativeFolder(folder, context);
  if (typeof prefix !== 'string') return prefix;
  if (glob === '') return exactly(prefix);
  const target = glob.startsWith('/') ? glob : path.posix.join(folder, glob);
  if (!hasWildcard(glob) || (await exists(target, context))) {
    const found = await relativeFolder(target, context);
    return typeof found === 'string' ? exactly(found) : found;
  }
  const alternatives = expandBraces(withoutRoot(glob, context.workspace));
  if (alternatives === null) return failure('The glob is too long or has too many {alternatives}; give a simpler one.', 'bad glob');
  const from = (one: string) => prefix || (one.includes('/') && !glob.startsWith('/') ? context.workspace.folder : '');
  const globs = alternatives.map((one) => globFrom(from(one), one));
  if (!globs.every((one) => one !== null)) return failure('The glob leads out of the repository; give one inside it.', 'refused');
  return globs.map((one) => ({ glob: one }));
}

/** From the root; null when it leads above that. */
function globFrom(folder: string, glob: string): string | null {
  const above = folder === '' ? [] : folder.split('/');
  const parts = glob.split('/');
  while (parts[0] === '..' && above.pop() !== undefined) parts.shift();
  return parts.includes('..') ? null : [...above.map(escapeGlob), anchored(parts.join('/'))].join('/');
}

function exactly(relative: string): SearchTarget[] {
  return relative === '' ? [] : [{ path: relative }];
}

/** A path with wildcards is a glob, unless it exists (`app/[id]`). */
async function folderAndGlob(args: Args, context: ToolContext): Promise<[folder: string, glob: string]> {
  const isGlob = args.glob === undefined && hasWildcard(args.path ?? '') && !(await exists(args.path ?? '', context));
  return isGlob ? ['', args.path ?? ''] : [args.path ?? '', args.glob ?? ''];
}

async function exists(given: string, context: ToolContext): Promise<boolean> {
  const target = resolvePath(context.workspace, given);
  return target.ok && target.exists;
}

function escapeGlob(name: string): string {
  return name.replace(/[*?[\]\\]/g, '\\$&');
}

async function relativeFolder(given: string, context: ToolContext): Promise<string | ToolResult> {
  const target = resolvePath(context.workspace, given);
  if (!target.ok) return failure(target.message, 'refused');
  if (target.area === 'temp') return failure(`${target.shown} is not in the repository; use run_command with grep there.`, 'refused');
  if (target.exists) return target.relative;
  return failure(
    `${target.shown} does not exist; give a folder or file that list_files shows, or a glob such as **/*.ts.`,
    'no such place',
  );
}

/** How a path is written to the model. */
const named = (workspace: ToolWorkspace) => (relative: string) => showName(shownPath(workspace, relative));

const WITHHELD_NAMED = 8;

/** Nothing that is said of files that are never sent depends on what they hold. */
function noteOfWithheld(targets: readonly SearchTarget[], { workspace }: ToolContext): string | null {
  const { neverSend } = workspace;
  const files = neverSend.files().filter((path) => targets.length === 0 || targets.some((target) => holds(target, path)));
  if (files.length === 0) return null;
  for (const file of files) neverSend.heldBack(file, 'name');
  const more = files.length > WITHHELD_NAMED ? ` and ${files.length - WITHHELD_NAMED} more` : '';
  return `[not searched, since their content is never sent: ${files.slice(0, WITHHELD_NAMED).map(named(workspace)).join(', ')}${more}]`;
}

function tooLarge({ left = [] }: SearchFound, workspace: ToolWorkspace): string | null {
  if (left.length === 0) return null;
  const more = left.length > WITHHELD_NAMED ? ` and ${left.length - WITHHELD_NAMED} more` : '';
  return `[not searched, since they are too large: ${left.slice(0, WITHHELD_NAMED).map(named(workspace)).join(', ')}${more}; use run_command with grep]`;
}

function holds(target: SearchTarget, path: string): boolean {
  return 'path' in target ? path === target.path || path.startsWith(`${target.path}/`) : (compileRootGlob(target.glob)?.(path) ?? true);
}

function withNote(result: ToolResult, note: string | null): ToolResult {
  return note === null ? result : { ...result, text: `${result.text}\n${note}` };
}

async function show({ hits, end }: SearchFound, { offset = 0, context: around = 0 }: Args, context: ToolContext): Promise<ToolResult> {
  const more = end === 'all' ? count(hits.length, 'hit') : `${hits.length} hits or more`;
  const files = count(new Set(hits.map((hit) => hit.path)).size, 'file');
  const skipped = Math.max(0, offset);
  if (skipped >= hits.length) return failure(`There are ${more} in ${files}; offset ${skipped} is past them.`, 'past the end');
  const wanted = hits
    .slice(skipped, skipped + MOST_HITS)
    .map((hit) => ({ ...hit, text: withoutHalfWords(masked(hit, context).trimEnd()) }));
  const { texts, sent, taken, isShort } = await hitTexts(wanted, Math.min(MOST_CONTEXT, Math.max(0, around)), MOST_BYTES, context);
  const notes = isShort ? ['[of the lines around hits those are left out that you have read, unchanged]'] : [];
  const next = skipped + taken;
  if (next < hits.length) notes.push(`[${more} in ${files}; the next ones with "offset": ${next}]`);
  if (end === 'time') notes.push(`[not all: the search ran out of time. ${NARROWER}]`);
  return { ok: true, sent, text: [...texts, ...notes].join('\n'), summary: `${more} in ${files}` };
}

/** Of a long line by all that is beside the part, as half a secret would not be known as one. */
function masked({ text, part }: SearchHit, { workspace }: ToolContext): string {
  if (part === undefined) return text;
  const from = part.before.length;
  const shown = workspace.neverSend.maskPart(part.before + part.text + part.behind, from, from + part.text.length);
  return `${part.before === '' ? '' : '…'}${shown}${part.behind === '' ? '' : '…'}`;
}

/**
 * Of a long line only a part is shown; where it begins or ends within a word that may be half a secret, the word goes too. Letters and
 * digits together make such a word: keys have both, and without the rest of it nobody would know it as a key.
 */
function withoutHalfWords(text: string): string {
  return text.replace(/^…[\w+/=.~-]{8,}/, orNothing).replace(/[\w+/=.~-]{8,}…$/, orNothing);
}

const orNothing = (word: string) => (/\d/.test(word) && /[A-Za-z]/.test(word) ? '…' : word);

/** A place in which git lists nothing holds no hits, but that is not to say that its files do not match. */
async function nothingToSearch(targets: readonly SearchTarget[], context: ToolContext): Promise<ToolResult | null> {
  const [target, ...more] = targets;
  if (target === undefined || more.length > 0) return null;
  const at = 'path' in target ? target.path : foldersBefore(target.glob);
  const shown = shownPath(context.workspace, at);
  if (at === '' || !(await exists(shown, context)) || (await context.workspace.listFiles(context.signal, at)).length > 0) return null;
  const text = `Nothing was searched: ${showName(shown)} is ignored by git or empty. Look into it with run_command with grep -rn.`;
  return { ok: true, text, summary: 'nothing to search' };
}

/** The folders of a glob in front of its first wildcard. */
function foldersBefore(glob: string): string {
  const parts = glob.split('/');
  return parts.slice(0, Math.max(0, parts.findIndex(hasWildcard))).join('/');
}

function nothing(args: Args): ToolResult {
  const advice = [
    args.regex
      ? 'leave regex out to search for the text as it is'
      : /[\\.*+|^$]/.test(args.pattern) && 'set regex to true if it is a regular expression',
    !args.ignore_case && 'set ignore_case to true',
    (args.glob ?? args.path) && 'leave glob out to search everywhere',
  ].filter(Boolean);
  return {
    ok: true,
    text: `No line matches ${JSON.stringify(cutText(args.pattern, 200))}. You may ${advice.join(', or ') || 'search for a shorter piece'}.`,
    summary: 'no hits',
  };
}
