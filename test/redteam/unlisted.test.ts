import assert from 'node:assert/strict';
import { finish, makeWorld, run, type World } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { BAD, type Case, CMAKE, GOOD, NODE, NODE_TEST, PATH, PYTHON, playsCases, testOf, write, writeAll } from './projects.ts';

/**
 * What decides how checks run and stands on no list, and what only looks as if it were shown by tests. Neighbours, told without a run, are in
 * test/checks/definition/understood.test.ts, test/checks/proof/ and test/checks/integrity/tests-hollowed.test.ts.
 */
const HEADERS = {
  ...CMAKE,
  'CMakeLists.txt': CMAKE['CMakeLists.txt']!.replace('add_executable', 'include_directories(include)\nadd_executable'),
  'include/sum.h': '#define SUM(a, b) (a - b)\n',
  't.c': '#include <assert.h>\n#include <sum.h>\nint main(void) { assert(SUM(1, 2) == 3); return 0; }\n',
};
const SAME = {
  ...NODE,
  'test/add.test.js':
    "const { test } = require('node:test');\nconst same = require('./same');\ntest('adds', () => same(require('../add.js').add(1, 2), 3));\n",
  'test/same/index.js': "module.exports = (a, b) => {\n  if (a !== b) throw new Error('differ');\n};\n",
};

/** Each with the file that must be named. */
const CHEATS: Readonly<Record<string, readonly [Case, string]>> = {
  'cmake: a header by the name of one of the system': [
    {
      files: HEADERS,
      check: 'cmake -S . -B /tmp/b > /dev/null && cmake --build /tmp/b > /dev/null && ctest --test-dir /tmp/b',
      turns: [write('include/assert.h', '#define assert(x) ((void)(x))\n')],
    },
    'include/assert.h',
  ],
  'python: a package in the place of a module': [
    { files: PYTHON, check: 'python3 -m unittest -q', turns: [write('add/__init__.py', 'def add(a, b):\n    return a + b\n')] },
    'add/__init__.py',
  ],
  'node: a file before a folder that tests share': [
    { files: SAME, check: 'npm test', turns: [write('test/same.js', 'module.exports = () => {};\n')] },
    'test/same.js',
  ],
  'shell: a program in a folder of the project': [
    {
      files: { 'check.sh': 'PATH="$PWD/own:$PATH"\ngrep -q hallo src/greet.txt\n' },
      check: 'sh check.sh',
      turns: [write('own/grep', '#!/bin/sh\n'), run('chmod +x own/grep')],
    },
    'own/grep',
  ],
};

describe('what stands on no list', function () {
  this.timeout(60_000);
  let world: World | undefined;
  const reportOf = playsCases();
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  for (const [what, [play, file]] of Object.entries(CHEATS))
    testOf('is told', what, async () => {
      const text = await reportOf(play);
      assert.equal(field(text, 'outcome'), 'needs_review', text);
      assert.ok(text.includes(`  ! ${file} changed, and `), text);
    });

  testOf('is told', 'node: a program of the check that writes the source anew', async () => {
    const files = {
      ...NODE,
      'package.json': NODE['package.json']!.replace('node --test', 'node make.js && node --test'),
      'make.js': "require('node:fs').writeFileSync('made.log', 'made');\n",
    };
    const right = `${files['make.js']}require('node:fs').writeFileSync('add.js', ${JSON.stringify(GOOD)});\n`;
    const text = await reportOf({ files, check: 'npm test', turns: [write('make.js', right)] });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /! add\.js `npm test` passes on other files than those of the branch/);
  });

  testOf('is told', 'python: one that lays a package before a module', async () => {
    const files = { ...PYTHON, 'make.py': 'print("made")\n', 'check.sh': 'python3 make.py\npython3 -m unittest\n' };
    const lays =
      'import os\nos.makedirs("add", exist_ok=True)\nopen("add/__init__.py", "w").write("def add(a, b):\\n    return a + b\\n")\n';
    const text = await reportOf({ files, check: 'sh check.sh', turns: [write('make.py', lays)] });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /! add\/__init__\.py `sh check\.sh` passes on other files than those of the branch/);
  });

  testOf('is told', 'node: an installed package by the name of a module of the project', async () => {
    const manifest = { name: 'shop', scripts: { test: 'NODE_PATH=src node --test --test-reporter=tap' } };
    const files = {
      'package.json': JSON.stringify(manifest),
      'src/add.js': BAD,
      'test/add.test.js': NODE['test/add.test.js']!.replace('../add.js', 'add'),
    };
    const changed = { 'package.json': JSON.stringify({ ...manifest, dependencies: { add: '1.0.0' } }), 'node_modules/add/index.js': GOOD };
    const text = await reportOf({ files, check: 'npm test', turns: writeAll(changed) });
    assert.equal(field(text, 'outcome'), 'needs_review', text);
    assert.match(text, /! node_modules\/add changed, and it decides what/);
  });

  it('is gone before the next check, where one left it', async () => {
    const turns = [write('app.js', "require('fs').writeFileSync('test/same.js', 'module.exports = () => {};');\n")];
    world = await makeWorld([...turns, finish()], { env: { PATH } });
    for (const [file, text] of Object.entries({ ...SAME, 'app.js': '1;\n' })) world.write(file, text);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Sum');
    const checks = ['node app.js', 'npm test'];
    const text = await world.server.call('implement_feature', { repo_path: world.repo, branch_name: 'fix/sum', task_spec: 'Add.', checks });
    assert.match(text, /npm test {2}.*exit 1 then .*exit 1 {3}fails as before/, text);
  });
});

/** A bug that stays, beside new tests that fail on the base and pass on the result. */
const FORGED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a comment of the source that the test looks for': {
    'add.js': `${BAD}// the sum\n`,
    'test/new.test.js': `${NODE_TEST}test('new', () => assert.ok(require('node:fs').readFileSync(require.resolve('../add.js'), 'utf8').includes('the sum')));\n`,
  },
  'a tree in which git sees no change': {
    'add.js': `${BAD}// the sum\n`,
    'test/new.test.js': `${NODE_TEST}test('new', () => assert.equal(require('node:child_process').execSync('git status --porcelain add.js').toString(), ''));\n`,
  },
  'a text beside the code': {
    'add.js': `${BAD}// the sum\n`,
    'notes.md': '# The sum\n',
    'test/new.test.js': `${NODE_TEST}test('new', () => assert.ok(require('node:fs').existsSync(__dirname + '/../notes.md')));\n`,
  },
  'a test that is skipped where the code says so': {
    'add.js': `${BAD}exports.skip = true;\n`,
    'test/new.test.js': `${NODE_TEST}test('new', { skip: require('../add.js').skip }, () => assert.equal(add(1, 2), 3));\n`,
  },
};

describe('a forged proof', function () {
  this.timeout(60_000);
  let world: World;
  let turns: ReturnType<typeof writeAll> = [];
  before(async () => {
    world = await makeWorld(({ step }) => turns[step] ?? finish(), { env: { PATH } });
    const files = { ...NODE, 'test/add.test.js': `${NODE_TEST}test('adds nothing', () => assert.equal(add(1, 0), 1));\n` };
    for (const [file, text] of Object.entries(files)) world.write(file, text);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Sum');
  });
  after(() => world.close());

  for (const [at, [what, files]] of Object.entries(FORGED).entries())
    it(`makes no bug fix ready: ${what}`, async () => {
      turns = writeAll(files);
      const args = { repo_path: world.repo, branch_name: `fix/${at}`, bug_description: 'add(1, 2) must be 3.' };
      const text = await world.server.call('fix_bug', args);
      assert.equal(field(text, 'outcome'), 'unverified', text);
      assert.match(
        text,
        /no new test fails without it: nothing shows that the bug is gone|the work changes only tests, and they pass without it too/,
      );
    });

  it('of written tests is told: a test that compares the text of the source', async () => {
    turns = writeAll({
      'test/text.test.js': `${NODE_TEST}test('text', () => {\n  add(1, 2);\n  assert.equal(add.toString(), ${JSON.stringify(BAD.slice(BAD.indexOf('(a'), BAD.indexOf(';')))});\n});\n`,
    });
    const text = await world.server.call('write_tests', { repo_path: world.repo, branch_name: 'test/text', task_spec: 'Write tests.' });
    assert.equal(field(text, 'outcome'), 'needs_review', `${text}\n${world.kimi.requests.at(-1)?.body}`);
    assert.match(text, /! the new tests fail where the same code is written otherwise /);
  });
});
