import { claudeFiles } from '../claude/claude-files.ts';
import { disconnect, disconnectCommands, readRegistered, shownCommand } from '../claude/registration.ts';
import { disallowTools, type GrantedRules, grantedRules, updateRecord } from '../claude/setup-record.ts';
import { errorText } from '../common/caught-error.ts';
import { messageText } from '../messages/translate.ts';
import { locateClaude } from './locate-claude.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** Takes back the registration and the rules; everything else in the files stays. */
export async function disconnectStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const files = claudeFiles(context.env, context.home);
  const permissions = rulesToTakeBack(context);
  const { user } = readRegistered(files, []);
  if (!user && !permissions) {
    updateRecord(context.stateDir, { connected: null });
    await ui.notify('info', t('Claude Code is not connected.'));
    return 'done';
  }
  const go = t('Disconnect');
  const answer = await ui.confirm({
    message: t('Disconnect Claude Code from Kimi Delegate?'),
    detail: [
      ...(user ? disconnectCommands().map((words) => `> ${shownCommand(words)}`) : []),
      ...(permissions ? [t('Removed from {0}:', permissions.file), ...permissions.added.map((rule) => `- ${rule}`)] : []),
    ].join('\n'),
    actions: [go],
  });
  if (answer !== go) return 'stopped';
  return (await undoConnection(context)) ? 'done' : 'stopped';
}

/** Our permission rules, as they are shown before; a file that cannot be read is reported when they are taken back. */
export function rulesToTakeBack(context: SetupContext): GrantedRules | null {
  try {
    return grantedRules(context.stateDir, claudeFiles(context.env, context.home).settings);
  } catch {
    return null;
  }
}

/** @returns whether all of it is undone; what is not was reported */
export async function undoConnection(context: SetupContext): Promise<boolean> {
  const { ui, t } = context;
  const files = claudeFiles(context.env, context.home);
  // First of all, or the next window would connect again.
  updateRecord(context.stateDir, { connected: null });
  const { user, problems } = readRegistered(files, []);
  let whole = problems.length === 0;
  if (!whole) await ui.notify('error', problems.map((problem) => messageText(problem, t)).join(' '));
  if (user) {
    const claude = await locateClaude(context);
    const done = claude ? await ui.busy(t('Disconnecting Claude Code…'), () => disconnect(claude, files)) : null;
    if (!done?.ok) {
      whole = false;
      const command = shownCommand(disconnectCommands()[0]!);
      const copy = t('Copy the Command');
      const answer = await ui.notify('error', t('Claude Code still knows the server. Run this in a terminal: {0}', command), [copy]);
      if (answer === copy) await ui.copy(command);
    }
  }
  try {
    const done = disallowTools(context.stateDir, context.now(), files.settings);
    if (!done.ok) {
      whole = false;
      await ui.notify('error', messageText(done.reason, t));
    }
  } catch (error) {
    whole = false;
    await ui.notify('error', errorText(error));
  }
  context.refresh();
  return whole;
}
