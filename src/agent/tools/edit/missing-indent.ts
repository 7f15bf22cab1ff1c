/**
 * How new_text is meant when old_text was found behind a part of its line's indentation: a model that leaves the indentation out
 * either leaves it out of every line of new_text, or of the first one only. What it wrote tells which, or it has to say.
 */
import { findShift, indentOf, type Shift } from './indent-shift.ts';

/** `as written`: only the first line lacks its indentation. `unclear`: it could be either, and a guess would move code silently. */
export type Reading = Shift | 'as written' | 'unclear';

/**
 * @param cut what stands before old_text in its line: blanks only, at least one
 * @param old lines of old_text, what it has in common with the end of new_text left out; the first has text
 * @param fresh lines of new_text, likewise
 */
export function readIndentation(cut: string, old: readonly string[], fresh: readonly string[]): Reading {
  // A further line of old_text was found with the indentation that it has in the file, so those of new_text have theirs too.
  if (old.slice(1).some((line) => line !== '')) return 'as written';
  const written = indentOf(old[0]!);
  const found = cut + written;
  const rest = fresh.slice(1).filter(hasText).map(indentOf);
  const next = rest[0];
  if (next === undefined) return 'as written';

  const opens = /([{([:]|=>|\b(then|do|else|begin))$/.test(fresh[0]!.trimEnd());
  const hasDepthOfFile = next.startsWith(found);
  const isDeeper = hasDepthOfFile && (next !== found || !opens);
  const wanted = fresh.filter(hasText).map(indentOf);
  const asOneBlock = (): Reading => findShift([written], [found], wanted) ?? 'unclear';
  if (written !== '') return isDeeper && !opens ? 'unclear' : asOneBlock();

  const dedents = rest.includes('');
  if (closesMoreThanItOpens(fresh)) return hasDepthOfFile ? 'as written' : 'unclear';
  if (isDeeper) return dedents ? 'unclear' : 'as written';
  if (opens) return dedents || isBlankOf(next, found) ? asOneBlock() : 'unclear';
  const standsApart = !/[;,{}]$/.test(fresh[0]!.trimEnd()) && marginBehindBlank(fresh);
  return next === '' && !standsApart && !rest.some((indent) => indent.startsWith(found)) ? asOneBlock() : 'unclear';
}

/** Whether a line at the margin follows a blank one: where indentation alone ends a block, that may be the code behind it. */
function marginBehindBlank(lines: readonly string[]): boolean {
  const first = lines.findIndex(hasText);
  return lines.some((line, at) => at > first + 1 && /^\S/.test(line) && !hasText(lines[at - 1]!));
}

/** Whether a bracket is closed before one is opened: such text leaves the block that it stands in. */
function closesMoreThanItOpens(lines: readonly string[]): boolean {
  let depth = 0;
  for (const character of lines.join('\n')) {
    if ('{(['.includes(character)) depth += 1;
    else if ('})]'.includes(character) && --depth < 0) return true;
  }
  return false;
}

/** Whether both are made of the same blanks, so that they can be compared. */
function isBlankOf(indent: string, other: string): boolean {
  return other.startsWith(indent) || indent.startsWith(other);
}

function hasText(line: string): boolean {
  return line.trim() !== '';
}
