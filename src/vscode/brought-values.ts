/** Of a folder's settings, what goes to servers: they read all of it at each call, and those of older versions no more than 64 KB. */

const MOST_BYTES = 4096;
/** Of a list that only forbids, which may well have some hundreds of entries. */
const MOST_LIST_BYTES = 16 * 1024;

/** A value as a folder sets it, unless it is larger than any folder has to say. */
export function soundValue(brought: unknown): unknown {
  return brought !== undefined && sizeOf(brought) > MOST_BYTES ? undefined : brought;
}

/**
 * The entries of a list that adds to what is forbidden. One that is too long for the way is not left out, as then nothing of it would be:
 * it forbids everything.
 */
export function forbiddenBy(brought: unknown): string[] {
  if (!Array.isArray(brought)) return [];
  return sizeOf(brought) > MOST_LIST_BYTES ? ['**'] : brought.filter((one) => typeof one === 'string');
}

/** On its way it is a text within a text. */
const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
