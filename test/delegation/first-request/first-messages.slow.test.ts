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
      start: { kind: 'feature', task: 'By two.', parent: head, checks: ['npm test', 'npm run lint'], scope: [], maxSteps: 80, ...start },
      source: repository,
      tree: head,
      files,
      shownRoot: '/ws',
      disclosure: 'silent',
      commandSeconds: 120,
      earlier: [previous],
      neverSend: neverSend(),
      prefetched: noPrefetch,
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

  it('names what the attempt before changed', async () => {
    const change = { files: [{ path: 'a.txt', status: 'M' as const, added: 1, removed: 1 }], added: 1, removed: 1, diffs: [] };
    assert.match(await message({ tip: head, change }), /is in the working tree already \(it changed a\.txt\)\./);
    assert.match(await message({ tip: head, change: null }), /is in the working tree already\./);
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

  async function message(task: string): Promise<string> {
    git('add', '-A');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--allow-empty', '-qm', 'one');
    const opening = await openRepository(root);
    assert.ok(opening.ok);
    const tree = git('rev-parse', 'HEAD');
    const { messages } = await writeFirstMessages({
      start: { kind: 'feature', task, parent: tree, checks: [], scope: [], maxSteps: 80 },
      source: opening.repository,
      tree,
      files: await listTree(opening.repository, tree),
      shownRoot: '/ws',
      disclosure: 'silent',
      commandSeconds: 120,
      earlier: [],
      neverSend: neverSend(),
      prefetched: noPrefetch,
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
    const prefetched = prefetch(repository, { task } as DelegateRequest);
    const of = async (text: string, files: readonly TreeFile[]) => {
      const start = { kind: 'feature' as const, task: text, parent: tree, checks: [], scope: [], maxSteps: 80 };
      const source = repository;
      const made = await writeFirstMessages({
        start,
        source,
        tree,
        files,
        shownRoot: '/ws',
        disclosure: 'silent',
        commandSeconds: 120,
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

  it('shows whole lines of scripts that check, the names of others, build files, and how one test file is run', async () => {
    const long = `run ${'x'.repeat(300)}`;
    const scripts = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`script-${i}`, 'run']));
    put(
      'package.json',
      JSON.stringify({
        scripts: { start: 'node .', test: 'mocha\n --bail', lint: long, 'lint:fix': `${long}${long}${long}`, odd: 7, ...scripts },
      }),
    );
    for (const name of ['pnpm-lock.yaml', 'Makefile', 'sub/Makefile', 'pyproject.toml', 'test/a.test.ts']) put(name, 'x\n');
    put('docs/rules.md', 'Use tabs.\n');
    symlinkSync('docs/rules.md', path.join(root, 'AGENTS.md'));
    symlinkSync('AGENTS.md', path.join(root, 'CLAUDE.md'));
    const text = await message('Do it.');
    assert.match(
      text,
      /Scripts of package\.json \(pnpm run NAME\):\n {2}test: mocha --bail\n {2}lint: run x{300}\n {2}and start, lint:fix, script-0, .*…\nOne test file: npx mocha test\/a\.test\.ts\n/,
    );
    assert.match(text, /At the root: Makefile, pnpm-lock\.yaml, pyproject\.toml\n/);
    assert.equal(text.match(/Use tabs\./g)?.length, 1, 'a link to what is shown already is not shown again');
    assert.ok(Buffer.byteLength(text) < 4 * 1024);
  });

  it('stands a manifest that is none, and a rule file that leads out', async () => {
    put('package.json', '{"scripts": ["x"');
    symlinkSync('/etc/hostname', path.join(root, 'AGENTS.md'));
    assert.ok(!(await message('Do it.')).includes('Conventions'));
  });

  it('shows the test of a named file behind the named files', async () => {
    put('src/cart/total.ts', 'export const total = 1;\n');
    put('test/cart/total.test.ts', "it('the test of total')\n");
    put('test/other/total.test.ts', `it('another test')\n${'// more\n'.repeat(900)}`);
    const text = await message('Change src/cart/total.ts and src/a.ts.');
    assert.match(text, /src\/cart\/total\.ts\n[\s\S]*src\/a\.ts\n[\s\S]*<<\w+ test\/cart\/total\.test\.ts\nit\('the test of total/);
    assert.ok(!text.includes('another test'));
  });

  it('says which named files are not shown, and why', async () => {
    put('src/big.ts', 'x\n'.repeat(300_000));
    put('logo.png', new Uint8Array([1, 0, 2]));
    put('out.js', `${'x'.repeat(9000)}\n`);
    put('package-lock.json', '{"lockfileVersion": 3}\n');
    put('data.json', '{\n}\n'.repeat(3000));
    const text = await message('Change src/a.ts, src/big.ts, logo.png, out.js, package-lock.json and data.json.');
    assert.match(text, /# Code that the task points at \(data\)\n<<\w+ src\/a\.ts\n/);
    assert.match(
      text,
      /\nNot shown: src\/big\.ts \(too large, 586 KiB\), logo\.png \(not text\), out\.js \(generated\), package-lock\.json \(generated\), data\.json \(6000 lines\)\n/,
    );
    assert.match(await message('Change src/big.ts.'), /points at \(data\)\nNot shown: src\/big\.ts/);
  });

  it('shows all of a repository of a few lines, and of a larger one only what is named', async () => {
    put('package-lock.json', 'x'.repeat(100_000));
    put('logo.png', new Uint8Array(100_000));
    put('CLAUDE.md', 'Use tabs.\n');
    const whole = await message('Change src/b.ts.');
    assert.match(whole, /points at \(data\)\n<<\w+ src\/b\.ts[\s\S]*a = 1/);
    assert.ok(!whole.includes('xxxx'));
    assert.equal(whole.match(/Use tabs\./g)?.length, 1);
    put('src/c.ts', `export const c = '${'c'.repeat(5000)}';\n`);
    assert.ok(!(await message('Change src/b.ts.')).includes('a = 1'));
    rmSync(path.join(root, 'src/c.ts'));
    for (let i = 0; i < 30; i++) put(`many/${i}.txt`, '');
    assert.ok(!(await message('Change src/b.ts.')).includes('a = 1'), 'too many files to look at');
  });

  describe('of a larger file', () => {
    const filler = (name: string, from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `export function ${name}${from + i}() {\n  return ${from + i};\n}\n`).join('\n');
    const before = filler('one', 0, 200);
    const after = filler('two', 200, 400);
    const wanted = 'export function parseOptions(args) {\n  const rest = [];\n  return rest;\n}\n';
    const line = before.split('\n').length + 1;

    it('that is named, shows what the task names in it and where the rest begins', async () => {
      put('src/big.ts', `${before}\n${wanted}\n${after}`);
      for (const task of ['Let parseOptions() of src/big.ts stop.', `TypeError: x\n    at f (/home/me/p/src/big.ts:${line + 1}:9)`]) {
        const text = await message(task);
        assert.match(
          text,
          new RegExp(
            `<<\\w+ src/big\\.ts \\[parts of \\d+ lines\\]\\n\\[lines ${line}-${line + 3}\\]\\nexport function parseOptions[\\s\\S]*?\\n}\\n\\[besides, by line: .*${line - 4} one199, .*and \\d+ more\\]`,
          ),
        );
        assert.ok(Buffer.byteLength(text) < 3072, `${Buffer.byteLength(text)}`);
      }
    });

    it('that is not named, finds it by the name in it, with its tests', async () => {
      put('src/big.ts', `${before}\n${wanted}\n${after}`);
      put('src/uses.ts', `import { parseOptions } from './big.ts';\nparseOptions([]);\n${filler('use', 0, 50)}`);
      put('test/big.test.ts', "it('parses')\n");
      put('examples/x.ts', 'parseOptions();\n'.repeat(40));
      put('.env', 'parseOptions=1\n');
      const text = await message('Let `parseOptions` stop at the first command.');
      assert.match(text, /points at \(data\)\n<<\w+ src\/big\.ts \[parts[^\n]*\n\[lines \d+-\d+\]\nexport function parseOptions/);
      assert.match(text, /<<\w+ test\/big\.test\.ts\nit\('parses'\)/);
      assert.ok(!/<<\w+ examples/.test(text) && !text.includes('parseOptions=1'));
    });

    it('that is not named, nor anything in it, finds it by the words of the task', async () => {
      const route = `func (r *Route) Match(req *http.Request) bool {\n\t// the method does not fit the query of a subrouter\n\treturn false\n}`;
      const other = (name: string) => Array.from({ length: 100 }, (_, i) => `func ${name}${i}() int {\n\treturn ${i}\n}\n`).join('\n');
      put('route.go', `${other('one')}\n${route}\n${other('two')}`);
      put('other.go', other('three'));
      put('benches/route.go', `// method query subrouter\n${route}\n${other('four')}`);
      const text = await message('A request with the wrong method answers 404 beside a subrouter with a query.');
      assert.match(text, /points at \(data\)\n<<\w+ route\.go \[parts[^\n]*\n\[lines \d+-\d+\]\nfunc \(r \*Route\) Match/);
      assert.ok(!/<<\w+ (other|benches)/.test(text));
    });

    it('of tests, shows how it begins, one that is about the task, and the place of the last', async () => {
      const tests = Array.from(
        { length: 200 },
        (_, i) => `it('${i === 70 ? 'knows parseOptions' : `does ${i}`}', () => {\n  assert.ok(true);\n});\n`,
      );
      put('test/big.test.ts', `import assert from 'node:assert';\n\n${tests.join('\n')}`);
      const text = await message('Test `parseOptions` in test/big.test.ts.');
      assert.match(
        text,
        /<<\w+ test\/big\.test\.ts \[parts of 801 lines\]\n\[lines 1-2\]\nimport assert from 'node:assert';\n\n\[lines 283-285\]\nit\('knows parseOptions'[\s\S]*\n}\);\n\[200 tests, the last in line 799; about this, by line: 283 knows parseOptions\]\n/,
      );
    });
  });

  it('opens the folders that the task names for what is new, in the folders of a monorepo too', async () => {
    for (let i = 0; i < 300; i++) put(`packages/p${i % 30}/src/commands/c${i}.ts`, `export const c${i} = 1;\n`);
    const text = await message('Add packages/p7/src/commands/json.ts, and look into packages/p9/src and and/or.');
    assert.match(text, /^packages\/p7\/src\/commands\/: c127\.ts, c157\.ts/m);
    assert.match(text, /^packages\/p9\/src\/commands\/: c129\.ts/m);
    assert.ok(!text.includes('packages/p8/src/'));
  });

  it('shows of a long document no more than its headings', async () => {
    put('README.md', `# Shop\n\n## Options\n\n${'Many words. '.repeat(400)}\n\n## Licence\n`);
    assert.match(
      await message('Describe it in README.md.'),
      /<<\w+ README\.md \[parts of 7 lines\]\n\[by line: 1 Shop, 3 Options, 7 Licence\]\n\w+>>/,
    );
  });

  it('stands what is odd: nothing there, names and texts of any script, one endless line, words that are patterns', async () => {
    for (const name of ['src/a.ts', 'src/b.ts']) rmSync(path.join(root, name));
    assert.match(await message('Begin.'), /<<\w+ tree\n\(no files\)\n\w+>>\n\n# Task\nBegin\.$/);
    put('数据/表.ts', `export function 解析() {\n${'  // 说明\n'.repeat(900)}}\n`);
    put('src/line.ts', 'x'.repeat(200_000));
    put('src/new\nline.ts', 'parseOptions\n');
    put('src/[id].ts', 'export const id = 1;\n');
    const text = await message('修改 `解析` 与 数据/表.ts，src/line.ts 和 src/[id].ts：“无法解析 (.*) [a-z”, `a(b`, `\\`, parseOptions()');
    assert.match(text, /<<\w+ 数据\/表\.ts \[parts of 902 lines\]/);
    assert.match(text, /Not shown: src\/line\.ts \(generated\)/);
    assert.ok(text.includes('"new\\nline.ts"'), text);
  });

  it('starts small for a small task, and never large', async () => {
    for (let i = 0; i < 200; i++) put(`src/p${i % 9}/module-${i}.ts`, `export function parse${i}() {\n  return ${i};\n}\n`.repeat(200));
    for (let i = 0; i < 30; i++) put(`test/module-${i}.test.ts`, "it('works', () => {\n  assert.ok(true);\n});\n".repeat(100));
    put('AGENTS.md', 'Use tabs.\n'.repeat(3000));
    const task = `Change ${Array.from({ length: 30 }, (_, i) => `src/p${i % 9}/module-${i}.ts and parse${i}()`).join(', ')}.`;
    const most = await message(task);
    assert.ok(Buffer.byteLength(most) - task.length < 16.5 * 1024, `${Buffer.byteLength(most)}`);
    put('AGENTS.md', 'Use tabs.\n');
    put('src/cart.ts', 'export function total() {\n  return 1;\n}\n'.repeat(20));
    const small = await message('Round total() in src/cart.ts half up.');
    assert.ok(Buffer.byteLength(small) < 3 * 1024, `${Buffer.byteLength(small)}`);
  });
});
