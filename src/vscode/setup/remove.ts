import path from 'node:path';
import { claudeFiles } from '../../claude/files.ts';
import { forgetRecord } from '../../claude/record.ts';
import { disconnectCommands, readRegistered, shownCommand } from '../../claude/registration.ts';
import { fileLayers } from '../../config.ts';
import { removeLauncher } from '../../launcher/install.ts';
import { rulesToTakeBack, undoConnection } from './claude-steps.ts';
import type { SetupPlace } from './place.ts';
import { filesWithRules, removeAllRules } from './rules-step.ts';

/** Every setting that a step of the set-up writes. */
const WRITTEN_SETTINGS = ['model', 'budget', 'baseUrl', 'claudePath', 'sandbox', 'repositories'] as const;

/** Undoes all that the set-up did, after showing it. Branches, the record of delegations and the user's own files stay. */
export async function removeEverything(place: SetupPlace): Promise<void> {
  const { ui, t } = place;
  const permissions = rulesToTakeBack(place);
  const { user } = readRegistered(claudeFiles(place.env, place.home), []);
  const settings = WRITTEN_SETTINGS.filter((name) => place.settings.own(name) !== undefined);
  const keyFiles = filesWithKey(place);
  const go = t('Remove');
  const answer = await ui.confirm({
    kind: 'warning',
    message: t('Remove everything that Kimi Delegate set up?'),
    detail: [
      ...(user ? [`> ${shownCommand(disconnectCommands()[0]!)}`] : []),
      ...(permissions ? [t('- the permission rules in {0}', permissions.file)] : []),
      ...filesWithRules(place).map((file) => t('- the delegation rules in {0}', file)),
      t('- the API key in VS Code’s secret storage'),
      ...(settings.length > 0 ? [t('- your settings {0}', settings.map((name) => `claudeKimi.${name}`).join(', '))] : []),
      t('- the launcher in {0}', place.stateDir),
      '',
      t('Branches with delegated work stay, and so does the history of delegations.'),
      ...keyFiles.map((file) => t('{0} stays too: you put a key there yourself.', file)),
    ].join('\n'),
    actions: [go],
  });
  if (answer !== go) return;
  const disconnected = await undoConnection(place);
  const cleared = await removeAllRules(place);
  await place.key.delete();
  for (const name of settings) await place.settings.set(name, undefined);
  // What Claude Code still starts must stay startable.
  if (disconnected) removeLauncher(place.stateDir);
  const whole = disconnected && cleared;
  if (whole) forgetRecord(place.stateDir);
  place.refresh();
  const left = keyFiles.map((file) => t('The key in {0} is still there.', file));
  await (whole
    ? ui.tell('info', [t('Everything is removed. You can uninstall the extension now.'), ...left].join(' '))
    : ui.tell('warning', t('Some of it could not be removed; see the messages before. Run Remove Everything… again when that is mended.')));
}

function filesWithKey(place: SetupPlace): string[] {
  const env = { ...place.env, CLAUDE_KIMI_HOME: place.stateDir };
  return fileLayers(env, path.join(place.dist, 'server-main.cjs'))
    .filter(({ values }) => values.apiKey)
    .map(({ label }) => label);
}
