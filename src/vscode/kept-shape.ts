/**
 * The shapes of what VS Code keeps for this extension and of its own addresses, for what loads when the window starts. Elsewhere zod checks
 * what comes from outside; it would be more than all the rest that VS Code reads before the window can be used.
 */
export type Shape<T> = (value: unknown) => value is T;

export const isText: Shape<string> = (value) => typeof value === 'string';
export const isNumber: Shape<number> = (value) => typeof value === 'number';

export const optional =
  <T>(of: Shape<T>): Shape<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || of(value);

export const oneOf =
  <const T extends string>(...words: readonly T[]): Shape<T> =>
  (value): value is T =>
    words.some((word) => word === value);

export const listOf =
  <T>(of: Shape<T>): Shape<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(of);

/** A list with so many places, each of its own shape. */
export const tupleOf =
  <const T extends readonly unknown[]>(...places: { readonly [At in keyof T]: Shape<T[At]> }): Shape<T> =>
  (value): value is T =>
    Array.isArray(value) && value.length === places.length && places.every((of, at) => of(value[at]));

/** What else stands in it is no fault: a newer version may have left it. */
export const objectOf =
  <T extends object>(fields: { readonly [Name in keyof T]-?: Shape<T[Name]> }): Shape<T> =>
  (value): value is T =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries<Shape<unknown>>(fields).every(([name, of]) => of((value as Record<string, unknown>)[name]));

/** The value where it has the shape, else null. */
export const ifShaped = <T>(of: Shape<T>, value: unknown): T | null => (of(value) ? value : null);
