import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { instructions } from '../../src/mcp/instructions.ts';
import { MCP_TOOLS } from '../../src/mcp/tool-schemas.ts';

const FOLDER = path.join(import.meta.dirname, 'toolsnaps');
const HOW = 'If it is meant, write the files anew and review them: UPDATE_TOOLSNAPS=1 npm run test:unit test/mcp/toolsnaps.test.ts';

/** All that a client puts before its model, a file each. */
const FILES: ReadonlyMap<string, string> = new Map([
  ...MCP_TOOLS.map((tool) => [`${tool.name}.json`, `${JSON.stringify(tool, null, 2)}\n`] as const),
  ...(['silent', 'open'] as const).map((disclosure) => [`instructions.${disclosure}.txt`, `${instructions(disclosure)}\n`] as const),
]);

describe('what a client puts before its model', () => {
  before(() => {
    if (process.env.UPDATE_TOOLSNAPS !== '1') return;
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER);
    for (const [name, text] of FILES) writeFileSync(path.join(FOLDER, name), text);
  });

  for (const [name, text] of FILES) {
    it(`${name} is as it was reviewed`, () => {
      let reviewed = '';
      try {
        reviewed = readFileSync(path.join(FOLDER, name), 'utf8');
      } catch {}
      if (text !== reviewed) assert.fail(`${name} is not as it was reviewed:\n${changes(reviewed, text)}\n${HOW}`);
    });
  }

  it('there is no file of a tool that is gone', () => assert.deepEqual(readdirSync(FOLDER).sort(), [...FILES.keys()].sort(), HOW));
});

/** The lines that differ, between those that are alike at both ends. */
function changes(before: string, after: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const marked = (mark: string, lines: readonly string[]) => lines.slice(start, lines.length - end).map((line) => `${mark} ${line}`);
  return [`at line ${start + 1}:`, ...marked('-', old), ...marked('+', now)].join('\n');
}
