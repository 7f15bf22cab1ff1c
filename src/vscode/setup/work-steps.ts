import { priceOf } from '../../agent/prices.ts';
import { currencyOf } from '../../config.ts';
import { probeSandbox } from '../../sandbox/probe.ts';
import { reasonWords } from '../reasons.ts';
import { consentFor, type Repositories, repositoryRoot, withConsent } from './consent.ts';
import { hostOf } from './key-step.ts';
import { checkKey } from './kimi-account.ts';
import type { SetupPlace, StepEnd } from './place.ts';
import type { Choice } from './ui.ts';

/** Which model does the work; offers what the endpoint has. */
export async function modelStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const current = String(place.settings.get('model'));
  const baseUrl = String(place.settings.get('baseUrl'));
  const key = await place.key.read();
  const check = key ? await ui.busy(t('Asking Kimi for its models…'), () => checkKey(key, baseUrl, { ...place, regions: [] })) : null;
  const offered = check?.kind === 'works' ? check.account.models.filter((id) => /^kimi-/.test(id)) : [];
  const sign = currencyOf(baseUrl) === 'CNY' ? '¥' : '$';
  const choices = [...new Set([current, ...offered])].map((id) => {
    const price = priceOf(id, baseUrl);
    return {
      label: id,
      ...(id === current && { description: t('in use') }),
      detail: price
        ? t('{0}{1} for a million tokens read ({0}{2} when cached), {0}{3} for a million written', sign, price.miss, price.hit, price.out)
        : t('price not known'),
      value: id,
    };
  });
  const model = await ui.pick({ title: t('Model'), placeholder: t('Which model shall do the work?'), choices });
  if (model === undefined) return 'stopped';
  if (model !== current) await place.settings.set('model', model);
  return 'done';
}

/** How much an attempt may cost. */
export async function budgetStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const cny = currencyOf(String(place.settings.get('baseUrl'))) === 'CNY';
  const [sign, usual, others] = cny ? ['¥', 7, [3, 15, 30]] : ['$', 1, [0.5, 2, 5]];
  const current = place.settings.get('budget');
  const choices: Choice<number | 'other' | null>[] = [
    { label: `${sign}${usual}`, description: t('usual'), value: null },
    ...others.map((value) => ({ label: `${sign}${value}`, value })),
    { label: t('Another Amount…'), value: 'other' as const },
  ];
  if (typeof current === 'number') choices.unshift({ label: `${sign}${current}`, description: t('in use'), value: current });
  const chosen = await ui.pick({ title: t('Budget'), placeholder: t('How much may one attempt cost at most? It stops there.'), choices });
  if (chosen === undefined) return 'stopped';
  const value = chosen === 'other' ? await askAmount(place, sign) : chosen;
  if (value === undefined) return 'stopped';
  if (value !== (current ?? null)) await place.settings.set('budget', value ?? undefined);
  return 'done';
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

type Decision = readonly [folder: string, word: 'allow' | 'deny' | 'ask'];
const decision = (...words: Decision): Decision => words;

/** What is sent where, and from which repositories. */
export async function privacyStep(place: SetupPlace): Promise<StepEnd> {
  const { ui, t } = place;
  const host = hostOf(String(place.settings.get('baseUrl')));
  const repositories = (place.settings.get('repositories') ?? {}) as Repositories;
  const roots = [...new Set(place.folders.map(repositoryRoot))];
  const states = roots.map((root) => consentFor(repositories, root));
  const state = (root: string) =>
    ({ granted: t('allowed now'), denied: t('forbidden now'), ask: t('asks now') })[states[roots.indexOf(root)]!];
  const choices: Choice<Decision>[] = [
    ...roots.map((root) => ({
      label: t('Allow for {0}', root),
      description: state(root),
      detail: t('Sent are the task, the files that Kimi reads, and the output of its commands.'),
      value: decision(root, 'allow'),
    })),
    {
      label: t('Allow for All Repositories'),
      detail: t('You can still forbid single ones in the setting claudeKimi.repositories.'),
      value: decision('*', 'allow'),
    },
    {
      label: t('Ask for Each Repository'),
      detail: t('VS Code asks when Claude first hands over work in a repository.'),
      value: decision('*', 'ask'),
    },
    ...roots.map((root) => ({
      label: t('Never for {0}', root),
      detail: t('Claude does all the work in it.'),
      value: decision(root, 'deny'),
    })),
  ];
  const decided = await ui.pick({
    title: t('What Is Sent Where'),
    placeholder: t('Which repositories may be sent to {0}?', host),
    choices,
  });
  if (decided === undefined) return 'stopped';
  const [folder, word] = decided;
  await place.settings.set('repositories', withConsent(repositories, folder, word));
  return 'done';
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
    const command = /`(sudo [^`]+)`/.exec(probe.reason)?.[1];
    const answer = await ui.confirm({
      message: t('The sandbox does not work yet.'),
      detail: `${reasonWords(probe.reason, t)}\n\n${t('Commands that Kimi chooses run in it, so that they reach nothing but their own copy of the repository. Until it works, no work is handed over.')}`,
      actions: [...(command ? [copy] : []), again, without, later],
    });
    if (answer === copy && command) await ui.copy(command);
    else if (answer === without) {
      const sure = t('Run Without a Sandbox');
      const yes = await ui.confirm({
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
