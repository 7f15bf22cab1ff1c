/** Where data for a program stands in the `_meta` of what the server sends; only the window of VS Code reads it, no model does. */

/** In the result of a tool: see tool-answer.ts. */
export const ANSWER_KEY = 'claude-kimi-mcp/answer';
/** In a progress notification: see progress-notifications.ts. */
export const ACTIVITY_KEY = 'claude-kimi-mcp/activity';
