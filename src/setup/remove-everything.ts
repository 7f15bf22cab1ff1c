import path from 'node:path';
import { claudeFiles } from '../claude/claude-files.ts';
import { disconnectCommands, readRegistered, shownCommand } from '../claude/registration.ts';
import { forgetRecord } from '../claude/setup-record.ts';
import { removeLauncher } from '../launcher/install-launcher.ts';
import { fileLayers } from '../setting-files.ts';
import { rulesToTakeBack, undoConnection } from './disconnect-step.ts';
import { filesWithRules, removeAllRules } from './rules-step.ts';
import type { SetupContext } from './setup-context.ts';

/** Every setting that a step of the set-up writes. */
const WRITTEN_SETTINGS = ['model', 'budget', 'baseUrl', 'claudePath', 'sandbox', 'repositories'] as const;

/** Undoes all that the set-up did, after showing it. Branches, the record of delegations and the user's own files stay. */
export async function removeEverything(context: SetupContext): Promise<void> {
  const { ui, t } = context;
  const permissions = rulesToTakeBack(context);
  const { user } = readRegistered(claudeFiles(context.env, context.home), []);
  const settings = WRITTEN_SETTINGS.filter((name) => context.settings.own(name) !== undefined);
  const keyFiles = filesWithKey(context);
  const go = t('Remove');
  const answer = await ui.confirm({
    kind: 'warning',
    message: t('Remove everything that Kimi Delegate set up?'),
    detail: [
      ...(user ? [`> ${shownCommand(disconnectCommands()[0]!)}`] : []),
      ...(permissions ? [t('- the permission rules in {0}', permissions.file)] : []),
      ...filesWithRules(context).map((file) => t('- the delegation rules in {0}', file)),
      t('- the API key in VS Code’s secret storage'),
      ...(settings.length > 0 ? [t('- your settings {0}', settings.map((name) => `claudeKimi.${name}`).join(', '))] : []),
      t('- the launcher in {0}', context.stateDir),
      '',
      t('Branches with delegated work stay, and so does the history of delegations.'),
      ...keyFiles.map((file) => t('{0} stays too: you put a key there yourself.', file)),
    ].join('\n'),
    actions: [go],
  });
  if (answer !== go) return;
  const disconnected = await undoConnection(context);
  const cleared = await removeAllRules(context);
  await context.key.delete();
  for (const name of settings) await context.settings.set(name, undefined);
  // What Claude Code still starts must stay startable.
  if (disconnected) removeLauncher(context.stateDir);
  const whole = disconnected && cleared;
  if (whole) forgetRecord(context.stateDir);
  context.refresh();
  const left = keyFiles.map((file) => t('The key in {0} is still there.', file));
  await (whole
    ? ui.notify('info', [t('Everything is removed. You can uninstall the extension now.'), ...left].join(' '))
    : ui.notify(
        'warning',
        t('Some of it could not be removed; see the messages before. Run Remove Everything… again when that is mended.'),
      ));
}

function filesWithKey(context: SetupContext): string[] {
  return fileLayers(context.stateDir, path.join(context.dist, 'server-main.cjs'))
    .filter(({ values }) => values.apiKey)
    .map(({ label }) => label);
}
