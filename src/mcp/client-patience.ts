import type { ResolvedSettings } from '../config.ts';

/** What the window's own client calls itself: its calls are what a person asked for, by hand. */
export const WINDOW_CLIENT = 'kimi-delegate-window';

/**
 * How long a client waits for an answer while progress comes, less a margin, by what it calls itself; null = to the end. Codex gives a call
 * up after 300 s; the three after it waited for more than 330. VS Code (and what is built from it) waits to the end, but lends its servers to
 * other agents over HTTP, and those have limits of their own. docs/clients.md names the versions.
 */
const PATIENCE: readonly (readonly [RegExp, number | null])[] = [
  [new RegExp(`^${WINDOW_CLIENT}$`), null],
  [/claude-code/i, null],
  [/^codex-mcp-client/i, 240],
  [/^gemini-cli-mcp-client/i, 240],
  [/^qwen-cli-mcp-client/i, 240],
  [/^opencode/i, 240],
  [/^(Visual Studio Code|Code - OSS|VSCodium|code-server)/i, 240],
];
/** The SDK's default limit is 60 s, and many clients leave it at that: Cline and kimi-code do. */
const UNKNOWN_CLIENT_SECONDS = 50;

/** @returns seconds, or null for a client that waits as long as it takes */
export function patienceOf(clientName: string): number | null {
  const known = PATIENCE.find(([name]) => name.test(clientName));
  return known ? known[1] : UNKNOWN_CLIENT_SECONDS;
}

/** After how many seconds a call is answered `running`; null = never before the end. The user's own figure counts first. */
export function answersAfter({ values }: ResolvedSettings, clientName: string): number | null {
  const given = values.answerAfterSeconds;
  return given === undefined ? patienceOf(clientName) : given || null;
}
