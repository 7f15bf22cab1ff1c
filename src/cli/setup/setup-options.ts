import { type Given, JSON_OPTION, type OptionSpecs, REPO_OPTION, YES_OPTION } from '../command.ts';

/** Every question of the set-up as an option. */
export const SETUP_OPTIONS = {
  'key-file': { type: 'string', value: 'file', about: 'cli.setup.option.keyFile' },
  'key-stdin': { type: 'boolean', about: 'cli.setup.option.keyStdin' },
  key: { type: 'string', value: 'key', hidden: true, about: 'cli.setup.option.key' },
  'no-check': { type: 'boolean', about: 'cli.setup.option.noCheck' },
  region: { type: 'string', value: 'cn|intl', about: 'cli.setup.option.region' },
  'base-url': { type: 'string', value: 'url', about: 'cli.setup.option.baseUrl' },
  model: { type: 'string', value: 'name', about: 'cli.setup.option.model' },
  budget: { type: 'string', value: 'amount', about: 'cli.setup.option.budget' },
  repositories: { type: 'string', value: 'allow|ask|deny', about: 'cli.setup.option.repositories' },
  sandbox: { type: 'string', value: 'required|container|unsandboxed', about: 'cli.setup.option.sandbox' },
  scope: { type: 'string', value: 'user|project|local', about: 'cli.setup.option.scope' },
  rules: { type: 'string', value: 'en|zh|none', about: 'cli.setup.option.rules' },
  'no-permissions': { type: 'boolean', about: 'cli.setup.option.noPermissions' },
  'no-connect': { type: 'boolean', about: 'cli.setup.option.noConnect' },
  'import-env': { type: 'string', value: 'file', about: 'cli.setup.option.importEnv' },
  undo: { type: 'boolean', about: 'cli.setup.option.undo' },
  ...REPO_OPTION,
  ...YES_OPTION,
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

export type SetupOptions = Given<typeof SETUP_OPTIONS>['options'];
