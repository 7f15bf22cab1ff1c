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
  const found = await findHidden(changed);
  const moved = await onlyHidden(found, files);
  const ends = found.filter(({ kinds }) => kinds.includes('lineEnds')).map(({ right }) => right);
  const key = JSON.stringify([moved, ends]);
  if (moved.length + ends.length === 0 || told.has(key)) return;
  told.add(key);
  const show = t('Show Them');
  const text = [
    ...(moved.length > 0 ? [t('VS Code hides lines in {0} that differ only in white space at their start or end.', named(moved))] : []),
    ...(ends.length > 0 ? [t('Line endings changed in {0}; VS Code does not show that.', named(ends))] : []),
  ].join(' ');
  if ((await notify.warning(text, ...(moved.length > 0 ? [show] : []))) !== show) return;
  await vscode.workspace.getConfiguration('diffEditor').update(SETTING, false, vscode.ConfigurationTarget.Global);
  // The folder, or a setting for the language, may say otherwise.
  if ((await onlyHidden(found, files)).length > 0)
    await vscode.commands.executeCommand('workbench.action.openSettings', `diffEditor.${SETTING}`);
}

interface Found {
  readonly right: CommitFile;
  readonly kinds: readonly HiddenDifference[];
}

async function findHidden(changed: readonly { left: CommitFile; right: CommitFile }[]): Promise<Found[]> {
  const [first] = changed;
  if (!first) return [];
  const [{ readFirstBlobs }, { asUtf8 }] = await Promise.all([
    import('../../workspace/read-objects.ts'),
    import('../../common/text-codec.ts'),
  ]);
  const read = ({ gitDir, commit }: CommitFile, paths: readonly string[]) => readFirstBlobs({ gitDir }, commit, paths, MOST_BYTES);
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
  for (const { left, right } of changed) {
    const [old, now] = [before.get(left.path), after.get(right.path)].map((bytes) => bytes && asUtf8(bytes).toString('utf8'));
    if (old === undefined || now === undefined || [old, now].some(isBinary)) continue;
    const kinds = hiddenDifferences(old, now);
    if (kinds.length > 0) found.push({ right, kinds });
    await setImmediate(); // others have their turn
  }
  return found;
}

/** As VS Code finds it, by what stands at the beginning: one further down hides nothing from a diff. */
const isBinary = (text: string) => text.slice(0, 512).includes('\0');

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
