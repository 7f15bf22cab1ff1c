/** What stands under a name that somebody else chose: `constructor` and `toString` stand under every object, and are none of its own. */
export function ownValue<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
