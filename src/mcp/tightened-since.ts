import {
  budgetOf,
  type Resolution,
  type ResolvedSettings,
  resolveSettings,
  type SettingLayer,
  type SettingName,
  type Settings,
  shownName,
} from '../config.ts';
import type { Message } from '../messages/message.ts';
import { isProtectedBy } from '../workspace/branch-name.ts';

/** From the wall that must be there to none. */
const WALLS: readonly Settings['sandbox'][] = ['required', 'container', 'unsandboxed'];

/** Settings by which the user can take back what an attempt may do, and whether that has happened. */
const TIGHTENED = {
  apiKey: (was, is) => is.apiKey !== was.apiKey,
  baseUrl: (was, is) => is.baseUrl !== was.baseUrl,
  sandbox: (was, is) => WALLS.indexOf(is.sandbox) < WALLS.indexOf(was.sandbox),
  allowedHosts: (was, is) => was.allowedHosts.some((host) => !is.allowedHosts.includes(host)),
  // By one currency: an address that is another is told of by itself.
  budget: (was, is) => budgetOf({ ...is, baseUrl: was.baseUrl }) < budgetOf(was),
  budgetPerDay: (was, is) => (is.budgetPerDay ?? Number.POSITIVE_INFINITY) < (was.budgetPerDay ?? Number.POSITIVE_INFINITY),
  protectedBranches: (was, is, branch) => isProtectedBy(branch, is.protectedBranches) && !isProtectedBy(branch, was.protectedBranches),
} satisfies Partial<Record<SettingName, (was: Settings, is: Settings, branch: string) => boolean>>;

/**
 * What an attempt may do less by now than when it began: the settings, as they are called where they are set. What its call has set stays, and a
 * setting that is wrong by now, as while it is written, says nothing.
 */
export function tightenedSince(began: ResolvedSettings, layers: readonly SettingLayer[], branch: string): (string | Message)[] {
  return (Object.keys(TIGHTENED) as (keyof typeof TIGHTENED)[]).flatMap((name) => {
    const { source } = began.origins[name];
    if (source === 'call') return [];
    const now = resolveOnly(name === 'baseUrl' ? ['apiKey', name] : [name], layers);
    if (!now.ok || !TIGHTENED[name](began.values, now.settings.values, branch)) return [];
    const { source: since } = now.settings.origins[name];
    return [shownName(name, since === 'default' ? source : since)];
  });
}

/** Some of the settings, whatever is wrong with the others. */
export function resolveOnly(names: readonly SettingName[], layers: readonly SettingLayer[]): Resolution {
  const only = ({ values }: SettingLayer) => Object.fromEntries(names.flatMap((name) => (name in values ? [[name, values[name]]] : [])));
  return resolveSettings(layers.map((layer) => ({ ...layer, values: only(layer) })));
}
