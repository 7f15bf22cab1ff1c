import assert from 'node:assert/strict';
import { dependencies } from '../../../src/checks/integrity/dependencies.ts';
import { signatures } from '../../../src/checks/integrity/signatures.ts';
import { say } from '../../../src/messages/message.ts';
import { file, NOTHING_ASKED, said } from './judge.ts';

/** Manifest, its text with and without the package, how it is told. */
const ADDED: readonly (readonly [string, string, string, string])[] = [
  ['package.json', '{"dependencies": {"a": "1"}}', '{"dependencies": {"a": "1", "left-pad": "^1.3.0"}}', 'left-pad ^1.3.0'],
  ['package.json', '{}', '{"devDependencies": {"vitest": "3.0.0"}}', 'vitest 3.0.0'],
  ['composer.json', '{}', '{"require": {"monolog/monolog": "^3"}}', 'monolog/monolog ^3'],
  ['Cargo.toml', '[dependencies]\na = "1"\n', '[dependencies]\na = "1"\nserde = { version = "1.0", features = ["derive"] }\n', 'serde 1.0'],
  ['Cargo.toml', '', '[dev-dependencies.insta]\nversion = "1"\n', 'insta'],
  ['pyproject.toml', '[project]\nname = "a"\n', '[project]\nname = "a"\ndependencies = [\n  "httpx[http2]>=0.27",\n]\n', 'httpx >=0.27'],
  ['pyproject.toml', '', '[tool.poetry.dependencies]\nrequests = "^2.32"\n', 'requests ^2.32'],
  ['pyproject.toml', '', '[dependency-groups]\ndev = ["pytest"]\n', 'pytest'],
  ['requirements-dev.txt', 'a==1\n', 'a==1\npytest==8.3.0\n', 'pytest ==8.3.0'],
  [
    'go.mod',
    'module x\n',
    'module x\n\nrequire (\n\tgithub.com/stretchr/testify v1.9.0\n\tgolang.org/x/net v0.1.0 // indirect\n)\n',
    'github.com/stretchr/testify v1.9.0',
  ],
  ['Gemfile', '', 'gem "rails", "~> 7.1"\n', 'rails ~> 7.1'],
  [
    'pom.xml',
    '',
    '<dependency>\n<groupId>junit</groupId>\n<artifactId>junit</artifactId>\n<version>4.13</version>\n</dependency>',
    'junit:junit 4.13',
  ],
  ['build.gradle.kts', '', '    testImplementation("org.junit:junit-bom:5.11")\n', 'org.junit:junit-bom 5.11'],
  ['App.csproj', '', '<PackageReference Include="Serilog" Version="4.0.0" />', 'Serilog 4.0.0'],
  ['mix.exs', '', '      {:jason, "~> 1.4"},\n', 'jason ~> 1.4'],
  ['pubspec.yaml', '', 'dependencies:\n  http: ^1.2.0\n', 'http ^1.2.0'],
  ['Package.swift', '', '.package(url: "https://x.org/a.git", from: "1.0.0"),', 'https://x.org/a.git 1.0.0'],
];

const texts = (rule: typeof dependencies, path: string, before: string | null, after: string | null) =>
  [...rule([file(path, before, after)], NOTHING_ASKED)].map(({ text }) => say(text, 'en'));

describe('new dependencies', () => {
  for (const [path, before, after, told] of ADDED)
    it(`of ${path}: ${told}`, () => {
      assert.deepEqual(texts(dependencies, path, before, after), [`new dependencies: ${told}`]);
      assert.deepEqual(texts(dependencies, path, after, after), []);
      assert.deepEqual(texts(dependencies, path, after, before), []);
    });

  it('are none that have another version, went from one manifest to another, or stand in a broken one', () => {
    assert.deepEqual(texts(dependencies, 'package.json', '{"dependencies": {"a": "1"}}', '{"devDependencies": {"a": "2"}}'), []);
    const moved = [
      file('a/package.json', '{"dependencies": {"a": "1"}}', '{}'),
      file('b/package.json', '{}', '{"dependencies": {"a": "1"}}'),
    ];
    assert.deepEqual(said(dependencies, moved), []);
    for (const broken of ['{', 'null', '[]', '{"dependencies": 1}', '{"dependencies": null}'])
      assert.deepEqual(texts(dependencies, 'package.json', '{}', broken), [], broken);
  });
});

const CHANGED: readonly (readonly [string, string, string, string])[] = [
  [
    'src/a.ts',
    'export function add(a: number) {}',
    'export function add(a: number, b: number) {}',
    'add(a: number) → add(a: number, b: number)',
  ],
  ['src/a.ts', 'export const add = (a: number) => a;', 'export const add = (a: string) => a;', 'add(a: number) → add(a: string)'],
  [
    'src/a.ts',
    'export default async function run<T>(\n  a: T,\n) {}',
    'export default async function run<T>(\n  a: T,\n  b = 1,\n) {}',
    'run(a: T) → run(a: T, b = 1)',
  ],
  ['lib/a.js', 'exports.add = function (a) {};', 'exports.add = function (a, b) {};', 'add(a) → add(a, b)'],
  ['a.py', 'def add(a, b=1):\n    pass', 'def add(a):\n    pass', 'add(a, b=1) → add(a)'],
  [
    'a.go',
    'func (s *Server) Run(a int) error {',
    'func (s *Server) Run(ctx context.Context, a int) error {',
    'Run(a int) → Run(ctx context.Context, a int)',
  ],
  ['src/a.rs', 'pub fn add(a: u32) -> u32 {', 'pub fn add(a: u64) -> u64 {', 'add(a: u32) → add(a: u64)'],
];
const GONE: readonly (readonly [string, string, string, string])[] = [
  ['src/a.ts', 'export class Cart {}', 'class Cart {}', 'Cart'],
  ['src/a.ts', 'export function add() {}', 'export function sum() {}', 'add'],
  ['a.py', 'class Cart:\n    pass\ndef add(): pass', '', 'Cart, add'],
  ['a.go', 'func Add() {}', 'func add() {}', 'Add'],
  ['src/a.rs', '    pub fn add() {}', '    fn add() {}', 'add'],
];

describe('public signatures', () => {
  for (const [path, before, after, told] of CHANGED)
    it(`changed: ${told}`, () => {
      assert.deepEqual(texts(signatures, path, before, after), [`a public signature changed: ${told}`]);
      assert.deepEqual(texts(signatures, path, before, `// more\n\n${before}\n`), []);
    });
  for (const [path, before, after, told] of GONE)
    it(`gone from ${path}: ${told}`, () => assert.deepEqual(texts(signatures, path, before, after), [`public names are gone: ${told}`]));

  it('are none that are private, moved, in tests or examples, or written otherwise', () => {
    assert.deepEqual(texts(signatures, 'src/a.ts', 'function add(a) {}', ''), []);
    assert.deepEqual(texts(signatures, 'a.py', 'def _add(a): pass\nclass A:\n    def add(self): pass', 'class A:\n    pass'), []);
    assert.deepEqual(texts(signatures, 'a.go', 'func add(a int) {}', ''), []);
    assert.deepEqual(texts(signatures, 'src/a.rs', 'pub(crate) fn add() {}', ''), []);
    assert.deepEqual(texts(signatures, 'test/a.ts', 'export function add(a) {}', ''), []);
    assert.deepEqual(texts(signatures, 'examples/a.ts', 'export function add(a) {}', ''), []);
    assert.deepEqual(texts(signatures, 'src/a.ts', 'export function add(a, b) {}', 'export function add(\n  a,\n  b,\n) {}'), []);
    const moved = [file('src/a.ts', 'export function add(a) {}', ''), file('src/b.ts', null, 'export function add(a) {}')];
    assert.deepEqual(said(signatures, moved), []);
  });
});
