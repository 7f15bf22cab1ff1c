import { messageText } from '../../messages/translate.ts';
import { hostOf, reportWorking } from '../key-step.ts';
import { type Account, amount, checkKey, type KeyCheck } from '../kimi-account.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Resolved } from './settings-findings.ts';
import type { Finding } from './setup-report.ts';

export async function accountFindings(context: SetupContext, resolved: readonly Resolved[]): Promise<Finding[]> {
  const { t } = context;
  const sound = resolved.flatMap(({ resolution }) => (resolution.ok ? [resolution.settings] : []));
  if (!sound[0]) return [];
  const { values, origins } = sound[0];
  const what = t('API key');
  if (!values.apiKey) return [{ state: 'bad', what, found: t('none'), remedy: t('Run the command Set API Key…') }];
  const from = origins.apiKey.source === 'window' ? t('VS Code’s secret storage') : messageText(origins.apiKey.from, t);
  const check = await checkKey(values.apiKey, values.baseUrl, context);
  if (check.kind === 'works') reportWorking(context, check.account);
  const models = [...new Set(sound.map((settings) => settings.values.model))];
  return [
    { state: 'good', what, found: t('present, from {0}', from) },
    { what: t('Endpoint'), ...endpointState(check, hostOf(values.baseUrl), context) },
    ...(check.kind === 'works' ? models.map((model) => modelFinding(model, check.account, context)) : []),
  ];
}

function endpointState(check: KeyCheck, host: string, { t }: SetupContext): Omit<Finding, 'what'> {
  switch (check.kind) {
    case 'works': {
      const left = amount(check.account);
      return {
        state: 'good',
        found: left === null ? t('{0} takes the key', host) : t('{0} takes the key; balance {1}', host, left),
      };
    }
    case 'other_region':
      return {
        state: 'bad',
        found: t('the key belongs to {0}, not to {1}', hostOf(check.account.baseUrl), host),
        remedy: t('Set claudeKimi.baseUrl to {0}, or enter a key of {1}.', check.account.baseUrl, host),
      };
    case 'subscription':
      return {
        state: 'bad',
        found: t('the key is one of a Kimi subscription'),
        remedy: t('Create a key of the platform at platform.moonshot.cn or platform.moonshot.ai.'),
      };
    case 'refused':
      return { state: 'bad', found: t('{0} refuses the key', host), remedy: t('Run the command Set API Key…') };
    case 'unreachable':
      return {
        state: 'bad',
        found: t('{0} cannot be reached ({1})', host, check.why),
        remedy: t('Check the network. Behind a company proxy, set VS Code’s http.proxy and, for Claude Code, the variable HTTPS_PROXY.'),
      };
  }
}

function modelFinding(model: string, { models, baseUrl }: Account, { t }: SetupContext): Finding {
  const what = t('Model');
  if (models.includes(model)) return { state: 'good', what, found: model };
  const found = t('{0} does not offer {1}', hostOf(baseUrl), model);
  return { state: 'bad', what, found, remedy: t('Choose one of: {0}', models.join(', ')) };
}
