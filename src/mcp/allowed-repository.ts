import { takenRoot } from '../broker/consent.ts';
import type { SettingSources } from '../broker/setting-sources.ts';
import { type ResolvedSettings, resolveSettings } from '../config.ts';
import { type Message, sentences } from '../messages/message.ts';
import { openRepository, type RepositoryOpening } from '../workspace/open-repository.ts';
import type { Repository } from '../workspace/types.ts';
import { readsOf } from '../workspace/whose-git-dir.ts';
import { whyOutside } from './client-roots.ts';
import type { ClientSession } from './client-session.ts';
import type { ToolAnswer } from './tool-answer.ts';
import type { CallContext, CallsOptions } from './types.ts';

/** Says why a repository is out of bounds for a call, or null. */
export function boundsOf(options: CallsOptions, settings: ResolvedSettings, call: CallContext) {
  const project = options.env.CLAUDE_PROJECT_DIR;
  return (repository: Repository): Promise<Message | null> =>
    whyOutside(repository, {
      declared: [...call.roots, ...(project ? [project] : [])],
      settings: settings.values.directories,
      cwd: options.cwd,
    });
}

/** What counts for a call, and the place that it is about. */
export interface PlaceSettings {
  readonly sources: SettingSources;
  readonly place: string;
  /** Other working trees whose code would be sent with it. A refusal there counts, too. */
  readonly others: readonly Omit<PlaceSettings, 'others'>[];
}

/**
 * The settings, with what the user decided about sending code, for the working tree that git finds. By the path of the call alone they could be
 * those of another one: git passes by a `.git` that is none, and follows one to where another working tree is named.
 */
export async function settingsOf(
  opening: Promise<RepositoryOpening>,
  repoPath: string,
  { settingsFor }: Pick<CallsOptions, 'settingsFor'>,
): Promise<PlaceSettings> {
  const [opened, sources] = await Promise.all([opening.catch(() => null), settingsFor(repoPath)]);
  if (!opened?.ok) return { sources, place: repoPath, others: [] };
  const { root } = opened.repository;
  const others = (await readsOf(opened.repository)).map(async (place) => ({ place, sources: await settingsFor(place) }));
  const own = root === takenRoot(repoPath) ? { sources, place: repoPath } : { sources: await settingsFor(root), place: root };
  return { ...own, others: await Promise.all(others) };
}

export type Opening =
  | { readonly ok: true; readonly repository: Repository; readonly settings: ResolvedSettings }
  | { readonly ok: false; readonly answer: ToolAnswer };

/** Opens the repository of a call that only looks or decides, with the same bounds as for those that work. */
export async function openAllowed(repoPath: string, call: CallContext, options: CallsOptions, session: ClientSession): Promise<Opening> {
  const opening = openRepository(repoPath);
  const [opened, { sources }] = await Promise.all([opening, settingsOf(opening, repoPath, options)]);
  const refuse = (outcome: 'environment_broken' | 'invalid_request', reason: Message): Opening => {
    return { ok: false, answer: session.refusal({ outcome, reason, branch: null }) };
  };
  const resolution = resolveSettings(sources.layers);
  if (!resolution.ok) return refuse('environment_broken', sentences(resolution.problems));
  if (!opened.ok) return refuse('invalid_request', opened.reason);
  const outside = await boundsOf(options, resolution.settings, call)(opened.repository);
  return outside ? refuse('invalid_request', outside) : { ok: true, repository: opened.repository, settings: resolution.settings };
}
