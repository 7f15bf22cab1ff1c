import { claudeFiles } from '../claude/claude-files.ts';
import { planPermissionsOf } from '../claude/permissions.ts';
import { connect, connectCommands, readRegistered, SERVER_NAME, shownCommand } from '../claude/registration.ts';
import { allowTools, updateRecord } from '../claude/setup-record.ts';
import { errorText } from '../common/caught-error.ts';
import { chooseRuntime } from '../launcher/choose-runtime.ts';
import { installLauncher, launchCommand } from '../launcher/install-launcher.ts';
import { messageText } from '../messages/translate.ts';
import { locateClaude } from './locate-claude.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** Registers the server with Claude Code and lets Claude call it; each command and each line is shown before. */
export async function connectStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const claude = await locateClaude(context);
  if (claude === undefined) return 'stopped';
  if (claude === null) return 'skipped';
  const files = claudeFiles(context.env, context.home);
  const runtime = await chooseRuntime(context.env, context.runtime, context.platform);
  const expected = launchCommand(context.stateDir, context.platform, runtime);
  const registered = readRegistered(files, context.folders);
  const commands = connectCommands(registered.user, expected);
  if (commands.length > 0) {
    const go = t('Connect');
    const answer = await ui.confirm({
      message: t('Connect Claude Code to Kimi Delegate?'),
      detail: [
        t('These commands are run. They hold no secret, and Disconnect Claude Code undoes them.'),
        '',
        ...commands.map((words) => `> ${shownCommand(words.map(spread))}`),
      ].join('\n'),
      actions: [go],
    });
    if (answer !== go) return 'stopped';
    installLauncher({ ...context, runtime });
    const done = await ui.busy(t('Connecting Claude Code…'), () => connect(claude, files, expected));
    if (!done.ok) {
      await ui.notify('error', t('Claude Code could not be connected. {0}', messageText(done.reason, t)));
      return 'stopped';
    }
  } else installLauncher({ ...context, runtime });
  updateRecord(context.stateDir, { connected: { at: new Date(context.now()).toISOString() } });
  context.refresh();
  for (const shadow of registered.shadows) {
    void ui.notify(
      'warning',
      t(
        'In {0} another entry named {1} stands before this one ({2}). Remove it there: {3}',
        shadow.folder,
        SERVER_NAME,
        shadow.file,
        shadow.remedy,
      ),
    );
  }
  return permissionStep(context);
}

/** Without these rules Claude Code asks at each call, or refuses it where nobody can be asked. */
export async function permissionStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const file = claudeFiles(context.env, context.home).settings;
  const planned = planPermissionsOf(file);
  if (!planned.ok) {
    await ui.notify('error', messageText(planned.reason, t));
    return 'skipped';
  }
  const { missing, against } = planned.plan;
  if (against.length > 0) {
    const rules = against.map(({ list, rule }) => `permissions.${list}: ${rule}`).join(', ');
    void ui.notify('warning', t('Rules of yours in {0} stand against delegation, and were left as they are: {1}', file, rules));
  }
  if (missing.length === 0) return 'done';
  const add = t('Add the Rules');
  const answer = await ui.confirm({
    message: t('Let Claude hand over work without asking each time?'),
    detail: [
      t(
        'These rules are added to permissions.allow in {0}. The work happens on branches of its own; merging and discarding stay yours and are not among them.',
        file,
      ),
      '',
      ...missing.map((rule) => `+ ${rule}`),
    ].join('\n'),
    actions: [add],
  });
  if (answer !== add) return 'skipped';
  try {
    const done = allowTools(context.stateDir, file, context.now());
    if (done.ok) return 'done';
    await ui.notify('error', messageText(done.reason, t));
  } catch (error) {
    await ui.notify('error', t('{0} could not be written: {1}', file, errorText(error)));
  }
  return 'skipped';
}

/** JSON over several lines, as a terminal takes it too: in one it is broken anywhere. */
function spread(word: string): string {
  return word.startsWith('{') ? JSON.stringify(JSON.parse(word), null, 2) : word;
}
