/** Remembers which content of a file the model knows, so that nothing is overwritten unread. */
import { createHash } from 'node:crypto';

type Seen = Map<string, string>;

export type Knowledge =
  | 'known'
  /** Never read in this attempt. */
  | 'unread'
  /** Read, but something changed it since. */
  | 'changed';

/** Also after a warning: the model has been told of this very content, and may insist. */
export function markSeen(seen: Seen, relative: string, content: Buffer): void {
  seen.set(relative, hash(content));
}

export function knowledgeOf(seen: Seen, relative: string, content: Buffer): Knowledge {
  const known = seen.get(relative);
  if (known === undefined) return 'unread';
  return known === hash(content) ? 'known' : 'changed';
}

function hash(content: Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}
