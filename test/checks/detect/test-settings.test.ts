import assert from 'node:assert/strict';
import { testSettings, testsBySettings } from '../../../src/checks/detect/test-settings.ts';
import { withNamedTests } from '../../../src/checks/named-tests.ts';
import { isNamedAsTest, isTestHelper, isTestPath } from '../../../src/checks/test-files.ts';

const TEST = "test('adds', () => expect(add(1, 2)).toBe(3));\n";
const PY = 'def check_adds():\n    assert add(1, 2) == 3\n';
const SOURCE = 'export const add = (a, b) => a + b;\n';
const manifest = (value: object) => JSON.stringify(value);

/** Settings by their file, and a file that they name. */
const NAMED: readonly (readonly [string, string, string])[] = [
  ['package.json', manifest({ jest: { testMatch: ['<rootDir>/checks/**/*.js'] } }), 'checks/a/add.js'],
  ['package.json', manifest({ jest: { testMatch: ['**/?(*.)+(check|proof).[jt]s?(x)'] } }), 'src/add.check.ts'],
  ['package.json', manifest({ jest: { projects: [{ testRegex: '/checks/.*\\.js$' }] } }), 'checks/add.js'],
  ['package.json', manifest({ mocha: { spec: './checks' } }), 'checks/add.js'],
  ['package.json', manifest({ ava: { files: ['checks/**/*', '!checks/no.js'] } }), 'checks/add.js'],
  ['package.json', manifest({ scripts: { test: 'c8 node --test "checks/*.js"' } }), 'checks/add.js'],
  ['package.json', manifest({ scripts: { test: 'mocha -r ./setup.js ./checks' } }), 'checks/add.js'],
  ['packages/a/package.json', manifest({ scripts: { test: 'node --test checks/add.js' } }), 'packages/a/checks/add.js'],
  ['jest.config.js', "module.exports = {\n  testMatch: [\n    '**/checks/*.js',\n  ],\n};\n", 'checks/add.js'],
  ['jest.config.ts', "export default { testRegex: '(/checks/.*|check)\\\\.js$' };\n", 'checks/add.js'],
  [
    'vitest.config.ts',
    "export default { test: { include: ['checks/**/*.{js,ts}'], coverage: { include: ['src/**'] } } };\n",
    'checks/add.ts',
  ],
  ['.mocharc.yml', 'ui: bdd\nspec:\n  - checks/*.js\n  - other/*.js\n', 'checks/add.js'],
  ['.mocharc.yaml', 'spec: checks/**/*.js\n', 'checks/add.js'],
  ['.mocharc.json', manifest({ spec: 'checks/*.js' }), 'checks/add.js'],
  ['jasmine.json', manifest({ spec_files: ['checks/*.js'] }), 'checks/add.js'],
  ['pytest.ini', '[pytest]\npython_files = test_*.py check_*.py\n', 'pkg/check_add.py'],
  ['pyproject.toml', '[tool.pytest.ini_options]\npython_files = [\n  "check_*.py", # ours\n  "x.py",\n]\n', 'checks/check_add.py'],
  ['setup.cfg', '[tool:pytest]\npython_files =\n    *_checks.py\n    x.py\n', 'add_checks.py'],
  ['tox.ini', '[pytest]\npython_files=checks.py\n', 'checks.py'],
  ['Cargo.toml', '[package]\nname = "a"\n\n[[test]]\nname = "add"\npath = "checks/add.rs"\n', 'checks/add.rs'],
  [
    'phpunit.xml',
    '<phpunit><testsuites><testsuite name="a">\n<directory suffix="Check.php">checks</directory></testsuite></testsuites></phpunit>',
    'checks/AddCheck.php',
  ],
  ['pom.xml', '<build><testSourceDirectory>src/check/java</testSourceDirectory></build>', 'src/check/java/AddCheck.java'],
  ['build.gradle', "sourceSets { test { java { srcDirs = ['src/check/java'] } } }\n", 'src/check/java/AddCheck.java'],
  ['.rspec', '--pattern "checks/**/*.rb"\n', 'checks/add.rb'],
  ['Rakefile', "Rake::TestTask.new do |t|\n  t.pattern = 'checks/**/*.rb'\nend\n", 'checks/add.rb'],
];

const textOf = (path: string) =>
  path.endsWith('.py')
    ? PY
    : path.endsWith('.rs')
      ? '#[test]\nfn adds() {}\n'
      : path.includes('src/add.js')
        ? SOURCE
        : `${TEST}assert(1);\n`;

function settingsOf(files: Readonly<Record<string, string>>) {
  const read = async (paths: readonly string[]) =>
    new Map(paths.flatMap((path) => (files[path] === undefined ? [] : [[path, files[path]] as const])));
  return testsBySettings(Object.keys(files), read);
}

describe('the settings of test runners', () => {
  for (const [file, text, test] of NAMED)
    it(`${file}: ${text.replaceAll('\n', ' ').slice(0, 60)}`, async () => {
      const isNamed = await settingsOf({ [file]: text, [test]: textOf(test), 'src/add.js': SOURCE, 'lib/add.js': SOURCE });
      assert.equal(isNamed(test), true);
      assert.equal(isNamed('src/add.js'), false);
      assert.equal(isNamed(file), false);
    });

  it('name what comes new beside what is there', async () => {
    const isNamed = await settingsOf({ 'package.json': manifest({ jest: { testMatch: ['**/checks/**/*.js'] } }), 'checks/add.js': TEST });
    assert.equal(isNamed('checks/mul.js'), true);
    assert.equal(isNamed('checks/data.json'), false);
  });

  it('name no sources, however wide they are', async () => {
    const sources = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`src/${name}.js`, SOURCE]));
    for (const include of ['src/**/*.js', '**/*.js', '**', 'src'])
      assert.equal(
        (await settingsOf({ ...sources, 'src/e.js': TEST, 'vitest.config.js': `export default { test: { include: ['${include}'] } };` }))(
          'src/a.js',
        ),
        false,
        include,
      );
    const isNamed = await settingsOf({
      'setup.cfg': '[tool:pytest]\npython_files = *.py\n',
      'a.py': 'x = 1\n',
      'b.py': 'y = 1\n',
      'check.py': PY,
    });
    assert.equal(isNamed('check.py'), false);
  });

  it('name no sources that have tests in them', async () => {
    const both = `${SOURCE}if (import.meta.vitest) {\n  ${TEST}}\n`;
    const isNamed = await settingsOf({ 'vitest.config.js': "export default { test: { include: ['src/*.js'] } };", 'src/a.js': both });
    assert.equal(isNamed('src/a.js'), false);
    assert.equal((await settingsOf({ 'pytest.ini': '[pytest]\npython_files = *.py\n', 'a.py': PY }))('a.py'), false);
  });

  it('take no time and no room', async () => {
    const slow = {
      'package.json': manifest({ jest: { testRegex: ['(a+)+$', '(a|a)*b.*.*.*'], testMatch: ['**'.repeat(100)] } }),
      'a.js': TEST,
    };
    const isNamed = await settingsOf({ ...slow, 'jest.config.js': `x: ${'testMatch: ['.repeat(20_000)}` });
    assert.equal(isNamed(`${'a'.repeat(5000)}!.js`), false);
    assert.equal(testSettings(Array.from({ length: 500 }, (_, at) => `p/${at}/package.json`)).length, 60);
    assert.deepEqual(testSettings(['node_modules/a/package.json']), []);
  });

  it('count while an attempt is judged', async () => {
    const isNamed = await settingsOf({ '.mocharc.json': manifest({ spec: 'checks/*.js' }), 'checks/add.js': TEST });
    assert.equal(isTestPath('checks/add.js'), false);
    await withNamedTests(isNamed, async () => {
      await null;
      assert.equal(isTestPath('checks/add.js'), true);
      assert.equal(isNamedAsTest('checks/add.js'), true);
      assert.equal(isTestHelper('checks/add.js', 'exports.a = 1'), false);
    });
    assert.equal(isTestPath('checks/add.js'), false);
  });
});
