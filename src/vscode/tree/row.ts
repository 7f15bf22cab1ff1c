import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';

/** One line of the view, without anything of VS Code. */
export interface Row {
  /** Stays the same as long as it stands for the same thing, so that what is open stays open. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** What its icon says, for those who do not see it. */
  readonly state?: string;
  /** Name of a product icon and its color, as VS Code calls them. Absent: the icon of the file's type. */
  readonly icon?: { readonly name: string; readonly color?: string };
  /** Markdown, safe to show: everything foreign in it is escaped. */
  readonly tooltip: string;
  readonly contextValue: string;
  readonly children: readonly Row[];
  readonly open: boolean;
  /** What a click shows. */
  readonly click:
    | { readonly kind: 'review' }
    | { readonly kind: 'page'; readonly attempt?: number | undefined }
    | { readonly kind: 'file'; readonly path: string; readonly line?: number | undefined }
    | null;
  /** The delegation it belongs to; null for groups. */
  readonly delegationId: string | null;
  /** A changed file, for its icon and color. */
  readonly file?: { readonly path: string; readonly status: FileStatus };
}

export type Change = NonNullable<AttemptResult['change']>;
export type FileStatus = Change['files'][number]['status'];

/** A row of a delegation below which others stand. */
export const branchRow = (delegation: DelegationItem, name: string, label: string, children: readonly Row[], open: boolean): Row => ({
  id: `${delegation.identity.id}:${name}`,
  label,
  description: String(children.length),
  tooltip: '',
  contextValue: name,
  children,
  open,
  click: null,
  delegationId: delegation.identity.id,
});
