/** Settings of which what each source forbids counts, whatever a better one says. */
import { branches, filePatterns, repositories } from './setting-values.ts';

/** As much of a layer of settings as is combined. */
interface Layer {
  readonly source: string;
  readonly values: Readonly<Partial<Record<'neverSend' | 'protectedBranches' | 'repositories', unknown>>>;
}

export const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Lists that are made of several sources; undefined = the best one alone counts. */
export function combined<L extends Layer>(name: string, layers: readonly L[]): L | undefined {
  if (name === 'neverSend') return withAllPatterns(layers);
  if (name === 'repositories') return withAllRefusals(layers);
  return name === 'protectedBranches' ? withBranchesOfFiles(layers) : undefined;
}

/**
 * What stands in a window's list may be a repository's: it takes no branch from the user's file; nor does that take one from what the settings of an
 * editor protect. Only the environment's list stands alone.
 */
function withBranchesOfFiles<L extends Layer>(layers: readonly L[]): L | undefined {
  const set = layers.filter((layer) => isSet(layer.values.protectedBranches));
  const [best] = set;
  if (!best || best.source === 'environment' || set.every(({ source }) => source !== 'window')) return undefined;
  const lists = set.map((layer) => branches.safeParse(layer.values.protectedBranches));
  const wrong = set[lists.findIndex(({ success }) => !success)];
  return wrong ?? { ...best, values: { protectedBranches: [...new Set(lists.flatMap(({ data = [] }) => data))] } };
}

/** A refusal of any source counts: what says yes in the environment must not hide a no that a terminal's set-up has written into the file. */
function withAllRefusals<L extends Layer>(layers: readonly L[]): L | undefined {
  const set = layers.filter((layer) => isSet(layer.values.repositories));
  const lists = set.map((layer) => repositories.safeParse(layer.values.repositories));
  const wrong = set[lists.findIndex(({ success }) => !success)];
  const [best] = set;
  if (wrong || !best) return wrong;
  const refused = lists.slice(1).flatMap(({ data = {} }) => Object.entries(data).filter(([, word]) => word === 'deny'));
  return { ...best, values: { repositories: { ...lists[0]?.data, ...Object.fromEntries(refused) } } };
}

/** Every source adds to the list, the best one last: its `!` counts. Nothing that a source forbids gets lost behind another. */
function withAllPatterns<L extends Layer>(layers: readonly L[]): L | undefined {
  const set = layers.filter((layer) => isSet(layer.values.neverSend));
  const wrong = set.find((layer) => !filePatterns.safeParse(layer.values.neverSend).success);
  const [best] = set;
  if (wrong || !best) return wrong;
  return { ...best, values: { neverSend: lastOfEach(set.toReversed().flatMap((layer) => filePatterns.parse(layer.values.neverSend))) } };
}

/** Where several sources say the same (a window knows the variables, too), once: of what stands there twice only the last counts. */
const lastOfEach = (patterns: readonly string[]) => patterns.filter((pattern, at) => patterns.lastIndexOf(pattern) === at);
