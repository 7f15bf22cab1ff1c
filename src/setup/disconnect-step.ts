import { claudeFiles } from '../claude/claude-files.ts';
import { disconnect, disconnectCommands, type EntryPlace, entryAt, readRegistered, shownCommand } from '../claude/registration.ts';
import { disallowTools, type GrantedRules, grantedRules, readRecord, updateRecord } from '../claude/setup-record.ts';
import { shellWord } from '../common/shell-word.ts';
import { joinSentences, messageText } from '../messages/translate.ts';
import { failureText } from './failure-text.ts';
import { locateClaude } from './locate-claude.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** Takes back the registration and the rules; what else stands in the files stays. */
export async function disconnectStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const permissions = rulesToTakeBack(context);
  const place = connectedPlace(context);
  if (!place && !permissions) {
    updateRecord(context.stateDir, { connected: null });
    await ui.notify('info', t('Claude Code is not connected.'));
    return 'done';
  }
  const go = t('Disconnect');
  const answer = await ui.confirm({
    message: t('Disconnect Claude Code from Kimi Delegate?'),
    detail: [
      ...(place ? [disconnectText(place)] : []),
      ...(permissions ? [t('Removed from {0}:', permissions.file), ...permissions.added.map((rule) => `- ${rule}`)] : []),
    ].join('\n'),
    actions: [go],
  });
  if (answer !== go) return 'stopped';
  const disconnected = await undoConnection(context);
  return (await undoPermissions(context)) && disconnected ? 'done' : 'stopped';
}

/** Where Claude Code knows the server, as far as that is the set-up's doing; null = nowhere. */
export function connectedPlace({ env, home, stateDir }: SetupContext): EntryPlace | null {
  const place: EntryPlace = readRecord(stateDir).connected?.place ?? { scope: 'user' };
  const registered = readRegistered(claudeFiles(env, home), place.scope === 'user' ? [] : [place.folder]);
  // What cannot be seen may be there: taking it back then says why it cannot.
  return entryAt(registered, place) || registered.problems.length > 0 ? place : null;
}

/** The command that takes the registration back. */
export function disconnectText(place: EntryPlace): string {
  const command = shownCommand(disconnectCommands(place.scope)[0]!);
  return place.scope === 'user' ? `> ${command}` : `> cd ${shellWord(place.folder)} && ${command}`;
}

/** Our permission rules, as they are shown before; a file that cannot be read is told of when they are taken back. */
export function rulesToTakeBack(context: SetupContext): GrantedRules | null {
  try {
    return grantedRules(context.stateDir, claudeFiles(context.env, context.home).settings);
  } catch {
    return null;
  }
}

/** @returns whether Claude Code knows the server no more; why not was told */
export async function undoConnection(context: SetupContext): Promise<boolean> {
  const { ui, t } = context;
  const files = claudeFiles(context.env, context.home);
  const place = connectedPlace(context);
  // First of all, or the next window would connect again.
  updateRecord(context.stateDir, { connected: null });
  const { problems } = readRegistered(files, []);
  if (problems.length > 0)
    await ui.notify(
      'error',
      joinSentences(
        problems.map((problem) => messageText(problem, t)),
        t,
      ),
    );
  if (!place || problems.length > 0) return problems.length === 0;
  const claude = await locateClaude(context);
  const done = claude ? await ui.busy(t('Disconnecting Claude Code…'), () => disconnect(claude, files, place)) : null;
  if (!done?.ok) {
    const command = disconnectText(place).slice('> '.length);
    const copy = t('Copy the Command');
    const answer = await ui.notify('error', t('Claude Code still knows the server. Run this in a terminal: {0}', command), [copy]);
    if (answer === copy) await ui.copy(command);
  }
  context.refresh();
  return done?.ok ?? false;
}

/** @returns whether our permission rules are gone; why not was told */
export async function undoPermissions(context: SetupContext): Promise<boolean> {
  const { ui, t } = context;
  try {
    const done = disallowTools(context.stateDir, context.now(), claudeFiles(context.env, context.home).settings);
    if (done.ok) return true;
    await ui.notify('error', messageText(done.reason, t));
  } catch (error) {
    await ui.notify('error', failureText(error, t));
  }
  return false;
}
