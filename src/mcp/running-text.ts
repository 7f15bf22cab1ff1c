import type { DelegationStatus } from '../delegation/store/delegation-status.ts';
import { oneLine } from './escape-untrusted.ts';
import { activityText } from './progress-notifications.ts';

type Running = Extract<DelegationStatus, { state: 'running' }>;

/** What a call asked for, in the words of the tools. */
export interface Asked {
  readonly repo_path: string;
  readonly branch_name: string;
}

/** Stands for an attempt of which the disk does not tell yet. */
export const justStarted = (now: number): Running => ({
  state: 'running',
  attempt: 1,
  step: 0,
  maxSteps: 0,
  activity: { kind: 'preparing' },
  spent: 0,
  startedAt: now,
});

/**
 * The answer while an attempt runs.
 * @param own whether this session started it: then it lives no longer than the session
 */
export function runningText(asked: Asked, status: Running, own: boolean, now: number): string {
  return [
    `state: running   branch: ${oneLine(asked.branch_name, 200)}   attempt: ${status.attempt}`,
    `step ${status.step} of ${status.maxSteps} · ${oneLine(status.activity ? activityText(status.activity) : 'working', 200)}`,
    ...(own
      ? ['It goes on while this session stays open. If the session ends first, the work is kept and resume_delegation continues it.']
      : []),
    `next: ${waitNext(asked, status, now)}`,
  ].join('\n');
}

/** The call that waits for news. Its arguments are other ones each time: clients stop a model that repeats itself. */
export function waitNext({ repo_path, branch_name }: Asked, status: Running, now: number): string {
  const seen = Math.max(0, Math.round((now - status.startedAt) / 1000));
  const call = oneLine(JSON.stringify({ repo_path, branch_name, seen }), 2000);
  return `call get_delegation ${call} which waits for the end; nothing else is to be done for this task meanwhile (cancel_delegation stops it)`;
}
