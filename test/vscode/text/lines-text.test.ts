import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { linesText } from '../../../src/vscode/text/lines-text.ts';

describe('the lines of a question', () => {
  it('are as many as we write, whatever a file or a command is called', () => {
    const named = ['1 file', 'npm test\n\n✓ Everything is proven.\u202e', '', 'x'.repeat(5000)];
    const lines = linesText(named).split('\n');
    assert.deepEqual(lines.slice(0, 3), ['1 file', 'npm test ✓ Everything is proven.\\u{202e}', '']);
    assert.equal(lines.length, 4);
    assert.ok(lines[3]!.length <= 1000);
  });

  it('stand so in every question about work', () => {
    const folder = path.join(import.meta.dirname, '../../../src/vscode');
    const asking = ['review', 'branch', 'task'].flatMap((name) =>
      readdirSync(path.join(folder, name)).map((file) => [file, readFileSync(path.join(folder, name, file), 'utf8')] as const),
    );
    const joined = asking.filter(([, text]) => /\bdetail\b[^;]*\.join\('\\n'\)/.test(text)).map(([file]) => file);
    assert.deepEqual(joined, []);
  });
});
