import { resolveSettings } from '../config.ts';
import { sentences } from '../messages/message.ts';
import { messageText } from '../messages/translate.ts';
import type { SetupContext } from './setup-context.ts';

export type Endpoint = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly problem: string };

/** The address that the key and the code go to, checked and written as a server would have it; or what is wrong with the setting. */
export function endpointOf({ settings, answers, door, t }: Pick<SetupContext, 'settings' | 'answers' | 'door' | 't'>): Endpoint {
  const values = { baseUrl: answers.baseUrl ?? settings.get('baseUrl') };
  const source = door.kind === 'window' ? 'window' : 'file';
  const resolution = resolveSettings([{ source, label: door.settingsPlace, values }]);
  return resolution.ok
    ? { ok: true, url: resolution.settings.values.baseUrl }
    : { ok: false, problem: messageText(sentences(resolution.problems), t) };
}

/** Whether it is that address still: a question about one may stand for minutes. */
export function isAddressStill(context: Parameters<typeof endpointOf>[0], url: string): boolean {
  const now = endpointOf(context);
  return now.ok && now.url === url;
}

/** The address, or null after saying what is wrong with it: nothing is sent to a wrong one. */
export async function soundEndpoint(context: SetupContext): Promise<string | null> {
  const { ui, t, door } = context;
  const endpoint = endpointOf(context);
  if (endpoint.ok) return endpoint.url;
  const open = t('Open the Setting');
  const answer = await ui.confirm({
    kind: 'error',
    message: t('The address of Kimi cannot be used.'),
    detail: `${endpoint.problem}\n\n${t('Nothing was sent. Correct the setting {0}, then try again.', door.setting('baseUrl'))}`,
    actions: [open],
  });
  if (answer === open) await ui.openSetting(door.setting('baseUrl'));
  return null;
}

/** Whom an address belongs to, as it is shown. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
