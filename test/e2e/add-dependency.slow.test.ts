/** A task that adds a dependency, by the real tools: what they installed is there for the check, and their lock file on the branch. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { fingerprint } from '../fakes/fingerprint.ts';
import { field } from '../fakes/mcp-client.ts';
import { environmentFor } from '../parity/compare.ts';
import { finish, makeWorld, run, task, type World, writeIn } from './world.ts';

const CACHE = path.join(import.meta.dirname, '../../.cache/pnpm');
const env = environmentFor([]);

interface Case {
  readonly tool: string;
  readonly needs: string;
  readonly env?: (home: string) => Record<string, string>;
  readonly files: Readonly<Record<string, string>>;
  /** What the user has done: shell commands in the checkout. */
  readonly before: readonly string[];
  /** What the worker does. */
  readonly commands: readonly string[];
  readonly check: string;
  readonly lock: readonly [file: string, holds: RegExp];
  /** What is the user's and stays as it is. */
  readonly lent: readonly string[];
}

const CASES: readonly Case[] = [
  {
    tool: 'pnpm',
    needs: 'npm',
    files: {
      'package.json': JSON.stringify({
        name: 'app',
        version: '1.0.0',
        scripts: { test: 'node index.js' },
        dependencies: { hello: 'file:packages/hello' },
      }),
      'packages/hello/package.json': '{"name":"hello","version":"1.0.0"}',
      'packages/hello/index.js': 'exports.hello = (name) => `Hello, ${name}!`;\n',
      'packages/shout/package.json': '{"name":"shout","version":"1.0.0"}',
      'packages/shout/index.js': 'exports.shout = (text) => text.toUpperCase();\n',
      'index.js': "console.log(require('hello').hello('Ann'));\n",
      '.gitignore': 'node_modules\n',
    },
    before: ['pnpm install --offline --silent'],
    commands: [
      'pnpm add --offline file:packages/shout',
      `echo "console.log(require('hello').hello(require('shout').shout('Ann')));" > index.js; pnpm test`,
    ],
    check: 'pnpm test | grep -q "Hello, A"',
    lock: ['pnpm-lock.yaml', /shout@file:packages\/shout/],
    lent: ['node_modules', '../home/.local/share/pnpm/store'],
  },
  {
    tool: 'pip',
    needs: 'python3',
    files: {
      'requirements.txt': '',
      'wheels/make.py': `import zipfile
with zipfile.ZipFile('wheels/shout-1.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('shout.py', 'def shout(text):\\n    return text.upper()\\n')
    wheel.writestr('shout-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: shout\\nVersion: 1.0\\n')
    wheel.writestr('shout-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('shout-1.0.dist-info/RECORD', 'shout.py,,\\nshout-1.0.dist-info/METADATA,,\\nshout-1.0.dist-info/WHEEL,,\\nshout-1.0.dist-info/RECORD,,\\n')
`,
      'app.py': 'print("hello")\n',
      '.gitignore': '.venv\n',
    },
    before: ['python3 -m venv --without-pip --system-site-packages .venv', 'python3 wheels/make.py'],
    commands: [
      '.venv/bin/python -m pip install -q --no-index --find-links wheels shout==1.0 && echo shout==1.0 > requirements.txt',
      `echo 'from shout import shout; print(shout("hello"))' > app.py`,
    ],
    check: '.venv/bin/python app.py',
    lock: ['requirements.txt', /shout==1\.0/],
    lent: ['.venv'],
  },
  {
    tool: 'Cargo',
    needs: 'cargo',
    files: {
      'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
      'src/main.rs': 'fn main() {}\n',
      '.cargo/config.toml': '[source.crates-io]\nreplace-with = "own"\n[source.own]\ndirectory = "vendor"\n',
      'vendor/shout/Cargo.toml': '[package]\nname = "shout"\nversion = "1.0.0"\nedition = "2021"\n',
      'vendor/shout/src/lib.rs': 'pub fn shout(text: &str) -> String {\n    text.to_uppercase()\n}\n',
      'vendor/shout/.cargo-checksum.json': '{"files":{},"package":null}',
      '.gitignore': 'target\n',
    },
    before: ['cargo generate-lockfile -q --offline'],
    commands: ['cargo add -q shout@1.0.0', `echo 'fn main() { println!("{}", shout::shout("hello")); }' > src/main.rs; cargo run -q`],
    check: 'cargo run -q --locked',
    lock: ['Cargo.lock', /name = "shout"/],
    lent: [],
  },
  {
    tool: 'Go',
    needs: 'go',
    files: {
      'go.mod': 'module app\n\ngo 1.19\n',
      'main.go': 'package main\n\nfunc main() {}\n',
      '.gitignore': 'made\n',
    },
    // As another project of the user's has downloaded it: the cache has the layout of a proxy (go.dev/ref/mod, "GOPROXY protocol").
    before: [
      'mkdir -p "$HOME/go/pkg/mod/cache/download/example.org/shout/@v" made/example.org/shout@v1.0.0 && go mod tidy',
      `cd made/example.org/shout@v1.0.0 && printf 'module example.org/shout\\n' > go.mod && printf 'package shout\\n\\nfunc Shout(text string) string { return text + "!" }\\n' > shout.go`,
      `cd made && python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1] + "/v1.0.0.zip", "w"); [z.write("example.org/shout@v1.0.0/" + name) for name in ("go.mod", "shout.go")]; z.close()' "$HOME/go/pkg/mod/cache/download/example.org/shout/@v"`,
      `cd "$HOME/go/pkg/mod/cache/download/example.org/shout/@v" && cp "$OLDPWD/made/example.org/shout@v1.0.0/go.mod" v1.0.0.mod && echo v1.0.0 > list && printf '{"Version":"v1.0.0"}' > v1.0.0.info`,
      'rm -r made',
    ],
    commands: [
      'GOPROXY=off GONOSUMDB="*" GOFLAGS=-mod=mod go get example.org/shout@v1.0.0',
      `printf 'package main\\n\\nimport "example.org/shout"\\n\\nfunc main() { println(shout.Shout("hello")) }\\n' > main.go; go run .`,
    ],
    check: 'go run .',
    lock: ['go.sum', /example\.org\/shout v1\.0\.0 h1:/],
    lent: ['../home/go/pkg/mod'],
  },
];

/** Where pnpm's own installer puts it. Downloaded once for a clone. @returns whether it could be */
function installPnpm(home: string): boolean {
  const program = path.join(CACHE, 'node_modules/pnpm');
  if (!existsSync(program)) spawnSync('npm', ['install', '--silent', '--no-save', '--prefix', CACHE, 'pnpm@10']);
  if (!existsSync(program)) return false;
  const folder = path.join(home, '.local/share/pnpm');
  mkdirSync(folder, { recursive: true });
  cpSync(program, path.join(folder, 'lib'), { recursive: true });
  symlinkSync('lib/bin/pnpm.cjs', path.join(folder, 'pnpm'));
  return true;
}

describe('a dependency that a task adds', () => {
  let world: World | null = null;
  afterEach(() => world?.close());

  for (const { tool, needs, files, before, commands, check, lock, lent } of CASES) {
    it(`is on the branch with its lock file, proved, and not in what is the user's: ${tool}`, async function () {
      try {
        execFileSync('/bin/sh', ['-c', `command -v ${needs}`], { env });
      } catch {
        return this.skip();
      }
      const steps = [...commands.map(run), finish()];
      world = await makeWorld(steps, { env });
      const { home, repo } = world;
      const own = { ...env };
      if (tool === 'pnpm') {
        if (!installPnpm(home)) return this.skip();
        Object.assign(own, {
          PNPM_HOME: path.join(home, '.local/share/pnpm'),
          PATH: `${path.join(home, '.local/share/pnpm')}:${env['PATH']}`,
        });
      }
      for (const [file, text] of Object.entries(files)) writeIn(repo, file, text);
      for (const command of before)
        execFileSync('/bin/bash', ['-c', command], { cwd: repo, env: { ...own, HOME: home, OLDPWD: repo }, stdio: 'pipe' });
      world.git('add', '-A');
      world.git('commit', '-qm', 'Begin');
      const prints = () => Promise.all(lent.map((folder) => fingerprint(path.join(repo, folder))));
      const had = await prints();
      const server = await world.another({ env: own });
      const report = await server.call('implement_feature', task(world, 'feature/add', { checks: [check] }));
      const said = world.kimi.requests.at(-1)?.body.toString().slice(-1500);
      assert.equal(field(report, 'outcome'), 'ready', `${report}\n${said}`);
      assert.match(world.git('show', `feature/add:${lock[0]}`), lock[1]);
      assert.deepEqual(await prints(), had);
    }).timeout(60_000);
  }
});
