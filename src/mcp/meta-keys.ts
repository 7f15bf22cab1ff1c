/**
 * Where data for a program stands in the `_meta` of the result of a tool (see tool-answer.ts); only the window of VS Code reads it, no
 * model does.
 */
export const ANSWER_KEY = 'claude-kimi-mcp/answer';
