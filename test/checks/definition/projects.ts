import { findDefinition } from '../../../src/checks/definition/find-definition.ts';

/** Small projects, and what an attempt makes of them. */
export type Files = Readonly<Record<string, string | null>>;

export async function definitionOf(command: string, base: Files, change: Files) {
  const result: Files = { ...base, ...change };
  const reader = (files: Files) => async (paths: readonly string[]) =>
    new Map(paths.flatMap((path) => (typeof files[path] === 'string' ? [[path, files[path]] as const] : [])));
  const sides = { basePaths: new Set(Object.keys(base)), base: reader(base), result: reader(result) };
  return (await findDefinition(command, '', Object.keys(change), sides)).files;
}

export const json = (value: unknown) => JSON.stringify(value, null, 2);
export const pkg = (scripts: Record<string, string>, more: Record<string, unknown> = {}) => json({ name: 'a', scripts, ...more });
export const JS = {
  'package.json': pkg({ test: 'node --test', lint: 'eslint .' }),
  'src/a.js': 'export const a = 1;\n',
  'test/a.test.js': "test('a', () => {});\n",
};
export const JS_WITHOUT_LINT = { ...JS, 'package.json': pkg({ test: 'node --test' }) };
export const PY = {
  'pyproject.toml': '[project]\nname = "a"\ndependencies = []\n[tool.pytest.ini_options]\naddopts = "-q"\n',
  'a.py': 'x = 1\n',
  'tests/test_a.py': 'def test_a(): pass\n',
};
export const RUST = { 'Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\n\n[dependencies]\n', 'src/lib.rs': '' };
export const CRATE = { ...RUST, 'Cargo.toml': `${RUST['Cargo.toml']}matches = "1"\n` };
export const GO = { 'go.mod': 'module a\n\ngo 1.22\n', 'a.go': 'package a\n', 'a_test.go': 'package a\nfunc TestA(t *testing.T) {}\n' };
export const MAKE = { Makefile: 'SRC = a.c b.c\ntest:\n\tsh check.sh\n', 'check.sh': 'cc a.c && ./a.out\n', 'a.c': '' };
