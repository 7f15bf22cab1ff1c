import type { SettingName } from '../config.ts';

/** Settings of the user's machine, account and money: a folder cannot set them, and they count in Restricted Mode too. */
export const USER_SETTINGS = [
  'baseUrl',
  'prices',
  'budget',
  'budgetPerDay',
  'contextWindow',
  'sandbox',
  'allowedHosts',
  'setupCommand',
  'setupFiles',
  'commandMemoryMb',
  'commandProcesses',
  'diskMb',
  'retentionDays',
  'disclosure',
  'showTokenStats',
] as const satisfies readonly SettingName[];
/** Settings that a trusted folder may set for itself. */
export const FOLDER_SETTINGS = [
  'model',
  'retryModel',
  'maxSteps',
  'maxMinutes',
  'maxAttempts',
  'checks',
  'protectedBranches',
  'commandTimeoutSeconds',
  'checkTimeoutSeconds',
  'neverSend',
  'includeIgnored',
] as const satisfies readonly SettingName[];

/** Whether VS Code has this setting; some are only for the environment and files. */
export function isWindowSetting(name: SettingName): boolean {
  return name === 'apiKey' || [...USER_SETTINGS, ...FOLDER_SETTINGS].some((known) => known === name);
}
