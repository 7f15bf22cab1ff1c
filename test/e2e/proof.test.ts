import assert from 'node:assert/strict';
import { globSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, gitIn, makeRepository, makeWorld, run, task, type World, writeIn } from './world.ts';

/** What the tests of an attempt prove: small repositories, everything real but the model. */
type Files = Readonly<Record<string, string>>;

/** Whatever stood there. */
const write = (file: string, text: string): Turn =>
  run(`mkdir -p ${path.dirname(file)} && echo ${Buffer.from(text).toString('base64')} | base64 -d > ${file}`);
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
const NODE_TEST = (names: string) =>
  `import test from 'node:test';\nimport assert from 'node:assert/strict';\nimport { ${names} } from '../price.js';\n`;
const BAD = 'export const net = (gross) => gross - 1;\n';
const GOOD = 'export const net = (gross) => gross - 2;\n';
const OLD_TEST = `${NODE_TEST('net')}test('a large one', () => assert.ok(net(10) < 10));\n`;
const NODE: Files = {
  'package.json': json({ name: 'shop', type: 'module', scripts: { test: 'node --test' } }),
  'price.js': BAD,
  'test/price.test.js': OLD_TEST,
};
const PYTHON: Files = {
  'shop/__init__.py': '',
  'shop/price.py': 'def net(gross):\n    return gross - 1\n',
  'tests/__init__.py': '',
  'tests/test_price.py':
    'import unittest\nfrom shop.price import net\n\n\nclass PriceTest(unittest.TestCase):\n    def test_large(self):\n        self.assertLess(net(10), 10)\n',
};

interface Play {
  readonly tool: 'fix_bug' | 'implement_feature' | 'write_tests';
  readonly files: Files;
  readonly turns: Files;
  readonly checks: readonly string[];
}

const TASK = { fix_bug: 'bug_description', implement_feature: 'task_spec', write_tests: 'task_spec' } as const;

describe('the proof by tests', function () {
  this.timeout(90_000); // a dozen starts of a test runner, on a machine that may do much else
  let world: World;
  let script: readonly Turn[] = [];
  let plays = 0;

  before(async () => {
    world = await makeWorld(({ step }) => script[step] ?? finish(), { env: { KIMI_DIRECTORIES: realpathSync(tmpdir()) } });
  });
  after(() => world.close());

  async function play({ tool, files, turns, checks }: Play): Promise<string> {
    script = Object.entries(turns).map(([file, text]) => write(file, text));
    plays += 1;
    const repo = path.join(world.folder, `shop-${plays}`);
    makeRepository(repo);
    for (const [file, text] of Object.entries(files)) writeIn(repo, file, text);
    gitIn(repo, 'add', '-A');
    gitIn(repo, 'commit', '-q', '-m', 'Shop');
    const { task_spec: words, ...more } = task({ repo }, 'fix/price', { checks });
    return world.server.call(tool, { ...more, [TASK[tool]]: words });
  }

  it('says how many new tests of a fix fail on the base, by assertion', async () => {
    const turns = {
      'price.js': GOOD,
      'test/two.test.js': `${NODE_TEST('net')}test('two', () => assert.equal(net(5), 3));\ntest('less', () => assert.ok(net(5) < 5));\n`,
    };
    const text = await play({ tool: 'fix_bug', files: NODE, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'ready', text);
    assert.match(text, /^decides: 1 of 2 new tests fail on base by assertion, 2 of 2 pass here; /m);
    assert.match(text, /^decides: .*; (nothing flagged|\d notes?)$/m);
  });

  it('warns of a fix whose new tests pass without it', async () => {
    const turns = { 'price.js': GOOD, 'test/two.test.js': `${NODE_TEST('net')}test('less', () => assert.ok(net(5) < 5));\n` };
    const text = await play({ tool: 'fix_bug', files: NODE, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /^decides: the new tests \(1\) pass on base too; /m);
    assert.match(text, /! none of the new tests fails on the base: they do not show the bug/);
  });

  it('tells tests that do not load there from such that fail', async () => {
    const turns = {
      'price.js': `${GOOD}export const gross = (net) => net + 2;\n`,
      'test/two.test.js': `${NODE_TEST('net, gross')}test('two', () => assert.equal(net(5), 3));\ntest('back', () => assert.equal(gross(3), 5));\n`,
    };
    const text = await play({ tool: 'fix_bug', files: NODE, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'ready', text);
    assert.match(text, /^decides: 2 of 2 new tests fail on base as they use what the change adds, 2 of 2 pass here; /m);
  });

  it('says of a fix without a test that nothing shows the bug', async () => {
    const text = await play({ tool: 'fix_bug', files: NODE, turns: { 'price.js': GOOD }, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'ready', text);
    assert.match(text, /proof: not shown that tests fail without the change: no test was added or changed/);
    assert.match(text, / {2}no new test fails without the fix/);
  });

  it('takes helpers of new tests along, and names a feature whose tests pass before it', async () => {
    const turns = {
      'price.js': `${BAD}export const gross = (net) => net + 1;\n`,
      'test/cases.json': '[1, 2]\n',
      'test/cases.js':
        "import { readFileSync } from 'node:fs';\nexport const cases = JSON.parse(readFileSync(new URL('./cases.json', import.meta.url), 'utf8'));\n",
      'test/two.test.js': `import { cases } from './cases.js';\n${NODE_TEST('net')}for (const one of cases) test('less ' + one, () => assert.ok(net(one) < one));\n`,
    };
    const text = await play({ tool: 'implement_feature', files: NODE, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'ready', text);
    assert.match(text, /the new tests \(\d\) pass on base too/);
    assert.match(text, / {2}none of the new tests fails on the base: they do not show what was added/);
  });

  it('proves nothing of work whose checks fail', async () => {
    const turns = {
      'price.js': 'export const net = (gross) => gross;\n',
      'test/two.test.js': `${NODE_TEST('net')}test('two', () => assert.equal(net(5), 3));\n`,
    };
    const text = await play({ tool: 'fix_bug', files: NODE, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'checks_failed', text);
    assert.doesNotMatch(text, /proof:/);
  });

  it('runs tests of Python', async () => {
    const test = (lines: string) => `import unittest\nfrom shop.price import net\n\n\nclass TwoTest(unittest.TestCase):\n${lines}`;
    const turns = {
      'shop/price.py': 'def net(gross):\n    return gross - 2\n',
      'tests/test_two.py': test(
        '    def test_two(self):\n        self.assertEqual(net(5), 3)\n\n    def test_less(self):\n        self.assertLess(net(5), 5)\n',
      ),
    };
    const text = await play({ tool: 'fix_bug', files: PYTHON, turns, checks: ['python3 -m unittest'] });
    assert.equal(field(text, 'outcome'), 'ready', text);
    assert.match(text, /^decides: 1 of 2 new tests fail on base by assertion, 2 of 2 pass here; /m);
  });

  const SHIPPING = [
    'export function shipping(weight, express) {',
    '  if (weight > 20) {',
    '    return 30;',
    '  }',
    '  const base = weight * 2;',
    '  if (express) {',
    '    return base + 5;',
    '  }',
    '  return base;',
    '}',
    '',
    'export const unused = (a) => a - 1;',
    '',
  ].join('\n');
  const SHOP: Files = { ...NODE, 'shipping.js': SHIPPING };
  const importing = "import test from 'node:test';\nimport assert from 'node:assert/strict';\nimport { shipping } from '../shipping.js';\n";

  it('puts small faults into what new tests run, and says that good ones notice them', async () => {
    const cases = '[[1, false, 2], [1, true, 7], [20, false, 40], [21, false, 30], [21, true, 30]]';
    const turns = {
      'test/shipping.test.js': `${importing}for (const [weight, express, price] of ${cases})\n  test('costs ' + price, () => assert.equal(shipping(weight, express), price));\n`,
    };
    const text = await play({ tool: 'write_tests', files: SHOP, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'ready', text);
    assert.match(text, /^decides: mutants: 5 of 5 caught by the new tests; /m);
    const [journal = ''] = globSync(path.join(world.state, 'delegations/*/attempts/*/journal.jsonl')).filter((file) =>
      readFileSync(file, 'utf8').includes('mutant 5 of 5'),
    );
    assert.match(readFileSync(journal, 'utf8'), /"on":"result","phase":"start","text":"mutant 1 of 5"/);
  });

  it('warns of tests that run the code and notice nothing, and names the lines', async () => {
    const turns = {
      'test/shipping.test.js': `${importing}test('runs', () => {\n  assert.ok(true);\n  shipping(1, true);\n  shipping(1, false);\n  shipping(30, false);\n});\n`,
    };
    const text = await play({ tool: 'write_tests', files: SHOP, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /mutants: 0 of 5 caught by the new tests; survived: .*shipping\.js:\d+ \(/);
    assert.match(text, /! the new tests notice none of 5 small faults in lines that they run/);
  });

  it('says so of tests that run nothing of what they import', async () => {
    const turns = { 'test/shipping.test.js': `${importing}test('is there', () => assert.equal(typeof shipping, 'function'));\n` };
    const text = await play({ tool: 'write_tests', files: SHOP, turns, checks: ['npm test'] });
    assert.equal(field(text, 'outcome'), 'unverified', text);
    assert.match(text, /the new tests run none of the lines that were tried in the code that they import/);
  });

  it('counts no fault that the tests of the base notice, too', async () => {
    const idle = "test('runs', () => {\n  net(5);\n});\n";
    const beside = await play({ tool: 'write_tests', files: NODE, turns: { 'test/price.test.js': OLD_TEST + idle }, checks: [] });
    assert.equal(field(beside, 'outcome'), 'unverified', beside);
    const checks = ['true && npm test']; // nothing tells how a part of it runs
    const whole = await play({ tool: 'write_tests', files: NODE, turns: { 'test/now.test.js': NODE_TEST('net') + idle }, checks });
    assert.doesNotMatch(whole, /mutants: [1-9] of \d caught/);
  });

  it('does the same in Python', async () => {
    const price =
      'def shipping(weight, express):\n    if weight > 20:\n        return 30\n    base = weight * 2\n    if express:\n        return base + 5\n    return base\n';
    const turns = {
      'tests/test_shipping.py':
        'import unittest\nfrom shop.shipping import shipping\n\n\nclass ShippingTest(unittest.TestCase):\n    def test_light(self):\n        self.assertEqual(shipping(1, False), 2)\n\n    def test_heavy(self):\n        self.assertEqual(shipping(100, False), 30)\n',
    };
    const files = { ...PYTHON, 'shop/shipping.py': price };
    const text = await play({ tool: 'write_tests', files, turns, checks: ['python3 -m unittest'] });
    assert.equal(field(text, 'outcome'), 'ready', text);
    assert.match(text, /mutants: 4 of 5 caught by the new tests; survived: shop\/shipping\.py:2 \(weight > 20 to weight >= 20\)/);
  });
});
