import path from 'node:path';
import { message } from '../../messages/message.ts';
import { failureText } from '../../setup/failure-text.ts';
import { removeEverything } from '../../setup/remove-everything.ts';
import { runSetup } from '../../setup/run-setup.ts';
import type { SetupContext, StepEnd } from '../../setup/setup-context.ts';
import { type Context, defineCommand } from '../command.ts';
import { INTERRUPTED } from '../hold-interrupt.ts';
import { foldersHere } from './folders-here.ts';
import { createPrompts, Interrupted, type Prompts } from './prompts.ts';
import { readAnswers } from './read-answers.ts';
import { openSetupContext } from './setup-context.ts';
import { SETUP_OPTIONS, type SetupOptions } from './setup-options.ts';
import { setupSummary } from './summary.ts';
import { translator } from './translator.ts';

/** Sets everything up, question by question or by options alone, or takes it back. */
export const setup = defineCommand({
  about: 'cli.setup.about',
  options: SETUP_OPTIONS,
  async run({ options }, context) {
    const { terminal } = context;
    const read = await readAnswers(options, context);
    if (!read.ok) return read.misused ? terminal.misuse(read.problem, 'setup') : terminal.fail(read.problem);
    const unattended = options.yes === true;
    if (!unattended && (!terminal.canAsk || options.json || options['key-stdin']))
      return terminal.misuse(message('cli.setup.needsYes'), 'setup');
    const cwd = path.resolve(context.cwd, options.repo ?? '.');
    // A word about a repository that is none would be one about all.
    if (options.repo !== undefined && (await foldersHere(cwd)).length === 0)
      return terminal.fail(message('cli.noRepository', { folder: cwd }));
    const t = await translator(terminal.language);
    const output = options.json ? process.stderr : process.stdout;
    const ui = createPrompts({ terminal, t, output, unattended });
    const { answers } = read;
    const setupContext = await openSetupContext({ ...context, cwd }, { ui, t, answers, ...envFiles(options, unattended, context) });
    ui.begin(`claude-kimi-mcp ${setupContext.version}`);
    const end = await carryOut({ ui, t }, () => (options.undo ? removeEverything(setupContext) : runSetup(setupContext)));
    ui.close(end === 'interrupted' ? terminal.sentence(message(options.undo ? 'cli.nothingChanged' : 'cli.setup.interrupted')) : undefined);
    if (options.json) terminal.printJson(await setupSummary(setupContext, end === 'done', ui.problems));
    if (end === 'interrupted') return INTERRUPTED;
    // Who was asked and said no misses nothing.
    return end === 'stopped' || (end === 'skipped' && unattended) ? 1 : 0;
  },
});

async function carryOut(
  { ui, t }: Pick<SetupContext, 't'> & { ui: Prompts },
  act: () => Promise<StepEnd>,
): Promise<StepEnd | 'interrupted'> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Interrupted) return 'interrupted';
    // A home that cannot be written, a file that is a folder: what the system says names the file.
    await ui.notify('error', failureText(error, t));
    return 'stopped';
  }
}

/** Where an earlier installation may have kept the key. What lies in a folder by chance is taken from nobody who is not asked. */
function envFiles(options: SetupOptions, unattended: boolean, { cwd, programFolder }: Context) {
  const named = options['import-env'];
  const ownEnvFiles = [named === undefined ? path.join(programFolder, '..', '.env') : path.resolve(cwd, named)];
  const byChance = named === undefined && !unattended ? [path.join(cwd, '.env')] : [];
  return { envFiles: [...byChance, ...ownEnvFiles], ownEnvFiles };
}
