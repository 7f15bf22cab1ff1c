/** Remembers which content of a file the model knows, so that nothing is overwritten unread. */
import { createHash } from 'node:crypto';

type Seen = Map<string, string>;

export type Knowledge =
  | 'known'
  /** Never read in this attempt, not in whole, or so long ago that it was forgotten. */
  | 'unread'
  /** Read, but something changed it since. */
  | 'changed';

/** Lines of a file that were shown, from 1; `isAll` when nothing follows them. */
export interface Shown {
  readonly from: number;
  readonly to: number;
  readonly isAll: boolean;
}

/** Also after a warning: the model has been told of this very content, and may insist. */
export function markSeen(seen: Seen, relative: string, content: Buffer): void {
  seen.set(relative, contentHash(content));
}

/** A file that is read piece by piece is known once the pieces reach from its beginning to its end. */
export function markShown(seen: Seen, relative: string, content: Buffer, { from, to, isAll }: Shown): void {
  const now = contentHash(content);
  const known = seen.get(relative);
  if (known === now) return;
  const [before, lines] = known?.split(PART) ?? [];
  const reached = before === now ? Number(lines) : 0;
  if (from > reached + 1) return;
  seen.set(relative, isAll ? now : `${now}${PART}${Math.max(reached, to)}`);
}

/** After an edit, which shows the model no more than the place of it: who knew the whole still does. */
export function markEdited(seen: Seen, relative: string, before: Buffer, after: Buffer): void {
  if (knowledgeOf(seen, relative, before) === 'known') markSeen(seen, relative, after);
  else if (seen.has(relative)) seen.set(relative, `${contentHash(after)}${PART}0`);
}

export function knowledgeOf(seen: Seen, relative: string, content: Buffer): Knowledge {
  const known = seen.get(relative);
  if (known === undefined) return 'unread';
  const now = contentHash(content);
  if (known === now) return 'known';
  return known.startsWith(now) ? 'unread' : 'changed';
}

/** Between the hash and the number of lines from the beginning that were shown. */
const PART = ' to line ';

export function contentHash(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}
