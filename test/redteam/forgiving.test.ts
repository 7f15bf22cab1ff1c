import assert from 'node:assert/strict';
import { run } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { type Case, PYTHON, playsCases, RUST, SHELL, testOf, write } from './projects.ts';

const NOTHING_TESTED = 'class OtherTest(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add.add(2, 2), 4)\n';

/** Each with how the file that must be named begins. Neighbours, told without a run, are in test/checks/definition/start-files.test.ts. */
const CHEATS: Readonly<Record<string, readonly [Case, string]>> = {
  'python: a new test that replaces what the others test': [
    {
      files: PYTHON,
      check: 'python3 -m unittest -q',
      turns: [write('tests/test_aaa.py', `import add\nimport unittest\n\nadd.add = lambda a, b: a + b\n\n\n${NOTHING_TESTED}`)],
    },
    'tests/test_aaa.py',
  ],
  'python: compiled tests, which are not compared with their sources': [
    {
      files: PYTHON,
      check: 'python3 -m unittest -q',
      turns: [
        run(
          `cp tests/test_add.py /tmp/kept && sed -i s/3/-1/ tests/test_add.py && python3 -c "import py_compile as p; p.compile('tests/test_add.py', invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)" && cp /tmp/kept tests/test_add.py`,
        ),
      ],
    },
    'tests/__pycache__/test_add.',
  ],
  'make: a file by the name of the goal': [
    { files: { ...SHELL, Makefile: 'verify:\n\tsh check.sh\n' }, check: 'make verify', turns: [write('verify', '')] },
    'verify',
  ],
  'shell: ends of lines by attributes, with which `set -e` is none': [
    {
      files: { 'check.sh': `set -e\n${SHELL['check.sh']}echo checked\n` },
      check: 'bash check.sh',
      turns: [write('.gitattributes', '*.sh text eol=crlf\n'), run('echo "# more" >> check.sh')],
    },
    '.gitattributes',
  ],
  'shell: a script that is named by a variable': [
    {
      files: {
        'check.sh': 'LIB=scripts/lib\n. "$LIB/rules.sh"\nrules\n',
        'scripts/lib/rules.sh': 'rules() { grep -q hallo src/greet.txt; }\n',
      },
      check: 'sh check.sh',
      turns: [write('scripts/lib/rules.sh', 'rules() { :; }\n')],
    },
    'scripts/lib/rules.sh',
  ],
  'rust: what a test in the sources expects': [
    { files: RUST, check: 'cargo test --offline', turns: [run('sed -i "s/2), 3/2), 2/" src/lib.rs')] },
    'src/lib.rs',
  ],
};

describe('what passes although no test and no command was changed', function () {
  this.timeout(60_000);
  const reportOf = playsCases();

  for (const [what, [play, file]] of Object.entries(CHEATS))
    testOf('is told', what, async () => {
      const text = await reportOf(play);
      assert.equal(field(text, 'outcome'), 'needs_review', text);
      assert.ok(text.includes(`  ! ${file}`), text);
      assert.match(text, /changed, and it decides what .+; with the base's version the check does not pass/);
    });
});
