/** Checks that pass whatever the code is, as their own words or the base's scripts say: `true`, `echo ok`, `npm test || true`. */
import { join } from 'node:path';
import { packageScripts } from '../common/package-scripts.ts';
import { type SimpleCommand, type Step, stepsOf } from '../sandbox/parse-shell.ts';
import { wholeScript } from './detect/javascript.ts';
import { makeRules, recipeOf } from './detect/other-languages.ts';

/** Texts of files of the base. */
type ReadBase = (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>;

const SCRIPT = /^(?:npm|yarn|pnpm|bun)(?: run(?:-script)?)?(?: -s| --silent)? ([\w:.-]+)$/;
const TARGET = /^make(?: -s)? ([\w.-]+)$/;
const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile'];

/**
 * Those of some checks that prove nothing.
 * @param folder where they begin, relative to the root
 */
export async function idleChecks(commands: readonly string[], folder: string, readBase: ReadBase): Promise<Set<string>> {
  const idle = await Promise.all(commands.map(async (command) => passesAlways(await whatItRuns(command.trim(), folder, readBase))));
  return new Set(commands.filter((_, index) => idle[index]));
}

/** The script or recipe behind a command that only names it, or the command itself. */
async function whatItRuns(command: string, folder: string, readBase: ReadBase): Promise<string> {
  const script = SCRIPT.exec(command)?.[1];
  const target = TARGET.exec(command)?.[1];
  if (script !== undefined) {
    const manifest = join(folder, 'package.json');
    const name = script === 't' || script === 'tst' ? 'test' : script;
    return wholeScript(packageScripts((await readBase([manifest])).get(manifest)), name) || command;
  }
  if (target === undefined) return command;
  const paths = MAKEFILES.map((name) => join(folder, name));
  const texts = await readBase(paths);
  const makefile = paths.map((path) => texts.get(path)).find((text) => text !== undefined);
  return (makefile !== undefined && recipeOf(makeRules(makefile), target)) || command;
}

/** By its words alone; what is not understood may fail. */
export function passesAlways(script: string): boolean {
  const steps = stepsOf(script);
  const last = steps?.at(-1);
  if (!steps || !last || !isIdle(last)) return false;
  const before = steps.at(-2);
  // What comes before it decides nothing, or is as idle.
  const decidesAlone = before !== undefined && !script.slice(before.end, last.start).includes('&&');
  return decidesAlone || steps.every(isIdle);
}

const isIdle = ({ commands, isPlain }: Step): boolean => isPlain && commands.length > 0 && commands.every(isIdleCommand);

function isIdleCommand([name = '', ...words]: SimpleCommand): boolean {
  if (['exit', 'return'].includes(name)) return words.length === 1 && words[0] === '0';
  return ['true', ':', 'echo', 'printf'].includes(name);
}
