import path from 'node:path';
import { decisionsIn } from '../broker/consent.ts';
import { claudeFiles } from '../claude/claude-files.ts';
import { readRegistered } from '../claude/registration.ts';
import { forgetRecord } from '../claude/setup-record.ts';
import { removeLauncher, startsLauncher } from '../launcher/install-launcher.ts';
import { joinNames, joinSentences } from '../messages/translate.ts';
import { fileLayers } from '../setting-files.ts';
import { asShown, type BoundRemoval, type Removal } from './as-shown.ts';
import { delegationsIn, delegationsOver, removeEmptied } from './delegations-left.ts';
import { connectionRemoval, permissionRemoval } from './disconnect-step.ts';
import { failureText } from './failure-text.ts';
import { filesWithRules, removeRulesFrom } from './rules-step.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/**
 * Undoes all that the set-up did, after showing it. Branches and the user's own files stay, and so do delegations, unless the terminal is
 * told to remove those that are over.
 */
export async function removeEverything(context: SetupContext): Promise<StepEnd> {
  const { t, ui, door } = context;
  const changes = await changesOf(context);
  const chosen = door.kind === 'window' ? await chooseAll(context, changes) : await chooseSome(context, changes);
  if (chosen === undefined) return 'stopped';
  let whole = changes.every((change) => chosen.includes(change));
  let failed = false;
  for (const change of chosen) {
    const done = await change.undo();
    failed ||= !done;
  }
  whole &&= !failed;
  // What Claude Code still starts must stay startable.
  if (whole && !isStillStarted(context)) removeLauncher(context.stateDir);
  if (whole) {
    forgetRecord(context.stateDir);
    removeEmptied(context.stateDir);
  }
  context.refresh();
  const left = [
    ...(await filesWithKey(context)).map((file) => t('The key in {0} is still there.', file)),
    ...refusalsText(context),
    ...delegationsText(context),
    ...(door.uninstall ? [t('To remove the program, too: {0}', door.uninstall)] : []),
  ];
  if (failed)
    await ui.notify('warning', t('Some of it could not be removed; see the messages above. Do the same again when that is fixed.'));
  else if (!whole) await ui.notify('info', t('The rest stays as it is.'));
  else await ui.notify('info', joinSentences([door.removed, ...left], t));
  return failed ? 'stopped' : whole ? 'done' : 'skipped';
}

async function changesOf(context: SetupContext): Promise<BoundRemoval[]> {
  const { t, door, settings, key } = context;
  const names = Object.keys(settings.written());
  const valuesNow = () => names.map((name) => settings.written()[name] ?? null);
  const others: Removal[] = [
    ...filesWithRules(context).map((file) => ({
      shown: t('- the delegation rules in {0}', file),
      now: () => file,
      undo: () => removeRulesFrom(context, file),
    })),
    ...((await key.isOurs())
      ? [
          {
            shown: t('- the API key in {0}', door.keyPlace),
            now: async () => (await key.read()) ?? null,
            undo: () => tried(context, () => key.delete()),
          },
        ]
      : []),
    ...(names.length > 0
      ? [
          {
            shown: t('- your settings {0}', joinNames(names, t)),
            now: valuesNow,
            undo: () => tried(context, () => settings.takeBack(names)),
          },
        ]
      : []),
  ];
  const ofClaude = [await connectionRemoval(context), await permissionRemoval(context)].filter((one) => one !== null);
  return [...ofClaude, ...(await Promise.all(others.map((one) => asShown(context, one))))];
}

/** A window shows all of it in one question. */
async function chooseAll(context: SetupContext, changes: readonly BoundRemoval[]): Promise<readonly BoundRemoval[] | undefined> {
  const { ui, t } = context;
  const go = t('Remove');
  const answer = await ui.confirm({
    kind: 'warning',
    message: t('Remove everything that Kimi Delegate set up?'),
    detail: [
      ...changes.map(({ shown }) => shown),
      t('- the launcher in {0}', context.stateDir),
      '',
      t('Branches with delegated work stay, and so does the history of delegations.'),
      ...(await filesWithKey(context)).map((file) => t('{0} stays too: you put a key there yourself.', file)),
    ].join('\n'),
    actions: [go],
  });
  return answer === go ? changes : undefined;
}

/** Whoever wrote into the file since keeps them. */
function refusalsText({ door, settings, t }: SetupContext): string[] {
  const refused = Object.values(decisionsIn(door.kind === 'terminal' ? settings.own('repositories') : undefined)).includes('deny');
  return refused ? [t('What you refuse in {0} stays.', door.setting('repositories'))] : [];
}

/** The window has said before that they stay. */
function delegationsText({ door, stateDir, t }: SetupContext): string[] {
  const count = door.kind === 'window' ? 0 : delegationsIn(stateDir);
  return count === 0 ? [] : [t('Delegations that stay in {0}: {1}.', stateDir, count)];
}

/** A terminal asks about one after the other, and undoes nothing before all is answered. */
async function chooseSome(context: SetupContext, changes: readonly BoundRemoval[]): Promise<readonly BoundRemoval[] | undefined> {
  const { ui, t } = context;
  const go = t('Remove');
  const keep = t('Keep');
  const chosen: BoundRemoval[] = [];
  for (const change of changes) {
    const answer = await ui.confirm({ message: t('Remove this?'), detail: change.shown, actions: [go], decline: keep });
    if (answer === undefined) return undefined;
    if (answer === go) chosen.push(change);
  }
  const over = await delegationsOver(context);
  if (over === null) return chosen;
  // Not made by the set-up, and not to be had again: nobody removes it by haste, or without being asked.
  const message = t('Remove this, too? It cannot be brought back.');
  const answer = await ui.confirm({ message, detail: over.shown, actions: [keep, go], decline: keep });
  if (answer === undefined) return undefined;
  return answer === go ? [...chosen, over] : chosen;
}

/** In any project, by whomever it was registered there. */
function isStillStarted(context: SetupContext): boolean {
  const { env, home, folders } = context;
  const { user, shadows, problems } = readRegistered(claudeFiles(env, home), folders);
  return problems.length > 0 || [user, ...shadows.map(({ command }) => command)].some((command) => startsLauncher(command, context));
}

/** Files with a key that the set-up did not write. */
async function filesWithKey(context: SetupContext): Promise<string[]> {
  const ours = context.door.kind === 'terminal' && (await context.key.isOurs()) ? context.door.keyPlace : null;
  return fileLayers(context.stateDir, path.join(context.dist, 'server-main.cjs'))
    .filter(({ values, label }) => values.apiKey && label !== ours)
    .map(({ label }) => label);
}

async function tried({ ui, t }: SetupContext, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    await ui.notify('error', failureText(error, t));
    return false;
  }
}
