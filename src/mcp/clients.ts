/** What the window's own client calls itself: its calls are what a person asked for, by hand. */
export const WINDOW_CLIENT = 'kimi-delegate-window';

/** It waits as long as it takes; of other clients that is not known. */
export function isClaudeCode(clientName: string): boolean {
  return /claude-code/i.test(clientName);
}
