import { opendir } from 'node:fs/promises';
import { z } from 'zod';
import { count } from '../../common/count-noun.ts';
import { compileGlob, hasWildcard, withoutRoot } from '../../common/glob.ts';
import type { ToolContext, ToolResult } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { type Listing, listFlat, listPaths } from './files/list-paths.ts';
import { missingPath } from './files/missing-path.ts';
import { holdFolder } from './files/open-safely.ts';
import { type ResolvedPath, resolvePath, shownPath } from './files/resolve-path.ts';
import { optionalText } from './lenient-arguments.ts';
import { showName } from './text-limits.ts';

const LIMITS = { maxLines: 300, maxBytes: 12 * 1024 };

const schema = z.object({ path: optionalText, glob: optionalText });
type Args = z.infer<typeof schema>;

export const listFiles = defineTool<Args>({
  name: 'list_files',
  description: 'List files, ignored ones left out.',
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      glob: { type: 'string' },
    },
    required: [],
  },
  effect: 'read',
  schema,
  aliases: {
    path: ['dir', 'directory', 'folder', 'dirpath', 'directorypath', 'root', 'cwd'],
    glob: ['pattern', 'globpattern', 'include', 'filter'],
  },
  example: '{"path": "src", "glob": "*.ts"}',
  title: (args) => [args.path, args.glob].filter(Boolean).join(' ') || '.',
  run: list,
});

async function list(args: Args, context: ToolContext): Promise<ToolResult> {
  if (args.glob === undefined && args.path !== undefined && hasWildcard(args.path)) {
    const asFolder = resolvePath(context.workspace, args.path);
    if (!asFolder.ok || !asFolder.exists) return list({ path: undefined, glob: args.path }, context);
  }
  const folder = resolvePath(context.workspace, args.path ?? '');
  if (!folder.ok) return failure(folder.message, 'refused');
  if (!folder.exists) return missingPath(context, folder, '');
  const matches = args.glob ? compileGlob(withoutRoot(args.glob, context.workspace)) : () => true;
  if (matches === null) return failure('The glob is too long or has too many {alternatives}; give a simpler one.', 'bad glob');

  const inFolder = folder.area === 'workspace' ? await context.workspace.listFiles(context.signal, folder.relative) : [];
  if (inFolder[0] === folder.relative) return failure(`${folder.shown} is a file, not a folder; read_file shows it.`, 'is a file');
  const prefix = folder.relative === '' ? '' : `${folder.relative}/`;
  if (inFolder.length === 0) return listUnlisted(folder, context.workspace.submodules);
  const found = inFolder.filter((path) => matches(path) || (prefix !== '' && matches(path.slice(prefix.length))));
  if (found.length === 0) return nothingMatches(args, folder, inFolder.length);
  const show = (path: string): string =>
    path.endsWith('/') ? `${show(path.slice(0, -1))}/` : showName(shownPath(context.workspace, path));
  const listing = args.glob ? listFlat(found.map(show), LIMITS) : listPaths(found, prefix, LIMITS, show);
  return result(
    `${count(found.length, 'file')} in ${folder.shown}${args.glob ? ` matching ${showName(args.glob)}` : ''}`,
    listing,
    found.length,
  );
}

function result(heading: string, listing: Listing, files: number): ToolResult {
  const notes: string[] = [];
  if (listing.folded) notes.push('[folders with a count are not shown in full: list_files with their path]');
  if (listing.left > 0) notes.push(`[${listing.left} more: narrow with path or glob]`);
  return { ok: true, text: [`${heading}:`, ...listing.lines, ...notes].join('\n'), summary: count(files, 'file') };
}

function nothingMatches(args: Args, folder: ResolvedPath, among: number): ToolResult {
  const text = `No file in ${folder.shown} matches ${showName(args.glob ?? '')} (${count(among, 'file')} looked at). * stays inside one folder, ** goes through folders.`;
  return { ok: true, text, summary: 'no match' };
}

const isIn = (folders: readonly string[], path: string) => folders.some((one) => path === one || path.startsWith(`${one}/`));

/** A folder of which git lists nothing: of a submodule, ignored (installed packages, build output), empty, or the temp folder. One level of it. */
async function listUnlisted(folder: ResolvedPath, submodules: readonly string[]): Promise<ToolResult> {
  const names: string[] = [];
  const held = holdFolder(folder, 'existing');
  if (!held.ok) return failure(held.message, 'refused');
  try {
    for await (const entry of await opendir(held.at('.'))) {
      if (names.length >= LIMITS.maxLines * 4) break;
      if (entry.name.toLowerCase() !== '.git') names.push(showName(entry.isDirectory() ? `${entry.name}/` : entry.name));
    }
  } finally {
    held.close();
  }
  const kind = folder.area === 'temp' ? 'the temp folder' : isIn(submodules, folder.relative) ? 'in a submodule' : 'ignored by git';
  if (names.length === 0) return { ok: true, text: `${folder.shown} is empty.`, summary: 'empty' };
  return result(
    `${count(names.length, 'entry').replace(/entrys$/, 'entries')} in ${folder.shown} (${kind}, one level)`,
    listFlat(names.sort(), LIMITS),
    names.length,
  );
}
