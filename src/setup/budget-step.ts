import { type Currency, currencyOf, SIGN, USUAL_BUDGET } from '../common/currency.ts';
import { endpointOf, soundEndpoint } from './endpoint.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';
import type { Choice } from './ui.ts';
import { writeSetting } from './write-setting.ts';

const OFFERED_BUDGETS: Readonly<Record<Currency, readonly number[]>> = { USD: [0.5, 1, 2, 5], CNY: [3, 7, 15, 30] };

/** How much an attempt may cost. */
export async function budgetStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const baseUrl = await soundEndpoint(context);
  if (baseUrl === null) return 'stopped';
  const currency = currencyOf(baseUrl);
  const [sign, usual] = [SIGN[currency], USUAL_BUDGET[currency]];
  const set = context.settings.get('budget');
  const current = typeof set === 'number' ? set : usual;
  const amounts = [...new Set([...OFFERED_BUDGETS[currency], current])].sort((a, b) => a - b);
  const words = (value: number) => [...(value === usual ? [t('usual')] : []), ...(value === set ? [t('in use')] : [])];
  const choices: Choice<number | 'other'>[] = [
    ...amounts.map((value) => ({
      label: sign + (Number.isInteger(value) ? value : value.toFixed(2)),
      description: words(value).join(', '),
      current: value === current,
      value,
    })),
    { label: t('Another Amount…'), value: 'other' as const },
  ];
  if (context.answers.budget !== undefined) return takeBudget(context, context.answers.budget, usual);
  const chosen = await ui.pick({ title: t('Budget'), placeholder: t('How much may one attempt cost at most? It stops there.'), choices });
  if (chosen === undefined) return 'stopped';
  const value = chosen === 'other' ? await askAmount(context, sign) : chosen;
  if (value === undefined) return 'stopped';
  const now = endpointOf(context);
  if (!now.ok || currencyOf(now.url) !== currency) {
    await ui.notify('error', t('The address of Kimi was changed meanwhile, and the currency with it. Nothing was kept; try again.'));
    return 'stopped';
  }
  return takeBudget(context, value, usual);
}

/** The usual amount is the default, which follows the currency. Another window may have set another one since it was asked. */
async function takeBudget(context: SetupContext, value: number, usual: number): Promise<StepEnd> {
  if ((context.settings.get('budget') ?? usual) !== value) await writeSetting(context, 'budget', value === usual ? undefined : value);
  return 'done';
}

async function askAmount({ ui, t }: SetupContext, sign: string): Promise<number | undefined> {
  const text = await ui.input({
    title: t('Budget'),
    prompt: t('Most money for one attempt, in {0}', sign),
    secret: false,
    check: (value) =>
      /^\s*\d{1,6}([.,]\d+)?\s*$/.test(value) && Number(value.replace(',', '.')) > 0 ? null : t('Enter an amount above 0, such as 2.50.'),
  });
  return text === undefined ? undefined : Number(text.trim().replace(',', '.'));
}
