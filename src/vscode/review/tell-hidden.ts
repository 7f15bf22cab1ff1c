import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { notify } from '../notify.ts';
import type { CommitFile, CommitFiles } from './commit-file-system.ts';
import { type HiddenDifference, hiddenDifferences } from './hidden-differences.ts';

/** Both sides of a file, as commits hold them. */
export interface Sides {
  readonly left: CommitFile | undefined;
  readonly right: CommitFile | undefined;
}

/** As many bytes of a side as an editor with several files keeps, too. */
const MOST_BYTES = 64 * 1024 * 1024;
/** So many are named. */
const MOST_NAMED = 10;
const SETTING = 'ignoreTrimWhitespace';

/** What was said once of the same files is not said again. */
const told = new Set<string>();

/**
 * A diff of VS Code leaves out what differs in white space around lines, unless a setting says otherwise, which a folder may set for each
 * language: code that is moved out of a condition looks unchanged. Whoever reviews is told in which files.
 */
export async function tellHidden(compared: readonly Sides[], files: CommitFiles): Promise<void> {
  const { t } = vscode.l10n;
  const changed = compared.flatMap(({ left, right }) => (left && right ? [{ left, right }] : []));
  const { found, unread } = await findHidden(changed);
  const moved = await onlyHidden(found, files);
  const ends = found.filter(({ kinds }) => kinds.includes('lineEnds')).map(({ right }) => right);
  const key = JSON.stringify([moved, ends, unread]);
  if (moved.length + ends.length + unread.length === 0 || told.has(key)) return;
  told.add(key);
  const show = t('Show Them');
  const text = [
    ...(moved.length > 0 ? [t('VS Code hides lines in {0} that differ only in white space at their start or end.', named(moved))] : []),
    ...(ends.length > 0 ? [t('Line endings changed in {0}; VS Code does not show that.', named(ends))] : []),
    ...(unread.length > 0 ? [t('Not searched for changes that VS Code hides, as it is too much: {0}.', named(unread))] : []),
  ].join(' ');
  // With the setting it hides nothing but line endings, in those neither.
  const isHidden = moved.length > 0 || unread.length > 0;
  if ((await notify.warning(text, ...(isHidden ? [show] : []))) !== show) return;
  await vscode.workspace.getConfiguration('diffEditor').update(SETTING, false, vscode.ConfigurationTarget.Global);
  // The folder, or a setting for the language, may say otherwise.
  if ((await onlyHidden(found, files)).length > 0)
    await vscode.commands.executeCommand('workbench.action.openSettings', `diffEditor.${SETTING}`);
}

interface Looked {
  readonly found: readonly Found[];
  /** What nobody has looked at: too much, or it stands behind too much. */
  readonly unread: readonly CommitFile[];
}

interface Found {
  readonly right: CommitFile;
  readonly kinds: readonly HiddenDifference[];
}

async function findHidden(changed: readonly { left: CommitFile; right: CommitFile }[]): Promise<Looked> {
  const [first] = changed;
  if (!first) return { found: [], unread: [] };
  const [{ readFirstDocuments }, { asUtf8 }] = await Promise.all([
    import('../../workspace/read-objects.ts'),
    import('../../common/text-codec.ts'),
  ]);
  const read = ({ gitDir, commit }: CommitFile, paths: readonly string[]) => readFirstDocuments({ gitDir }, commit, paths, MOST_BYTES);
  const [before, after] = await Promise.all([
    read(
      first.left,
      changed.map(({ left }) => left.path),
    ),
    read(
      first.right,
      changed.map(({ right }) => right.path),
    ),
  ]);
  const found: Found[] = [];
  const unread: CommitFile[] = [];
  for (const { left, right } of changed) {
    const sides = [before.get(left.path), after.get(right.path)];
    if (sides.some((side) => side?.bytes === null)) unread.push(right);
    const [old, now] = sides.map((side) => side?.bytes && asUtf8(side.bytes).toString('utf8'));
    if (typeof old !== 'string' || typeof now !== 'string') continue;
    const kinds = hiddenDifferences(old, now);
    if (kinds.length > 0) found.push({ right, kinds });
    await setImmediate(); // others have their turn
  }
  return { found, unread };
}

/** Those in which VS Code hides white space, by what is set for their language. */
async function onlyHidden(found: readonly Found[], files: CommitFiles): Promise<CommitFile[]> {
  const moved = found.filter(({ kinds }) => kinds.includes('whiteSpace')).map(({ right }) => right);
  const kindOf = (file: CommitFile) => path.posix.extname(file.path) || path.posix.basename(file.path);
  const isHiddenIn = new Map<string, boolean>();
  for (const file of moved) if (!isHiddenIn.has(kindOf(file))) isHiddenIn.set(kindOf(file), await isHidden(files.uri(file)));
  return moved.filter((file) => isHiddenIn.get(kindOf(file)));
}

async function isHidden(uri: vscode.Uri): Promise<boolean> {
  const document = await vscode.workspace.openTextDocument(uri).then(
    (opened) => opened,
    () => undefined,
  );
  return vscode.workspace.getConfiguration('diffEditor', document).get(SETTING, true);
}

function named(files: readonly CommitFile[]): string {
  const names = files.slice(0, MOST_NAMED).map((file) => oneLine(path.posix.basename(file.path), 60));
  return [...names, ...(files.length > MOST_NAMED ? ['…'] : [])].join(', ');
}
