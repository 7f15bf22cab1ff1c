import { type Message, message } from '../../messages/message.ts';
import type { JournalEvent } from './journal.ts';

/** What an attempt does just now, for somebody who watches. */
export type Activity =
  | { readonly kind: 'preparing' | 'thinking' | 'importing' }
  | { readonly kind: 'tool'; readonly tool: string; readonly title: string }
  | { readonly kind: 'waiting'; readonly seconds: number; readonly why: Message }
  | { readonly kind: 'check'; readonly on: 'base' | 'result'; readonly command: string; readonly how?: string | undefined }
  | { readonly kind: 'setup'; readonly command: string };

/** What is shown after an event. Checks on the base run beside the model, and it is the model that a watcher waits for. */
export function activityAfter(before: Activity | null, event: JournalEvent): Activity | null {
  const isBesideModel = event.type === 'check' && event.on === 'base' && before !== null && OF_MODEL.includes(before.kind);
  return isBesideModel ? before : (activityOf(event) ?? before);
}

const OF_MODEL: readonly Activity['kind'][] = ['thinking', 'tool', 'waiting'];

/** What begins with an event; null = nothing to show. */
function activityOf(event: JournalEvent): Activity | null {
  switch (event.type) {
    case 'resume':
      return { kind: 'preparing' };
    case 'request':
      return { kind: 'thinking' };
    case 'tool_start':
      return { kind: 'tool', tool: event.name, title: event.title };
    case 'retry':
      return { kind: 'waiting', seconds: Math.max(1, Math.round(event.delayMs / 1000)), why: event.reason };
    case 'check':
      return event.phase === 'start'
        ? { kind: 'check', on: event.on, command: event.command, ...(event.text && { how: event.text }) }
        : null;
    case 'setup':
      return event.phase === 'start' ? { kind: 'setup', command: event.command } : { kind: 'preparing' };
    case 'loop_end':
      return { kind: 'importing' };
    default:
      return null;
  }
}

/** What a run of tests is for that is no check of the work as it is; null = it is one. */
export function trialText({ command, how = '' }: Extract<Activity, { kind: 'check' }>): Message | null {
  if (how === 'new tests on the base') return message('doing.testsOnBase', { command });
  if (how === 'new tests alone') return message('doing.testsAlone', { command });
  const [, n, all] = /^mutant (\d+) of (\d+)/.exec(how) ?? [];
  return n && all ? message('doing.mutant', { n, all, command }) : null;
}
