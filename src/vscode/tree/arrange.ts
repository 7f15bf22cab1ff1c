import path from 'node:path';
import { convert } from '../../common/currency.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { Translate } from '../../messages/translate.ts';
import { GROUPS, inOrder } from '../delegations/delegation-facts.ts';
import type { DelegationItem, GroupName } from '../delegations/delegation-item.ts';

/** How the user wants the view. */
export interface Arrangement {
  readonly groupBy: 'state' | 'repository';
  readonly sortBy: 'newest' | 'name' | 'cost';
  readonly filesAs: 'list' | 'tree';
}

export const DEFAULT_ARRANGEMENT: Arrangement = { groupBy: 'state', sortBy: 'newest', filesAs: 'list' };

export interface Group {
  readonly id: string;
  readonly label: string;
  readonly contextValue: string;
  /** What is over: closed until somebody asks for it. */
  readonly isDone: boolean;
  /** Where delegations stand of which nobody can tell whose they are. */
  readonly isAttention: boolean;
  readonly members: readonly DelegationItem[];
}

/**
 * @param delegations newest first
 * @param isAttentionShown even without a member
 */
export function arrange(
  delegations: readonly DelegationItem[],
  { groupBy, sortBy }: Arrangement,
  isAttentionShown: boolean,
  t: Translate,
): Group[] {
  const labels: Readonly<Record<GroupName, string>> = {
    attention: t('Needs Attention'),
    running: t('Running'),
    ready: t('Ready to Review'),
    done: t('Done'),
  };
  const sorted = sortDelegations(delegations, sortBy);
  const byState = (name: GroupName): Group => ({
    id: `group:${name}`,
    label: labels[name],
    contextValue: `group ${name}`,
    isDone: name === 'done',
    isAttention: name === 'attention',
    members: sorted.filter(({ group }) => group === name),
  });
  const isShown = ({ members, isAttention }: Group) => members.length > 0 || (isAttention && isAttentionShown);
  if (groupBy === 'state') return GROUPS.map(byState).filter(isShown);
  const damaged = { ...byState('attention'), members: [] };
  return [damaged, ...byRepository(sorted), byState('done')].filter(isShown);
}

/** In each what waits for somebody stands first; what is over has one group for all. */
function byRepository(sorted: readonly DelegationItem[]): Group[] {
  const open = sorted.filter(({ group }) => group !== 'done');
  const repositories = new Map(open.map(({ identity }) => [identity.commonDir, identity.repository]));
  const names = [...repositories.values()].map((folder) => path.basename(folder));
  const labelOf = (folder: string) => {
    const name = path.basename(folder);
    return oneLine(names.filter((other) => other === name).length > 1 ? `${name} (${path.dirname(folder)})` : name, 200);
  };
  return [...repositories]
    .map(([commonDir, folder]) => ({
      id: `repository:${commonDir}`,
      label: labelOf(folder),
      contextValue: 'group repository',
      isDone: false,
      isAttention: false,
      members: inOrder(open.filter(({ identity }) => identity.commonDir === commonDir)),
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

function sortDelegations(delegations: readonly DelegationItem[], sortBy: Arrangement['sortBy']): readonly DelegationItem[] {
  if (sortBy === 'name') return delegations.toSorted((a, b) => a.identity.branch.localeCompare(b.identity.branch));
  if (sortBy === 'cost') return delegations.toSorted((a, b) => costOf(b) - costOf(a));
  return delegations;
}

/** Of all its attempts, in one currency; what is not known counts as nothing. */
function costOf({ attempts }: DelegationItem): number {
  return attempts.reduce((sum, { result, cost }) => {
    const { amount, currency } = result?.cost ?? cost;
    return sum + (amount === null ? 0 : convert(amount, currency, 'USD'));
  }, 0);
}
