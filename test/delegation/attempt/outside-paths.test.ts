import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareCheck } from '../../../src/checks/compare-check.ts';
import type { CheckRun } from '../../../src/checks/types.ts';
import { namesIn } from '../../../src/common/list-names.ts';
import { outsideNotes } from '../../../src/delegation/attempt/outside-paths.ts';
import { english } from '../../messages/english.ts';

describe('what a check misses outside of the repository', () => {
  let folder: string;
  let root: string;
  before(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'outside-')));
    root = path.join(folder, 'repo');
    mkdirSync(path.join(root, 'pkg'), { recursive: true });
    for (const name of ['proto.txt', 'python3', 'repo/own.txt']) writeFileSync(path.join(folder, name), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  const notes = (tail: string, more: Partial<CheckRun> = {}, inFolder = '') => {
    const run: CheckRun = { exitCode: 1, killed: null, durationMs: 1, counts: null, failing: [], tail, ...more };
    return outsideNotes([compareCheck('make test', run, run)], root, inFolder);
  };

  for (const [line, inFolder] of [
    ['cat: ../proto.txt: No such file or directory', ''],
    ["Error: ENOENT: no such file or directory, open '../../proto.txt'", 'pkg'],
    ["FileNotFoundError: [Errno 2] No such file or directory: '<folder>/proto.txt'", ''],
    ['open <folder>/proto.txt: no such file or directory', ''],
  ] as const)
    it(`is told by: ${line}`, () => assert.equal(notes(line.replace('<folder>', folder), {}, inFolder).length, 1));

  for (const line of [
    '/usr/bin/bash: line 1: sudo: command not found',
    "<folder>/python3: can't open file 'a.py': [Errno 2] No such file or directory",
    'cat: /etc/passwd: No such file or directory',
    'cat: ../nosuch.txt: No such file or directory',
    'cat: <folder>/repo/own.txt: No such file or directory',
    'reading ../proto.txt failed: bad header',
  ])
    it(`is not told by: ${line}`, () => assert.deepEqual(notes(line.replace('<folder>', folder)), []));

  it('is told of what of /opt nothing leads to, with what would', function () {
    const [name] = namesIn('/opt');
    if (name === undefined) return this.skip();
    const [note, ...others] = notes(`cat: /opt/${name}: No such file or directory`);
    assert.match(english(note!), /missed \/opt\/\S+: of \/opt commands and checks see what PATH or another variable names/);
    assert.deepEqual(others, []);
  });

  it('is not told where the check passes', () => {
    assert.deepEqual(notes('cat: ../proto.txt: No such file or directory', { exitCode: 0 }), []);
  });
});
