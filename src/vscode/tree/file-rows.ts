import path from 'node:path';
import { sizeText } from '../../delegation/result/size-text.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { Translate } from '../../messages/translate.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { fileSizeText } from '../text/file-size-text.ts';
import { plain } from '../text/markdown.ts';
import type { Arrangement } from './arrange.ts';
import { branchRow, type Change, type Row } from './row.ts';

/** More files are left to the review. */
const FILES_SHOWN = 300;

type File = Change['files'][number];

interface FileOptions {
  readonly t: Translate;
  readonly arrangement?: Arrangement;
}

/** The changed files, in one list or in their folders. */
export function filesRow(delegation: DelegationItem, change: Change, options: FileOptions): Row {
  const files = change.files.slice(0, FILES_SHOWN);
  const inFolders = options.arrangement?.filesAs === 'tree';
  const made = inFolders ? folderRows(delegation, files, '', options) : files.map((file) => fileRow(delegation, file, false, options));
  const row = branchRow(delegation, 'files', options.t('Files'), withOwnIds(made, new Set()), false);
  return { ...row, description: `${change.files.length} · ${sizeText(change)}` };
}

/** Names that are no UTF-8 may read alike, and of two rows with one id VS Code shows none. */
function withOwnIds(rows: readonly Row[], taken: Set<string>): Row[] {
  return rows.map((row) => {
    let id = row.id;
    for (let number = 2; taken.has(id); number++) id = `${row.id}:${number}`;
    taken.add(id);
    return { ...row, id, children: withOwnIds(row.children, taken) };
  });
}

function fileRow(delegation: DelegationItem, file: File, inFolder: boolean, { t }: FileOptions): Row {
  const { id } = delegation.identity;
  const folder = path.posix.dirname(file.path);
  const size = fileSizeText(file, t);
  const from = file.from ? `${oneLine(file.from, 300)} → ` : '';
  return {
    id: `${id}:file:${file.path}`,
    label: oneLine(path.posix.basename(file.path), 200),
    description: [size, ...(folder === '.' || inFolder ? [] : [oneLine(folder, 200)])].join(' · '),
    tooltip: plain(`${from}${oneLine(file.path, 500)} · ${size}`),
    contextValue: delegation.actions.has('apply') ? 'file single' : 'file',
    children: [],
    open: false,
    click: { kind: 'file', path: file.path },
    delegationId: id,
    file: { path: file.path, status: file.status },
  };
}

/** Folders first; one that holds only another is one line with it. @param parent with a slash at its end, or empty */
function folderRows(delegation: DelegationItem, files: readonly File[], parent: string, options: FileOptions): Row[] {
  const inside = new Map<string, File[]>();
  const here: File[] = [];
  for (const file of files) {
    const rest = file.path.slice(parent.length);
    const end = rest.indexOf('/');
    if (end < 0) here.push(file);
    else inside.set(rest.slice(0, end), [...(inside.get(rest.slice(0, end)) ?? []), file]);
  }
  const folders = [...inside]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, some]) => folderRow(delegation, name, some, parent, options));
  return [...folders, ...here.map((file) => fileRow(delegation, file, true, options))];
}

function folderRow(delegation: DelegationItem, name: string, files: readonly File[], parent: string, options: FileOptions): Row {
  const folder = `${parent}${name}/`;
  const children = folderRows(delegation, files, folder, options);
  const [only] = children;
  if (only && children.length === 1 && only.contextValue === 'folder') return { ...only, label: `${oneLine(name, 200)}/${only.label}` };
  const { id } = delegation.identity;
  const sum = (side: 'added' | 'removed') => files.reduce((total, file) => total + (file[side] ?? 0), 0);
  return {
    id: `${id}:folder:${folder}`,
    label: oneLine(name, 200),
    description: `${files.length} · ${sizeText({ added: sum('added'), removed: sum('removed') })}`,
    icon: { name: 'folder' },
    tooltip: plain(oneLine(folder, 500)),
    contextValue: 'folder',
    children,
    open: true,
    click: null,
    delegationId: id,
  };
}
