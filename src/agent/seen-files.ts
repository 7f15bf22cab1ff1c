/**
 * What the model knows of files (path to hash of the content that it saw). What is new is journalled, so that a resume knows it too;
 * that a compaction forgets all of it, the journal says by itself.
 */
export class SeenFiles extends Map<string, string> {
  readonly #unjournalled = new Map<string, string>();

  constructor(entries: Iterable<readonly [string, string]>) {
    super();
    for (const [path, hash] of entries) super.set(path, hash);
  }

  override set(path: string, hash: string): this {
    this.#unjournalled.set(path, hash);
    return super.set(path, hash);
  }

  /** @returns what was set since the last call, or undefined */
  takeUnjournalled(): Readonly<Record<string, string>> | undefined {
    const unjournalled = Object.fromEntries(this.#unjournalled);
    this.#unjournalled.clear();
    return Object.keys(unjournalled).length > 0 ? unjournalled : undefined;
  }
}
