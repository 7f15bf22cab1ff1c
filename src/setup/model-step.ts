import { priceOf } from '../agent/prices.ts';
import { currencyOf, SIGN } from '../common/currency.ts';
import { joinNames, joinSentences } from '../messages/translate.ts';
import { hostOf, isAddressStill, soundEndpoint } from './endpoint.ts';
import { type Account, amount, checkKey } from './kimi-account.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';
import { writeSetting } from './write-setting.ts';

/** Which model does the work; offers what the endpoint has. */
export async function modelStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const baseUrl = await soundEndpoint(context);
  if (baseUrl === null) return 'stopped';
  const current = String(context.answers.model ?? context.settings.get('model'));
  const isSet = context.settings.own('model') !== undefined;
  const key = context.answers.check === false ? undefined : await context.key.read();
  const check = key ? await ui.busy(t('Asking Kimi for its models…'), () => checkKey(key, baseUrl, { ...context, regions: [] })) : null;
  const account = check?.kind === 'works' ? check.account : null;
  // The platforms have other models too; somebody's own server may call Kimi anything.
  const offered = account?.models.filter((id) => !context.regions.includes(baseUrl) || /^kimi-/.test(id)) ?? [];
  const sign = SIGN[currencyOf(baseUrl)];
  const choices = [...new Set([current, ...offered])].map((id) => {
    const price = priceOf(id, baseUrl);
    return {
      label: id,
      ...(id === current && { description: isSet ? t('in use') : t('usual'), current: true }),
      detail: price
        ? t('{0}{1} for a million tokens read ({0}{2} when cached), {0}{3} for a million written', sign, price.miss, price.hit, price.out)
        : t('price not known'),
      value: id,
    };
  });
  if (context.answers.model) return takeModel(context, context.answers.model, account);
  const left = account && amount(account);
  const question = t('Which model shall do the work?');
  const placeholder = left ? joinSentences([t('The key works. Balance: {0}.', left), question], t) : question;
  const model = await ui.pick({ title: t('Model'), placeholder, choices });
  if (model === undefined) return 'stopped';
  // The list was that of one address.
  if (!isAddressStill(context, baseUrl)) {
    await ui.notify('error', t('The address of Kimi was changed meanwhile. No model was chosen; try again.'));
    return 'stopped';
  }
  // Another window may have set another one since it was asked.
  if (model !== context.settings.get('model')) await writeSetting(context, 'model', model);
  return 'done';
}

async function takeModel(context: SetupContext, model: string, account: Account | null): Promise<StepEnd> {
  const { ui, t } = context;
  if (account && !account.models.includes(model)) {
    await ui.notify('error', t('{0} does not offer {1}. Choose one of: {2}', hostOf(account.baseUrl), model, joinNames(account.models, t)));
    return 'stopped';
  }
  if (model !== context.settings.get('model')) await writeSetting(context, 'model', model);
  return 'done';
}
