import path from 'node:path';
import { z } from 'zod';
import { combined, isSet } from './combined-settings.ts';
import { currencyOf, USUAL_BUDGET } from './common/currency.ts';
import { cutText } from './common/cut-text.ts';
import { STEP_LIMITS, USUAL_STEPS } from './common/step-limits.ts';
import { unquoted } from './common/unquoted.ts';
import { type Message, message } from './messages/message.ts';
import {
  apiKey,
  baseUrl,
  branches,
  either,
  filePatterns,
  hosts,
  integer,
  lines,
  misnamed,
  pathList,
  positive,
  prices,
  repositories,
  trimmed,
  whole,
  yesOrNo,
} from './setting-values.ts';

/** Where a value came from, best first. `window` is the VS Code window that owns the repository. */
export type SettingSource = 'call' | 'environment' | 'window' | 'file' | 'default';

const MOST_CHECKS = 10;

/**
 * Every setting once: its variable, its values, its default. Scopes and wording of the VS Code settings are generated from
 * the same names. A default of `undefined` means that the absence itself has a meaning (no key; budget by currency).
 */
const FIELDS = {
  apiKey: {
    env: 'KIMI_API_KEY',
    schema: apiKey,
    allowed: message('allowed.key'),
    default: undefined,
  },
  baseUrl: {
    env: 'KIMI_BASE_URL',
    schema: baseUrl,
    allowed: message('allowed.url'),
    default: 'https://api.moonshot.cn/v1',
  },
  model: { env: 'KIMI_MODEL', schema: trimmed.max(200), allowed: message('allowed.model'), default: 'kimi-k2.6' },
  /** For every attempt after the first: what the usual model did not manage, a better one may. */
  retryModel: { env: 'KIMI_RETRY_MODEL', schema: trimmed.max(200), allowed: message('allowed.model'), default: undefined },
  maxSteps: {
    env: 'KIMI_MAX_STEPS',
    ...whole(STEP_LIMITS.minimum, STEP_LIMITS.maximum),
    default: USUAL_STEPS,
  },
  maxMinutes: {
    env: 'KIMI_MAX_MINUTES',
    ...whole(1, 1440),
    default: 120,
  },
  budget: { env: 'KIMI_BUDGET', schema: positive, allowed: message('allowed.amount'), default: undefined },
  budgetPerDay: {
    env: 'KIMI_BUDGET_PER_DAY',
    schema: positive,
    allowed: message('allowed.amount'),
    default: undefined,
  },
  prices: {
    env: 'KIMI_PRICES',
    schema: prices,
    allowed: message('allowed.prices'),
    default: undefined,
  },
  /** The least leaves room for the first message and some steps. */
  contextWindow: {
    env: 'KIMI_CONTEXT_WINDOW',
    ...whole(16_384, 10_000_000, 'tokens'),
    default: undefined,
  },
  promptCacheKey: {
    env: 'KIMI_PROMPT_CACHE_KEY',
    ...either('auto', 'on', 'off'),
    default: 'auto' as const,
  },
  disclosure: {
    env: 'KIMI_DISCLOSURE',
    ...either('silent', 'open'),
    default: 'silent' as const,
  },
  /** Whether reports tell what an attempt took and saved; it is known to the terminal and the window all the same. */
  showTokenStats: { env: 'KIMI_SHOW_TOKEN_STATS', ...yesOrNo, default: true },
  sandbox: {
    env: 'KIMI_SANDBOX',
    ...either('required', 'container', 'unsandboxed'),
    default: 'required' as const,
  },
  sandboxProgram: {
    env: 'KIMI_SANDBOX_PROGRAM',
    schema: trimmed.refine(path.isAbsolute),
    allowed: message('allowed.path'),
    default: undefined,
  },
  allowedHosts: {
    env: 'KIMI_ALLOWED_HOSTS',
    schema: hosts,
    allowed: message('allowed.hosts'),
    default: [
      'registry.npmjs.org',
      'registry.yarnpkg.com',
      'pypi.org',
      'files.pythonhosted.org',
      'crates.io',
      'static.crates.io',
      'index.crates.io',
      'proxy.golang.org',
      'sum.golang.org',
      'rubygems.org',
      'index.rubygems.org',
      'repo.maven.apache.org',
      'repo1.maven.org',
      'repo.packagist.org',
      'registry.npmmirror.com',
      'pypi.tuna.tsinghua.edu.cn',
      'goproxy.cn',
    ],
  },
  /** Beside the list that holds everywhere. Every source adds to it; `!` takes one back, where it is the user's own. */
  neverSend: {
    env: 'KIMI_NEVER_SEND',
    schema: filePatterns,
    allowed: message('allowed.filePatterns'),
    default: [] as string[],
  },
  /** Beside a `.worktreeinclude`. */
  includeIgnored: {
    env: 'KIMI_INCLUDE_IGNORED',
    schema: filePatterns,
    allowed: message('allowed.filePatterns'),
    default: [] as string[],
  },
  /** What is run before the model is asked, and files of credentials for it. No folder sets these. */
  setupCommand: { env: 'KIMI_SETUP_COMMAND', schema: trimmed.max(2000), allowed: message('allowed.command'), default: undefined },
  setupFiles: {
    env: 'KIMI_SETUP_FILES',
    schema: pathList,
    allowed: message('allowed.paths', { divider: path.delimiter }),
    default: [] as string[],
  },
  directories: {
    env: 'KIMI_DIRECTORIES',
    schema: pathList,
    allowed: message('allowed.paths', { divider: path.delimiter }),
    default: [] as string[],
  },
  /** For servers that no window answers for. Who brought a key of their own has agreed by that; only what is written here says otherwise. */
  repositories: { env: 'KIMI_REPOSITORIES', schema: repositories, allowed: message('allowed.repositories'), default: undefined },
  protectedBranches: {
    env: 'KIMI_PROTECTED_BRANCHES',
    schema: branches,
    allowed: message('allowed.branches'),
    default: ['main', 'master', 'trunk', 'develop', 'development', 'production', 'release', 'release/*'],
  },
  checks: {
    env: 'KIMI_CHECKS',
    schema: lines.pipe(z.array(trimmed.max(2000)).max(MOST_CHECKS)),
    allowed: message('allowed.commands', { most: MOST_CHECKS }),
    default: [] as string[],
  },
  maxAttempts: { env: 'KIMI_MAX_ATTEMPTS', ...whole(1, 10), default: 2 },
  answerAfterSeconds: {
    env: 'KIMI_ANSWER_AFTER',
    schema: integer(0, 86_400),
    allowed: message('allowed.secondsOrEnd'),
    default: undefined,
  },
  commandTimeoutSeconds: {
    env: 'KIMI_COMMAND_TIMEOUT',
    ...whole(1, 600, 'seconds'),
    default: 120,
  },
  checkTimeoutSeconds: {
    env: 'KIMI_CHECK_TIMEOUT',
    ...whole(1, 3600, 'seconds'),
    default: 600,
  },
  commandMemoryMb: {
    env: 'KIMI_COMMAND_MEMORY_MB',
    ...whole(64, 2 ** 20, 'megabytes'),
    default: undefined,
  },
  commandProcesses: {
    env: 'KIMI_COMMAND_PROCESSES',
    ...whole(16, 100_000),
    default: 2048,
  },
  /** Generous: installed dependencies and builds are written too. */
  diskMb: {
    env: 'KIMI_DISK_MB',
    ...whole(16, 10 * 2 ** 20, 'megabytes'),
    default: 10_240,
  },
  /** As long as git keeps what is on no branch, by default. */
  retentionDays: {
    env: 'KIMI_RETENTION_DAYS',
    ...whole(0, 3650, 'days'),
    default: 90,
  },
  retrySeconds: {
    env: 'KIMI_RETRY_SECONDS',
    ...whole(0, 3600, 'seconds'),
    default: 300,
  },
  stallSeconds: {
    env: 'KIMI_STALL_SECONDS',
    ...whole(1, 600, 'seconds'),
    default: 120,
  },
} as const;

/** The checks of a call have the limits of those in the settings. */
export const CHECK_LIST = FIELDS.checks.schema.out;

type Fields = typeof FIELDS;
export type SettingName = keyof Fields;
type Value<K extends SettingName> = z.output<Fields[K]['schema']>;
type Plain<T> = T extends readonly string[] ? readonly string[] : T;

/** All settings, valid. `undefined` only where a default would be a guess. */
export type Settings = {
  readonly [K in SettingName]: undefined extends Fields[K]['default'] ? Plain<Value<K>> | undefined : Plain<Value<K>>;
};

export interface SettingOrigin {
  readonly source: SettingSource;
  /** For people: `KIMI_MODEL in the environment`, `KIMI_MODEL in /home/ann/.claude-kimi-mcp/.env`. */
  readonly from: Message;
  /** The label of its layer alone. */
  readonly layer: string | Message;
}

export interface ResolvedSettings {
  readonly values: Settings;
  readonly origins: Readonly<Record<SettingName, SettingOrigin>>;
  /** Values that were set but not used, and why (a base URL that did not come with the key). */
  readonly ignored: readonly Message[];
}

/** One place that may set values: names as in FIELDS (call, window) or as environment variables (environment, file). */
export interface SettingLayer {
  readonly source: SettingSource;
  readonly label: string | Message;
  readonly values: Readonly<Partial<Record<SettingName, unknown>>>;
  /** Why the place could not be read: a setting must not get lost unseen. */
  readonly problem?: Message;
}

export type Resolution =
  | { ok: true; settings: ResolvedSettings }
  /** `ofCall`: a value that the call itself gave is among them. */
  | { ok: false; problems: readonly [Message, ...Message[]]; ofCall: boolean };

/** All settings, in the order in which they are shown. */
export const SETTING_NAMES = Object.keys(FIELDS) as SettingName[];
/** The arguments of a call are named in the style of its tools. */
const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** A setting's name as people write it there. */
export function shownName(name: SettingName, source: SettingSource): string | Message {
  if (source === 'call') return snakeCase(name);
  if (source !== 'window') return FIELDS[name].env;
  return name === 'apiKey' ? message('setting.key') : `claudeKimi.${name}`;
}

/** A layer out of variables: the process environment, or the content of a `.env` file. Empty values count as absent. */
export function variableLayer(
  source: SettingSource,
  label: string | Message,
  variables: Readonly<Record<string, string | undefined>>,
): SettingLayer {
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of SETTING_NAMES) {
    const value = unquoted(variables[FIELDS[name].env] ?? '');
    if (value) values[name] = value;
  }
  const wrong = misnamed(variables, source === 'file');
  return { source, label, values, ...(wrong && { problem: message('setting.misnamed', { ...wrong, origin: label }) }) };
}

/**
 * Merges the layers, best first, and checks every value that is used.
 * The base URL is taken only from the layer that the key came from: nothing else may redirect the key.
 * Problems name the setting, what it was (never the key), what is allowed and where it came from.
 */
export function resolveSettings(layers: readonly SettingLayer[]): Resolution {
  const values: Record<string, unknown> = {};
  const origins: Partial<Record<SettingName, SettingOrigin>> = {};
  const problems: Message[] = layers.flatMap((layer) => layer.problem ?? []);
  const ignored: Message[] = [];
  let ofCall = false;
  const keyLayer = layers.find((layer) => isSet(layer.values.apiKey));

  for (const name of SETTING_NAMES) {
    const field = FIELDS[name];
    const usable = name === 'baseUrl' && keyLayer ? [keyLayer] : layers;
    if (name === 'baseUrl' && keyLayer) {
      for (const layer of layers) {
        if (layer !== keyLayer && isSet(layer.values.baseUrl)) {
          ignored.push(
            message('setting.notUsed', { setting: shownName(name, layer.source), origin: layer.label, keyOrigin: keyLayer.label }),
          );
        }
      }
    }
    const layer = combined(name, layers) ?? usable.find((l) => isSet(l.values[name]));
    if (!layer) {
      values[name] = field.default;
      origins[name] = { source: 'default', from: message('origin.default'), layer: message('origin.default') };
      continue;
    }
    const from = { setting: shownName(name, layer.source), origin: layer.label };
    const parsed = field.schema.safeParse(layer.values[name]);
    if (parsed.success) {
      values[name] = parsed.data;
      origins[name] = { source: layer.source, from: message('setting.from', from), layer: layer.label };
    } else {
      const was = name === 'apiKey' ? '(hidden)' : shown(layer.values[name], layers);
      problems.push(message('setting.wrong', { ...from, value: was, allowed: field.allowed }));
      ofCall ||= layer.source === 'call';
    }
  }
  const [first, ...more] = problems;
  if (first) return { ok: false, problems: [first, ...more], ofCall };
  return { ok: true, settings: { values: values as Settings, origins: origins as Record<SettingName, SettingOrigin>, ignored } };
}

/** A wrong value as people may see it: without keys, which are easily put into the variable next to theirs. */
function shown(value: unknown, layers: readonly SettingLayer[]): string {
  let text = JSON.stringify(value) ?? String(value);
  for (const { values } of layers)
    if (typeof values.apiKey === 'string' && values.apiKey) text = text.replaceAll(values.apiKey, '(hidden)');
  text = text
    .replace(/sk-[\w-]{6,}/g, '(hidden)')
    .replace(/(:\/\/)[^/@"]+@/g, '$1(hidden)@')
    .replace(/(:\/\/[^?#"]{0,500}[?#])[^"]+/g, '$1(hidden)')
    .replace(/[^\s:/@",]{1,100}:[^\s:/@",]{1,100}@/g, '(hidden)@');
  return cutText(text, 200);
}

/** What commands may reach beside package registries: hosts that the user added, and whether the registries are among them at all. */
export function reachableHosts({ allowedHosts }: Settings): { registries: boolean; more: number } {
  const more = allowedHosts.filter((host) => !isUsualHost(host)).length;
  return { registries: more < allowedHosts.length, more };
}

/**
 * Registries besides, by the kind of project that needs them: hosts that only hand out packages. Those that take uploads at the same name
 * (plugins.gradle.org, pub.dev) are the user's to allow, as are stores that anybody can fill.
 */
const HOSTS_OF_KINDS: Readonly<Record<string, readonly string[]>> = {
  '.NET': ['api.nuget.org'],
  'Elixir and Erlang': ['repo.hex.pm', 'builds.hex.pm'],
};

/** What commands of a project reach: a list that the user has written stays as it is. */
export function hostsFor({ allowedHosts }: Pick<Settings, 'allowedHosts'>, kinds: readonly string[]): readonly string[] {
  const usual: readonly string[] = FIELDS.allowedHosts.default;
  const isUsual = allowedHosts.length === usual.length && allowedHosts.every((host) => usual.includes(host));
  return isUsual ? [...allowedHosts, ...kinds.flatMap((kind) => HOSTS_OF_KINDS[kind] ?? [])] : allowedHosts;
}

/** Whether the program itself allows a host, so that its name in the setting tells nothing of the user. */
export function isUsualHost(host: string): boolean {
  const usual: readonly string[] = [...FIELDS.allowedHosts.default, ...Object.values(HOSTS_OF_KINDS).flat()];
  return usual.includes(host.toLowerCase());
}

/** The model of an attempt, and the setting that names it. */
export function modelOf(
  { model, retryModel }: Settings,
  attempt: number,
): { readonly model: string; readonly from: 'model' | 'retryModel' } {
  return attempt > 1 && retryModel !== undefined ? { model: retryModel, from: 'retryModel' } : { model, from: 'model' };
}

/** The budget of an attempt, in the currency that its endpoint bills in. */
export function budgetOf(settings: Settings): number {
  return settings.budget ?? USUAL_BUDGET[currencyOf(settings.baseUrl)];
}
