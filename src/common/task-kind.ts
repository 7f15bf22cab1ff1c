/** What a delegation is asked for; each kind has its tool, its instructions and its rules of proof. */
export const TASK_KINDS = ['feature', 'tests', 'bug'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];
