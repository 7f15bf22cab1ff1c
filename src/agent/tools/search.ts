import { z } from 'zod';
import type { SearchHit, SearchQuery, ToolContext, ToolResult } from '../types.ts';
import { filledText, optionalText, yesOrNo } from './arguments.ts';
import { defineTool, failure } from './define-tool.ts';
import { anchored, expandBraces, hasWildcard } from './files/glob.ts';
import { isInside, resolvePath } from './files/paths.ts';
import { toExtendedPattern } from './search-pattern.ts';
import { count, cutText, linesThatFit, showName } from './text-limits.ts';

const MOST_HITS = 100;
const MOST_BYTES = 16 * 1024;
const LONGEST_LINE = 300;
/** So many are asked for, so that the model can be told how many there are. */
const MOST_COUNTED = 1_000;

const schema = z.object({ pattern: filledText, glob: optionalText, path: optionalText, regex: yesOrNo, ignore_case: yesOrNo });
type Args = z.infer<typeof schema>;

export const search = defineTool<Args>({
  name: 'search',
  description: `Find lines in the files of the repository (ignored ones left out). Gives path:line: text, at most ${MOST_HITS} hits.`,
  parameters: {
    type: 'object',
    properties: {
      pattern: { type: 'string', description: 'Text to find, or a regular expression when regex is true' },
      glob: { type: 'string', description: 'Only in this folder or these files, such as src or *.ts' },
      regex: { type: 'boolean' },
      ignore_case: { type: 'boolean' },
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
  },
  example: '{"pattern": "function parse", "glob": "src"}',
  title: (args) => [args.pattern, args.glob ?? args.path].filter(Boolean).join(' in '),
  run: find,
});

async function find(args: Args, context: ToolContext): Promise<ToolResult> {
  if (/[\r\n]/.test(args.pattern.replace(/(?<![\r\n])[\r\n]+$/, ''))) {
    return failure('search looks at one line at a time; the pattern has several. Search for one of them.', 'several lines');
  }
  const pattern = args.pattern.replace(/(?<![\r\n])[\r\n]+$/, '');
  const syntax = args.regex ? 'regex' : 'literal';
  const extended = args.regex ? toExtendedPattern(pattern) : { ok: true as const, pattern };
  if (!extended.ok) return failure(`The pattern ${JSON.stringify(cutText(pattern, 200))} ${extended.message}.`, 'bad pattern');
  const scopes = await scopesOf(args, context);
  if (!Array.isArray(scopes)) return scopes;

  const query = { pattern: extended.pattern, syntax, ignoreCase: args.ignore_case ?? false } as const;
  try {
    const hits = await collect(query, scopes, context);
    return hits.length === 0 ? nothing(args) : show(hits);
  } catch (error) {
    if (context.signal.aborted || !(error instanceof Error)) throw error;
    return failure(`The search failed: ${error.message}. Try a simpler pattern, or run_command with grep.`, 'search failed');
  }
}

/** Where to search: a glob that git knows, or the exact path of a folder or file. */
type Scope = { glob: string } | { exactly: string };

async function collect(query: Omit<SearchQuery, 'limit' | 'glob'>, scopes: readonly Scope[], context: ToolContext): Promise<SearchHit[]> {
  const hits: SearchHit[] = [];
  for (const scope of scopes) {
    const limit = MOST_COUNTED - hits.length;
    if (limit === 0) break;
    const glob = 'glob' in scope ? scope.glob : scope.exactly === '' ? undefined : escapeGlob(scope.exactly);
    const found = await context.workspace.search({ ...query, limit, ...(glob !== undefined && { glob }) }, context.signal);
    hits.push(...found.filter((hit) => 'glob' in scope || isAt(scope.exactly, hit.path)));
  }
  return hits;
}

/** One or several to look in, one after the other (`{a,b}` is not known to git), or why not. */
async function scopesOf(args: Args, context: ToolContext): Promise<Scope[] | ToolResult> {
  const [folder, glob] = await folderAndGlob(args, context);
  const prefix = await relativeFolder(folder, context);
  if (typeof prefix !== 'string') return prefix;
  if (glob === '') return [{ exactly: prefix }];
  const place = prefix === '' || glob.startsWith('/') ? glob : `${prefix}/${glob}`;
  if (!hasWildcard(glob) || (await exists(place, context))) {
    const exactly = await relativeFolder(place, context);
    return typeof exactly === 'string' ? [{ exactly }] : exactly;
  }
  const alternatives = expandBraces(withoutRoot(glob, context));
  if (alternatives === null) return failure('The glob is too long or has too many {alternatives}; give a simpler one.', 'bad glob');
  if (alternatives.some((one) => one.split('/').includes('..')))
    return failure('The glob leads out of the repository; give one inside it.', 'refused');
  return alternatives.map((one) => ({ glob: prefix === '' ? anchored(one) : `${escapeGlob(prefix)}/${anchored(one)}` }));
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

function isAt(place: string, path: string): boolean {
  return place === '' || path === place || path.startsWith(`${place}/`);
}

function escapeGlob(path: string): string {
  return path.replace(/[*?[\]\\]/g, '\\$&');
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

function show(hits: readonly SearchHit[]): ToolResult {
  const lines = hits.map((hit) => `${showName(hit.path)}:${hit.line}: ${cutText(hit.text.trimEnd(), LONGEST_LINE)}`);
  const shown = linesThatFit(lines, MOST_HITS, MOST_BYTES);
  const more = hits.length >= MOST_COUNTED ? `${MOST_COUNTED} hits or more` : count(hits.length, 'hit');
  const files = new Set(hits.map((hit) => hit.path)).size;
  const note =
    shown.length < lines.length
      ? [`[${more} in ${count(files, 'file')}, the first ${shown.length} shown: narrow with glob or a longer pattern]`]
      : [];
  return { ok: true, text: [...shown, ...note].join('\n'), summary: `${more} in ${count(files, 'file')}` };
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

function withoutRoot(glob: string, context: ToolContext): string {
  const root = [context.workspace.shownRoot, context.workspace.root].find((one) => isInside(one, glob));
  return root === undefined ? glob : glob.slice(root.length);
}
