import { errorCode } from '../common/caught-error.ts';
import { closeInheritedDescriptors } from '../common/close-inherited-descriptors.ts';
import { workingFolder } from '../common/working-folder.ts';
import { errorOutcome } from '../delegation/result/error-outcome.ts';
import { message } from '../messages/message.ts';
import { stateDirectory } from '../state-directory.ts';
import type { Context } from './command.ts';
import { COMMANDS } from './commands.ts';
import { commandHelp, generalHelp } from './help.ts';
import { languageOf } from './language.ts';
import { parseWords } from './parse-options.ts';
import { programName } from './program-name.ts';
import { nearest } from './suggest-name.ts';
import { openTerminal, type Terminal } from './terminal.ts';

declare const __VERSION__: string;

/** The server says itself what is wrong, to its client. */
const NEED_STATE = new Set(COMMANDS.map(({ name }) => name).filter((name) => name !== 'serve'));

/** @param programFolder where the built programs lie */
export async function main(args: readonly string[], programFolder: string): Promise<void> {
  closeInheritedDescriptors();
  const { env } = process;
  const cwd = workingFolder();
  const terminal = openTerminal(languageOf(env), programName({ programFolder, cwd: cwd ?? '/', env }));
  process.stdout.on('error', endQuietly);
  process.stderr.on('error', endQuietly);
  const state = stateDirectory(env);
  const stateDir = state.ok ? state.folder : '';
  const context: Context = { terminal, env, cwd: cwd ?? '/', stateDir, programFolder, now: Date.now };
  // Where stdin ends at a question nothing is left to wait for, and the process ends there.
  process.exitCode = 1;
  if (cwd === null) process.exitCode = terminal.fail(message('state.folderGone'));
  else if (!state.ok && NEED_STATE.has(String(args[0]))) process.exitCode = terminal.fail(state.reason);
  else process.exitCode = await run(args, context).catch((error: unknown) => terminal.fail(errorOutcome(error, context.stateDir).reason));
}

/** Whoever reads us has seen enough: `| head -1`. What must not be cut off is told, as by a signal; everything else ends. */
function endQuietly(error: Error): void {
  if (errorCode(error) !== 'EPIPE') throw error;
  if (isUnread) return;
  isUnread = true;
  if (process.listenerCount('SIGHUP') === 0) process.exit(0);
  process.emit('SIGHUP');
}

let isUnread = false;

async function run([name, ...words]: readonly string[], context: Context): Promise<number> {
  const { terminal } = context;
  switch (name) {
    case undefined:
    case '-h':
    case '--help':
      terminal.print(generalHelp(terminal, __VERSION__));
      return 0;
    case '-v':
    case '--version':
      terminal.print(__VERSION__);
      return 0;
    case 'help':
      return help(words, terminal);
  }
  const entry = COMMANDS.find((one) => one.name === name);
  if (!entry) return unknown(name, terminal);
  const command = await entry.load();
  const given = parseWords(command, words);
  if (!given.ok) return terminal.misuse(given.problem, name);
  if (given.help) {
    terminal.print(commandHelp(entry.name, command, terminal));
    return 0;
  }
  return command.run(given, context);
}

async function help([name, ...more]: readonly string[], terminal: Terminal): Promise<number> {
  if (name === undefined) {
    terminal.print(generalHelp(terminal, __VERSION__));
    return 0;
  }
  if (more[0] !== undefined) return terminal.misuse(message('cli.tooMany', { word: more[0] }), 'help');
  const entry = COMMANDS.find((one) => one.name === name);
  if (!entry) return unknown(name, terminal);
  terminal.print(commandHelp(entry.name, await entry.load(), terminal));
  return 0;
}

function unknown(name: string, terminal: Terminal): number {
  const [near] = nearest(
    name,
    COMMANDS.map((entry) => entry.name),
  );
  if (name.startsWith('-')) return terminal.misuse(message('cli.optionFirst', { option: name }));
  return terminal.misuse(near ? message('cli.unknownCommandNear', { name, near }) : message('cli.unknownCommand', { name }));
}
