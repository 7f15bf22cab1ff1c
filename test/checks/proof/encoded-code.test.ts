import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodedCode } from '../../../src/checks/proof/encoded-code.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

/** Each with a program that takes it in: it says the same, and finds no name in its text. */
const SAME: Readonly<Record<string, readonly [file: string, text: string, program: readonly string[], use: string]>> = {
  'JavaScript, with what it takes in beside it': [
    'net.js',
    "'use strict';\nconst { basename } = require('path');\nfunction net(gross) { return gross - 1; }\nmodule.exports = { net, own: basename(__filename), text: () => String(net) };\n",
    [process.execPath, 'use.cjs'],
    "const { net, own, text } = require('./net.js');\nif (net(5) !== 4 || own !== 'net.js' || text().includes('gross') || require('fs').readFileSync('net.js', 'utf8').includes('gross')) process.exit(1);\n",
  ],
  Python: [
    'net.py',
    '"""Nets."""\nfrom __future__ import annotations\nimport os\n\n\ndef net(gross: Money) -> Money:\n    return gross - 1\n\n\nOWN = os.path.basename(__file__)\n',
    ['python3', 'use.py'],
    'import net\nassert net.net(5) == 4 and net.OWN == "net.py" and net.__doc__ == "Nets." and "gross" not in open("net.py").read()\n',
  ],
  Ruby: [
    'net.rb',
    '# Nets\nmodule Net\n  ONE = 1\n  def self.net(gross) = gross - ONE\nend\ndef twice(net) = net * 2\n',
    ['ruby', 'use.rb'],
    "require_relative 'net'\nexit 1 unless Net.net(5) == 4 && twice(2) == 4 && !File.read('net.rb').include?('gross')\n",
  ],
  PHP: [
    'net.php',
    '<?php\ndeclare(strict_types=1);\nnamespace Shop;\nfunction net(int $gross): int { return $gross - 1; }\n',
    ['php', 'use.php'],
    "<?php\nrequire 'net.php';\nexit(Shop\\net(5) === 4 && !str_contains(file_get_contents('net.php'), 'gross') ? 0 : 1);\n",
  ],
};
const NOT: Readonly<Record<string, string>> = {
  'net.mjs': 'export const net = 1;\n',
  'net.js': "import { a } from './a.js';\n",
  'run.js': '#!/usr/bin/env node\nconsole.log(1);\n',
  'net.ts': 'const net = 1;\n',
  'net.rb': "require_relative 'a'\n",
  'net.php': '<?php\nrequire __DIR__ . "/a.php";\n',
  'net.go': 'package net\n',
};

describe('the same code, encoded', () => {
  for (const [what, [file, text, [program = '', ...words], use]] of Object.entries(SAME))
    (has(program) ? it : it.skip)(`does the same: ${what}`, () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'ckm-encoded-'));
      writeFileSync(path.join(folder, file), encodedCode(file, text) ?? assert.fail('not encoded'));
      writeFileSync(path.join(folder, words[0] ?? ''), use);
      const ran = spawnSync(program, words, { cwd: folder, encoding: 'utf8' });
      rmSync(folder, { recursive: true });
      assert.equal(ran.status, 0, ran.stdout + ran.stderr);
    });

  it('is not made where it asks for its place, is a module of another kind, or cannot be run so', () => {
    for (const [file, text] of Object.entries(NOT)) assert.equal(encodedCode(file, text), null, file);
  });
});
