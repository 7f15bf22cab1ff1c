import { homedir } from 'node:os';
import path from 'node:path';
import { claudeFiles, readText } from '../../claude/files.ts';
import { findClaude } from '../../claude/find.ts';
import { planPermissions } from '../../claude/permissions.ts';
import { claudeVersion, readRegistered, SERVER_NAME, sameCommand } from '../../claude/registration.ts';
import { hasRules } from '../../claude/rules.ts';
import { fileLayers, type Resolution, resolveSettings, SETTING_NAMES, type SettingLayer, shownName, variableLayer } from '../../config.ts';
import { launchCommand, launcherState } from '../../launcher/install.ts';
import { chooseRuntime } from '../../launcher/runtime.ts';
import { probeSandbox } from '../../sandbox/probe.ts';
import { reasonWords } from '../reasons.ts';
import { isWindowSetting } from '../setting-names.ts';
import { consentFor, type Repositories, repositoryRoot } from './consent.ts';
import { hostOf } from './key-step.ts';
import { amount, checkKey } from './kimi-account.ts';
import type { SetupPlace } from './place.ts';

/** One thing that was looked at. `bad` keeps work from being handed over; `note` does not. */
export interface Finding {
  readonly state: 'good' | 'note' | 'bad';
  readonly what: string;
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface CheckReport {
  readonly findings: readonly Finding[];
  readonly settings: readonly { readonly name: string; readonly value: string; readonly from: string }[];
}

/** Looks at everything that delegation needs, as a server would see it. Changes nothing; costs no tokens. */
export async function examine(place: SetupPlace): Promise<CheckReport> {
  const resolution = await resolve(place);
  const [account, sandbox, claude] = await Promise.all([accountFindings(place, resolution), sandboxFinding(place), claudeFindings(place)]);
  return {
    findings: [...settingFindings(place, resolution), ...account, sandbox, ...consentFindings(place), ...claude, launcherFinding(place)],
    settings: settingRows(place, resolution),
  };
}

async function resolve(place: SetupPlace): Promise<Resolution> {
  const { t } = place;
  const key = place.trusted ? await place.key.read() : undefined;
  const label = place.folders[0] ? t('the VS Code window on {0}', place.folders[0]) : t('this VS Code window');
  const values = { ...place.settings.explicit(place.folders[0]), apiKey: key };
  const env = { ...place.env, CLAUDE_KIMI_HOME: place.stateDir };
  const layers: SettingLayer[] = [
    variableLayer('environment', t('the environment'), place.env),
    { source: 'window', label, values },
    ...fileLayers(env, path.join(place.dist, 'server-main.cjs')),
  ];
  return resolveSettings(layers);
}

function settingRows({ t }: SetupPlace, resolution: Resolution): CheckReport['settings'] {
  if (!resolution.ok) return [];
  const { values, origins } = resolution.settings;
  return SETTING_NAMES.map((name) => {
    const { source, from } = origins[name];
    const value = name === 'apiKey' ? (values.apiKey ? '••••••••' : '') : shownValue(values[name]);
    const shown =
      name === 'apiKey' && (source === 'window' || source === 'default')
        ? t('API key')
        : shownName(name, source === 'default' ? (isWindowSetting(name) ? 'window' : 'environment') : source);
    const place = source === 'default' ? t('default') : from.slice(from.indexOf(' in ') + 4);
    return { name: shown, value, from: place };
  });
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function settingFindings({ t, trusted, folders }: SetupPlace, resolution: Resolution): Finding[] {
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
  if (!resolution.ok)
    findings.push(
      ...resolution.problems.map(
        (problem): Finding => ({ state: 'bad', what: t('Settings'), found: reasonWords(problem, t), remedy: t('Correct the setting.') }),
      ),
    );
  else
    findings.push(
      ...resolution.settings.ignored.map((text): Finding => ({ state: 'note', what: t('Settings'), found: reasonWords(text, t) })),
    );
  return findings;
}

async function accountFindings(place: SetupPlace, resolution: Resolution): Promise<Finding[]> {
  const { t } = place;
  if (!resolution.ok) return [];
  const { values, origins } = resolution.settings;
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
      const left = amount(check.account);
      const known = check.account.models.includes(values.model);
      return [
        present,
        {
          state: 'good',
          what: t('Endpoint'),
          found: left === null ? t('{0} takes the key', host) : t('{0} takes the key; balance {1}', host, left),
        },
        known
          ? { state: 'good', what: t('Model'), found: values.model }
          : {
              state: 'bad',
              what: t('Model'),
              found: t('{0} does not offer {1}', host, values.model),
              remedy: t('Choose one of: {0}', check.account.models.join(', ')),
            },
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
          remedy: t('Check the network and, behind a company proxy, VS Code’s setting http.proxy.'),
        },
      ];
  }
}

async function sandboxFinding({ t, settings }: SetupPlace): Promise<Finding> {
  if (settings.get('sandbox') === 'unsandboxed') {
    return {
      state: 'note',
      what: t('Sandbox'),
      found: t('switched off: commands run with your own rights'),
      remedy: t('Set claudeKimi.sandbox to required.'),
    };
  }
  const probe = await probeSandbox();
  if (probe.ok) return { state: 'good', what: t('Sandbox'), found: `bubblewrap ${probe.version}` };
  return { state: 'bad', what: t('Sandbox'), found: t('does not work'), remedy: reasonWords(probe.reason, t) };
}

function consentFindings({ t, settings, folders }: SetupPlace): Finding[] {
  const repositories = (settings.get('repositories') ?? {}) as Repositories;
  return [...new Set(folders.map(repositoryRoot))].map((root) => {
    const consent = consentFor(repositories, root);
    const found = {
      granted: t('code of {0} may be sent', root),
      denied: t('code of {0} is never sent', root),
      ask: t('VS Code asks before code of {0} is sent', root),
    }[consent];
    return { state: consent === 'granted' ? 'good' : 'note', what: t('Consent'), found };
  });
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
  const unread = problems.map((found): Finding => ({ state: 'note', what: t('Connection'), found }));
  return [program, connection, ...shadowed, ...unread, ...permissionFindings(place, files.settings), rulesFinding(place, files.memory)];
}

function permissionFindings({ t }: SetupPlace, file: string): Finding[] {
  const what = t('Permissions');
  const planned = planPermissions(readText(file), file);
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

function rulesFinding({ t, folders }: SetupPlace, memory: string): Finding {
  const holding = [memory, ...folders.map((folder) => path.join(folder, 'CLAUDE.md'))].filter((file) => hasRules(readText(file)));
  return {
    state: 'good',
    what: t('Delegation rules'),
    found: holding.length > 0 ? t('in {0}', holding.join(', ')) : t('in no CLAUDE.md (not needed)'),
  };
}

function launcherFinding({ t, stateDir, platform, version }: SetupPlace): Finding {
  const what = t('Launcher');
  const state = launcherState(stateDir, platform);
  if (!state.ok)
    return { state: 'bad', what, found: reasonWords(state.problem, t), remedy: t('Reload the window: it is made ready again.') };
  const { newest, versions, runtime } = state;
  const found = t('starts version {0} with {1}', newest.version, runtime ?? newest.runtime);
  if (newest.version === version) return { state: 'good', what, found };
  return { state: 'note', what, found: t('{0}; this window has {1} (installed: {2})', found, version, versions.join(', ')) };
}

const MARKS = { good: '✓', note: '–', bad: '✗' } as const;

/** The report as a page. Values are escaped: they come from files that others may have written. */
export function checkPage(report: CheckReport, { t, version }: Pick<SetupPlace, 't' | 'version'>): string {
  const bad = report.findings.filter(({ state }) => state === 'bad');
  const row = (...cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [
    `# Kimi Delegate ${version}`,
    '',
    bad.length === 0
      ? t('Everything is ready: Claude Code can hand over work.')
      : t('{0} to mend before Claude Code can hand over work.', bad.length),
    '',
    `| | ${t('What')} | ${t('Found')} | ${t('What to do')} |`,
    '|---|---|---|---|',
    ...report.findings.map(({ state, what, found, remedy }) => row(MARKS[state], what, found, remedy ?? '')),
    '',
    `## ${t('Settings and where they come from')}`,
    '',
    `| ${t('Setting')} | ${t('Value')} | ${t('From')} |`,
    '|---|---|---|',
    ...report.settings.map(({ name, value, from }) => row(name, value, from)),
    '',
    t(
      'A server that Claude Code starts asks the window that has its repository open, each time. Variables in the environment of Claude Code win over the window; files count last.',
    ),
    '',
  ].join('\n');
}

function cell(text: string): string {
  const short = text.replaceAll(homedir(), '~').replaceAll(/\s+/g, ' ');
  return short.replaceAll(/[\\`*_{}[\]<>#|~!]/g, (sign) => (sign === '~' && short.startsWith('~') ? sign : `\\${sign}`));
}
