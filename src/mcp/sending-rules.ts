import { type ResolvedSettings, resolveSettings } from '../config.ts';
import { type Message, message, shortList } from '../messages/message.ts';
import type { PlaceSettings } from './allowed-repository.ts';
import type { CallsOptions } from './types.ts';
import { type Asking, type Withheld, whyRefused, whyWithheld } from './why-withheld.ts';

export const windowOf = ({ sources }: Pick<PlaceSettings, 'sources'>) => sources.silent ?? sources.window;

/** Why code of a place may not be sent, or null when it may; of what is read with it only a refusal counts. */
export async function whyNotSent(at: PlaceSettings, settings: ResolvedSettings, asking: Asking): Promise<Withheld | null> {
  const refused = at.others.map((other) => whyRefused(windowOf(other), settings, other.place)).find((why) => why !== null);
  return refused ?? whyWithheld(windowOf(at), settings, at.place, asking);
}

/**
 * Whether something that the user has decided since keeps an attempt from sending more, by what a window, the environment or a file says now: that
 * code is not sent at all, or that files are kept back which it may send.
 * @param began the settings that it works with
 */
export async function whyNoMore(
  at: PlaceSettings,
  began: ResolvedSettings,
  { settingsFor }: Pick<CallsOptions, 'settingsFor'>,
): Promise<Message | null> {
  const places = await Promise.all([at, ...at.others].map(async ({ place }) => ({ place, sources: await settingsFor(place) })));
  for (const now of places) {
    const resolution = resolveSettings(now.sources.layers);
    if (resolution.ok && whyRefused(windowOf(now), resolution.settings, now.place)?.denied) return message('end.refused');
    const more = resolution.ok && now.place === at.place ? keptBackSince(began, resolution.settings) : [];
    if (more.length > 0) return message('end.keepsBack', { patterns: shortList(more, 5) });
  }
  return null;
}

/** Patterns that forbid more than those with which it began: new ones, and exceptions that were taken back. */
function keptBackSince({ values: began }: ResolvedSettings, { values: now }: ResolvedSettings): string[] {
  const isOpening = (pattern: string) => pattern.startsWith('!');
  return [
    ...now.neverSend.filter((pattern) => !isOpening(pattern) && !began.neverSend.includes(pattern)),
    ...began.neverSend.filter((pattern) => isOpening(pattern) && !now.neverSend.includes(pattern)),
  ];
}
