/**
 * How work gets into the user's checkout. squash: one commit with the whole change. merge: a merge commit with two parents. fast-forward: the
 * branch's own commits, only where HEAD has not moved. apply: no commit, the change is staged.
 */
export const MERGE_WAYS = ['squash', 'merge', 'fast-forward', 'apply'] as const;
export type MergeWay = (typeof MERGE_WAYS)[number];
