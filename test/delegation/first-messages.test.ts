import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CheckComparison, CheckRun } from '../../src/checks/types.ts';
import { writeFirstMessages } from '../../src/delegation/first-messages.ts';
import type { AttemptResult } from '../../src/delegation/result.ts';
import { listTree } from '../../src/workspace/read-objects.ts';
import { openRepository } from '../../src/workspace/repository.ts';
import type { Repository } from '../../src/workspace/types.ts';
import { sampleResult, sampleStart } from './sample-result.ts';

describe('first message of a correction', () => {
  let root: string;
  let repository: Repository;
  let head: string;

  before(async () => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-first-')));
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
    git('init', '-q', '-b', 'main');
    writeFileSync(path.join(root, 'a.txt'), 'a\n');
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-qm', 'one');
    head = git('rev-parse', 'HEAD');
    const opening = await openRepository(root);
    assert.ok(opening.ok);
    repository = opening.repository;
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const ran = (exitCode: number | null, tail: string): CheckRun => ({
    exitCode,
    killed: exitCode === null ? 'time limit' : null,
    durationMs: 1,
    counts: null,
    failing: [],
    tail,
  });
  const check = (base: CheckRun | null, result: CheckRun | null): CheckComparison => ({
    command: 'npm test',
    base,
    result,
    verdict: 'regressed',
    newFailures: 1,
  });

  async function message(result: Partial<AttemptResult>, start: { startTree?: string } = {}): Promise<string> {
    const files = await listTree(repository, head);
    const folder = '/nowhere';
    const previous = { number: 1, folder, journal: folder, start: { ...sampleStart(), task: 'Count.' }, result: sampleResult(result) };
    const { messages } = await writeFirstMessages({
      start: { kind: 'feature', task: 'By two.', parent: head, checks: ['npm test', 'npm run lint'], scope: [], ...start },
      source: repository,
      tree: head,
      files,
      shownRoot: '/ws',
      disclosure: 'silent',
      previous,
    });
    const [first] = messages;
    assert.ok(first?.role === 'user');
    assert.match(first.content, /# Task\nCount\.[\s\S]*Feedback of the reviewer[\s\S]*By two\./);
    return first.content;
  }

  it('shows how the check fails on the work so far', async () => {
    const text = await message({ tip: head, checks: [check(ran(0, 'fine'), ran(1, 'expected 2, got 1'))] });
    assert.match(text, /What fails now, before any change[\s\S]*output of: npm test\nexit 1\nexpected 2, got 1/);
    assert.ok(!text.includes('fine'));
  });

  it('shows how it fails on the base when the attempt begins there again', async () => {
    const text = await message({ tip: null, base: head, checks: [check(ran(null, 'it hangs'), null)] });
    assert.match(text, /output of: npm test\ntime limit\nit hangs/);
  });

  it('says nothing where nothing is known: it passed, it ran on other files, or the attempt begins with work that was not handed back', async () => {
    const failing = [check(ran(1, 'red'), ran(1, 'red'))];
    assert.ok(!(await message({ tip: head, checks: [check(ran(1, 'red'), ran(0, 'green'))] })).includes('What fails now'));
    assert.ok(!(await message({ tip: '1'.repeat(40), base: '2'.repeat(40), checks: failing })).includes('What fails now'));
    assert.ok(!(await message({ tip: head, checks: failing }, { startTree: '3'.repeat(40) })).includes('What fails now'));
    assert.ok(!(await message({ tip: head, checks: [] })).includes('What fails now'));
  });
});
