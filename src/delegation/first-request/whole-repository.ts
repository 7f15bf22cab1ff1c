/** A repository so small that the model is shown all of it before it begins. */
import type { TreeFile } from '../../workspace/read-objects.ts';

/** Nobody reads these to understand the code. */
const NOT_READ =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lockb|go\.sum|LICEN[CS]E(\.\w+)?|COPYING|[\w.-]+\.(lock|map|min\.js|min\.css|svg|png|jpe?g|gif|ico|webp|avif|pdf|zip|t?gz|bz2|xz|7z|jar|war|class|so|dll|exe|wasm|woff2?|ttf|otf|mp[34]|mov|wav|ogg|sqlite|db|bin|pyc|DS_Store))$/i;
/** With more files than that in a kilobyte they will not fit, and need not be looked at. */
const FILES_PER_KB = 4;

/**
 * The text files of a repository that may fit into so many kilobytes, by their number and names.
 * @returns nothing when there are too many
 */
export function readableFiles(files: readonly TreeFile[], mostKb: number): string[] {
  const most = mostKb * FILES_PER_KB;
  if (files.length > most * 2) return [];
  const found = files.filter(({ path, mode }) => mode.startsWith('100') && !NOT_READ.test(path));
  return found.length <= most ? found.map(({ path }) => path) : [];
}
