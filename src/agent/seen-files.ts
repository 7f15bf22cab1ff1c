/**
 * What the model knows of files (path to hash of the content that it saw). What is new is journalled, so that a resume knows it too;
 * that a compaction forgets all of it, the journal says by itself.
 */
export class KnownFiles extends Map<string, string> {
  #news: Record<string, string> = {};

  constructor(entries: Iterable<readonly [string, string]>) {
    super();
    for (const [path, hash] of entries) super.set(path, hash);
  }

  override set(path: string, hash: string): this {
    this.#news[path] = hash;
    return super.set(path, hash);
  }

  /** @returns what was set since the last call, or undefined */
  takeNews(): Readonly<Record<string, string>> | undefined {
    const news = this.#news;
    this.#news = {};
    return Object.keys(news).length > 0 ? news : undefined;
  }
}
