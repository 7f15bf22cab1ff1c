/** Finds what was built and committed: a tool that compares times takes it for newer than its sources, and runs what was built of others. */
import { dirname, join } from 'node:path';
import { COMPILED_FOLDERS } from '../../common/tool-made-files.ts';

/** Beside a file that is built from, where the base has no such folder. In others nothing is found up to date. */
const BUILT = new RegExp(`^(${COMPILED_FOLDERS})$`);
const MANIFEST =
  /^(Cargo\.toml|pom\.xml|build\.gradle(\.kts)?|build\.sbt|CMakeLists\.txt|meson\.build|mix\.exs|rebar\.config|dune-project|Package\.swift|.*\.csproj|(GNUm|m|M)akefile)$/;

/**
 * @param added files that the base has not
 * @param texts of files of the base, makefiles among them
 */
export function builtFiles(added: readonly string[], base: ReadonlySet<string>, texts: ReadonlyMap<string, string>): string[] {
  if (added.length === 0) return [];
  const manifests = new Set([...base].flatMap((path) => (MANIFEST.test(nameOf(path)) ? [dirname(path)] : [])));
  const folders = new Set([...base].flatMap(foldersAbove));
  const targets = new Set(
    [...texts].flatMap(([path, text]) => (isMakefile(path) ? targetsIn(text).map((name) => join(dirname(path), name)) : [])),
  );
  const longest = [...targets].reduce((most, { length }) => Math.max(most, length), 0);
  const isBuilt = (path: string): boolean => {
    // From the outermost: below a folder that the base has not nothing is beside a manifest of it, and a command may have made a thousand.
    for (let at = path.indexOf('/'); ; at = path.indexOf('/', at + 1)) {
      const one = at < 0 ? path : path.slice(0, at);
      const isNew = !base.has(one) && !folders.has(one);
      if (isNew && (targets.has(one) || (at >= 0 && BUILT.test(nameOf(one)) && manifests.has(dirname(one))))) return true;
      if (at < 0 || (isNew && one.length > longest)) return false;
    }
  };
  return added.filter(isBuilt);
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** Those around it, the innermost first. */
export function foldersAbove(path: string): string[] {
  const found: string[] = [];
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) found.push(folder);
  return found;
}

const isMakefile = (path: string) => /(^|\/)(GNUmakefile|[Mm]akefile)$|\.mk$/.test(path);

/** A file by the name of a goal is up to date for make, and its recipe does not run. */
function targetsIn(makefile: string): string[] {
  return makefile.split('\n').flatMap((line) => {
    const names = /^([^\s:#=][^:#=]*):(?!=)/.exec(line)?.[1];
    return names
      ? names
          .trim()
          .split(/\s+/)
          .filter((name) => /^[\w./-]+$/.test(name) && !name.startsWith('.PHONY'))
      : [];
  });
}
