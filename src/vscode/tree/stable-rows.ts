import type { Row } from './rows.ts';

/** Rows as VS Code keeps them: the same object for the same id, for as long as it is shown. */
export interface StableRows {
  /**
   * Takes a new version of the whole view.
   * @returns the rows to draw again, without those that are drawn with their parents anyway; `all` when the groups are others now
   */
  update(rows: readonly Row[]): readonly Row[] | 'all';
  /** The groups. */
  roots(): readonly Row[];
  parentOf(row: Row): Row | undefined;
}

/**
 * A whole refresh makes VS Code forget every row for a moment, and a click in that moment reaches nothing. While an attempt runs
 * there is a change every second; so only what changed is drawn again.
 */
export function createStableRows(): StableRows {
  let kept = new Map<string, Row>();
  let parents = new Map<string, Row>();
  /** What a kept row was made of: where it is that again, nothing below it is compared. */
  let sources = new Map<string, Row>();
  let roots: readonly Row[] = [];

  function update(rows: readonly Row[]): readonly Row[] | 'all' {
    const before = roots.map(({ id }) => id).join('\n');
    const next = new Map<string, Row>();
    const nextParents = new Map<string, Row>();
    const nextSources = new Map<string, Row>();
    const changed: Row[] = [];

    function keepAll(mine: Row, source: Row, parent: Row | undefined): void {
      next.set(mine.id, mine);
      nextSources.set(mine.id, source);
      if (parent) nextParents.set(mine.id, parent);
      for (const [at, child] of source.children.entries()) keepAll(mine.children[at]!, child, mine);
    }

    function keep(row: Row, parent: Row | undefined, covered: boolean): Row {
      const old = kept.get(row.id);
      if (old && sources.get(row.id) === row && parents.get(row.id)?.id === parent?.id) {
        keepAll(old, row, parent);
        return old;
      }
      const differs = old === undefined || !isAlike(old, row) || parents.get(row.id)?.id !== parent?.id;
      const mine = (old ?? {}) as Row & { children: readonly Row[] };
      next.set(row.id, mine);
      nextSources.set(row.id, row);
      if (parent) nextParents.set(row.id, parent);
      if (differs && !covered) changed.push(mine);
      const children = row.children.map((child) => keep(child, mine, covered || differs));
      return Object.assign(mine, row, { children });
    }

    const made = rows.map((row) => keep(row, undefined, false));
    kept = next;
    parents = nextParents;
    sources = nextSources;
    roots = made;
    return made.map(({ id }) => id).join('\n') === before ? changed : 'all';
  }

  return { update, roots: () => roots, parentOf: ({ id }) => parents.get(id) };
}

/** Whether all that is drawn of a row itself is the same, and which rows stand below it. */
function isAlike(old: Row, row: Row): boolean {
  if (old.children.length !== row.children.length || row.children.some(({ id }, at) => old.children[at]!.id !== id)) return false;
  return isEqual({ ...old, children: null }, { ...row, children: null });
}

/** Of texts, numbers and objects of them. To compare is several times quicker than to write down. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(b);
  return keys.length === Object.keys(a).length && keys.every((key) => isEqual(a[key as never], b[key as never]));
}
