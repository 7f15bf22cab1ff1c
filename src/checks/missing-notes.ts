import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { cutText } from '../common/cut-text.ts';
import { contains } from '../common/path-contains.ts';
import { realPathOf } from '../common/real-path.ts';
import { type Message, message } from '../messages/message.ts';
import type { Missing } from './find-missing.ts';
import { installCommands } from './install-command.ts';
import { outsideRemedy } from './outside-remedy.ts';
import type { CheckComparison, CheckRun } from './types.ts';

/**
 * What checks failed for want of on the result, and what mends it in the user's checkout; each thing once.
 * @param folders of that checkout: its root, and the one that the checks ran in
 */
export function missingNotes(comparisons: readonly CheckComparison[], folders: readonly string[]): Message[] {
  const told = new Set<string>();
  return comparisons.flatMap(({ command, result }) => {
    if (!result?.missing || told.has(result.missing.name)) return [];
    told.add(result.missing.name);
    return [noteOf(command, result.missing, folders)];
  });
}

/** That a check could not run for want of it. */
export function sayMissing(command: string, { what, name }: Missing): Message {
  const isUnnamed = what === 'service' && !/^\d+$/.test(name);
  return message(isUnnamed ? 'missing.server' : `missing.${what}`, { command, name });
}

function noteOf(command: string, missing: Missing, folders: readonly string[]): Message {
  const said = sayMissing(command, missing);
  const target = missing.what === 'package' ? linkedTarget(missing.name, folders) : null;
  if (target !== null) return message('missing.linked', { missing: said, folder: target });
  const remedy = remedyOf(missing, folders);
  return remedy === null ? withOutside(said, missing, folders) : message('missing.remedy', { missing: said, ...remedy });
}

function withOutside(said: Message, missing: Missing, folders: readonly string[]): Message {
  const outside = outsideRemedy(missing, folders);
  return outside === null ? said : message('missing.outside', { missing: said, ...outside });
}

/** What lies outside of the checkout where a package is a link, as `npm link` makes them: another project, which nobody has allowed to be sent. */
function linkedTarget(name: string, folders: readonly string[]): string | null {
  for (const folder of folders) {
    const at = join(folder, 'node_modules', name);
    const target = lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() ? realPathOf(at) : null;
    if (target !== null && !folders.some((one) => contains(one, target))) return target;
  }
  return null;
}

/**
 * What keeps every check from running, where the worker cannot install it: a tool of this machine, a service, an installation that failed.
 * @param runs by command
 * @returns nothing where a check runs, or may run when something is installed
 */
export function missingForGood(runs: ReadonlyMap<string, CheckRun>, folders: readonly string[]): Message[] {
  const tests = [...runs].filter(([, run]) => !run.installs || run.exitCode !== 0);
  const found = tests.map(([command, run]) => {
    if (run.installs && !run.killed) return message('missing.install', { command, said: cutText(mostTelling(run.tail), 200) });
    const { missing } = run;
    const isOfProject = !missing || missing.what === 'package' || remedyOf(missing, folders) !== null;
    return isOfProject ? null : withOutside(sayMissing(command, missing), missing, folders);
  });
  return found.every((one) => one !== null) ? found : [];
}

/** Of the last lines, the longest that speaks of an error: package managers end with where their log is. */
function mostTelling(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-20);
  const errors = lines.filter((line) => /\berr(or)?\b|fatal|fail|denied|\[network/i.test(line) && !/complete log/i.test(line));
  return errors.sort((a, b) => b.length - a.length)[0] ?? lines.at(-1) ?? '';
}

/**
 * The command that installs what is missing, and where, as far as the files of a project tell: of the first folder that has one.
 * @returns null, too, where the tool itself is missing that would install the rest
 */
export function remedyOf(
  { what, name }: Missing,
  folders: readonly string[],
): { readonly install: string; readonly folder: string } | null {
  if (what !== 'program' && what !== 'package') return null;
  for (const folder of folders) {
    const ways = installCommands(folder);
    if (what === 'program' && ways.some(({ tool }) => tool === name)) return null;
    const open = ways.filter(({ isDone }) => !isDone || what === 'package');
    if (open.length > 0) return { install: open.map(({ command }) => command).join(' && '), folder };
  }
  return null;
}
