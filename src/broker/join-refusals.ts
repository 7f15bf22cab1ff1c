import { resolveSettings } from '../config.ts';
import type { WindowAnswer } from './protocol.ts';

/**
 * The answer of a window, with what others that have the repository open refuse and keep back: settings of two editors, or of two profiles of
 * one, are the same user's.
 */
export function withRefusalsOf(others: readonly WindowAnswer[], answer: WindowAnswer): WindowAnswer {
  const { consent, settings } = answer;
  const set = (name: 'neverSend' | 'protectedBranches') => others.map((other) => other.settings[name]).filter(isSet);
  const [patterns, branches] = [set('neverSend'), set('protectedBranches')];
  return {
    ...answer,
    consent: others.some((other) => other.consent === 'denied') ? 'denied' : consent,
    settings: {
      ...settings,
      ...(patterns.length > 0 && { neverSend: withPatterns(patterns, settings.neverSend) }),
      ...(branches.length > 0 && { protectedBranches: withBranches(branches, settings.protectedBranches) }),
    },
  };
}

const isSet = (value: unknown) => value !== undefined && value !== null && value !== '';

/** What another one takes back (`!`) is its own affair. A list that cannot be read stands for all of them, and is told as wrong. */
function withPatterns(others: readonly unknown[], own: unknown): unknown {
  const ofOwn = isSet(own) ? readList('neverSend', own) : [];
  const ofOthers = others.map((one) => readList('neverSend', one));
  const wrong = ofOthers.indexOf(null);
  if (wrong >= 0 || ofOwn === null) return ofOwn === null ? own : others[wrong];
  const more = new Set(ofOthers.flatMap((patterns) => (patterns ?? []).filter((one) => !one.startsWith('!') && !ofOwn.includes(one))));
  return [...more, ...ofOwn];
}

/** Beside the usual ones, where this window has none of its own. */
function withBranches(others: readonly unknown[], own: unknown): unknown {
  const all = [own, ...others];
  const lists = all.map((one) => readList('protectedBranches', one));
  const wrong = lists.indexOf(null);
  return wrong >= 0 ? all[wrong] : [...new Set(lists.flatMap((one) => one ?? []))];
}

/** As a server reads it; null = it cannot be read. */
function readList(name: 'neverSend' | 'protectedBranches', value: unknown): readonly string[] | null {
  const resolution = resolveSettings([{ source: 'window', label: '', values: { [name]: value } }]);
  return resolution.ok ? resolution.settings.values[name] : null;
}
