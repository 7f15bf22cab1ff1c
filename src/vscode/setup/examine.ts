import path from 'node:path';
import { hasProxy } from '../../agent/model/proxy-fetch.ts';
import { findWindow } from '../../broker/find-window.ts';
import { claudeFiles, readText } from '../../claude/files.ts';
import { findClaude } from '../../claude/find.ts';
import { planPermissionsOf } from '../../claude/permissions.ts';
import { claudeVersion, readRegistered, SERVER_NAME, sameCommand } from '../../claude/registration.ts';
import { hasRules } from '../../claude/rules.ts';
import { errorText } from '../../common/caught-error.ts';
import { fileLayers, type Resolution, resolveSettings, SETTING_NAMES, type SettingLayer, shownName, variableLayer } from '../../config.ts';
import { launchCommand, launcherState } from '../../launcher/install.ts';
import { chooseRuntime } from '../../launcher/runtime.ts';
import { probeSandbox } from '../../sandbox/probe.ts';
import { isWindowSetting } from '../setting-names.ts';
import { reasonWords } from '../wording/reasons.ts';
import type { CheckReport, Finding } from './check-page.ts';
import { consentFor, decisionFolder, type Repositories, unreadableFolders } from './consent.ts';
import { hostOf, tellWorking } from './key-step.ts';
import { amount, checkKey } from './kimi-account.ts';
import type { SetupPlace } from './place.ts';

/** How long a window may take to answer; this one is busy with the check as well. */
const WINDOW_MS = 3000;
/** Longer lists are shown by their beginning. */
const MAX_ITEMS = 4;

/** Looks at everything that delegation needs, as a server would see it. Changes nothing of it; costs no tokens. */
export async function examine(place: SetupPlace): Promise<CheckReport> {
  const { t, folders } = place;
  const resolved = await Promise.all((folders.length > 0 ? folders : [undefined]).map((folder) => resolve(place, folder)));
  // What cannot be looked at is a finding, and hides no other.
  const look = async (what: string, find: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> => {
    try {
      return await find();
    } catch (error) {
      return [{ state: 'bad', what, found: errorText(error), remedy: t('Mend that, then check again.') }];
    }
  };
  const findings = await Promise.all([
    look(t('Settings'), () => settingFindings(place, resolved)),
    look(t('Endpoint'), () => accountFindings(place, resolved)),
    look(t('Proxy'), () => proxyFindings(place)),
    look(t('Sandbox'), () => sandboxFindings(place)),
    look(t('Consent'), () => consentFindings(place)),
    look(t('Window'), () => windowFindings(place)),
    look('Claude Code', () => claudeFindings(place)),
    look(t('Permissions'), () => permissionFindings(place)),
    look(t('Delegation rules'), () => rulesFindings(place)),
    look(t('Launcher'), () => launcherFindings(place)),
  ]);
  return { findings: findings.flat(), settings: settingRows(place, resolved), withheld: isWithheld(place) };
}

interface Resolved {
  readonly folder: string | undefined;
  readonly resolution: Resolution;
}

async function resolve(place: SetupPlace, folder: string | undefined): Promise<Resolved> {
  const { t } = place;
  const key = place.trusted ? await place.key.read() : undefined;
  const label = folder ? t('the VS Code window on {0}', folder) : t('this VS Code window');
  const values = { ...place.settings.explicit(folder), apiKey: key };
  const env = { ...place.env, CLAUDE_KIMI_HOME: place.stateDir };
  const layers: SettingLayer[] = [
    variableLayer('environment', t('the environment'), place.env),
    { source: 'window', label, values },
    ...fileLayers(env, path.join(place.dist, 'server-main.cjs')),
  ];
  return { folder, resolution: resolveSettings(layers) };
}

/** The settings of the first folder, and what is different in others. */
function settingRows(place: SetupPlace, [first, ...others]: readonly Resolved[]): CheckReport['settings'] {
  const rows = rowsOf(place, first);
  const different = others.flatMap((other) => {
    const own = rowsOf(place, other).filter(({ value, from }, index) => value !== rows[index]?.value || from !== rows[index]?.from);
    return own.map((row) => ({ ...row, name: `${row.name} (${path.basename(other.folder ?? '')})` }));
  });
  return [...rows, ...different];
}

function rowsOf({ t }: SetupPlace, resolved: Resolved | undefined): CheckReport['settings'] {
  if (!resolved?.resolution.ok) return [];
  const { values, origins } = resolved.resolution.settings;
  return SETTING_NAMES.map((name) => {
    const { source, from } = origins[name];
    const value = name === 'apiKey' ? (values.apiKey ? '••••••••' : '') : shownValue(values[name], t);
    const shown =
      name === 'apiKey' && (source === 'window' || source === 'default')
        ? t('API key')
        : shownName(name, source === 'default' ? (isWindowSetting(name) ? 'window' : 'environment') : source);
    const ofWindow = name === 'apiKey' ? t('VS Code’s secret storage') : t('VS Code’s settings');
    const place = source === 'default' ? t('default') : source === 'window' ? ofWindow : from.slice(from.indexOf(' in ') + 4);
    return { name: shown, value, from: place };
  });
}

function shownValue(value: unknown, t: SetupPlace['t']): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ITEMS).join(', ');
    return value.length > MAX_ITEMS ? t('{0} and {1} more', shown, value.length - MAX_ITEMS) : shown;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function settingFindings({ t, trusted, folders }: SetupPlace, resolved: readonly Resolved[]): Finding[] {
  const findings: Finding[] = [];
  if (!trusted) {
    findings.push({
      state: 'bad',
      what: t('Folder'),
      found: t('open in Restricted Mode'),
      remedy: t('Trust the folder (command Workspaces: Manage Workspace Trust).'),
    });
  }
  if (folders.length === 0) {
    findings.push({
      state: 'note',
      what: t('Folder'),
      found: t('none is open'),
      remedy: t('Open a repository: only its window lends the key to Claude Code.'),
    });
  }
  const problems = new Set(resolved.flatMap(({ resolution }) => (resolution.ok ? [] : resolution.problems)));
  const ignored = new Set(resolved.flatMap(({ resolution }) => (resolution.ok ? resolution.settings.ignored : [])));
  for (const found of problems)
    findings.push({ state: 'bad', what: t('Settings'), found: reasonWords(found, t), remedy: t('Correct the setting.') });
  for (const found of ignored) findings.push({ state: 'note', what: t('Settings'), found: reasonWords(found, t) });
  return findings;
}

async function accountFindings(place: SetupPlace, resolved: readonly Resolved[]): Promise<Finding[]> {
  const { t } = place;
  const sound = resolved.flatMap(({ resolution }) => (resolution.ok ? [resolution.settings] : []));
  if (!sound[0]) return [];
  const { values, origins } = sound[0];
  if (!values.apiKey) {
    return [{ state: 'bad', what: t('API key'), found: t('none'), remedy: t('Run the command Set API Key…') }];
  }
  const present: Finding = {
    state: 'good',
    what: t('API key'),
    found: t('present, from {0}', origins.apiKey.source === 'window' ? t('VS Code’s secret storage') : origins.apiKey.from),
  };
  const host = hostOf(values.baseUrl);
  const check = await checkKey(values.apiKey, values.baseUrl, place);
  switch (check.kind) {
    case 'works': {
      tellWorking(place, check.account);
      const left = amount(check.account);
      const models = [...new Set(sound.map((settings) => settings.values.model))];
      return [
        present,
        {
          state: 'good',
          what: t('Endpoint'),
          found: left === null ? t('{0} takes the key', host) : t('{0} takes the key; balance {1}', host, left),
        },
        ...models.map(
          (model): Finding =>
            check.account.models.includes(model)
              ? { state: 'good', what: t('Model'), found: model }
              : {
                  state: 'bad',
                  what: t('Model'),
                  found: t('{0} does not offer {1}', host, model),
                  remedy: t('Choose one of: {0}', check.account.models.join(', ')),
                },
        ),
      ];
    }
    case 'other_region':
      return [
        present,
        {
          state: 'bad',
          what: t('Endpoint'),
          found: t('the key belongs to {0}, not to {1}', hostOf(check.account.baseUrl), host),
          remedy: t('Set claudeKimi.baseUrl to {0}, or enter a key of {1}.', check.account.baseUrl, host),
        },
      ];
    case 'subscription':
      return [
        present,
        {
          state: 'bad',
          what: t('Endpoint'),
          found: t('the key is one of a Kimi subscription'),
          remedy: t('Create a key of the platform at platform.moonshot.cn or platform.moonshot.ai.'),
        },
      ];
    case 'refused':
      return [
        present,
        { state: 'bad', what: t('Endpoint'), found: t('{0} refuses the key', host), remedy: t('Run the command Set API Key…') },
      ];
    case 'unreachable':
      return [
        present,
        {
          state: 'bad',
          what: t('Endpoint'),
          found: t('{0} cannot be reached ({1})', host, check.why),
          remedy: t('Check the network. Behind a company proxy, set VS Code’s http.proxy and, for Claude Code, the variable HTTPS_PROXY.'),
        },
      ];
  }
}

function proxyFindings({ t, proxy, env }: SetupPlace): Finding[] {
  if (!proxy || hasProxy(env)) return [];
  return [
    {
      state: 'note',
      what: t('Proxy'),
      found: t('VS Code has one (http.proxy); servers that Claude Code starts know nothing of it'),
      remedy: t('Set the variable HTTPS_PROXY in the environment that Claude Code starts in.'),
    },
  ];
}

async function sandboxFindings({ t, settings }: SetupPlace): Promise<Finding[]> {
  const what = t('Sandbox');
  if (settings.get('sandbox') === 'unsandboxed') {
    const found = t('switched off: commands run with your own rights');
    return [{ state: 'note', what, found, remedy: t('Set claudeKimi.sandbox to required.') }];
  }
  const probe = await probeSandbox();
  if (probe.ok) return [{ state: 'good', what, found: `bubblewrap ${probe.version}` }];
  return [{ state: 'bad', what, found: t('does not work'), remedy: reasonWords(probe.reason, t) }];
}

const rootsOf = ({ folders }: SetupPlace) => [...new Set(folders.map(decisionFolder))];
const repositoriesOf = ({ settings }: SetupPlace) => (settings.get('repositories') ?? {}) as Repositories;

function isWithheld(place: SetupPlace): boolean {
  const roots = rootsOf(place);
  return roots.length > 0 && roots.every((root) => consentFor(repositoriesOf(place), root, place.home) === 'denied');
}

function consentFindings(place: SetupPlace): Finding[] {
  const { t } = place;
  const what = t('Consent');
  const allowing = t('To allow it, run the command What Is Sent Where…');
  const answering = t('Answer when it asks, or now with the command What Is Sent Where…');
  const unread = unreadableFolders(repositoriesOf(place)).map(
    (name): Finding => ({
      state: 'note',
      what,
      found: t('{0} in the setting claudeKimi.repositories stands for no folder and counts for nothing', name),
      remedy: t('Write the absolute path of the folder, or one that begins with ~/.'),
    }),
  );
  const decided = rootsOf(place).map((root): Finding => {
    const consent = consentFor(repositoriesOf(place), root, place.home);
    if (consent === 'granted') return { state: 'good', what, found: t('code of {0} may be sent', root) };
    if (consent === 'denied') return { state: 'note', what, found: t('code of {0} is never sent', root), remedy: allowing };
    return { state: 'note', what, found: t('VS Code asks before code of {0} is sent', root), remedy: answering };
  });
  return [...decided, ...unread];
}

/** Asks as a server does: a window that does not answer lends no key, however well everything else is. */
async function windowFindings(place: SetupPlace): Promise<Finding[]> {
  const { t, stateDir, trusted } = place;
  if (!trusted) return [];
  const what = t('Window');
  const hasKey = Boolean(await place.key.read());
  return Promise.all(
    rootsOf(place).map(async (root): Promise<Finding> => {
      const window = await findWindow(stateDir, root, { timeoutMs: WINDOW_MS });
      const remedy = t('Reload the window.');
      if (!window) return { state: 'bad', what, found: t('does not answer servers that work in {0}', root), remedy };
      if (hasKey && !window.values.apiKey) return { state: 'bad', what, found: t('answers without the key in {0}', root), remedy };
      return { state: 'good', what, found: t('answers servers that work in {0}', root) };
    }),
  );
}

async function claudeFindings(place: SetupPlace): Promise<Finding[]> {
  const { t, env, home, platform } = place;
  const files = claudeFiles(env, home);
  const search = await findClaude({ setting: String(place.settings.get('claudePath') ?? ''), env, platform, home });
  const version = search.ok ? await claudeVersion({ program: search.claude.program, env, cwd: home }) : null;
  const program: Finding = search.ok
    ? version
      ? { state: 'good', what: 'Claude Code', found: t('{0} at {1}', version, search.claude.program) }
      : {
          state: 'bad',
          what: 'Claude Code',
          found: t('{0} does not answer like Claude Code', search.claude.program),
          remedy: t('Correct the setting claudeKimi.claudePath.'),
        }
    : { state: 'bad', what: 'Claude Code', found: t('not found'), remedy: reasonWords(search.reason, t) };

  const runtime = await chooseRuntime(env, place.runtime, platform);
  const { user, shadows, problems } = readRegistered(files, place.folders);
  const wanted = launchCommand(place.stateDir, platform, runtime);
  const connect = t('Run the command Connect Claude Code.');
  const connection: Finding = !user
    ? { state: 'bad', what: t('Connection'), found: t('Claude Code does not know the server {0}', SERVER_NAME), remedy: connect }
    : sameCommand(user, wanted)
      ? { state: 'good', what: t('Connection'), found: t('Claude Code starts {0}', user.command) }
      : {
          state: 'bad',
          what: t('Connection'),
          found: t('Claude Code starts something else: {0}', [user.command, ...user.args].join(' ')),
          remedy: connect,
        };
  const shadowed = shadows.map(
    ({ folder, file, remedy }): Finding => ({
      state: 'bad',
      what: t('Connection'),
      found: t('in {0} another entry stands before it ({1})', folder, file),
      remedy: t('Run there: {0}', remedy),
    }),
  );
  const unread = problems.map((text): Finding => ({ state: 'note', what: t('Connection'), found: reasonWords(text, t) }));
  return [program, connection, ...shadowed, ...unread];
}

function permissionFindings({ t, env, home }: SetupPlace): Finding[] {
  const what = t('Permissions');
  const file = claudeFiles(env, home).settings;
  const planned = planPermissionsOf(file);
  if (!planned.ok) return [{ state: 'bad', what, found: reasonWords(planned.reason, t) }];
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

function rulesFindings({ t, folders, env, home }: SetupPlace): Finding[] {
  const { memory } = claudeFiles(env, home);
  const holding = [memory, ...folders.map((folder) => path.join(folder, 'CLAUDE.md'))].filter((file) => hasRules(readText(file)));
  const found = holding.length > 0 ? t('in {0}', holding.join(', ')) : t('in no CLAUDE.md (not needed)');
  return [{ state: 'good', what: t('Delegation rules'), found }];
}

function launcherFindings({ t, stateDir, platform, version }: SetupPlace): Finding[] {
  const what = t('Launcher');
  const state = launcherState(stateDir, platform);
  if (!state.ok) return [{ state: 'bad', what, found: reasonWords(state.problem, t), remedy: t('Run the command Connect Claude Code.') }];
  const { newest, versions, runtime } = state;
  const found = t('starts version {0} with {1}', newest.version, runtime ?? newest.runtime);
  if (newest.version === version) return [{ state: 'good', what, found }];
  return [{ state: 'note', what, found: t('{0}; this window has {1} (installed: {2})', found, version, versions.join(', ')) }];
}
