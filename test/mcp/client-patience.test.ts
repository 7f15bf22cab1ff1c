import assert from 'node:assert/strict';
import { patienceOf } from '../../src/mcp/client-patience.ts';

/** By the names that the clients give themselves, seen on the wire. */
const NAMES: readonly [string, number | null][] = [
  ['claude-code', null],
  ['claude-code-sdk', null],
  ['kimi-delegate-window', null],
  ['codex-mcp-client', 240],
  ['gemini-cli-mcp-client', 240],
  ['qwen-cli-mcp-client-kimi-agent', 240],
  ['opencode', 240],
  ['Visual Studio Code', 240],
  ['Visual Studio Code - Insiders', 240],
  ['Code - OSS', 240],
  ['VSCodium', 240],
  ['code-server', 240],
  ['@cline/core', 50],
  ['kimi-code', 50],
  ['', 50],
  ['not-kimi-delegate-window-at-all', 50],
  ['my-codex-mcp-client', 50],
];

for (const [name, seconds] of NAMES) {
  it(`${name || 'a client without a name'} gets an answer ${seconds === null ? 'at the end' : `after ${seconds} s at most`}`, () =>
    assert.equal(patienceOf(name), seconds));
}
