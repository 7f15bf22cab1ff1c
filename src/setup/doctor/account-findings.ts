import { successorsOf } from '../../agent/model/successor.ts';
import { claudeFiles } from '../../claude/claude-files.ts';
import { enabledPlugin } from '../../claude/plugin.ts';
import { readRegistered } from '../../claude/registration.ts';
import { shellWord } from '../../common/shell-word.ts';
import { budgetOf, type ResolvedSettings } from '../../config.ts';
import { joinNames, messageText } from '../../messages/translate.ts';
import { hostOf } from '../endpoint.ts';
import { reportWorking } from '../key-step.ts';
import { type Account, amount, checkKey, type KeyCheck, whyText } from '../kimi-account.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Resolved } from './settings-findings.ts';
import type { Finding } from './setup-report.ts';

export async function accountFindings(context: SetupContext, resolved: readonly Resolved[]): Promise<Finding[]> {
  const { t } = context;
  const valid = resolved.flatMap(({ resolution }) => (resolution.ok ? [resolution.settings] : []));
  if (!valid[0]) return [];
  const { values, origins } = valid[0];
  if (!values.apiKey) return [missingKey(context)];
  const from = origins.apiKey.source === 'window' ? t('VS Code’s secret storage') : messageText(origins.apiKey.from, t);
  const check = await checkKey(values.apiKey, values.baseUrl, context);
  if (check.kind === 'works') reportWorking(context, check.account);
  const models = new Map(
    valid.flatMap(({ values: { model, retryModel } }) => [
      ...(retryModel ? [[retryModel, 'retryModel'] as const] : []),
      [model, 'model'] as const,
    ]),
  );
  return [
    { subject: 'key', state: 'good', found: t('present, from {0}', from) },
    { subject: 'endpoint', ...endpointState(check, hostOf(values.baseUrl), context) },
    ...(check.kind === 'works' ? [...models].map(([model, from]) => modelFinding(model, from, check.account, context)) : []),
    ...(check.kind === 'works' ? balanceFindings(check.account, valid[0], context) : []),
  ];
}

/** The plugin may have one among Claude Code's secrets, which are nobody else's to read; one that a project names is not tried. */
function missingKey({ t, door, env, home, folders }: SetupContext): Finding {
  const ofProject = readRegistered(claudeFiles(env, home), folders).shadows.find(
    ({ scope, command }) => scope === 'project' && command?.env.KIMI_API_KEY,
  );
  if (ofProject) return { subject: 'key', state: 'note', found: t('none but what {0} names', ofProject.file) };
  const plugin = enabledPlugin(claudeFiles(env, home), folders);
  if (plugin === null) return { subject: 'key', state: 'bad', found: t('none'), remedy: door.remedies.key };
  // Whoever follows the way to its key would give theirs to a plugin of anybody's.
  if (plugin.broughtBy !== null) return { subject: 'key', state: 'note', found: t('none but what {0} names', plugin.broughtBy) };
  const found = t('none that can be looked at: that of the plugin {0} is among the secrets of Claude Code', plugin.name);
  return {
    subject: 'key',
    state: 'note',
    found,
    remedy: t('Whether it has one is shown by: {0}', `claude plugin configure ${shellWord(plugin.name)}`),
  };
}

function endpointState(check: KeyCheck, host: string, { t, door }: SetupContext): Omit<Finding, 'subject'> {
  switch (check.kind) {
    case 'works':
      return { state: 'good', found: t('{0} takes the key', host) };
    case 'other_region':
      return {
        state: 'bad',
        found: t('the key belongs to {0}, not to {1}', hostOf(check.account.baseUrl), host),
        remedy: t('Set {0} to {1}, or enter a key of {2}.', door.setting('baseUrl'), check.account.baseUrl, host),
      };
    case 'subscription':
      return {
        state: 'bad',
        found: t('the key is one of a Kimi subscription'),
        remedy: t('Create a key of the platform at platform.moonshot.cn or platform.moonshot.ai.'),
      };
    case 'refused':
      return { state: 'bad', found: t('{0} refuses the key', host), remedy: door.remedies.key };
    case 'unreachable': {
      const found = t('{0} cannot be reached ({1})', host, whyText(check.why, t));
      const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/.test(check.why);
      const remedy = isCertificate
        ? t(
            'Something on the way, such as a company proxy, shows a certificate of its own. Put that certificate into a file, and name the file in NODE_EXTRA_CA_CERTS.',
          )
        : door.networkAdvice;
      return { state: 'bad', found, remedy };
    }
  }
}

function modelFinding(model: string, from: 'model' | 'retryModel', { models, baseUrl }: Account, { t, door }: SetupContext): Finding {
  const subject = 'model';
  if (models.includes(model)) return { subject, state: 'good', found: model };
  const found = t('{0} does not offer {1} (any more)', hostOf(baseUrl), model);
  const [successor] = successorsOf(model, models);
  const remedy = successor
    ? t('Set {0} to {1}, which follows it.', door.setting(from), successor)
    : t('Choose one of: {0}', joinNames(models, t));
  return { subject, state: 'bad', found, remedy };
}

function balanceFindings(account: Account, settings: ResolvedSettings, { t }: SetupContext): Finding[] {
  const left = amount(account);
  if (left === null || account.balance === null) return [];
  const subject = 'balance';
  const remedy = t('Top it up at {0}.', account.currency === 'CNY' ? 'platform.moonshot.cn' : 'platform.moonshot.ai');
  if (account.balance <= 0) return [{ subject, state: 'bad', found: t('{0}: Kimi does not work without a balance', left), remedy }];
  if (account.balance < budgetOf(settings.values))
    return [{ subject, state: 'note', found: t('{0}, less than one attempt may cost', left), remedy }];
  return [{ subject, state: 'good', found: left }];
}
