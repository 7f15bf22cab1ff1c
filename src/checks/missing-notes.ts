import { cutText } from '../common/cut-text.ts';
import { type Message, message } from '../messages/message.ts';
import type { Missing } from './find-missing.ts';
import { installCommands } from './install-command.ts';
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

function noteOf(command: string, missing: Missing, folders: readonly string[]): Message {
  const said = message(`missing.${missing.what}`, { command, name: missing.name });
  const remedy = remedyOf(missing, folders);
  return remedy === null ? said : message('missing.remedy', { missing: said, ...remedy });
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
    return isOfProject ? null : message(`missing.${missing.what}`, { command, name: missing.name });
  });
  return found.every((one) => one !== null) ? found : [];
}

/** Of the last lines, the longest that speaks of an error: package managers end with where their log is. */
function mostTelling(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-20);
  const errors = lines.filter((line) => /\berr(or)?\b|fatal|fail|denied|\[network/i.test(line) && !/complete log/i.test(line));
  return errors.sort((a, b) => b.length - a.length)[0] ?? lines.at(-1) ?? '';
}

/** The command that installs what is missing, and where, as far as the files of a project tell: of the first folder that has one. */
export function remedyOf({ what }: Missing, folders: readonly string[]): { readonly install: string; readonly folder: string } | null {
  if (what !== 'program' && what !== 'package') return null;
  for (const folder of folders) {
    const open = installCommands(folder).filter(({ isDone }) => !isDone || what === 'package');
    if (open.length > 0) return { install: open.map(({ command }) => command).join(' && '), folder };
  }
  return null;
}
