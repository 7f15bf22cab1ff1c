import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCap, parseLimit } from '../../src/agent/model/parse-error-text.ts';
import { secretValues } from '../../src/agent/never-send/secret-values.ts';
import { parsePlace } from '../../src/agent/tools/files/line-ranges.ts';
import { squeezeOutput } from '../../src/agent/tools/squeeze-output.ts';
import { builtFiles } from '../../src/checks/definition/built-files.ts';
import { findDefinition } from '../../src/checks/definition/find-definition.ts';
import { goMod } from '../../src/checks/definition/put-back.ts';
import { notUnderstood } from '../../src/checks/definition/understood.ts';
import { deno } from '../../src/checks/detect/javascript.ts';
import { php } from '../../src/checks/detect/other-languages.ts';
import { testsBySettings } from '../../src/checks/detect/test-settings.ts';
import { changedText } from '../../src/checks/integrity/changed-text.ts';
import { judgeChange } from '../../src/checks/integrity/judge-change.ts';
import { encodedCode } from '../../src/checks/proof/encoded-code.ts';
import { importedFiles } from '../../src/checks/proof/imported-files.ts';
import { readFindings } from '../../src/checks/read-test-output.ts';
import { inTime, TookTooLong } from '../../src/common/in-time.ts';
import { oneTestFile } from '../../src/delegation/first-request/one-test-file.ts';
import { refuseCommand } from '../../src/sandbox/refuse-command.ts';
import { startsPlugins } from '../../src/sandbox/shadowing-packages.ts';
import { includedBy } from '../../src/workspace/included-config.ts';

/** Each took ten times that and more, and a hundred times as long where the text was ten times as long. */
const MOST_MS = 1500;

const blanks = (length: number) => ' '.repeat(length);
/** Of a line that is longer rules read less. */
const tabs = '\t'.repeat(960);
const half = '\t'.repeat(480);
const lines = (line: string, count = 100) => `${line}\n`.repeat(count);
const judge = (path: string, after: string, before = '\n') =>
  judgeChange([changedText({ path, before, after })], { task: '', isNamed: () => false });
const project = (file: string, text: string) =>
  ({
    first: (...names: string[]) => names.find((name) => name === file),
    text: (name: string) => (name === file ? text : ''),
    has: () => false,
    test: () => false,
  }) as unknown as Parameters<typeof php>[0];

const HOSTILE: Readonly<Record<string, (folder: string) => unknown>> = {
  'a range with a blank part': () => parsePlace(`a:1-${blanks(150_000)}x`, 300),
  'ranges without an end': () => parsePlace(`a:${'1-  ,'.repeat(60)}x`, 300),
  'a path of ranges': () => parsePlace(`a${':1,1'.repeat(40_000)}x`, 300),
  'blanks in an include': (folder) => includedBy([config(folder, `path = a${blanks(100_000)}b`)]),
  'blanks in quotes of an include': (folder) => includedBy([config(folder, `path = "a${blanks(150_000)}b`)]),
  'blanks in a section': (folder) => includedBy([config(folder, `[include ${blanks(150_000)}x`)]),
  'options in a script': () => oneTestFile('a.test.js', { test: `node${' --a'.repeat(28)} ; node --test` }, { all: new Set<string>() }),
  'calls of node in a script': () => oneTestFile('a.test.js', { test: 'node '.repeat(30_000) }, { all: new Set<string>() }),
  'blanks in the settings of PHPUnit': () => settings('phpunit.xml', `<file>${'\t'.repeat(3000)}n`),
  'blanks in the folders of PHPUnit': () => settings('phpunit.xml', `<testsuite><directory>${'\t'.repeat(3000)}n`),
  'blanks in a pom': () => settings('pom.xml', `<include>${'\t'.repeat(3000)}n`),
  'sections of a pyproject.toml': () => judge('pyproject.toml', lines(`[${tabs}`)),
  'exports of a function': () => judge('a.js', lines(`exports.i=function${tabs}x`), 'exports.b = 1;\n'),
  'exported constants': () => judge('a.ts', lines(`export const o=function${tabs}x`), 'export const b = 1;\n'),
  'handlers with nothing': () => judge('a.test.js', lines(`} catch (e) {\n${tabs}p`)),
  'conditions that are never met': () => judge('a.test.js', lines(`if${half}!1${half}x`, 200)),
  'blanks in a .env': () => secretValues(Buffer.from(`A_TOKEN=a${blanks(200_000)}b`)),
  'exports in a .env': () => secretValues(Buffer.from(lines(`export ${blanks(3000)}.`, 5))),
  'colons in a .env': () => secretValues(Buffer.from(`A_URL=://${':'.repeat(200_000)}`)),
  'digits in a .env': () => secretValues(Buffer.from(`A_TOKEN=a=${'1'.repeat(200_000)}x`)),
  'tasks of Deno': () => deno(project('deno.json', '"tasks":{'.repeat(30_000))),
  'scripts of Composer': () => php(project('composer.json', '"scripts":{'.repeat(10_000) + '"test":['.repeat(10_000))),
  'digits in an output': () => squeezeOutput('1'.repeat(150_000)),
  'summaries of prove': () => readFindings(lines('Files=1, Tests=1, ', 10_000)),
  'imports of blanks': () =>
    judge('a.test.js', `import a from 'assert';\n${lines(`import${blanks(990)}`, 40)}`, "import a from 'assert';\na(1);\n"),
  'empty lines of a script': () => encodedCode('a.js', '\n'.repeat(60_000)),
  'empty lines of Python': () => judge('a.py', `a.__dict__\n${'\n'.repeat(60_000)}`),
  'dots of Python': () => importedFiles('a.py', `from ${'.'.repeat(60_000)}x`, new Set(), []),
  'directives of Go': () => goMod('module a\n', lines('a', 10_000), {} as never),
  'headers in deep folders': () => understood(60, (at) => `${'a/'.repeat(1900)}${at}.h`),
  'what may be built in deep folders': () =>
    builtFiles(
      made(300, (at) => `${'a/'.repeat(1900)}${at}.js`),
      KNOWN.basePaths,
      new Map(),
    ),
  'files of one name': () =>
    findDefinition(
      'make test',
      '',
      made(20_000, (at) => `${at}/Makefile`),
      NONE,
    ),
  'an option of a shell': () => refuseCommand(`sh -${'c'.repeat(150_000)}_ x`),
  'blanks in an error of the server': () => parseLimit(`token limit${'\t'.repeat(150_000)}x`),
  'ranges in an error of the server': () => parseCap(`max_tokens ${'range'.repeat(40_000)}`),
};

function config(folder: string, text: string): string {
  const file = join(folder, 'config');
  writeFileSync(file, `[include]\n ${text}\n`);
  return file;
}

const settings = (path: string, text: string) => testsBySettings([path], async () => new Map([[path, text]]));

const made = (count: number, name: (at: number) => string) => Array.from({ length: count }, (_, at) => name(at));
const KNOWN = { basePaths: new Set(['a.c', 'Makefile']), odd: new Set<string>(), texts: new Map<string, string>() };
const NONE = { ...KNOWN, base: async () => new Map<string, string>(), result: async () => new Map<string, string>() };
const understood = (count: number, name: (at: number) => string) => notUnderstood(made(count, name), KNOWN);

describe('texts on which an expression could take long', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ckm-time-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [name, read] of Object.entries(HOSTILE)) {
    it(name, async () => {
      const begin = performance.now();
      await read(folder);
      const took = performance.now() - begin;
      assert.ok(took < MOST_MS, `${Math.round(took)} ms`);
    }).timeout(120_000);
  }

  it('sees a group of plugins behind every end of a line that Python knows', () => {
    for (const end of ['\n', '\r', '\v', '\f', '\x1c', '\u0085', '\u2028']) {
      writeFileSync(join(folder, 'entry_points.txt'), `[console_scripts]\na = b:c${end}[pytest11]\nx = y\n`);
      assert.equal(startsPlugins(folder), true, JSON.stringify(end));
    }
    writeFileSync(join(folder, 'entry_points.txt'), '[console_scripts]\na = b:c [extra]\n\n [gui_scripts]\n');
    assert.equal(startsPlugins(folder), false);
  });

  it('is left where nobody has seen that it takes so long, and that is said', () => {
    const slow = 'a\n'.repeat(200_000);
    const found = judgeChange(
      [changedText({ path: 'a.test.js', before: slow, after: `${slow}b\n` })],
      { task: '', isNamed: () => false },
      1,
    );
    assert.match(found[0]!.text.code, /^integrity\.slow$/);
    assert.throws(() => inTime(50, () => /^(a+)+$/.test(`${'a'.repeat(60)}b`)), TookTooLong);
    assert.equal(
      inTime(1000, () => 'in time'),
      'in time',
    );
  });
});
