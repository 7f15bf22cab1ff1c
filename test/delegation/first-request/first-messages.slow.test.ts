import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { neverSend } from '../../../src/agent/never-send/never-send.ts';
import type { CheckComparison, CheckRun } from '../../../src/checks/types.ts';
import type { DelegateRequest } from '../../../src/delegation/delegate-request.ts';
import { writeFirstMessages } from '../../../src/delegation/first-request/first-messages.ts';
import { noPrefetch, prefetch } from '../../../src/delegation/first-request/prefetch.ts';
import type { AttemptResult } from '../../../src/delegation/result/result-schema.ts';
import { openRepository } from '../../../src/workspace/open-repository.ts';
import { listTree, type TreeFile } from '../../../src/workspace/read-objects.ts';
import type { Repository } from '../../../src/workspace/types.ts';
import { sampleResult, sampleStart } from '../sample-result.ts';

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
      earlier: [previous],
      neverSend: neverSend(),
      prefetched: noPrefetch(0),
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

describe('first message of a task', () => {
  let root: string;
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const put = (file: string, content: string | Uint8Array) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  };

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-first-')));
    git('init', '-q', '-b', 'main');
    put('src/a.ts', 'export const a = 1;\n');
    put('src/b.ts', 'export const b = 2;\n');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function message(task: string, wholeRepositoryKb = 0): Promise<string> {
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--allow-empty', '-qm', 'one');
    const opening = await openRepository(root);
    assert.ok(opening.ok);
    const tree = git('rev-parse', 'HEAD');
    const { messages } = await writeFirstMessages({
      start: { kind: 'feature', task, parent: tree, checks: [], scope: [] },
      source: opening.repository,
      tree,
      files: await listTree(opening.repository, tree),
      shownRoot: '/ws',
      disclosure: 'silent',
      earlier: [],
      neverSend: neverSend(),
      prefetched: noPrefetch(wholeRepositoryKb),
    });
    const [first] = messages;
    assert.ok(first?.role === 'user');
    return first.content;
  }

  it('is the same to the byte, read ahead or not, at first or again', async () => {
    for (let i = 0; i < 300; i++) put(`src/p${i % 7}/f${i}.ts`, `export const f${i} = ${i};\n`);
    put('package.json', '{"scripts": {"test": "mocha"}}\n');
    put('AGENTS.md', 'Use tabs.\n');
    const task = 'Change src/a.ts and f77.ts.';
    const first = await message(task);
    assert.match(first, /src\/a\.ts\n[\s\S]*src\/p0\/f77\.ts\n/);
    const opening = await openRepository(root);
    assert.ok(opening.ok);
    const { repository } = opening;
    const tree = repository.head.commit;
    const prefetched = prefetch(repository, { task } as DelegateRequest, 0);
    const of = async (text: string, files: readonly TreeFile[]) => {
      const start = { kind: 'feature' as const, task: text, parent: tree, checks: [], scope: [] };
      const source = repository;
      const made = await writeFirstMessages({
        start,
        source,
        tree,
        files,
        shownRoot: '/ws',
        disclosure: 'silent',
        earlier: [],
        neverSend: neverSend(),
        prefetched,
      });
      return (made.messages[0] as { content: string }).content;
    };
    const files = await prefetched.files(repository, tree);
    assert.equal(await of(task, files), first);
    assert.equal(await of(task, files), first);
    assert.equal(await of(task, structuredClone([...files])), first);
    assert.match(await of('Change src/b.ts.', files), /<<\w+ src\/b\.ts\n/, 'another text is not answered with what was read ahead');
  });

  it('shows scripts and build files, within a bound, and follows a rule file that is a link', async () => {
    const scripts = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`script-${i}`, `run ${'x'.repeat(150)}`]));
    put('package.json', JSON.stringify({ scripts: { test: 'mocha\n --bail', odd: 7, ...scripts } }));
    for (const name of ['pnpm-lock.yaml', 'Makefile', 'sub/Makefile', 'pyproject.toml']) put(name, 'x\n');
    put('docs/rules.md', 'Use tabs.\n');
    symlinkSync('docs/rules.md', path.join(root, 'AGENTS.md'));
    symlinkSync('AGENTS.md', path.join(root, 'CLAUDE.md'));
    const text = await message('Do it.');
    assert.match(
      text,
      /Scripts of package\.json \(pnpm run NAME\):\n {2}test: mocha --bail\n {2}script-0: run x+…\n[\s\S]*\n {2}and \d+ more\n/,
    );
    assert.match(text, /At the root: Makefile, pnpm-lock\.yaml, pyproject\.toml\n/);
    assert.equal(text.match(/Use tabs\./g)?.length, 1, 'a link to what is shown already is not shown again');
    assert.ok(Buffer.byteLength(text) < 8 * 1024);
  });

  it('stands a manifest that is none, and a rule file that leads out', async () => {
    put('package.json', '{"scripts": ["x"');
    symlinkSync('/etc/hostname', path.join(root, 'AGENTS.md'));
    assert.ok(!(await message('Do it.')).includes('Conventions'));
  });

  it('shows the test of a named file behind the named files', async () => {
    put('src/cart/total.ts', 'export const total = 1;\n');
    put('test/cart/total.test.ts', 'the test of total\n');
    put('test/other/total.test.ts', 'another test\n');
    const text = await message('Change src/cart/total.ts and src/a.ts.');
    assert.match(text, /src\/cart\/total\.ts\n[\s\S]*src\/a\.ts\n[\s\S]*<<\w+ test\/cart\/total\.test\.ts\nthe test of total/);
    assert.ok(!text.includes('another test'));
  });

  it('says which named files are not shown, and why', async () => {
    put('src/big.ts', 'x\n'.repeat(40_000));
    put('logo.png', new Uint8Array([1, 0, 2]));
    const text = await message('Change src/a.ts, src/big.ts and logo.png.');
    assert.match(
      text,
      /# Files that the task names, and their tests \(data\)\n<<\w+ src\/a\.ts\n[\s\S]*Not shown: src\/big\.ts \(too large, 79 KiB\)\nNot shown: logo\.png \(not text\)/,
    );
    assert.match(await message('Change src/big.ts.'), /names, and their tests \(data\)\nNot shown: src\/big\.ts/);
  });

  it('shows a small repository whole, when it fits the setting', async () => {
    put('package-lock.json', 'x'.repeat(100_000));
    put('logo.png', new Uint8Array(100_000));
    put('CLAUDE.md', 'Use tabs.\n');
    put('src/c.ts', `export const c = '${'c'.repeat(6000)}';\n`);
    const whole = await message('Change src/b.ts.', 7);
    assert.match(whole, /# All text files of the repository, whole \(data\)\n<<\w+ src\/b\.ts[\s\S]*a = 1[\s\S]*c{6000}/);
    assert.ok(!whole.includes('Files that the task names') && !whole.includes('xxxx'));
    assert.equal(whole.match(/Use tabs\./g)?.length, 1);
    const part = await message('Change src/b.ts.', 5);
    assert.ok(part.includes('# Files that the task names') && !part.includes('a = 1'));
    assert.ok(!(await message('Change src/b.ts.', 0)).includes('a = 1'));
    put('src/large.ts', `${'large '.repeat(10_000)}\n`);
    assert.match(await message('Change src/large.ts.', 70), /whole \(data\)\n<<\w+ src\/large\.ts\n(large ){10000}\n[\s\S]*a = 1/);
    assert.match(
      await message('Change src/b.ts and src/large.ts.', 60),
      /names, and their tests \(data\)\n<<\w+ src\/b\.ts[\s\S]*Not shown: src\/large\.ts/,
    );
    for (let i = 0; i < 30; i++) put(`many/${i}.txt`, '');
    assert.ok(!(await message('Change src/b.ts.', 7)).includes('a = 1'), 'too many files to look at');
  });
});
