/**
 * Several edits on one text, each looked up in the text as it was before the call. One that cannot be made does not stop the others, which
 * the model would have to write again; edits that overlap contradict each other, and none is made then.
 */
import { showSize } from '../text-limits.ts';
import { closestBlock } from './closest-block.ts';
import { type Edit, findBlocks, type Replacement, type Search } from './find-edit-block.ts';
import { indexLines, type LineIndex, lineAt } from './line-index.ts';

export interface AppliedEdits {
  readonly ok: true;
  readonly text: string;
  /** What was replaced, in order of place, in offsets of the text before. */
  readonly blocks: readonly Replacement[];
  /** The same places in offsets of the text after. */
  readonly regions: readonly Region[];
  /** A sentence for each edit that was not taken exactly as it was given. */
  readonly notes: readonly string[];
  /** What is wrong with each edit that was not made. */
  readonly failures: readonly string[];
}

export interface Region {
  readonly start: number;
  readonly end: number;
  /** Whether what stands there may differ from what the edit says, or joins the lines around it in another way than before. */
  readonly isNews: boolean;
}

export interface RefusedEdits {
  readonly ok: false;
  /** What is wrong and what to do; says that nothing was changed. */
  readonly message: string;
  readonly summary: string;
}

interface Located extends Replacement {
  readonly edit: number;
  readonly isNews: boolean;
}

/** @param mostCharacters a longer text is not made: one that is put in the place of thousands of words takes gigabytes */
export function applyEdits(text: string, edits: readonly Edit[], mostCharacters = Number.POSITIVE_INFINITY): AppliedEdits | RefusedEdits {
  const index = indexLines(text);
  const located: Located[] = [];
  const notes: string[] = [];
  const failed: Problem[] = [];
  for (const [at, edit] of edits.entries()) {
    const name = edits.length === 1 ? 'the edit' : `edit ${at + 1} of ${edits.length}`;
    if (edit.oldText === edit.newText) {
      notes.push(`${name} was skipped: its old_text and new_text are the same`);
      continue;
    }
    const search = edit.oldText === '' ? emptySearch(text, edit) : findBlocks(index, edit);
    if (search.found !== 'blocks') {
      failed.push(problemOf(index, edits, at, name, search));
      continue;
    }
    if (search.rung !== 'exact') notes.push(`${name} was matched ${search.rung}`);
    const isNews = search.rung !== 'exact' || joinsOtherwise(edit);
    located.push(...search.blocks.map((block) => ({ ...block, edit: at, isNews })));
  }
  const blocks = located.sort((a, b) => a.start - b.start);
  const clash = blocks.findIndex((block, at) => at > 0 && block.start < blocks[at - 1]!.end);
  if (clash > 0) return overlap(index, blocks[clash - 1]!, blocks[clash]!);
  const length = blocks.reduce((sum, block) => sum + block.text.length - (block.end - block.start), text.length);
  if (length > mostCharacters && length > text.length) return tooLong(length, mostCharacters);
  const result = splice(text, blocks);
  const [first] = failed;
  if (result.text !== text) return { ok: true, ...result, blocks, notes, failures: failed.map((problem) => messageOf(problem, null)) };
  if (first === undefined) return unchanged(edits);
  return { ok: false, message: failed.map((problem) => messageOf(problem, 'Nothing was changed.')).join('\n'), summary: first.summary };
}

/** One side ends a line and the other does not: lines are joined, or one is added, which is seldom meant. */
function joinsOtherwise({ oldText, newText }: Edit): boolean {
  return newText !== '' && oldText.endsWith('\n') !== newText.endsWith('\n');
}

function splice(text: string, blocks: readonly Located[]): Pick<AppliedEdits, 'text' | 'regions'> {
  const pieces: string[] = [];
  const regions: Region[] = [];
  let copied = 0;
  let length = 0;
  for (const block of blocks) {
    pieces.push(text.slice(copied, block.start), block.text);
    const start = length + block.start - copied;
    length = start + block.text.length;
    regions.push({ start, end: length, isNews: block.isNews });
    copied = block.end;
  }
  pieces.push(text.slice(copied));
  return { text: pieces.join(''), regions };
}

/** An empty old_text says nothing about the place, except in an empty file. */
function emptySearch(text: string, edit: Edit): Search {
  if (text === '') return { found: 'blocks', rung: 'exact', blocks: [{ start: 0, end: 0, text: edit.newText }] };
  const problem =
    'old_text is empty, which names no place. To insert, take the line beside the place as old_text and repeat it in new_text together with the new lines; to replace the whole file use write_file';
  return { found: 'unclear', problem };
}

function tooLong(length: number, most: number): RefusedEdits {
  const message = `The file would become too big for this tool (${showSize(length)}, limit ${showSize(most)}); use run_command with sed or a script. Nothing was changed.`;
  return { ok: false, message, summary: 'too big' };
}

function unchanged(edits: readonly Edit[]): RefusedEdits {
  const why = edits.every((edit) => edit.oldText === edit.newText)
    ? 'old_text and new_text are the same'
    : 'the file already reads as new_text says';
  return {
    ok: false,
    message: `Nothing to change: ${why}. Do not repeat this call; go on with the next step, or give a new_text that differs.`,
    summary: 'nothing to change',
  };
}

function overlap(index: LineIndex, first: Located, second: Located): RefusedEdits {
  const lines = `lines ${lineAt(index, first.start) + 1}-${lineAt(index, second.end) + 1}`;
  return {
    ok: false,
    message: `Edits ${first.edit + 1} and ${second.edit + 1} overlap at ${lines}. Merge them into one edit. Nothing was changed.`,
    summary: 'edits overlap',
  };
}

/** Why one edit was not made. */
interface Problem {
  readonly what: string;
  readonly hints: readonly string[];
  readonly summary: string;
}

/** @param state what became of the file, where the other edits do not tell */
function messageOf({ what, hints }: Problem, state: string | null): string {
  return [state === null ? what : `${what} ${state}`, ...hints].join('\n');
}

function problemOf(
  index: LineIndex,
  edits: readonly Edit[],
  at: number,
  name: string,
  search: Exclude<Search, { found: 'blocks' }>,
): Problem {
  const start = name[0]!.toUpperCase() + name.slice(1);
  if (search.found === 'unclear') return { what: `${start}: ${search.problem}.`, hints: [], summary: 'edit is unclear' };
  if (search.found === 'several') {
    const lines = search.offsets.map((offset) => lineAt(index, offset) + 1);
    const how = search.rung === 'exact' ? '' : ` (${search.rung})`;
    const where = `lines ${lines.join(', ')}${search.more ? ' and more' : ''}`;
    return {
      what: `${start}: old_text occurs several times${how}: ${where}. Add lines around it until it is unique, or set replace_all to true.`,
      hints: [],
      summary: `old_text is not unique`,
    };
  }
  const hints = [alreadyThere(index, edits[at]!), dependsOnEarlier(edits, at), closestBlock(index, edits[at]!.oldText)];
  return {
    what: `${start}: old_text was not found.`,
    hints: [...hints.filter((hint) => hint !== null), 'Copy old_text exactly from the file, and make this edit again.'],
    summary: 'old_text not found',
  };
}

function alreadyThere(index: LineIndex, edit: Edit): string | null {
  if (edit.newText.trim().length < 8) return null;
  const at = index.text.indexOf(edit.newText);
  return at === -1 ? null : `new_text is already in the file at line ${lineAt(index, at) + 1}: this edit may be done.`;
}

function dependsOnEarlier(edits: readonly Edit[], at: number): string | null {
  const earlier = edits.findIndex((edit, i) => i < at && edit.newText.includes(edits[at]!.oldText));
  if (earlier === -1) return null;
  return `It stands in the new_text of edit ${earlier + 1}, but all edits of a call apply to the file as it was before: put both changes into edit ${earlier + 1}.`;
}
