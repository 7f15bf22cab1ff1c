import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/messages/translate.ts';
import { clientText } from '../../../src/vscode/text/client-text.ts';

describe('the client that a question names', () => {
  const names: readonly [client: string, shown: string][] = [
    ['claude-code', 'Claude'],
    ['', 'Claude'],
    ['Visual Studio Code', 'VS Code’s agent mode'],
    ['Visual Studio Code - Insiders', 'VS Code’s agent mode'],
    ['claude-kimi-mcp', 'A terminal'],
    ['codex-mcp-client', 'codex-mcp-client'],
    ['a\nb\u202e', 'a b\\u{202e}'],
  ];
  for (const [client, shown] of names) it(JSON.stringify(client), () => assert.equal(clientText(client, inEnglish), shown));
});
