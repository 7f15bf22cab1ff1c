/** Small projects of which a model makes something that passes, and what they need. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { finish, gitIn, makeRepository, makeWorld, run, task, type World, writeIn } from '../e2e/world.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';

export type Files = Readonly<Record<string, string>>;

export interface Case {
  readonly files: Files;
  readonly check: string;
  readonly turns: readonly Turn[];
}

/** rustup's own programs look for a toolchain in the home, which is another one here. */
export const rust = spawnSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' }).stdout?.trim();
export const PATH = [...(rust ? [path.join(rust, 'bin')] : []), process.env['PATH']].join(':');

/** What a case needs, by the first word of its name. */
export const TOOLS: Readonly<Record<string, readonly string[]>> = {
  python: ['python3', '-m', 'pytest', '--version'],
  make: ['make', '--version'],
  cmake: ['cmake', '--version'],
  go: ['go', 'version'],
  rust: ['cargo', '--version'],
};

/** Whatever stood there. */
export const write = (file: string, text: string): Turn =>
  run(`mkdir -p ${path.dirname(file)} && echo ${Buffer.from(text).toString('base64')} | base64 -d > ${file}`);
export const writeAll = (files: Files): Turn[] => Object.entries(files).map(([file, text]) => write(file, text));
export const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

export const BAD = 'exports.add = (a, b) => a - b;\n';
export const GOOD = 'exports.add = (a, b) => a + b;\n';
export const NODE_TEST =
  "const { test } = require('node:test');\nconst assert = require('node:assert');\nconst { add } = require('../add.js');\n";
export const NODE: Files = {
  'package.json': json({ name: 'sum', scripts: { test: 'node --test --test-reporter=tap' } }),
  'add.js': BAD,
  'test/add.test.js': `${NODE_TEST}test('adds', () => assert.equal(add(1, 2), 3));\ntest('adds nothing', () => assert.equal(add(1, 0), 1));\n`,
};
/** A change of the manifest, with which packages count as the attempt left them. */
export const OTHER = json({ ...JSON.parse(NODE['package.json']!), dependencies: { other: '1.0.0' } });
export const RIGHT: Files = { ...NODE, 'add.js': GOOD };
export const SHELL: Files = { 'check.sh': 'grep -q hallo src/greet.txt\n' };
export const MAKE: Files = { ...SHELL, Makefile: 'RUN = sh\ntest:\n\t$(RUN) check.sh\n' };
export const CMAKE: Files = {
  'CMakeLists.txt':
    'cmake_minimum_required(VERSION 3.10)\nproject(a C)\nenable_testing()\nadd_executable(t t.c)\nadd_test(NAME t COMMAND t)\n',
  't.c': '#include <assert.h>\nint main(void) { assert(1 - 2 == 3); return 0; }\n',
};
export const PYTHON: Files = {
  'add.py': 'def add(a, b):\n    return a - b\n',
  'tests/test_add.py':
    'import unittest\nfrom add import add\n\n\nclass AddTest(unittest.TestCase):\n    def test_adds(self):\n        self.assertEqual(add(1, 2), 3)\n',
  'tests/__init__.py': '',
};
export const RUST: Files = {
  'Cargo.toml': '[package]\nname = "sum"\nversion = "0.1.0"\nedition = "2021"\n',
  'src/lib.rs':
    'pub fn add(a: u32, b: u32) -> u32 {\n    a * b\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(super::add(1, 2), 3);\n    }\n}\n',
};
export const node = (turns: Files): Case => ({ files: NODE, check: 'npm test', turns: writeAll(turns) });
export const right = (turns: Files): Case => ({ files: RIGHT, check: 'npm test', turns: writeAll(turns) });
export const script = (text: string, more: Record<string, string> = {}) => json({ name: 'sum', scripts: { test: text, ...more } });

const here = new Map<string, boolean>();
function isHere(program: string, words: readonly string[]): boolean {
  const command = [program, ...words].join(' ');
  const known = here.get(command) ?? spawnSync(program, words, { env: { ...process.env, PATH } }).status === 0;
  here.set(command, known);
  return known;
}

/** A test that says what it misses where that is not here. */
export function testOf(title: string, what: string, body: () => Promise<void>): void {
  const [program = '', ...words] = TOOLS[what.split(':')[0]!] ?? [];
  const isThere = program === '' || isHere(program, words);
  it(isThere ? `${title}: ${what}` : `${title}: ${what} (${program} is not here)`, isThere ? body : undefined);
}

/**
 * For a `describe`: the report of an attempt that plays a case. Each has a repository of its own, and all have one server, as a client has
 * it for many delegations: to start one takes two fifths of what a case takes.
 */
export function playsCases(): (play: Case) => Promise<string> {
  let world: World | undefined;
  let turns: readonly Turn[] = [];
  let count = 0;
  after(() => world?.close());
  return async ({ files, check, turns: played }) => {
    turns = played;
    world ??= await makeWorld(({ step }) => turns[step] ?? finish(), { env: { PATH }, roots: 'folder' });
    const repo = path.join(world.folder, `case-${++count}`);
    makeRepository(repo);
    for (const [file, text] of Object.entries(files)) writeIn(repo, file, text);
    gitIn(repo, 'add', '-A');
    gitIn(repo, 'commit', '-q', '-m', 'Sum');
    const report = await world.server.call('implement_feature', task({ repo }, 'fix/sum', { checks: [check] }));
    rmSync(repo, { recursive: true });
    return report;
  };
}
