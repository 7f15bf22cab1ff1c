import path from 'node:path';
import { claudeFiles } from '../claude/claude-files.ts';
import { planPermissionsOf } from '../claude/permissions.ts';
import {
  connect,
  connectCommands,
  disconnect,
  type EntryPlace,
  entryAt,
  type Registered,
  readRegistered,
  SERVER_NAME,
  type ServerCommand,
  shownCommand,
} from '../claude/registration.ts';
import { allowTools, readRecord, updateRecord } from '../claude/setup-record.ts';
import { chooseRuntime } from '../launcher/choose-runtime.ts';
import { installLauncher, launchCommand, startsLauncher } from '../launcher/install-launcher.ts';
import { joinNames, messageText } from '../messages/translate.ts';
import { disconnectText, goneTexts } from './disconnect-step.ts';
import { failureText } from './failure-text.ts';
import { locateClaude } from './locate-claude.ts';
import { scopeStep } from './scope-step.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** Registers the server with Claude Code and lets Claude call it; each command and each line is shown before. */
export async function connectStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  if (context.answers.connect === false) return 'done';
  const claude = await locateClaude(context);
  if (claude === undefined) return 'stopped';
  if (claude === null) return 'skipped';
  const place = await scopeStep(context);
  if (place === undefined) return 'stopped';
  const files = claudeFiles(context.env, context.home);
  const runtime = await chooseRuntime(context.env, context.runtime, context.platform);
  const expected = commandAt(place, launchCommand(context.stateDir, context.platform, runtime), context);
  const plan = () => {
    const registered = readRegistered(files, context.folders);
    const old = formerPlace(context, registered, place);
    const commands = connectCommands(entryAt(registered, place), expected, place.scope);
    const shown = [...(old ? [disconnectText(old)] : []), ...commands.map((words) => `> ${shownCommand(words.map(spread))}`)];
    const replaced = [...(old ? [entryAt(registered, old)] : []), ...(commands.length > 0 ? [entryAt(registered, place)] : [])];
    return { registered, old, shown, gone: goneTexts(replaced, context) };
  };
  let planned = plan();
  // Somebody may have registered another entry while the question stood: nothing of it goes by commands that were not shown.
  for (let agreed = ''; planned.shown.length > 0 && agreed !== saysOf(planned); planned = plan()) {
    const end = await askToConnect(context, planned);
    if (end) return end;
    agreed = saysOf(planned);
  }
  const { registered, old, shown } = planned;
  installLauncher({ ...context, runtime });
  if (shown.length > 0) {
    const done = await ui.busy(t('Connecting Claude Code…'), async () => {
      const connected = await connect(claude, files, expected, place);
      return connected.ok && old ? disconnect(claude, files, old) : connected;
    });
    if (!done.ok) {
      await ui.notify('error', t('Claude Code could not be connected. {0}', messageText(done.reason, t)));
      return 'stopped';
    }
  }
  updateRecord(context.stateDir, {
    connected: { at: new Date(context.now()).toISOString(), place: place.scope === 'user' ? null : place },
  });
  context.refresh();
  warnOfShadows(context, registered, place);
  return permissionStep(context);
}

/** What a question of this step names. */
interface Shown {
  readonly shown: readonly string[];
  readonly gone: readonly string[];
}

const saysOf = ({ shown, gone }: Shown) => JSON.stringify([shown, gone]);

/** @returns how the step ends where the user does not agree */
async function askToConnect({ ui, t, door }: SetupContext, { shown, gone }: Shown): Promise<StepEnd | null> {
  const go = t('Connect');
  const later = t('Later');
  const answer = await ui.confirm({
    message: t('Connect Claude Code to Kimi Delegate?'),
    detail: [
      t('These commands are run. They hold no secret. To undo them: {0}', door.undo),
      '',
      ...shown,
      ...(gone.length > 0 ? ['', ...gone] : []),
    ].join('\n'),
    actions: [go],
    decline: later,
  });
  return answer === go ? null : answer === later ? 'skipped' : 'stopped';
}

/** Where our entry stands until now, when it is to stand elsewhere: a second one would only confuse. */
function formerPlace(context: SetupContext, registered: Registered, place: EntryPlace): EntryPlace | null {
  const former: EntryPlace = readRecord(context.stateDir).connected?.place ?? { scope: 'user' };
  const moved = JSON.stringify(former) !== JSON.stringify(place);
  return moved && startsLauncher(entryAt(registered, former), context) ? former : null;
}

/** What is registered there. A project's file is read by everybody who works on it, each with a home of their own. */
export function commandAt(place: EntryPlace, command: ServerCommand, { home, platform }: SetupContext): ServerCommand {
  const inside = `${home}${path.sep}`;
  if (place.scope !== 'project' || platform === 'win32' || !command.command.startsWith(inside)) return command;
  return { ...command, command: `\${HOME}/${command.command.slice(inside.length)}` };
}

function warnOfShadows({ ui, t }: SetupContext, { shadows }: Registered, place: EntryPlace): void {
  for (const shadow of shadows) {
    // A project's entry gives way to a local one, and nothing stands before that.
    const wins = place.scope === 'user' || (place.scope === 'project' && shadow.scope === 'local' && shadow.folder === place.folder);
    if (!wins) continue;
    void ui.notify(
      'warning',
      t(
        'In {0} another entry named {1} takes precedence over this one ({2}). Remove it there: {3}',
        shadow.folder,
        SERVER_NAME,
        shadow.file,
        shadow.remedy,
      ),
    );
  }
}

/** Without these rules Claude Code asks at each call, or refuses it where nobody can be asked. */
export async function permissionStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  if (context.answers.permissions === false) return 'done';
  const file = claudeFiles(context.env, context.home).settings;
  const planned = planPermissionsOf(file);
  if (!planned.ok) {
    await ui.notify('error', messageText(planned.reason, t));
    return 'skipped';
  }
  const { missing, against } = planned.plan;
  if (against.length > 0) {
    const rules = joinNames(
      against.map(({ list, rule }) => `permissions.${list}: ${rule}`),
      t,
    );
    void ui.notify('warning', t('Rules of yours in {0} override these, and were left as they are: {1}', file, rules));
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
    decline: t('No'),
  });
  if (answer !== add) return 'skipped';
  try {
    const done = allowTools(context.stateDir, file, context.now(), missing);
    if (done.ok) return 'done';
    await ui.notify('error', messageText(done.reason, t));
  } catch (error) {
    await ui.notify('error', t('{0} could not be written: {1}', file, failureText(error, t)));
  }
  return 'skipped';
}

/** JSON over several lines, as a terminal takes it too: in one it is broken anywhere. */
function spread(word: string): string {
  return word.startsWith('{') ? JSON.stringify(JSON.parse(word), null, 2) : word;
}
