/** Lines of a file as it was then. */
export interface ShownLines {
  readonly hash: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Which lines of files stand in the conversation, so that they need not be sent again. Whoever takes messages out of it clears this; a
 * resume begins with nothing. It is told once: a model that asks again after all gets them, or it would go round in a circle.
 */
export class ShownInConversation {
  #files = new Map<string, ShownLines[]>();
  #told = new Set<string>();

  /** Whether these very lines were shown, and this is to be said instead of showing them. */
  isKnown(path: string, { hash, from, to }: ShownLines): boolean {
    const name = `${path}\0${hash}\0${from}\0${to}`;
    if (!this.holds(path, { hash, from, to }) || this.#told.has(name)) return false;
    this.#told.add(name);
    return true;
  }

  /** Whether these very lines were shown, at once or in several pieces. */
  holds(path: string, { hash, from, to }: ShownLines): boolean {
    const pieces = (this.#files.get(path) ?? []).filter((one) => one.hash === hash).sort((a, b) => a.from - b.from);
    let next = from;
    for (const piece of pieces) if (piece.from <= next) next = Math.max(next, piece.to + 1);
    return next > to;
  }

  add(path: string, lines: ShownLines): void {
    const same = (this.#files.get(path) ?? []).filter(({ hash }) => hash === lines.hash);
    this.#files.set(path, [...same, lines]);
  }

  clear(): void {
    this.#files.clear();
    this.#told.clear();
  }
}
