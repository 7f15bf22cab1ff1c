import { consentFor, decisionFolder, decisionsIn, type Repositories, refusedParts, unreadableFolders } from '../../broker/consent.ts';
import { findWindow } from '../../broker/find-window.ts';
import type { Consent } from '../../broker/protocol.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Resolved } from './settings-findings.ts';
import type { Finding } from './setup-report.ts';

/** How long a window may take to answer; this one is busy with the check as well. */
const WINDOW_MS = 3000;

const rootsOf = ({ folders }: SetupContext) => [...new Set(folders.map(decisionFolder))];

/** What was decided; undefined: nothing, and in a terminal that means that whoever brought the key agreed. */
function repositoriesOf({ door, settings }: SetupContext, [first]: readonly Resolved[]): Repositories | undefined {
  if (door.kind === 'window') return decisionsIn(settings.get('repositories'));
  return first?.resolution.ok ? first.resolution.settings.values.repositories : {};
}

function decided(context: SetupContext, resolved: readonly Resolved[], root: string): Consent {
  const [first] = resolved;
  const written = first?.resolution.ok ? first.resolution.settings.values.repositories : undefined;
  // A refusal counts wherever it is written.
  if (written && consentFor(written, root, context.home) === 'denied') return 'denied';
  const repositories = repositoriesOf(context, resolved);
  return repositories === undefined ? 'granted' : consentFor(repositories, root, context.home);
}

export function isWithheld(context: SetupContext, resolved: readonly Resolved[]): boolean {
  const roots = rootsOf(context);
  return roots.length > 0 && roots.every((root) => decided(context, resolved, root) === 'denied');
}

export function consentFindings(context: SetupContext, resolved: readonly Resolved[]): Finding[] {
  const { t, door } = context;
  const subject = 'consent';
  const unread = unreadableFolders(repositoriesOf(context, resolved) ?? {}).map(
    ({ name, refuses }): Finding => ({
      subject,
      state: refuses ? 'bad' : 'note',
      found: refuses
        ? t('{0} in the setting {1} stands for no folder, so it refuses every repository', name, door.setting('repositories'))
        : t('{0} in the setting {1} stands for no folder and counts for nothing', name, door.setting('repositories')),
      remedy: t('Write the absolute path of the folder, or one that begins with ~/.'),
    }),
  );
  const found = rootsOf(context).map((root): Finding => {
    const consent = decided(context, resolved, root);
    if (consent === 'granted') return { subject, state: 'good', found: t('code of {0} may be sent', root) };
    return consent === 'denied'
      ? { subject, state: 'note', found: t('code of {0} is never sent', root), remedy: door.remedies.allow }
      : { subject, state: 'note', found: door.undecided(root), remedy: door.remedies.decide };
  });
  const parts = rootsOf(context).flatMap((root) =>
    refusedParts(repositoriesOf(context, resolved) ?? {}, root, context.home).map((part) => [root, part] as const),
  );
  const inside = parts.map(
    ([root, part]): Finding => ({
      subject,
      state: 'note',
      found: t('{0} is a part of {1}, which is refused with it (setting {2})', part, root, door.setting('repositories')),
      remedy: t('Keep single files and folders back with the setting {0}.', door.setting('neverSend')),
    }),
  );
  return [...found, ...inside, ...unread];
}

/** Asks as a server does: a window that does not answer lends no key, however well everything else is. */
export async function windowFindings(context: SetupContext): Promise<Finding[]> {
  const { t, stateDir, trusted, door } = context;
  if (!trusted || door.kind === 'terminal') return [];
  const subject = 'window';
  const hasKey = Boolean(await context.key.read());
  return Promise.all(
    rootsOf(context).map(async (root): Promise<Finding> => {
      const window = await findWindow(stateDir, root, { timeoutMs: WINDOW_MS });
      const remedy = t('Reload the window.');
      if (!window) return { subject, state: 'bad', found: t('does not answer servers that work in {0}', root), remedy };
      if (hasKey && !window.values.apiKey) return { subject, state: 'bad', found: t('answers without the key in {0}', root), remedy };
      return { subject, state: 'good', found: t('answers servers that work in {0}', root) };
    }),
  );
}

/** Both are well: where Claude has the tools, VS Code's agent mode would show them twice. */
export async function agentModeFindings({ t, whyNoAgentMode }: SetupContext): Promise<Finding[]> {
  if (!whyNoAgentMode) return [];
  const why = await whyNoAgentMode();
  return [{ subject: 'agentMode', state: 'good', found: why === null ? t('gets the tools') : t('does not get the tools: {0}', why) }];
}
