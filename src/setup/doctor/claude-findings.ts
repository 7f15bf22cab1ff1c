import path from 'node:path';
import { claudeFiles, readText } from '../../claude/claude-files.ts';
import { hasRules } from '../../claude/claude-md-rules.ts';
import { findClaude } from '../../claude/find-claude.ts';
import { planPermissionsOf } from '../../claude/permissions.ts';
import { enabledPlugin, PLUGIN_SERVER } from '../../claude/plugin.ts';
import {
  claudeVersion,
  type EntryPlace,
  entryAt,
  entryIn,
  type Registered,
  readRegistered,
  SERVER_NAME,
  type Shadow,
  sameCommand,
} from '../../claude/registration.ts';
import { readRecord } from '../../claude/setup-record.ts';
import { chooseRuntime } from '../../launcher/choose-runtime.ts';
import { launchCommand, launcherState, startsLauncher } from '../../launcher/install-launcher.ts';
import { isNewer } from '../../launcher/installed-servers.ts';
import { joinNames, messageText } from '../../messages/translate.ts';
import { commandAt } from '../connect-step.ts';
import { hasForeignAccount } from '../setting-layers.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

const PROGRAM_NAME = 'claude-kimi-mcp';

/** The oldest Claude Code that delegation was tried with. */
const OLDEST_CLAUDE = '2.1.0';

export async function claudeFindings(context: SetupContext): Promise<Finding[]> {
  const { t, env, home, stateDir } = context;
  const recorded = readRecord(stateDir).connected?.place;
  const folders = recorded ? [...new Set([...context.folders, recorded.folder])] : context.folders;
  const registered = readRegistered(claudeFiles(env, home), folders);
  const place = recorded ?? placeByHand(registered, context);
  const shadows = registered.shadows.filter(({ scope, folder }) => !(place.scope === scope && place.folder === folder));
  return [
    ...(await programFindings(context)),
    ...homeFindings(context),
    { subject: 'connection', ...(await connectionState(registered, place, context)) },
    ...shadows.map((shadow) => shadowFinding(shadow, context)),
    ...registered.shadows.flatMap((shadow) => untriedFinding(shadow, context)),
    ...registered.problems.map((text): Finding => ({ subject: 'connection', state: 'note', found: messageText(text, t) })),
  ];
}

/** Where the set-up wrote nothing, the user may have registered the server for this folder alone. */
function placeByHand({ user, shadows }: Registered, { folders }: SetupContext): EntryPlace {
  const here = user ? undefined : shadows.find(({ folder, command }) => command && folders.includes(folder));
  return here ? { scope: here.scope, folder: here.folder } : { scope: 'user' };
}

async function programFindings(context: SetupContext): Promise<Finding[]> {
  const { t, env, home, platform, settings, door } = context;
  const subject = 'claude';
  const search = await findClaude({ setting: String(settings.get('claudePath') ?? ''), env, platform, home });
  if (!search.ok) return [{ subject, state: 'bad', found: t('not found'), remedy: messageText(search.reason, t) }];
  const { program } = search.claude;
  const version = await claudeVersion({ program, env, cwd: home });
  if (!version) {
    const found = t('{0} does not answer like Claude Code', program);
    return [{ subject, state: 'bad', found, remedy: t('Correct the setting {0}.', door.setting('claudePath')) }];
  }
  return [programFinding(program, version, context)];
}

/** What is to be said of a Claude Code that answers. */
export function programFinding(
  program: string,
  version: string,
  { t, env, platform }: Pick<SetupContext, 't' | 'env' | 'platform'>,
): Finding {
  const subject = 'claude';
  if (isNewer(OLDEST_CLAUDE, version)) {
    const found = t('{0} at {1} is old: delegation was not tried with it', version, program);
    return { subject, state: 'note', found, remedy: t('Run: {0}', 'claude update') };
  }
  const isWindows = platform === 'linux' && program.startsWith('/mnt/') && Boolean(env.WSL_DISTRO_NAME);
  if (!isWindows) return { subject, state: 'good', found: t('{0} at {1}', version, program) };
  const found = t('{0} is the program of Windows: it reads its settings from another home', program);
  return { subject, state: 'bad', found, remedy: t('Install Claude Code inside of WSL too: https://code.claude.com') };
}

/** Where Claude Code and this program look for their files is decided by variables, which may differ from one place to another. */
function homeFindings({ t, env, home, accountHome }: SetupContext): Finding[] {
  const moved = env.CLAUDE_CONFIG_DIR?.trim();
  return [
    ...(accountHome !== null && accountHome !== home
      ? [
          {
            subject: 'claude',
            state: 'note',
            found: t('the home of your user is {0}, but HOME names another one, which was looked at (sudo?)', accountHome),
            remedy: t('Run it as yourself, without sudo.'),
          } as const,
        ]
      : []),
    ...(moved
      ? [
          {
            subject: 'claude',
            state: 'note',
            found: t('CLAUDE_CONFIG_DIR is set here: {0}. Claude Code started without it knows nothing of all this', moved),
            remedy: t('Set it wherever Claude Code is started, VS Code included.'),
          } as const,
        ]
      : []),
  ];
}

async function connectionState(registered: Registered, place: EntryPlace, context: SetupContext): Promise<Omit<Finding, 'subject'>> {
  const { t, door, env, platform, stateDir } = context;
  const runtime = await chooseRuntime(env, context.runtime, platform);
  const entry = entryAt(registered, place);
  const remedy = door.remedies.connect;
  const plugin = entry ? null : enabledPlugin(claudeFiles(env, context.home), context.folders);
  if (plugin?.broughtBy === null) return { state: 'good', found: t('Claude Code has it as the plugin {0}', plugin.name) };
  if (plugin) {
    const found = t(
      'only by the plugin {0}, which {1} switches on: a repository may have brought both',
      plugin.name,
      String(plugin.broughtBy),
    );
    return { state: 'note', found, remedy };
  }
  if (!entry) return { state: 'bad', found: t('Claude Code does not know the server {0}', SERVER_NAME), remedy };
  if (entry.env.KIMI_API_KEY)
    return {
      state: 'note',
      found: t('your key is in the configuration of Claude Code, from where it gets into command lines'),
      remedy,
    };
  if (sameCommand(entry, commandAt(place, launchCommand(stateDir, platform, runtime), context)))
    return { state: 'good', found: t('Claude Code starts {0}', entry.command) };
  const started = [entry.command, ...entry.args].join(' ');
  if (started.includes(PROGRAM_NAME))
    return { state: 'note', found: t('Claude Code starts it by {0}, which an update may move or delay', started), remedy };
  return { state: 'bad', found: t('Claude Code starts something else: {0}', started), remedy };
}

/** Only that of a folder which is open stands in the way now, and only if it starts something else. */
function shadowFinding({ folder, file, remedy, command }: Shadow, { t, folders }: SetupContext): Finding {
  const isOurs = command !== null && [command.command, ...command.args].some((word) => word.includes(PROGRAM_NAME));
  return {
    subject: 'connection',
    state: folders.includes(folder) && !isOurs ? 'bad' : 'note',
    found: t('in {0} another entry takes precedence over it ({1})', folder, file),
    remedy: t('Run there: {0}', remedy),
  };
}

/** Nobody has agreed to what stands in the file of a project: it is not asked whether it works. */
function untriedFinding({ scope, command, file }: Shadow, { t, regions }: SetupContext): Finding[] {
  if (scope !== 'project' || !command || !hasForeignAccount(command, regions)) return [];
  const found = t('{0} names a key or an address of its own, which were not tried: a repository may have brought the file', file);
  return [{ subject: 'endpoint', state: 'note', found }];
}

export function permissionFindings({ t, env, home, folders, door }: SetupContext): Finding[] {
  const subject = 'permissions';
  const files = claudeFiles(env, home);
  const file = files.settings;
  // The tools of the plugin bear another name, and the set-up adds no rules for them.
  const byPlugin = !entryIn(readRegistered(files, folders), folders[0]) && enabledPlugin(files, folders)?.broughtBy === null;
  const planned = planPermissionsOf(file, byPlugin ? PLUGIN_SERVER : undefined);
  if (!planned.ok) return [{ subject, state: 'bad', found: messageText(planned.reason, t) }];
  const { missing, against } = planned.plan;
  const allowed: Finding =
    missing.length === 0
      ? { subject, state: 'good', found: t('Claude may hand over work without asking ({0})', file) }
      : {
          subject,
          state: 'note',
          found: t(
            'Claude Code asks before each call, and refuses it where nobody answers: {0} rules are missing in {1}',
            missing.length,
            file,
          ),
          remedy: byPlugin ? t('Add to permissions.allow there: {0}', joinNames(missing, t)) : door.remedies.connect,
        };
  return [
    allowed,
    ...against.map(
      ({ list, rule }): Finding => ({
        subject,
        state: 'bad',
        found: t('{0} in {1} overrides it', `permissions.${list}: ${rule}`, file),
        remedy: t('Remove it there, if you want Claude to hand over work.'),
      }),
    ),
  ];
}

export function rulesFindings({ t, folders, env, home }: SetupContext): Finding[] {
  const { memory } = claudeFiles(env, home);
  const holding = [memory, ...folders.map((folder) => path.join(folder, 'CLAUDE.md'))].filter((file) => hasRules(readText(file)));
  const found = holding.length > 0 ? t('in {0}', joinNames(holding, t)) : t('in no CLAUDE.md (not needed)');
  return [{ subject: 'rules', state: 'good', found }];
}

/** What is registered may start the program in another way, such as npx: then nobody misses a launcher. */
export function launcherFindings(context: SetupContext): Finding[] {
  const { t, env, home, folders, stateDir, dist, platform, version, door } = context;
  const subject = 'launcher';
  const { user, shadows } = readRegistered(claudeFiles(env, home), folders);
  const started = [user, ...shadows.map(({ command }) => command)].filter((command) => command !== null);
  const isKnown = started.length > 0 || enabledPlugin(claudeFiles(env, home), folders) !== null;
  const state = launcherState(stateDir, platform);
  if (!state.ok && isKnown && !started.some((command) => startsLauncher(command, context))) return [];
  if (!state.ok) return [{ subject, state: 'bad', found: messageText(state.problem, t), remedy: door.remedies.connect }];
  const { newest, versions, runtime } = state;
  // An update in place leaves the record as it was, and starts what is here now.
  const starts = newest.server === path.join(dist, 'server.cjs') ? version : newest.version;
  const found = t('starts version {0} with {1}', starts, runtime ?? newest.runtime);
  if (starts === version) return [{ subject, state: 'good', found }];
  const other = t('{0}; this here is {1} (installed: {2})', found, version, joinNames(versions, t));
  return [{ subject, state: 'note', found: other, ...(isNewer(version, starts) && { remedy: door.remedies.connect }) }];
}
