import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findMissing, type Missing } from '../../src/checks/find-missing.ts';
import { installCommands } from '../../src/checks/install-command.ts';
import { missingNotes } from '../../src/checks/missing-notes.ts';
import type { CheckRun } from '../../src/checks/types.ts';
import { english } from '../messages/english.ts';
import { quick } from '../quick.ts';

/** Lines as the tools print them. */
const LINES: readonly (readonly [string, Missing['what'], string])[] = [
  ['sh: 1: mocha: not found', 'program', 'mocha'],
  ['/bin/sh: 1: vitest: not found', 'program', 'vitest'],
  ['sh: line 1: jest: command not found', 'program', 'jest'],
  ['bash: line 1: cargo: command not found', 'program', 'cargo'],
  ['/bin/bash: go: command not found', 'program', 'go'],
  ['zsh:1: command not found: tox', 'program', 'tox'],
  ['make: pytest: No such file or directory', 'program', 'pytest'],
  ['/usr/bin/env: ‘node’: No such file or directory', 'program', 'node'],
  ['error Command "jest" not found.', 'program', 'jest'],
  [' ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL  Command "vitest" not found', 'program', 'vitest'],
  ['bundler: command not found: rspec', 'program', 'rspec'],
  ['Command not found: pytest', 'program', 'pytest'],
  ['error: Failed to spawn: `pytest`', 'program', 'pytest'],
  ['npm error npx canceled due to missing packages and no YES option: ["mocha@11.7.4"]', 'package', 'mocha@11.7.4'],
  ['npm error request to https://registry.npmjs.org/mocha failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org', 'package', 'mocha'],
  ["Error: Cannot find module 'chai'", 'package', 'chai'],
  ["Error: Cannot find module '@babel/core'", 'package', '@babel/core'],
  ["Cannot find package 'vitest' imported from /home/ann/app/vitest.config.ts", 'package', 'vitest'],
  ["src/a.ts(1,20): error TS2307: Cannot find module 'zod' or its corresponding type declarations.", 'package', 'zod'],
  ["ModuleNotFoundError: No module named 'requests'", 'package', 'requests'],
  ["E   ModuleNotFoundError: No module named 'yaml.loader'", 'package', 'yaml.loader'],
  ['/usr/bin/python3: No module named pytest', 'package', 'pytest'],
  ['Could not find rake-13.0.6, minitest-5.1 in locally installed gems', 'package', 'rake'],
  ["Could not find gem 'rspec' in locally installed gems.", 'package', 'rspec'],
  ["<internal:kernel_require.rb>:85:in `require': cannot load such file -- rspec/core (LoadError)", 'package', 'rspec/core'],
  ["PHP Fatal error:  Uncaught Error: Failed opening required '/app/vendor/autoload.php'", 'package', 'vendor/autoload.php'],
  ['main.go:3:8: no required module provides package rsc.io/quote; to add it:', 'package', 'rsc.io/quote'],
  ['go: rsc.io/quote@v1.5.2: module lookup disabled by GOPROXY=off', 'package', 'rsc.io/quote'],
  [
    'go: rsc.io/quote@v1.5.2: Get "https://proxy.golang.org/rsc.io/quote/@v/v1.5.2.mod": dial tcp: lookup proxy.golang.org',
    'package',
    'rsc.io/quote',
  ],
  ['error: no matching package named `serde` found', 'package', 'serde'],
  ['error: failed to download `serde v1.0.0`', 'package', 'serde'],
  [
    'Cannot access central in offline mode and the artifact junit:junit:jar:4.13 has not been downloaded from it before.',
    'package',
    'junit:junit:jar:4.13',
  ],
  ['> No cached version of com.google.guava:guava:33.0-jre available for offline mode.', 'package', 'com.google.guava:guava:33.0-jre'],
  ['app.csproj : error NETSDK1004: Assets file was not found. Run a NuGet package restore.', 'package', 'NETSDK1004'],
  ['Unchecked dependencies for environment test:', 'package', 'Unchecked dependencies'],
  ['  Could NOT find Boost (missing: Boost_INCLUDE_DIR)', 'package', 'Boost'],
  [
    "browserType.launch: Executable doesn't exist at /home/ann/.cache/ms-playwright/chromium-1140/chrome-linux/chrome",
    'browser',
    'chromium',
  ],
  ['Error: Could not find Chrome (ver. 131.0.6778.85).', 'browser', 'Chrome'],
  ['Error: connect ECONNREFUSED 127.0.0.1:5432', 'service', '5432'],
  ['connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused', 'service', '5432'],
  ['dial tcp 127.0.0.1:6379: connect: connection refused', 'service', '6379'],
  ['go: go.mod requires go >= 1.25 (running go 1.19.8)', 'version', 'go: go.mod requires go >= 1.25 (running go 1.19.8)'],
  [
    'error: package `clap v4.5.0` cannot be built because it requires rustc 1.74 or newer',
    'version',
    'error: package `clap v4.5.0` cannot be built because it requires rustc 1.74 or n',
  ],
];

describe('what a check misses', () => {
  let tree: string;
  before(() => {
    tree = mkdtempSync(path.join(tmpdir(), 'missing-'));
  });
  after(() => rmSync(tree, { recursive: true }));

  for (const [line, what, name] of LINES) {
    it(`${what}: ${line}`, () => assert.deepEqual(findMissing(`> app@1.0.0 test\n\n${line}\nmore\n`, tree), { what, name }));
  }

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
  ])
    it(`nothing: ${line}`, () => assert.equal(findMissing(line, tree), null));

  it('is no module of the project itself, which the work may be about', () => {
    mkdirSync(path.join(tree, 'src/shop'), { recursive: true });
    writeFileSync(path.join(tree, 'tools.py'), '');
    for (const name of ['shop', 'shop.cart', 'tools']) assert.equal(findMissing(`No module named '${name}'`, tree), null);
    assert.ok(findMissing("No module named 'requests'", tree));
  });

  it('is found in time in a hostile output', async () => {
    for (const unit of ['a', 'sh: ', 'Cannot find module ', '/', 'x@1: ', "Could not find gem '"])
      await quick(async () => findMissing(`${unit.repeat(400)}\n`.repeat(2000), tree));
  });

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
      assert.deepEqual(notes({ what: 'program', name: 'npm' }), ['`npm test` could not run: the program npm is not there']);
      mkdirSync(path.join(root, 'node_modules'));
      assert.deepEqual(notes({ what: 'program', name: 'cargo' }), ['`npm test` could not run: the program cargo is not there']);
      assert.match(notes({ what: 'package', name: 'chai' })[0] ?? '', /chai is not installed\. To install .*`npm ci`/);
      symlinkSync(elsewhere, path.join(root, 'node_modules/chai'));
      assert.deepEqual(notes({ what: 'package', name: 'chai' }), [
        `\`npm test\` could not run: the package chai is not installed. In your checkout it is a link to ${elsewhere}, another project, which commands do not see: install a copy (npm install --install-links ${elsewhere}), or go on without this check`,
      ]);
      mkdirSync(path.join(root, 'packages/own'), { recursive: true });
      symlinkSync('../packages/own', path.join(root, 'node_modules/own'));
      assert.match(notes({ what: 'package', name: 'own' })[0] ?? '', /To install/, 'a workspace, which commands see');
      assert.match(notes({ what: 'service', name: '5432' })[0] ?? '', /nothing answers at port 5432/);
    } finally {
      rmSync(root, { recursive: true });
      rmSync(elsewhere, { recursive: true });
    }
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
