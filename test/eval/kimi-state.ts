/** The state of this program for one run: a folder of its own, with the user's key and settings. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { priceOf } from '../../src/agent/prices.ts';
import { convert, currencyOf } from '../../src/common/currency.ts';
import { namesIn } from '../../src/common/list-names.ts';
import { resolveSettings, SETTING_NAMES, type SettingName, type Settings, shownName, variableLayer } from '../../src/config.ts';
import type { Outcome } from '../../src/delegation/result/outcomes.ts';
import { spentAltogether } from '../../src/delegation/store/daily-spending.ts';
import { archiveFolder, delegationsFolder, folderAt, readAttempts } from '../../src/delegation/store/delegation-folder.ts';
import { say } from '../../src/messages/message.ts';
import { fileLayers } from '../../src/setting-files.ts';
import { stateDirectory } from '../../src/state-directory.ts';
import { UserError } from './options.ts';

export interface KimiSettings {
  readonly settings: Settings;
  /** As variables, as the user wrote them. */
  readonly variables: Readonly<Record<string, string>>;
}

/** They belong to the user's own repositories and machine. */
const NOT_TAKEN: readonly SettingName[] = [
  'checks',
  'setupCommand',
  'setupFiles',
  'directories',
  'includeIgnored',
  'repositories',
  'budgetPerDay',
];

/**
 * The environment, then the user's `.env` files.
 * @param programFile a built program, beside which a clone has its own `.env`
 */
export function readKimiSettings(env: NodeJS.ProcessEnv, programFile: string, model: string | undefined): KimiSettings {
  const state = stateDirectory(env);
  const layers = [
    ...(model ? [variableLayer('environment', '--kimi-model', { KIMI_MODEL: model })] : []),
    variableLayer('environment', 'the environment', env),
    ...(state.ok ? fileLayers(state.folder, programFile) : []),
  ];
  const resolution = resolveSettings(layers);
  if (!resolution.ok) throw new UserError(resolution.problems.map((problem) => say(problem, 'en')).join('\n'));
  const settings = resolution.settings.values;
  const variables = SETTING_NAMES.filter((name) => !NOT_TAKEN.includes(name)).flatMap((name) => {
    const value = name === 'baseUrl' ? settings.baseUrl : layers.find(({ values }) => values[name])?.values[name];
    return typeof value === 'string' ? [[String(shownName(name, 'file')), value] as const] : [];
  });
  return { settings, variables: Object.fromEntries(variables) };
}

/** What must be there before money is spent. */
export function assertUsable({ settings }: KimiSettings): void {
  if (settings.apiKey === undefined)
    throw new UserError('There is no key of Kimi: set KIMI_API_KEY, or write it into ~/.claude-kimi-mcp/.env. --runs claude needs none.');
  if (priceOf(settings.model, settings.baseUrl, settings.prices) === null)
    throw new UserError(
      `What ${settings.model} costs is not known, so no budget would hold: set KIMI_PRICES, or take another --kimi-model.`,
    );
}

export interface KimiState {
  readonly folder: string;
  /** USD, of the requests that were answered so far. */
  settled(): number;
  /** USD, with those that nobody settled at the most that they can have cost; null where the price of a model is not known. */
  spent(): number | null;
  attempts(): { readonly outcomes: readonly Outcome[]; readonly fallback: boolean; readonly reasons: readonly string[] };
}

export function makeKimiState(folder: string, { variables, settings }: KimiSettings, limits: { usd: number; minutes: number }): KimiState {
  const currency = currencyOf(settings.baseUrl);
  const own = {
    ...variables,
    KIMI_BUDGET_PER_DAY: convert(limits.usd, 'USD', currency).toFixed(6),
    KIMI_MAX_MINUTES: String(limits.minutes),
    KIMI_REPOSITORIES: 'allow', // to name a repository for an evaluation is to agree
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lines = Object.entries(own).map(([name, value]) => `${name}=${quoted(value)}\n`);
  writeFileSync(path.join(folder, '.env'), lines.join(''), { mode: 0o600 });
  const all = () =>
    [delegationsFolder(folder), archiveFolder(folder)]
      .flatMap((parent) => namesIn(parent).map((name) => folderAt(path.join(parent, name), name)))
      .flatMap(readAttempts)
      .flatMap(({ result }) => result ?? [])
      .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  const ledger = () => spentAltogether(folder, currency);
  const inUsd = (amount: number) => convert(amount, currency, 'USD');
  return {
    folder,
    settled: () => inUsd(ledger().settled),
    spent() {
      const { settled, held } = ledger();
      return all().some(({ cost }) => cost.amount === null) ? null : inUsd(settled + held);
    },
    attempts() {
      const results = all();
      const reasons = results.flatMap(({ reason }) => (reason ? [say(reason, 'en')] : []));
      return { outcomes: results.map(({ outcome }) => outcome), fallback: results.at(-1)?.fallbackNeeded ?? false, reasons };
    },
  };
}

const quoted = (value: string) => (/['\n]/.test(value) ? JSON.stringify(value) : `'${value}'`);
