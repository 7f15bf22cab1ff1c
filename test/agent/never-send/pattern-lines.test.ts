import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nameRules } from '../../../src/agent/never-send/name-rules.ts';
import { patternLines, seenAround } from '../../../src/agent/never-send/pattern-lines.ts';
import { withWholePaths } from '../../../src/agent/never-send/whole-paths.ts';
import { openNeverSend } from '../../../src/delegation/attempt/open-never-send.ts';
import { openRepository } from '../../../src/workspace/open-repository.ts';
import { gitIn, makeRepository } from '../../e2e/world.ts';

describe('the file of a repository that names what is never sent', () => {
  let top: string;
  let count = 0;
  before(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-lines-')));
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  /** @param where it is read from: the commit alone, or the checkout alone */
  async function rulesOf(where: 'commit' | 'checkout', lay: (file: string) => void) {
    const repo = path.join(top, String(count++));
    makeRepository(repo);
    const file = path.join(repo, '.kimiignore');
    lay(file);
    if (where === 'commit') {
      gitIn(repo, 'add', '-A');
      gitIn(repo, 'commit', '-q', '-m', 'Keep back');
      rmSync(file, { recursive: true });
    }
    const opened = await openRepository(repo);
    assert.ok(opened.ok);
    const { repository } = opened;
    return (await openNeverSend(repository, { gitDir: repository.commonDir }, [], { base: repository.head.commit, trees: [] })).rules;
  }

  const long = `${'a'.repeat(150)}/${'b'.repeat(100)}.json`;
  const FORMS: Readonly<Record<string, string | Buffer>> = {
    'many lines': `${Array.from({ length: 900 }, (_, at) => `part-${at}/x`).join('\n')}\ncustomers/**\n`,
    'more than anybody has': `${Array.from({ length: 5000 }, (_, at) => `part-${at}/x`).join('\n')}\ncustomers/**\n`,
    'a long remark': `# ${'x'.repeat(100_000)}\ncustomers/**\n`,
    'a huge one': `# ${'x'.repeat(1_000_000)}\ncustomers/**\n`,
    'UTF-16': Buffer.from('\ufeffcustomers/**\n', 'utf16le'),
    'Latin-1': Buffer.from('# f\u00fcr\ncustomers/**\n', 'latin1'),
    'ends of lines of old Macs': 'x\rcustomers/**\r',
    'a mark in front': '\ufeffcustomers/**\n',
    braces: '{customers,x}/*.{json,txt}\n',
    quotes: '"customers/**"\n',
    'a remark behind it': '  customers/**   # of theirs\n',
  };
  for (const [form, content] of Object.entries(FORMS))
    for (const where of ['commit', 'checkout'] as const)
      it(`counts by ${form} (${where})`, async () => {
        const rules = await rulesOf(where, (file) => writeFileSync(file, content));
        assert.ok(rules.isWithheld('customers/a.json'));
        assert.equal(rules.isWithheld('src/a.ts'), /anybody|huge|UTF-16/.test(form));
      });

  it('takes seconds where a thousand patterns nearly match all of twenty thousand long names, and leaves ordinary ones alone', () => {
    const names = Array.from({ length: 20_000 }, (_, at) => `d/${'a'.repeat(60)}b${'a'.repeat(150)}${at}/x`);
    const near = Array.from({ length: 1000 }, (_, at) => `*${'a'.repeat(100)}b*${at}`);
    const start = performance.now();
    const rules = nameRules([], near);
    rules.among(names);
    assert.ok(performance.now() - start < 10_000);
    const parts = nameRules(
      [],
      Array.from({ length: 900 }, (_, at) => `packages/part-${at}/fixtures/**`),
    );
    for (let at = 0; at < 20_000; at++)
      assert.equal(parts.isWithheld(`packages/part-${at % 1800}/fixtures/${at}.json`), at % 1800 < 900, String(at));
  }).timeout(30_000);

  it('counts for names of letters in another encoding, with braces, and longer than others', async () => {
    const rules = await rulesOf('checkout', (file) => writeFileSync(file, Buffer.from(`B\u00fcro/\na{b}c\n${long}\n`, 'latin1')));
    for (const name of ['B\u00fcro/x', 'a{b}c', long]) assert.ok(rules.isWithheld(name), name);
    assert.ok(!rules.isWithheld('src/a.ts') && !rules.isWithheld('abc'));
  });

  it('counts where it is a link, and forbids everything where it is no list at all', async () => {
    const linked = await rulesOf('checkout', (file) => {
      writeFileSync(path.join(path.dirname(file), 'rules'), 'customers/**\n');
      symlinkSync('rules', file);
    });
    assert.ok(linked.isWithheld('customers/a.json') && !linked.isWithheld('src/a.ts'));
    for (const lay of [(file: string) => symlinkSync('gone', file), (file: string) => mkdirSync(file)])
      assert.ok((await rulesOf('checkout', lay)).isWithheld('src/a.ts'));
  });
});

describe('a pattern of what is never sent', () => {
  const MEANT: readonly (readonly [pattern: string, files: readonly string[]])[] = [
    ['app/\\[id\\]/', ['app/[id]/keys.ts']],
    ['app/[id]/keys.ts', ['app/[id]/keys.ts', 'app/i/keys.ts']],
    ['app/[...slug]/**', ['app/[...slug]/keys.ts']],
    ['our\\ customers/', ['our customers/a.csv', 'x/our customers/a.csv']],
    ['\\#plans', ['#plans', 'x/#plans/a']],
    ['\\!plans', ['!plans', 'x/!plans/a']],
    ['a\\*b', ['a*b', 'x/a*b']],
    ['plans\\ ', ['plans ', 'x/plans /a']],
    ['part-[[:digit:]]/', ['part-7/a', 'x/part-7/a']],
    ['part[\\-_]a', ['part-a', 'part_a']],
    ['data\\customers', ['data/customers/a']],
    ['***/plans', ['x/y/plans']],
  ];

  for (const [pattern, files] of MEANT)
    it(`means what it does in a .gitignore, and a path what it is: ${pattern}`, () => {
      for (const rules of [nameRules([], patternLines(`${pattern}\n`)), nameRules(withWholePaths(pattern, '/home/ann/shop'))]) {
        assert.deepEqual(rules.among(files), files);
        assert.ok(!rules.isWithheld('src/a.ts'));
      }
      const below = nameRules(
        [],
        patternLines(`${pattern}\n`).map((one) => seenAround('lib', one)),
      );
      for (const file of files) assert.ok(below.isWithheld(`lib/${file}`), `lib/${file}`);
    });

  it('has blanks in front as a part of the name, or not, and takes no more than it says', () => {
    const rules = nameRules([], patternLines('  plans\n'));
    assert.ok(rules.isWithheld('plans') && rules.isWithheld('  plans'));
    assert.ok(!nameRules([], patternLines(`${'  part-x\n'.repeat(900)}`)).isWithheld('src/a.ts'));
    const own = nameRules(['**/*.csv', '!a[b].csv'].flatMap((one) => withWholePaths(one, '/home/ann/shop')));
    assert.ok(own.isWithheld('a[b].csv') && !own.isWithheld('ab.csv'));
  });
});
