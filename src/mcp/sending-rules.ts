import type { ResolvedSettings } from '../config.ts';
import { type Message, message, sentences, shortList } from '../messages/message.ts';
import type { PlaceSettings } from './allowed-repository.ts';
import { resolveOnly, tightenedSince } from './tightened-since.ts';
import type { CallsOptions } from './types.ts';
import { type Asking, type Withheld, whyRefused, whyWithheld } from './why-withheld.ts';

export const windowOf = ({ sources }: Pick<PlaceSettings, 'sources'>) => sources.silent ?? sources.window;

/** Why code of a place may not be sent, or null when it may; of what is read with it only a refusal counts. */
export async function whyNotSent(at: PlaceSettings, settings: ResolvedSettings, asking: Asking): Promise<Withheld | null> {
  const refused = at.others.map((other) => whyRefused(windowOf(other), settings, other.place)).find((why) => why !== null);
  return refused ?? whyWithheld(windowOf(at), settings, at.place, asking);
}

/**
 * Whether something that the user has decided since keeps an attempt from going on, by what a window, the environment or a file says now: that
 * code is not sent at all, that files are kept back which it may send, or that it may do less otherwise. What is wrong with other settings
 * changes nothing of that.
 * @param began.settings those that it works with
 */
export async function whyNoMore(
  at: PlaceSettings,
  began: { readonly settings: ResolvedSettings; readonly branch: string },
  { settingsFor }: Pick<CallsOptions, 'settingsFor'>,
): Promise<Message | null> {
  const places = await Promise.all([at, ...at.others].map(async ({ place }) => ({ place, sources: await settingsFor(place) })));
  for (const now of places) {
    const deciding = resolveOnly(['repositories', 'neverSend'], now.sources.layers);
    if (windowOf(now)?.consent === 'denied') return message('end.refused');
    if (!deciding.ok) return message('end.unreadable', { problems: sentences(deciding.problems) });
    if (whyRefused(windowOf(now), deciding.settings, now.place)?.denied) return message('end.refused');
    if (now.place !== at.place) continue;
    // A window that was closed takes nothing back, and one that was opened has decided nothing since.
    const isSameWindow = (now.sources.window === null) === (at.sources.window === null);
    const more = keptBackSince(began.settings, deciding.settings, isSameWindow);
    if (more.length > 0) return message('end.keepsBack', { patterns: shortList(more, 5) });
    const less = isSameWindow ? tightenedSince(began.settings, now.sources.layers, began.branch) : [];
    if (less.length > 0) return message('end.tightened', { settings: less });
  }
  return null;
}

/** Patterns that forbid more than those with which it began: new ones, and exceptions that were taken back. */
function keptBackSince({ values: began }: ResolvedSettings, { values: now }: ResolvedSettings, isSameWindow: boolean): string[] {
  const isOpening = (pattern: string) => pattern.startsWith('!');
  return [
    ...now.neverSend.filter((pattern) => !isOpening(pattern) && !began.neverSend.includes(pattern)),
    ...(isSameWindow ? began.neverSend.filter((pattern) => isOpening(pattern) && !now.neverSend.includes(pattern)) : []),
  ];
}
