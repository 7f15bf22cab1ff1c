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
  let roots: readonly Row[] = [];

  function update(rows: readonly Row[]): readonly Row[] | 'all' {
    const before = roots.map(({ id }) => id).join('\n');
    const next = new Map<string, Row>();
    const nextParents = new Map<string, Row>();
    const changed: Row[] = [];

    function keep(row: Row, parent: Row | undefined, covered: boolean): Row {
      const old = kept.get(row.id);
      const differs = old === undefined || face(old) !== face(row) || parents.get(row.id)?.id !== parent?.id;
      const mine = (old ?? {}) as Row & { children: readonly Row[] };
      next.set(row.id, mine);
      if (parent) nextParents.set(row.id, parent);
      if (differs && !covered) changed.push(mine);
      const children = row.children.map((child) => keep(child, mine, covered || differs));
      return Object.assign(mine, row, { children });
    }

    const made = rows.map((row) => keep(row, undefined, false));
    kept = next;
    parents = nextParents;
    roots = made;
    return made.map(({ id }) => id).join('\n') === before ? changed : 'all';
  }

  return { update, roots: () => roots, parentOf: ({ id }) => parents.get(id) };
}

/** All that is drawn of a row itself, and which rows stand below it. */
function face({ children, ...own }: Row): string {
  return JSON.stringify([own, children.map(({ id }) => id)]);
}
