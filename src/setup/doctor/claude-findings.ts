import path from 'node:path';
import { claudeFiles, readText } from '../../claude/claude-files.ts';
import { hasRules } from '../../claude/claude-md-rules.ts';
import { findClaude } from '../../claude/find-claude.ts';
import { planPermissionsOf } from '../../claude/permissions.ts';
import { claudeVersion, readRegistered, SERVER_NAME, type ServerCommand, sameCommand } from '../../claude/registration.ts';
import { chooseRuntime } from '../../launcher/choose-runtime.ts';
import { launchCommand, launcherState } from '../../launcher/install-launcher.ts';
import { messageText } from '../../messages/translate.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

export async function claudeFindings(context: SetupContext): Promise<Finding[]> {
  const { t, env, home, platform } = context;
  const { user, shadows, problems } = readRegistered(claudeFiles(env, home), context.folders);
  const runtime = await chooseRuntime(env, context.runtime, platform);
  const what = t('Connection');
  const shadowed = shadows.map(
    ({ folder, file, remedy }): Finding => ({
      state: 'bad',
      what,
      found: t('in {0} another entry stands before it ({1})', folder, file),
      remedy: t('Run there: {0}', remedy),
    }),
  );
  const unread = problems.map((text): Finding => ({ state: 'note', what, found: messageText(text, t) }));
  return [
    { what: 'Claude Code', ...(await programState(context)) },
    { what, ...connectionState(user, launchCommand(context.stateDir, platform, runtime), context) },
    ...shadowed,
    ...unread,
  ];
}

async function programState({ t, env, home, platform, settings }: SetupContext): Promise<Omit<Finding, 'what'>> {
  const search = await findClaude({ setting: String(settings.get('claudePath') ?? ''), env, platform, home });
  if (!search.ok) return { state: 'bad', found: t('not found'), remedy: messageText(search.reason, t) };
  const { program } = search.claude;
  const version = await claudeVersion({ program, env, cwd: home });
  if (version) return { state: 'good', found: t('{0} at {1}', version, program) };
  return {
    state: 'bad',
    found: t('{0} does not answer like Claude Code', program),
    remedy: t('Correct the setting claudeKimi.claudePath.'),
  };
}

function connectionState(user: ServerCommand | null, expected: ServerCommand, { t }: SetupContext): Omit<Finding, 'what'> {
  const remedy = t('Run the command Connect Claude Code.');
  if (!user) return { state: 'bad', found: t('Claude Code does not know the server {0}', SERVER_NAME), remedy };
  if (sameCommand(user, expected)) return { state: 'good', found: t('Claude Code starts {0}', user.command) };
  return { state: 'bad', found: t('Claude Code starts something else: {0}', [user.command, ...user.args].join(' ')), remedy };
}

export function permissionFindings({ t, env, home }: SetupContext): Finding[] {
  const what = t('Permissions');
  const file = claudeFiles(env, home).settings;
  const planned = planPermissionsOf(file);
  if (!planned.ok) return [{ state: 'bad', what, found: messageText(planned.reason, t) }];
  const { missing, against } = planned.plan;
  const allowed: Finding =
    missing.length === 0
      ? { state: 'good', what, found: t('Claude may hand over work without asking ({0})', file) }
      : {
          state: 'note',
          what,
          found: t('Claude asks each time, and cannot where nobody answers: {0} rules are missing in {1}', missing.length, file),
          remedy: t('Run the command Connect Claude Code.'),
        };
  return [
    allowed,
    ...against.map(
      ({ list, rule }): Finding => ({
        state: 'bad',
        what,
        found: t('{0} in {1} stands against it', `permissions.${list}: ${rule}`, file),
        remedy: t('Remove it there, if you want Claude to hand over work.'),
      }),
    ),
  ];
}

export function rulesFindings({ t, folders, env, home }: SetupContext): Finding[] {
  const { memory } = claudeFiles(env, home);
  const holding = [memory, ...folders.map((folder) => path.join(folder, 'CLAUDE.md'))].filter((file) => hasRules(readText(file)));
  const found = holding.length > 0 ? t('in {0}', holding.join(', ')) : t('in no CLAUDE.md (not needed)');
  return [{ state: 'good', what: t('Delegation rules'), found }];
}

export function launcherFindings({ t, stateDir, platform, version }: SetupContext): Finding[] {
  const what = t('Launcher');
  const state = launcherState(stateDir, platform);
  if (!state.ok) return [{ state: 'bad', what, found: messageText(state.problem, t), remedy: t('Run the command Connect Claude Code.') }];
  const { newest, versions, runtime } = state;
  const found = t('starts version {0} with {1}', newest.version, runtime ?? newest.runtime);
  if (newest.version === version) return [{ state: 'good', what, found }];
  return [{ state: 'note', what, found: t('{0}; this window has {1} (installed: {2})', found, version, versions.join(', ')) }];
}
