/**
 * Mounts that do not answer, as a drive of a machine that is gone: whoever looks at them waits, and a server that waits in a call of the
 * system answers nobody. Who asks them is `sandbox/ask-mounts.ts`; here is what was found, for all who look.
 */
import { contains } from './path-contains.ts';

let silent: readonly string[] = [];
const met = new Set<string>();

export function setSilentMounts(places: readonly string[]): void {
  silent = places;
  for (const place of met) if (!places.includes(place)) met.delete(place);
}

/** The one at a path, or around it; undefined where there is none, as nearly always. */
export function silentMountAt(path: string): string | undefined {
  if (silent.length === 0) return undefined;
  const found = silent.find((place) => contains(place, path));
  if (found !== undefined) met.add(found);
  return found;
}

/** Whether one lies in a folder, by their real paths, or around it. */
export function holdsSilentMount(folder: string): boolean {
  const within = silent.find((place) => contains(folder, place));
  if (within !== undefined) met.add(within);
  return within !== undefined || silentMountAt(folder) !== undefined;
}

export const areAllAnswering = (): boolean => silent.length === 0;

/** Those of them for which something was left out. */
export const silentMountsMet = (): string[] => [...met];
