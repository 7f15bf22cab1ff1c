import { claudeFiles } from '../claude/claude-files.ts';
import {
  disconnect,
  disconnectCommands,
  type EntryPlace,
  entryAt,
  readRegistered,
  type ServerCommand,
  shownCommand,
} from '../claude/registration.ts';
import { disallowTools, type GrantedRules, grantedRules, readRecord, updateRecord } from '../claude/setup-record.ts';
import { shellWord } from '../common/shell-word.ts';
import { joinNames, joinSentences, messageText } from '../messages/translate.ts';
import { asShown, type BoundRemoval } from './as-shown.ts';
import { failureText } from './failure-text.ts';
import { locateClaude } from './locate-claude.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** Takes back the registration and the rules; what else stands in the files stays. */
export async function disconnectStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const permissions = rulesToTakeBack(context);
  const [connection, rules] = await Promise.all([connectionRemoval(context), permissionRemoval(context)]);
  if (!connection && !rules) {
    updateRecord(context.stateDir, { connected: null });
    await ui.notify('info', t('Claude Code is not connected.'));
    return 'done';
  }
  const go = t('Disconnect');
  const answer = await ui.confirm({
    message: t('Disconnect Claude Code from Kimi Delegate?'),
    detail: [
      ...(connection ? [connection.shown] : []),
      ...(permissions ? [t('Removed from {0}:', permissions.file), ...permissions.added.map((rule) => `- ${rule}`)] : []),
    ].join('\n'),
    actions: [go],
  });
  if (answer !== go) return 'stopped';
  const disconnected = (await connection?.undo()) ?? true;
  return ((await rules?.undo()) ?? true) && disconnected ? 'done' : 'stopped';
}

/** Where Claude Code knows the server, as far as that is the set-up's doing; null = nowhere. */
export function connectedPlace(context: SetupContext): EntryPlace | null {
  return connected(context)?.place ?? null;
}

function connected({ env, home, stateDir }: SetupContext): { place: EntryPlace; entry: ServerCommand | null } | null {
  const place: EntryPlace = readRecord(stateDir).connected?.place ?? { scope: 'user' };
  const registered = readRegistered(claudeFiles(env, home), place.scope === 'user' ? [] : [place.folder]);
  const entry = entryAt(registered, place);
  // What cannot be seen may be there: taking it back then says why it cannot.
  return entry || registered.problems.length > 0 ? { place, entry } : null;
}

/** The registration, to be taken back; null = there is none. */
export async function connectionRemoval(context: SetupContext): Promise<BoundRemoval | null> {
  const now = connected(context);
  if (!now) return null;
  return asShown(context, {
    shown: [disconnectText(now.place), ...goneTexts([now.entry], context)].join('\n'),
    now: () => connected(context),
    undo: (isStill) => undoConnection(context, now.place, isStill),
  });
}

/** The command that takes the registration back. */
export function disconnectText(place: EntryPlace): string {
  const command = shownCommand(disconnectCommands(place.scope)[0]!);
  return place.scope === 'user' ? `> ${command}` : `> cd ${shellWord(place.folder)} && ${command}`;
}

/** Variables of entries that are removed: a budget or a refusal that the user wrote there goes with them. */
export function goneTexts(entries: readonly (ServerCommand | null)[], { t }: Pick<SetupContext, 't'>): string[] {
  const names = [...new Set(entries.flatMap((entry) => Object.keys(entry?.env ?? {})))].sort();
  return names.length === 0 ? [] : [t('The entry that is removed sets these variables, which are gone then: {0}', joinNames(names, t))];
}

/** Our permission rules, to be taken back; null = there are none. */
export async function permissionRemoval(context: SetupContext): Promise<BoundRemoval | null> {
  const { t } = context;
  const permissions = rulesToTakeBack(context);
  if (!permissions) return null;
  return asShown(context, {
    shown: t('- the permission rules in {0}', permissions.file),
    now: () => rulesToTakeBack(context),
    undo: () => undoPermissions(context),
  });
}

/** Our permission rules, as they are shown before; a file that cannot be read is told of when they are taken back. */
function rulesToTakeBack(context: SetupContext): GrantedRules | null {
  try {
    return grantedRules(context.stateDir, claudeFiles(context.env, context.home).settings);
  } catch {
    return null;
  }
}

/** @returns whether Claude Code knows the server no more; why not was told */
async function undoConnection(context: SetupContext, place: EntryPlace, isStill: () => Promise<boolean>): Promise<boolean> {
  const { ui, t } = context;
  const files = claudeFiles(context.env, context.home);
  const { problems } = readRegistered(files, []);
  if (problems.length > 0) {
    forget(context);
    const told = problems.map((problem) => messageText(problem, t));
    await ui.notify('error', joinSentences(told, t));
    return false;
  }
  const claude = await locateClaude(context);
  if (!(await isStill())) return false;
  forget(context);
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

/** Before anything else is done, or the next window would connect again. */
const forget = ({ stateDir }: SetupContext) => updateRecord(stateDir, { connected: null });

/** @returns whether our permission rules are gone; why not was told */
async function undoPermissions(context: SetupContext): Promise<boolean> {
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
