import { existsSync } from 'node:fs';
import { priceOf } from '../../agent/prices.ts';
import type { Consent } from '../../broker/protocol.ts';
import { type Currency, currencyOf, SIGN, USUAL_BUDGET } from '../../common/currency.ts';
import { probeSandbox } from '../../sandbox/probe.ts';
import { messageWords } from '../wording/wording.ts';
import { consentFor, decisionFolder, type Repositories, withAsking, withConsent } from './consent.ts';
import { soundEndpoint } from './endpoint.ts';
import { hostOf } from './key-step.ts';
import { amount, checkKey } from './kimi-account.ts';
import type { SetupPlace, StepEnd } from './place.ts';
import type { Choice } from './ui.ts';

/** Which model does the work; offers what the endpoint has. */
export async function modelStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const baseUrl = await soundEndpoint(place);
  if (baseUrl === null) return 'stopped';
  const current = String(place.settings.get('model'));
  const key = await place.key.read();
  const check = key ? await ui.busy(t('Asking Kimi for its models…'), () => checkKey(key, baseUrl, { ...place, regions: [] })) : null;
  const account = check?.kind === 'works' ? check.account : null;
  // The platforms have other models too; somebody's own server may call Kimi anything.
  const offered = account?.models.filter((id) => !place.regions.includes(baseUrl) || /^kimi-/.test(id)) ?? [];
  const sign = SIGN[currencyOf(baseUrl)];
  const choices = [...new Set([current, ...offered])].map((id) => {
    const price = priceOf(id, baseUrl);
    return {
      label: id,
      ...(id === current && { description: t('in use'), current: true }),
      detail: price
        ? t('{0}{1} for a million tokens read ({0}{2} when cached), {0}{3} for a million written', sign, price.miss, price.hit, price.out)
        : t('price not known'),
      value: id,
    };
  });
  const left = account && amount(account);
  const question = t('Which model shall do the work?');
  const placeholder = left ? `${t('The key works. Balance: {0}.', left)} ${question}` : question;
  const model = await ui.pick({ title: t('Model'), placeholder, choices });
  if (model === undefined) return 'stopped';
  if (model !== current) await write(place, 'model', model);
  return 'done';
}

const OFFERED_BUDGETS: Readonly<Record<Currency, readonly number[]>> = { USD: [0.5, 1, 2, 5], CNY: [3, 7, 15, 30] };

/** How much an attempt may cost. */
export async function budgetStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const baseUrl = await soundEndpoint(place);
  if (baseUrl === null) return 'stopped';
  const currency = currencyOf(baseUrl);
  const [sign, usual] = [SIGN[currency], USUAL_BUDGET[currency]];
  const set = place.settings.get('budget');
  const current = typeof set === 'number' ? set : usual;
  const amounts = [...new Set([...OFFERED_BUDGETS[currency], current])].sort((a, b) => a - b);
  const words = (value: number) => [...(value === usual ? [t('usual')] : []), ...(value === current ? [t('in use')] : [])];
  const choices: Choice<number | 'other'>[] = [
    ...amounts.map((value) => ({
      label: sign + (Number.isInteger(value) ? value : value.toFixed(2)),
      description: words(value).join(', '),
      current: value === current,
      value,
    })),
    { label: t('Another Amount…'), value: 'other' as const },
  ];
  const chosen = await ui.pick({ title: t('Budget'), placeholder: t('How much may one attempt cost at most? It stops there.'), choices });
  if (chosen === undefined) return 'stopped';
  const value = chosen === 'other' ? await askAmount(place, sign) : chosen;
  if (value === undefined) return 'stopped';
  // The usual amount is the default, which follows the currency.
  if (value !== current) await write(place, 'budget', value === usual ? undefined : value);
  return 'done';
}

/** Into the user's settings; those of the folder win, and the user has to know. */
async function write(place: SetupPlace, name: 'model' | 'budget', value: unknown): Promise<void> {
  await place.settings.set(name, value);
  const counts = place.settings.get(name) ?? null;
  if (counts === (value ?? null)) return;
  const { ui, t } = place;
  await ui.tell(
    'warning',
    t('Kept for other folders. In this one its own settings count: {0} is {1}.', `claudeKimi.${name}`, String(counts)),
  );
}

async function askAmount({ ui, t }: SetupPlace, sign: string): Promise<number | undefined> {
  const text = await ui.input({
    title: t('Budget'),
    prompt: t('Most money for one attempt, in {0}', sign),
    secret: false,
    check: (value) =>
      /^\s*\d{1,6}([.,]\d+)?\s*$/.test(value) && Number(value.replace(',', '.')) > 0 ? null : t('Enter an amount above 0, such as 2.50.'),
  });
  return text === undefined ? undefined : Number(text.trim().replace(',', '.'));
}

/** What is sent where, and from which repositories. */
export async function privacyStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const baseUrl = await soundEndpoint(place);
  if (baseUrl === null) return 'stopped';
  const repositories = (place.settings.get('repositories') ?? {}) as Repositories;
  const roots = [...new Set(place.folders.map(decisionFolder))];
  const isAll = repositories['*'] === 'allow';
  const are = (consent: Consent) => roots.every((root) => consentFor(repositories, root, place.home) === consent);
  const choice = (label: string, detail: string, current: boolean, value: Repositories): Choice<Repositories> => ({
    label,
    detail,
    value,
    ...(current && { current, description: t('as it is now') }),
  });
  const choices = [
    ...roots.map((root) =>
      choice(
        t('Allow for {0}', root),
        t('Kimi gets the task, the files that it reads, and the output of its commands.'),
        !isAll && consentFor(repositories, root, place.home) === 'granted',
        withConsent(repositories, root, 'allow'),
      ),
    ),
    choice(
      t('Allow for All Repositories'),
      t('You can still forbid single ones in the setting claudeKimi.repositories.'),
      isAll && are('granted'),
      withConsent(repositories, '*', 'allow'),
    ),
    choice(
      t('Ask for Each Repository'),
      t('VS Code asks when Claude first hands over work in a repository.'),
      !isAll && are('ask'),
      withAsking(repositories, roots),
    ),
    ...roots.map((root) =>
      choice(
        t('Never for {0}', root),
        t('Claude does all the work in it.'),
        consentFor(repositories, root, place.home) === 'denied',
        withConsent(repositories, root, 'deny'),
      ),
    ),
  ];
  const decided = await ui.pick({
    title: t('What Is Sent Where'),
    placeholder: t('Which repositories may be sent to {0}?', hostOf(baseUrl)),
    choices,
  });
  if (decided === undefined) return 'stopped';
  await place.settings.set('repositories', decided);
  return 'done';
}

/** The command: a sandbox that works is said to. */
export async function trySandbox(place: SetupPlace): Promise<void> {
  const { ui, t } = place;
  if ((await sandboxStep(place)) !== 'done') return;
  const off = place.settings.get('sandbox') === 'unsandboxed';
  await (off
    ? ui.tell('warning', t('The sandbox is switched off: commands run with your own rights. The setting claudeKimi.sandbox changes it.'))
    : ui.tell('info', t('The sandbox works.')));
}

/** Tries the sandbox; where it does not work, says what to install and waits. */
export async function sandboxStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  for (;;) {
    if (place.settings.get('sandbox') === 'unsandboxed') return 'done';
    const probe = await ui.busy(t('Trying the sandbox…'), () => probeSandbox());
    if (probe.ok) return 'done';
    const again = t('Try Again');
    const copy = t('Copy the Command');
    const without = t('Run Without a Sandbox…');
    const later = t('Later');
    const command = commandFor(messageWords(probe.reason, t), existsSync);
    const answer = await ui.confirm({
      kind: 'warning',
      message: t('The sandbox does not work yet.'),
      detail: `${messageWords(probe.reason, t)}\n\n${t('Commands that Kimi chooses run in it, so that they reach nothing but their own copy of the repository. Until it works, no work is handed over.')}`,
      actions: [...(command ? [copy] : []), again, without, later],
    });
    if (answer === copy && command) await ui.copy(command);
    else if (answer === without) {
      const sure = t('Run Without a Sandbox');
      const yes = await ui.confirm({
        kind: 'warning',
        message: t('Run commands without a sandbox?'),
        detail: t(
          'Commands that the model chooses would run with your own rights: they could read your files, use the network and change anything that you can change. Every result will say so.',
        ),
        actions: [sure],
      });
      if (yes === sure) await place.settings.set('sandbox', 'unsandboxed');
    } else if (answer === later) return 'skipped';
    else if (answer === undefined) return 'stopped';
  }
}

/** The command of a hint that this system has the program for: a hint names those of several package managers. */
export function commandFor(hint: string, exists: (file: string) => boolean): string | undefined {
  const commands = [...hint.matchAll(/`(sudo (\S+)[^`]*)`/g)];
  const fitting = commands.find(([, , program]) => ['/usr/bin', '/usr/sbin', '/sbin'].some((folder) => exists(`${folder}/${program}`)));
  return (fitting ?? commands[0])?.[1];
}
