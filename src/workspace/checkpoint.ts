/** Saves the state of the working tree as a git tree in the private git dir. */
import { type Message, message } from '../messages/message.ts';
import { goneAndBack, keepGone } from './gone-ignored.ts';
import { decodeName, git, splitNul } from './run-git.ts';
import { nulList, type StageCall, stageChanges } from './stage-changes.ts';
import type { PrivateGit } from './types.ts';
import { workTreeCall } from './work-tree-call.ts';

export interface Checkpoint {
  readonly tree: string;
  /** Repository-relative paths that differ from the tree before. */
  readonly changed: readonly string[];
  /** What could not be saved and why. */
  readonly problems: readonly Message[];
  /** Of the files that differed from the last checkpoint, and are kept once more. */
  readonly bytes: number;
}

/**
 * Saves the working tree. Only changed paths are staged. Nested repositories, pipes, huge files and names that git forbids stay
 * out and are reported; submodules stay at the commit they had. One checkpoint at a time for a git dir.
 * @param previousTree the tree (or commit) to compare with
 * @param keptOut see `StageCall`
 */
export async function checkpoint(
  privateGit: PrivateGit,
  workTree: string,
  previousTree: string,
  signal?: AbortSignal,
  keptOut?: ReadonlySet<string>,
): Promise<Checkpoint> {
  const { settings, off } = privateGit.filters;
  const gone = await goneAndBack(privateGit, workTree);
  const wanted = { ...(keptOut && { keptOut }), wanted: gone.back };
  const call: StageCall = { ...workTreeCall(privateGit, workTree, signal), config: settings, ...wanted };
  const { problems, bytes, deleted } = await stageChanges(call, off);
  await keepGone(privateGit, call, gone, deleted);
  const staged = await writeTree(call);
  if (staged === previousTree) return { tree: staged, changed: [], problems, bytes };
  const entries = await compareTrees(call, previousTree, staged);
  const links = entries.filter(
    ({ before, after }) => (before.mode === LINK) !== (after.mode === LINK) || (after.mode === LINK && before.id !== after.id),
  );
  if (links.length === 0) return { tree: staged, changed: entries.map(({ path }) => decodeName(path)), problems, bytes };
  await revertFiles(call, links);
  const tree = await writeTree(call);
  const linkNotes = links.map(({ path }) => message('leftOut.submoduleLink', { file: JSON.stringify(decodeName(path)) }));
  const changed = await compareTrees(call, previousTree, tree);
  return { tree, changed: changed.map(({ path }) => decodeName(path)), problems: [...problems, ...linkNotes], bytes };
}

const LINK = '160000';
const ABSENT = '000000';

interface TreeEntry {
  path: string;
  before: { mode: string; id: string };
  after: { mode: string; id: string };
}

async function writeTree(call: StageCall): Promise<string> {
  return (await git(['write-tree'], call)).toString('latin1').trim();
}

async function compareTrees(call: StageCall, before: string, after: string): Promise<TreeEntry[]> {
  const fields = splitNul(await git(['diff-tree', '-r', '-z', '--no-renames', '--no-ext-diff', before, after], call));
  const entries: TreeEntry[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [beforeMode = '', afterMode = '', beforeId = '', afterId = ''] = fields[index]!.replace(/^:/, '').split(' ');
    entries.push({ path: fields[index + 1]!, before: { mode: beforeMode, id: beforeId }, after: { mode: afterMode, id: afterId } });
  }
  return entries;
}

/** The last guard against silent submodule links: whatever way one came in, the entry goes back to what it was. */
async function revertFiles(call: StageCall, links: readonly TreeEntry[]): Promise<void> {
  const lines = links.flatMap(({ path, before }) => {
    const removal = `${ABSENT} ${'0'.repeat(before.id.length)}\t${path}`;
    return before.mode === ABSENT ? [removal] : [removal, `${before.mode} ${before.id}\t${path}`];
  });
  await git(['update-index', '-z', '--index-info'], { ...call, stdin: nulList(lines) });
}
