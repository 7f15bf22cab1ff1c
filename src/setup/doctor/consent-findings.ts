import { consentFor, decisionFolder, type Repositories, unreadableFolders } from '../../broker/consent.ts';
import { findWindow } from '../../broker/find-window.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

/** How long a window may take to answer; this one is busy with the check as well. */
const WINDOW_MS = 3000;

const rootsOf = ({ folders }: SetupContext) => [...new Set(folders.map(decisionFolder))];
const repositoriesOf = ({ settings }: SetupContext) => (settings.get('repositories') ?? {}) as Repositories;

export function isWithheld(context: SetupContext): boolean {
  const roots = rootsOf(context);
  return roots.length > 0 && roots.every((root) => consentFor(repositoriesOf(context), root, context.home) === 'denied');
}

export function consentFindings(context: SetupContext): Finding[] {
  const { t } = context;
  const what = t('Consent');
  const allowing = t('To allow it, run the command What Is Sent Where…');
  const answering = t('Answer when it asks, or now with the command What Is Sent Where…');
  const unread = unreadableFolders(repositoriesOf(context)).map(
    (name): Finding => ({
      state: 'note',
      what,
      found: t('{0} in the setting claudeKimi.repositories stands for no folder and counts for nothing', name),
      remedy: t('Write the absolute path of the folder, or one that begins with ~/.'),
    }),
  );
  const decided = rootsOf(context).map((root): Finding => {
    const consent = consentFor(repositoriesOf(context), root, context.home);
    if (consent === 'granted') return { state: 'good', what, found: t('code of {0} may be sent', root) };
    if (consent === 'denied') return { state: 'note', what, found: t('code of {0} is never sent', root), remedy: allowing };
    return { state: 'note', what, found: t('VS Code asks before code of {0} is sent', root), remedy: answering };
  });
  return [...decided, ...unread];
}

/** Asks as a server does: a window that does not answer lends no key, however well everything else is. */
export async function windowFindings(context: SetupContext): Promise<Finding[]> {
  const { t, stateDir, trusted } = context;
  if (!trusted) return [];
  const what = t('Window');
  const hasKey = Boolean(await context.key.read());
  return Promise.all(
    rootsOf(context).map(async (root): Promise<Finding> => {
      const window = await findWindow(stateDir, root, { timeoutMs: WINDOW_MS });
      const remedy = t('Reload the window.');
      if (!window) return { state: 'bad', what, found: t('does not answer servers that work in {0}', root), remedy };
      if (hasKey && !window.values.apiKey) return { state: 'bad', what, found: t('answers without the key in {0}', root), remedy };
      return { state: 'good', what, found: t('answers servers that work in {0}', root) };
    }),
  );
}
