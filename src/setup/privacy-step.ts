import {
  consentFor,
  decisionFolder,
  decisionsIn,
  type Repositories,
  takesRefusalBack,
  withAsking,
  withConsent,
} from '../broker/consent.ts';
import type { Consent } from '../broker/protocol.ts';
import { hostOf, isAddressStill, soundEndpoint } from './endpoint.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';
import type { Choice } from './ui.ts';

/** What is sent where, and from which repositories. */
export async function privacyStep(context: SetupContext): Promise<StepEnd> {
  const { ui, t, door, answers } = context;
  const baseUrl = await soundEndpoint(context);
  if (baseUrl === null) return 'stopped';
  // Where a terminal's user decided nothing, whoever brought the key has agreed.
  const undecided: Repositories = door.kind === 'terminal' ? { '*': 'allow' } : {};
  const decidedSoFar = () => decisionsIn(context.settings.get('repositories') ?? undecided);
  const repositories = decidedSoFar();
  const roots = [...new Set(context.folders.map(decisionFolder))];
  if (answers.repositories) {
    await context.settings.set('repositories', decidedBefore(repositories, roots, answers.repositories));
    return 'done';
  }
  const isDecided = context.settings.get('repositories') !== undefined;
  const isAll = repositories['*'] === 'allow';
  const asksForOthers = (repositories['*'] ?? 'ask') === 'ask';
  const are = (consent: Consent) => roots.every((root) => consentFor(repositories, root, context.home) === consent);
  const choice = (label: string, detail: string, current: boolean, decide: Decide, isNo = false): Choice<Decision> => ({
    label,
    detail,
    value: { decide, isNo },
    ...(current && { current, ...(isDecided && { description: t('as it is now') }) }),
  });
  const decisions = [
    ...roots.map((root) =>
      choice(
        t('Allow for {0}', root),
        t(
          'Kimi gets the task, the files that it reads, and the output of its commands; never the contents of .env files, private keys and files of credentials.',
        ),
        !isAll && consentFor(repositories, root, context.home) === 'granted',
        (now) => withConsent(now, root, 'allow'),
      ),
    ),
    choice(
      t('Allow for All Repositories'),
      t('You can still forbid single ones in the setting {0}.', door.setting('repositories')),
      isAll && are('granted'),
      (now) => withConsent(now, '*', 'allow'),
    ),
    choice(t('Ask for Each Repository'), door.whenUndecided, asksForOthers && are('ask'), (now) => withAsking(now, roots)),
    ...roots.map((root) =>
      choice(
        t('Never for {0}', root),
        t('Claude does all the work in it.'),
        consentFor(repositories, root, context.home) === 'denied',
        (now) => withConsent(now, root, 'deny'),
        true,
      ),
    ),
  ];
  // None of them says what some decisions in a file do: whoever only presses Enter, or is not asked, has not changed them.
  const leave = { label: t('Leave It as It Is'), current: true, value: { decide: (now: Repositories) => now, isNo: true } };
  const choices = isDecided && !decisions.some(({ current }) => current) ? [leave, ...decisions] : decisions;
  const decided = await ui.pick({
    title: t('What Is Sent Where'),
    placeholder: t('Which repositories may be sent to {0}?', hostOf(baseUrl)),
    choices,
  });
  if (decided === undefined) return 'stopped';
  // A no is one for any address.
  if (!decided.isNo && !isAddressStill(context, baseUrl)) {
    await ui.notify('error', t('The address of Kimi was changed meanwhile. Nothing was allowed; try again.'));
    return 'stopped';
  }
  const now = decidedSoFar();
  const after = decided.decide(now);
  if (!decided.isNo && takesRefusalBack({ asked: repositories, now, after }, roots)) {
    await ui.notify('error', t('It was decided meanwhile that code is not sent. That stays; nothing was allowed.'));
    return 'stopped';
  }
  await context.settings.set('repositories', after);
  return 'done';
}

/** What a choice makes of what is decided by then: the list may stand for minutes, and another question bring a no meanwhile. */
type Decide = (now: Repositories) => Repositories;
type Decision = { readonly decide: Decide; readonly isNo: boolean };

/** A word about the repositories that are open, or about all where none is. */
function decidedBefore(repositories: Repositories, roots: readonly string[], word: 'allow' | 'ask' | 'deny'): Repositories {
  if (roots.length === 0) return withConsent(repositories, '*', word);
  if (word === 'ask') return withAsking(repositories, roots);
  return roots.reduce((decided, root) => withConsent(decided, root, word), repositories);
}
