import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commonDirOf, lineOf, type RecordedEnd, recordEnd, recordLine, recordsFolder } from '../../src/economics/repository-record.ts';

const NOW = Date.parse('2026-11-28T00:00:00Z');
const DAY = 86_400_000;
let made = 0;
const end = (kind: RecordedEnd['kind'], proven: boolean | null, more: Partial<RecordedEnd> = {}): RecordedEnd => ({
  of: `attempt ${made++}`,
  at: NOW - DAY,
  kind,
  attempt: 1,
  files: 2,
  proven,
  ...more,
});
const several = (count: number, one: () => RecordedEnd) => Array.from({ length: count }, one);

describe('the record of a repository: the line', () => {
  const fixes = [...several(12, () => end('bug', true)), ...several(2, () => end('bug', false))];
  const large = [end('feature', true, { files: 11 }), ...several(3, () => end('feature', false, { files: 30 }))];

  it('tells what was proven at the first attempt, and what to do oneself', () => {
    assert.equal(
      lineOf([...fixes, ...large], NOW),
      'Record here, proven at the first attempt: 12 of 14 bug fixes; 1 of 4 features over 10 files: do those yourself.',
    );
  });

  it('says nothing below eight attempts; those that prove nothing are none', () => {
    assert.equal(lineOf(fixes.slice(0, 7), NOW), '');
    assert.equal(lineOf([...fixes.slice(0, 7), ...several(9, () => end('bug', null))], NOW), '');
    assert.match(lineOf(fixes.slice(0, 8), NOW), /8 of 8 bug fixes\.$/);
  });

  it('counts second attempts to the eight, and not among the first', () => {
    const seconds = several(4, () => end('bug', true, { attempt: 2 }));
    assert.match(lineOf([...several(4, () => end('tests', true)), ...seconds], NOW), /: 4 of 4 test tasks\.$/);
    assert.equal(
      lineOf(
        several(9, () => end('bug', true, { attempt: 2 })),
        NOW,
      ),
      '',
    );
  });

  it('forgets what is older than 90 days, or nobody would ever try again', () => {
    const old = several(20, () => end('feature', false, { at: NOW - 91 * DAY }));
    assert.equal(lineOf(old, NOW), '');
    assert.match(lineOf([...old, ...fixes], NOW), /: 12 of 14 bug fixes\.$/);
  });

  it('calls nothing poor of which there were few, or of which more than a third was proven', () => {
    assert.doesNotMatch(lineOf([...fixes, ...several(3, () => end('feature', false))], NOW), /yourself/);
    const half = [...several(2, () => end('feature', true)), ...several(3, () => end('feature', false))];
    assert.match(lineOf([...fixes, ...half], NOW), /: 12 of 14 bug fixes, 2 of 5 features\.$/);
  });
});

describe('the record of a repository: the file', () => {
  let folder: string;
  let state: string;
  let repo: string;
  const git = (cwd: string, ...words: string[]) => execFileSync('git', ['-C', cwd, ...words], { encoding: 'utf8' }).trim();
  const note = (ends: readonly RecordedEnd[]) => {
    for (const one of ends) recordEnd(state, path.join(repo, '.git'), one);
  };

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-record-')));
    state = path.join(folder, 'state');
    repo = path.join(folder, 'repo');
    git(folder, 'init', '-q', 'repo');
    git(repo, '-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is found from every folder and working tree of the repository, by the name that git has for it', () => {
    git(repo, 'worktree', 'add', '-q', '../tree');
    mkdirSync(path.join(repo, 'a', 'b'), { recursive: true });
    mkdirSync(path.join(folder, 'tree', 'c'));
    for (const at of [repo, path.join(repo, 'a', 'b'), path.join(folder, 'tree', 'c')])
      assert.equal(commonDirOf(at), realpathSync(git(at, 'rev-parse', '--path-format=absolute', '--git-common-dir')), at);
    assert.equal(commonDirOf(folder), null);
    note(several(8, () => end('bug', true)));
    assert.match(recordLine(state, path.join(folder, 'tree', 'c'), NOW), /8 of 8 bug fixes/);
  });

  it('counts an attempt that ended twice by its last end', () => {
    const ends = several(8, () => end('bug', true));
    note([...ends, { ...ends[0]!, proven: false }]);
    assert.match(recordLine(state, repo, NOW), /7 of 8 bug fixes/);
  });

  it('is nobody else’s to read, and says nothing where it is missing, damaged or no file', () => {
    assert.equal(recordLine(state, repo, NOW), '');
    assert.equal(recordLine(state, path.join(folder, 'nowhere'), NOW), '');
    note(several(8, () => end('bug', true)));
    const [name = ''] = readdirSync(recordsFolder(state));
    const file = path.join(recordsFolder(state), name);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    appendFileSync(file, '{"of":"x","at":1,"kind":"drawing"}\n{"of":');
    assert.match(recordLine(state, repo, NOW), /8 of 8 bug fixes/);
    writeFileSync(path.join(repo, '.git', 'x'), '');
    rmSync(file);
    mkdirSync(file);
    assert.equal(recordLine(state, repo, NOW), '');
  });

  it('is read in a moment, however long it is', () => {
    const line = `${JSON.stringify(end('bug', true, { of: 'old' }))}\n`;
    note(several(9, () => end('bug', true)));
    const file = path.join(recordsFolder(state), readdirSync(recordsFolder(state))[0] ?? '');
    writeFileSync(file, line.repeat(200_000));
    note(several(9, () => end('tests', true)));
    const began = performance.now();
    assert.match(recordLine(state, repo, NOW), /9 of 9 test tasks/);
    assert.ok(performance.now() - began < 100);
  });
});
