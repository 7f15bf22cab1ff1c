import { joinSentences } from '../messages/translate.ts';
import { hostOf, isAddressStill, soundEndpoint } from './endpoint.ts';
import { importKey } from './import-key.ts';
import { type Account, amount, checkKey, type KeyCheck, malformed, whyText } from './kimi-account.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** The command: says at the end that the key works. In the whole set-up the next question does. */
export async function setKey(context: SetupContext): Promise<StepEnd> {
  return keyStep(context, (check) => void context.ui.notify('info', worksText(context, check)));
}

type Works = Extract<KeyCheck, { kind: 'works' }>;

/** Asks for the key, tries it, and stores it when it works. */
export async function keyStep(context: SetupContext, onWorks: (check: Works) => void = () => {}): Promise<StepEnd> {
  const { ui, t, answers } = context;
  let baseUrl = await soundEndpoint(context);
  if (baseUrl === null) return 'stopped';
  if (answers.key !== undefined) return takeKey(context, answers.key, baseUrl, onWorks);
  const present = await context.key.read();
  if (present) {
    const choice = await ui.pick({
      title: t('API Key'),
      placeholder: t('A key is stored already.'),
      choices: [
        { label: t('Keep the Key'), value: 'keep' as const },
        { label: t('Enter Another Key…'), value: 'other' as const },
      ],
    });
    if (choice === undefined) return 'stopped';
    if (choice === 'keep') {
      // As it is now: another window may have stored another one, for another address, while the question stood.
      const kept = await context.key.read();
      baseUrl = await soundEndpoint(context);
      if (baseUrl === null || kept === undefined) return 'stopped';
      const end = await tryKey(context, kept, baseUrl, onWorks);
      if (end !== 'again') return end;
    }
  }
  const imported = present ? null : await importKey(context);
  if (imported === undefined) return 'stopped';
  if (imported) {
    // The address came with it.
    baseUrl = await soundEndpoint(context);
    if (baseUrl === null) return 'stopped';
    const end = await tryKey(context, imported, baseUrl, onWorks);
    if (end !== 'again') return end;
  }
  for (;;) {
    const entered = await ui.input({
      title: t('API Key'),
      prompt: wherefrom(context, baseUrl),
      secret: true,
      pages: keyPages(context, baseUrl),
      check: (value) => complaint(context, value.trim()),
    });
    if (entered === undefined) return 'stopped';
    const end = await tryKey(context, entered.trim(), baseUrl, onWorks);
    if (end !== 'again') return end;
  }
}

/** Somebody's own server has keys of its own. */
function wherefrom({ t, door, regions }: SetupContext, baseUrl: string): string {
  if (!regions.includes(baseUrl)) return t('Paste your key for {0}. It is kept in {1}.', hostOf(baseUrl), door.keyPlace);
  return t(
    'Paste your key of the Kimi platform. You create one at platform.moonshot.cn (China) or platform.moonshot.ai (international). It is kept in {0}.',
    door.keyPlace,
  );
}

/** Where keys are made, the address that is set first. */
function keyPages({ t, regions }: SetupContext, baseUrl: string): { label: string; url: string }[] {
  if (!regions.includes(baseUrl)) return [];
  const hosts = ['platform.moonshot.cn', 'platform.moonshot.ai'];
  if (hostOf(baseUrl).endsWith('.ai')) hosts.reverse();
  return hosts.map((host) => ({ label: t('Open {0}', host), url: `https://${host}/console/api-keys` }));
}

/** A key that nobody typed: one that does not work cannot be entered again. */
async function takeKey(context: SetupContext, key: string, baseUrl: string, onWorks: (check: Works) => void): Promise<StepEnd> {
  const wrong = complaint(context, key);
  if (wrong) {
    await context.ui.notify('error', wrong);
    return 'stopped';
  }
  const end = await tryKey(context, key, baseUrl, onWorks);
  return end === 'again' ? 'stopped' : end;
}

function complaint({ t }: SetupContext, key: string): string | null {
  switch (malformed(key)) {
    case null:
      return null;
    case 'empty':
      return t('Paste the key here.');
    case 'blank':
      return t('This is no key: a key has 8 to 512 letters, digits and signs, without blanks.');
    case 'subscription':
      return t(
        'A key that begins with sk-kimi- belongs to a Kimi subscription, which works only in Kimi’s own programs. Create a key of the platform instead, at platform.moonshot.cn or platform.moonshot.ai.',
      );
  }
}

async function tryKey(context: SetupContext, key: string, baseUrl: string, onWorks: (check: Works) => void): Promise<StepEnd | 'again'> {
  const { ui, t, door } = context;
  if (context.answers.check === false) return storeUnchecked(context, key, baseUrl);
  const check = await ui.busy(t('Asking Kimi whether the key works…'), () => checkKey(key, baseUrl, context));
  switch (check.kind) {
    case 'works':
      if (await hasMoved(context, baseUrl)) return 'stopped';
      await context.key.store(key, context.answers.baseUrl);
      reportWorking(context, check.account);
      context.refresh();
      onWorks(check);
      return 'done';
    case 'other_region':
      return useOtherRegion(context, key, check.account, baseUrl);
    case 'subscription':
      await ui.confirm({ kind: 'error', message: complaint(context, key) ?? '', actions: [t('Try Again')] });
      return 'again';
    case 'refused': {
      const again = t('Try Again');
      const answer = await ui.confirm({
        kind: 'error',
        message: t('Kimi refused this key.'),
        detail: t('{0} does not know this key. Check that it is complete and was not deleted on the platform.', hostOf(baseUrl)),
        actions: [again],
      });
      return answer === again ? 'again' : 'stopped';
    }
    case 'unreachable': {
      const again = t('Try Again');
      const save = t('Save Without Checking');
      const answer = await ui.confirm({
        kind: 'error',
        message: t('Kimi could not be reached.'),
        detail: joinSentences([t('{0} does not answer ({1}).', hostOf(baseUrl), whyText(check.why, t)), door.networkAdvice], t),
        actions: [again, save],
      });
      if (answer !== save) return answer === again ? 'again' : 'stopped';
      return storeUnchecked(context, key, baseUrl);
    }
  }
}

/** A question may stand for minutes: what was given for one address is not kept for another, to which it would be sent. */
async function hasMoved(context: SetupContext, baseUrl: string): Promise<boolean> {
  if (isAddressStill(context, baseUrl)) return false;
  const { ui, t } = context;
  await ui.notify('error', t('The address of Kimi was changed meanwhile. The key was not stored; try again.'));
  return true;
}

/** Nobody has said which platform the key belongs to, so the user is told which one is assumed. */
async function storeUnchecked(context: SetupContext, key: string, baseUrl: string): Promise<StepEnd> {
  const { ui, t, door } = context;
  if (await hasMoved(context, baseUrl)) return 'stopped';
  await context.key.store(key, context.answers.baseUrl);
  context.refresh();
  const assumed = t(
    'The key was not checked. It will be used with {0}; the setting {1} changes that.',
    hostOf(baseUrl),
    door.setting('baseUrl'),
  );
  await ui.notify('info', assumed);
  return 'done';
}

/** Never switched silently: the address decides where source code goes. */
async function useOtherRegion(context: SetupContext, key: string, account: Account, wrong: string): Promise<StepEnd | 'again'> {
  const { ui, t, door } = context;
  const right = account.baseUrl;
  if (isRegionOpen(context)) {
    await storeKey();
    await ui.notify('info', t('The key belongs to {0}: the code that Kimi works on goes there.', hostOf(right)));
    return 'done';
  }
  const use = t('Use {0}', hostOf(right));
  const other = t('Enter Another Key…');
  const answer = await ui.confirm({
    kind: 'warning',
    message: t('This key belongs to {0}, not to {1}.', hostOf(right), hostOf(wrong)),
    detail: t(
      'Keys of the two platforms are not interchangeable. To use this key, the setting {0} becomes {1}. Your source code then goes there.',
      door.setting('baseUrl'),
      right,
    ),
    actions: [use, other],
  });
  if (answer === other) return 'again';
  if (answer !== use) return 'stopped';
  await storeKey();
  return 'done';

  async function storeKey(): Promise<void> {
    await context.key.store(key, right);
    reportWorking(context, account);
    context.refresh();
  }
}

/** In a terminal the platform is found by the key, as long as nobody has named one. */
function isRegionOpen({ door, settings, answers }: SetupContext): boolean {
  return door.kind === 'terminal' && settings.own('baseUrl') === undefined && answers.baseUrl === undefined;
}

function worksText({ t }: SetupContext, { account }: Works): string {
  const left = amount(account);
  return left === null ? t('The key works.') : t('The key works. Balance: {0}.', left);
}

/** An account without money takes the key and nothing else. */
export function reportWorking(context: SetupContext, { balance }: Pick<Account, 'balance'>): void {
  if (balance === null || balance > 0) context.works('key');
}
