/** What the window's own client calls itself: its calls are what a person asked for, by hand. */
export const WINDOW_CLIENT = 'kimi-delegate-window';

/** Claude Code and our own window wait as long as it takes; of other clients that is not known. */
export function isPatient(clientName: string): boolean {
  return clientName === WINDOW_CLIENT || /claude-code/i.test(clientName);
}
