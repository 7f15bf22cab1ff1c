/**
 * Packages that are only added can still stand in for others: a program by the name of another one, which is found first, a module within a
 * package that was there before, and what an interpreter runs at its start.
 */
import { basename, dirname } from 'node:path';

const RUN_AT_START = /^((site|user)customize(\.py)?|.*\.(pth|egg-link))$/;
const PROGRAMS = /(^|\/)\.?bin$/;
const IN_PACKAGE = /(^|\/)(node_modules|site-packages)\/(@[^/]+\/)?[^./@][^/]*(\/|$)/;

/**
 * @param place where the packages are
 * @param added paths in there, of which the folder around was there before
 * @param isProgram whether a command would find a program by this name elsewhere
 */
export function shadowing(place: string, added: readonly string[], isProgram: (name: string) => boolean): string[] {
  return added.filter((path) => {
    const around = dirname(`${place}/${path}`);
    const name = basename(path);
    return RUN_AT_START.test(name) || IN_PACKAGE.test(around) || (PROGRAMS.test(around) && isProgram(name));
  });
}
