import assert from 'node:assert/strict';
import { isPatient } from '../../src/mcp/client-patience.ts';

it('waits with Claude Code and with our own window, and answers others before they give up', () => {
  for (const name of ['claude-code', 'claude-code-sdk', 'kimi-delegate-window']) assert.ok(isPatient(name), name);
  for (const name of ['codex', '', 'not-kimi-delegate-window-at-all']) assert.ok(!isPatient(name), name);
});
