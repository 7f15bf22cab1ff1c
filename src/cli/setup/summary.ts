import { claudeFiles } from '../../claude/claude-files.ts';
import { ALLOW_RULES, planPermissionsOf } from '../../claude/permissions.ts';
import { readRecord } from '../../claude/setup-record.ts';
import { connectedPlace } from '../../setup/disconnect-step.ts';
import type { SetupContext } from '../../setup/setup-context.ts';

/** What is set up now, for scripts. The key is never part of it. */
export async function setupSummary(context: SetupContext, done: boolean, problems: readonly string[]) {
  const { settings, key, env, home, stateDir, door } = context;
  const place = connectedPlace(context);
  const permissions = planPermissionsOf(claudeFiles(env, home).settings);
  return {
    done,
    problems,
    file: door.keyPlace,
    key: (await key.read()) !== undefined,
    baseUrl: settings.get('baseUrl'),
    model: settings.get('model'),
    budget: settings.get('budget') ?? null,
    repositories: settings.get('repositories') ?? null,
    sandbox: settings.get('sandbox'),
    claude: place ? { scope: place.scope, folder: place.scope === 'user' ? null : place.folder } : null,
    permissions: permissions.ok ? ALLOW_RULES.filter((rule) => !permissions.plan.missing.includes(rule)) : [],
    rules: readRecord(stateDir).rules.map(({ file }) => file),
  };
}
