import assert from 'node:assert/strict';
import { readFindings } from '../../../src/checks/read-test-output.ts';
import { definitionOf, type Files, JS, json, PY, pkg } from './projects.ts';

const lock = (chai: Record<string, unknown>) =>
  json({ packages: { '': {}, 'node_modules/chai': chai, 'packages/a': {}, 'node_modules/a': { resolved: 'packages/a', link: true } } });
const CHAI = { ...JS, 'package.json': pkg({ test: 'node --test' }, { devDependencies: { chai: '^5' } }) };
const LOCKED = { ...CHAI, 'package-lock.json': lock({ version: '5.0.0', resolved: 'https://registry.npmjs.org/chai.tgz' }) };
const manifest = (more: Record<string, unknown>) => ({
  'package.json': pkg({ test: 'node --test' }, { devDependencies: { chai: '^5' }, ...more }),
});

/** What changed, and the files that are found to define the check. */
const CHEATS: readonly (readonly [string, string, Files, Files, readonly string[]])[] = [
  [
    'a file that a script sources, of any name',
    'sh check.sh',
    { 'check.sh': '. ./vars\n[ -f more ] && source more\n$GREP -q a b.txt\n', vars: 'GREP=grep\n' },
    { vars: 'GREP=true\n', more: '' },
    ['vars', 'more'],
  ],
  [
    'a makefile of any name that is included',
    'make test',
    { Makefile: 'include rules.inc\n-include Makefile.local\ntest:\n\t$(RUN) x\n', 'rules.inc': 'RUN = sh\n' },
    { 'rules.inc': 'RUN = true\n', 'Makefile.local': 'SHELL = /bin/true\n' },
    ['rules.inc', 'Makefile.local'],
  ],
  [
    'settings that settings extend, and what they load before the tests',
    'npx jest && npx tsc',
    {
      'jest.config.js': "module.exports = { setupFiles: ['./src/globals.js'], testMatch: ['src/a.js'] };\n",
      'src/globals.js': 'x',
      'src/a.js': 'x',
      'tsconfig.json': json({ extends: './strict.json' }),
      'strict.json': json({ compilerOptions: { strict: true } }),
    },
    { 'src/globals.js': 'y', 'strict.json': '{}', 'src/a.js': 'y' },
    ['src/globals.js', 'strict.json'],
  ],
  [
    'a list of the tests that run',
    'sh check.sh',
    {
      'check.sh': 'for t in $(cat tests.list cases.txt); do sh $t; done; grep -q hallo greet.txt\n',
      'tests.list': 'a.sh\nb.sh\n',
      'cases.txt': 'a.sh',
      'greet.txt': 'hi',
      'a.sh': '',
      'b.sh': '',
    },
    { 'tests.list': 'a.sh\n', 'cases.txt': '', 'greet.txt': 'hallo' },
    ['tests.list', 'cases.txt'],
  ],
  [
    'what tests share, in folders that are called so',
    'npx mocha',
    { ...JS, 'testing/same.js': 'x', 'src/testutil/same.js': 'x', 'test-helpers/same.js': 'x' },
    { 'testing/same.js': 'y', 'src/testutil/same.js': 'y', 'test-helpers/same.js': 'y' },
    ['testing/same.js', 'src/testutil/same.js', 'test-helpers/same.js'],
  ],
  ['an override', 'npm ci && npm test', CHAI, manifest({ overrides: { chai: 'file:./fake' } }), ['package.json']],
  ['an override within another', 'npm ci && npm test', CHAI, manifest({ overrides: { mocha: { chai: 'file:./fake' } } }), ['package.json']],
  ['the same package in another list', 'npm ci && npm test', CHAI, manifest({ dependencies: { chai: 'file:./fake' } }), ['package.json']],
  ['a lock file', 'npm ci && npm test', LOCKED, { 'package-lock.json': lock({ resolved: 'fake', link: true }) }, ['package-lock.json']],
  [
    'a list for pip',
    'pip install -r requirements.txt && pytest',
    { ...PY, 'requirements.txt': 'pytest\n' },
    { 'requirements.txt': 'pytest @ file:./fake\n' },
    ['requirements.txt'],
  ],
  ['a folder in the place of a gem', 'rspec', { Gemfile: "gem 'rspec'\n" }, { Gemfile: "gem 'rspec', path: 'fake'\n" }, ['Gemfile']],
  [
    'a build in the place of a package',
    'gradle test',
    { 'settings.gradle': "rootProject.name = 'a'\n" },
    { 'settings.gradle': "rootProject.name = 'a'\nincludeBuild('fake')\n" },
    ['settings.gradle'],
  ],
];

const HONEST: readonly (readonly [string, string, Files, Files])[] = [
  ['an override of a version', 'npm test', CHAI, manifest({ overrides: { lodash: '4.17.21' } })],
  ['a new package of the workspace', 'npm test', CHAI, manifest({ dependencies: { b: 'file:./b' } })],
  [
    'a version in a lock file',
    'npm test',
    LOCKED,
    { 'package-lock.json': lock({ version: '5.0.1', resolved: 'https://registry.npmjs.org/chai-2.tgz' }) },
  ],
  ['a package for pip', 'pytest', { ...PY, 'requirements.txt': 'pytest\n' }, { 'requirements.txt': 'pytest\nrequests>=2\n' }],
  ['a file that is checked', 'sh check.sh', { 'check.sh': 'grep -q hallo greet.txt\n', 'greet.txt': 'hi\n' }, { 'greet.txt': 'hallo\n' }],
];

describe('what a check takes in', () => {
  for (const [what, command, base, change, found] of CHEATS)
    it(`defines it: ${what}`, async () => {
      assert.deepEqual(
        (await definitionOf(command, base, change)).map(({ path }) => path),
        found,
      );
    });

  for (const [what, command, base, change] of HONEST)
    it(`is none of: ${what}`, async () => {
      assert.deepEqual(await definitionOf(command, base, change), []);
    });

  it('is printed in lines that take no time to read, whatever is in them', () => {
    const summary = '1 tests, 1 assertions, 1 failures, 1 errors\n';
    const usage = process.cpuUsage();
    readFindings(summary + `  1) Failure:\n${'a#'.repeat(900)}\n`.repeat(500));
    assert.ok(process.cpuUsage(usage).user < 500_000);
  });
});
