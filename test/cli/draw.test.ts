import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { closeRail, draw, fitted, fittedHint, openRail } from '../../src/cli/setup/draw.ts';

const HOSTILE = 'x\u001b[2K\u001b[1A\u202e\u009b2J';

describe('what the set-up writes into a terminal', () => {
  for (const isTTY of [true, false]) {
    it(`obeys nothing that names and values of others hold (${isTTY ? 'in a terminal' : 'in a file'})`, () => {
      let written = '';
      const output = Object.assign(
        new Writable({
          write(chunk, _, done) {
            written += String(chunk);
            done();
          },
        }),
        { isTTY },
      );
      const drawing = { output, terminal: { columns: 80 } };
      for (const kind of ['info', 'warning', 'error'] as const)
        draw(kind, `+ KIMI_BASE_URL=https://elsewhere.example\n+ KIMI_MODEL=${HOSTILE}`, drawing);
      openRail('claude-kimi-mcp', drawing);
      closeRail(HOSTILE, drawing);
      written += fitted(HOSTILE, drawing) + fittedHint('model', HOSTILE, drawing);
      assert.doesNotMatch(written, /\u001b\[(2K|1A)|\u202e|\u009b/);
      assert.match(
        stripVTControlCharacters(written),
        /KIMI_BASE_URL=https:\/\/elsewhere\.example\n.*KIMI_MODEL=x\\x1b\[2K\\x1b\[1A\\u\{202e\}\\x9b2J/,
      );
    });
  }
});
