import { claudeFiles } from '../../claude/files.ts';
import { findClaude } from '../../claude/find.ts';
import { planPermissionsOf } from '../../claude/permissions.ts';
import { allowTools, disallowTools, type GrantedRules, grantedRules, readRecord, updateRecord } from '../../claude/record.ts';
import {
  type ClaudeRun,
  claudeVersion,
  connect,
  connectCommands,
  disconnect,
  disconnectCommands,
  readRegistered,
  SERVER_NAME,
  shownCommand,
} from '../../claude/registration.ts';
import { errorText } from '../../common/caught-error.ts';
import { installLauncher, launchCommand, startsLauncher } from '../../launcher/install.ts';
import { chooseRuntime } from '../../launcher/runtime.ts';
import { say } from '../../messages/message.ts';
import { messageWords } from '../wording/wording.ts';
import type { SetupPlace, StepEnd } from './place.ts';

/** Registers the server with Claude Code and lets Claude call it; each command and each line is shown before. */
export async function connectStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const claude = await locate(place);
  if (claude === undefined) return 'stopped';
  if (claude === null) return 'skipped';
  const files = claudeFiles(place.env, place.home);
  const runtime = await chooseRuntime(place.env, place.runtime, place.platform);
  const wanted = launchCommand(place.stateDir, place.platform, runtime);
  const registered = readRegistered(files, place.folders);
  const commands = connectCommands(registered.user, wanted);
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
    installLauncher({ ...place, runtime });
    const done = await ui.busy(t('Connecting Claude Code…'), () => connect(claude, files, wanted));
    if (!done.ok) {
      await ui.tell('error', t('Claude Code could not be connected. {0}', messageWords(done.reason, t)));
      return 'stopped';
    }
  } else installLauncher({ ...place, runtime });
  updateRecord(place.stateDir, { connected: { at: new Date(place.now()).toISOString() } });
  place.refresh();
  for (const shadow of registered.shadows) {
    void ui.tell(
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
  return permissionStep(place);
}

/** Without these rules Claude Code asks at each call, or refuses it where nobody can be asked. */
export async function permissionStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const file = claudeFiles(place.env, place.home).settings;
  const planned = planPermissionsOf(file);
  if (!planned.ok) {
    await ui.tell('error', messageWords(planned.reason, t));
    return 'skipped';
  }
  const { missing, against } = planned.plan;
  if (against.length > 0) {
    const rules = against.map(({ list, rule }) => `permissions.${list}: ${rule}`).join(', ');
    void ui.tell('warning', t('Rules of yours in {0} stand against delegation, and were left as they are: {1}', file, rules));
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
    const done = allowTools(place.stateDir, file, place.now());
    if (done.ok) return 'done';
    await ui.tell('error', messageWords(done.reason, t));
  } catch (error) {
    await ui.tell('error', t('{0} could not be written: {1}', file, errorText(error)));
  }
  return 'skipped';
}

/** Takes back the registration and the rules; what else stands in the files stays. */
export async function disconnectStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const files = claudeFiles(place.env, place.home);
  const permissions = rulesToTakeBack(place);
  const { user } = readRegistered(files, []);
  if (!user && !permissions) {
    updateRecord(place.stateDir, { connected: null });
    await ui.tell('info', t('Claude Code is not connected.'));
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
  return (await undoConnection(place)) ? 'done' : 'stopped';
}

/** Our permission rules, as they are shown before; a file that cannot be read is told of when they are taken back. */
export function rulesToTakeBack(place: SetupPlace): GrantedRules | null {
  try {
    return grantedRules(place.stateDir, claudeFiles(place.env, place.home).settings);
  } catch {
    return null;
  }
}

/** @returns whether all of it is undone; what is not was told */
export async function undoConnection(place: SetupPlace): Promise<boolean> {
  const { ui, t } = place;
  const files = claudeFiles(place.env, place.home);
  // First of all, or the next window would connect again.
  updateRecord(place.stateDir, { connected: null });
  const { user, problems } = readRegistered(files, []);
  let whole = problems.length === 0;
  if (!whole) await ui.tell('error', problems.map((problem) => messageWords(problem, t)).join(' '));
  if (user) {
    const claude = await locate(place);
    const done = claude ? await ui.busy(t('Disconnecting Claude Code…'), () => disconnect(claude, files)) : null;
    if (!done?.ok) {
      whole = false;
      const command = shownCommand(disconnectCommands()[0]!);
      const copy = t('Copy the Command');
      const answer = await ui.tell('error', t('Claude Code still knows the server. Run this in a terminal: {0}', command), [copy]);
      if (answer === copy) await ui.copy(command);
    }
  }
  try {
    const done = disallowTools(place.stateDir, place.now(), files.settings);
    if (!done.ok) {
      whole = false;
      await ui.tell('error', messageWords(done.reason, t));
    }
  } catch (error) {
    whole = false;
    await ui.tell('error', errorText(error));
  }
  place.refresh();
  return whole;
}

/** @returns how to run `claude`; null when the user goes on without, undefined when the user left */
async function locate(place: SetupPlace): Promise<ClaudeRun | null | undefined> {
  const { ui, t, env, home, platform } = place;
  for (;;) {
    const setting = String(place.settings.get('claudePath') ?? '');
    const search = await ui.busy(t('Looking for Claude Code…'), () => findClaude({ setting, env, platform, home }));
    if (search.ok) {
      const run: ClaudeRun = { program: search.claude.program, env, cwd: home };
      if ((await claudeVersion(run)) !== null) return run;
    }
    const choose = t('Choose the Program…');
    const guide = t('How to Install');
    const again = t('Try Again');
    const later = t('Later');
    const answer = await ui.confirm({
      kind: 'warning',
      message: t('Claude Code was not found.'),
      detail: search.ok
        ? t('{0} does not answer like Claude Code. Choose another program, or update Claude Code.', search.claude.program)
        : t(
            'It was looked for on PATH, in the usual folders and with your login shell. If it is installed, choose its program; the setting claudeKimi.claudePath then keeps it.',
          ),
      actions: [choose, guide, again, later],
    });
    if (answer === choose) {
      const program = await ui.chooseProgram(t('Choose the Program of Claude Code'));
      if (program) await place.settings.set('claudePath', program);
    } else if (answer === guide) await ui.open('https://code.claude.com/docs/en/setup');
    else if (answer === later) return null;
    else if (answer === undefined) return undefined;
  }
}

/**
 * At the start of a window: makes the launcher ready for this version, if Claude Code is connected, and puts the registration right, if it
 * names something else. A registration that is gone was removed by the user (claude mcp remove) and stays gone. Who never connected, or
 * removed everything, gets nothing. Tells only what could not be mended.
 */
export async function repair(place: SetupPlace): Promise<void> {
  const { t, stateDir } = place;
  const { connected } = readRecord(stateDir);
  const files = claudeFiles(place.env, place.home);
  const { user, problems } = readRegistered(files, []);
  if (!connected && !startsLauncher(user, stateDir)) return;
  const runtime = await chooseRuntime(place.env, place.runtime, place.platform);
  installLauncher({ ...place, runtime });
  if (!connected || problems.length > 0) return;
  const wanted = launchCommand(stateDir, place.platform, runtime);
  if (user === null) return updateRecord(place.stateDir, { connected: null });
  if (connectCommands(user, wanted).length === 0) return;
  const setting = String(place.settings.get('claudePath') ?? '');
  const search = await findClaude({ setting, env: place.env, platform: place.platform, home: place.home });
  const done = search.ok ? await connect({ program: search.claude.program, env: place.env, cwd: place.home }, files, wanted) : search;
  place.log(
    done.ok
      ? 'The registration with Claude Code was put right.'
      : `The registration with Claude Code could not be put right: ${say(done.reason, 'en')}`,
  );
  if (!done.ok)
    void place.ui.tell(
      'warning',
      t('Claude Code has lost its connection to Kimi Delegate. Connect it again with the command Connect Claude Code.'),
    );
}

/** JSON over several lines, as a terminal takes it too: in one it is broken anywhere. */
function spread(word: string): string {
  return word.startsWith('{') ? JSON.stringify(JSON.parse(word), null, 2) : word;
}
