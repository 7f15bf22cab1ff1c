/** Which files test a file, by what the usual languages call them. */
import { nameOf, type PathIndex } from './path-index.ts';

const MOST = 4;
/** Folders that say where code or tests are kept, not what they are about. */
const KEEPING = new Set(['src', 'lib', 'main', 'app', 'test', 'tests', '__tests__', 'spec', 'specs', 'unit', 'java', 'kotlin', 'scala']);

/**
 * @param named repository-relative paths, the most important first
 * @returns at most 4 tests, in the order of what they test, none that is named itself; of several with one name, only what lies alike
 */
export function findTests(named: readonly string[], { byName }: PathIndex): string[] {
  const wanted = named.map((path) => ({ path, names: testNames(nameOf(path)) }));
  const found = new Set<string>();
  for (const { path, names } of wanted) {
    const candidates = names.flatMap((name) => byName.get(name) ?? []);
    const alike = candidates.filter((one) => subject(one) === subject(path));
    const [test, ...more] = candidates.length === 1 ? candidates : alike;
    if (test !== undefined && more.length === 0 && !named.includes(test)) found.add(test);
  }
  return [...found].slice(0, MOST);
}

/** `total.js` may be tested by `total.test.js`, `total.py` by `test_total.py`; a test itself by none of these. */
function testNames(name: string): string[] {
  const [, base, extension] = /^(.+)\.(\w+)$/.exec(name) ?? [];
  if (base === undefined || extension === undefined || /[._](test|spec)$|^test_|(Test|Tests|Spec)$/.test(base)) return [];
  if (/^[cm]?[jt]sx?$|^(vue|svelte)$/.test(extension)) {
    const extensions = [...new Set([extension, extension.replace(/x$/, ''), extension.replace(/^js/, 'ts'), 'ts', 'js'])];
    return ['test', 'spec'].flatMap((kind) => extensions.map((one) => `${base}.${kind}.${one}`));
  }
  switch (extension) {
    case 'py':
      return [`test_${base}.py`, `${base}_test.py`];
    case 'go':
    case 'dart':
    case 'exs':
      return [`${base}_test.${extension}`];
    case 'ex':
      return [`${base}_test.exs`];
    case 'rb':
      return [`${base}_spec.rb`, `${base}_test.rb`, `test_${base}.rb`];
    case 'java':
    case 'kt':
    case 'cs':
    case 'php':
    case 'scala':
    case 'swift':
      return ['Test', 'Tests', 'Spec'].map((ending) => `${base}${ending}.${extension}`);
    default:
      return [];
  }
}

/** The folders that a path is about: `src/cart/total.js` and `test/cart/total.test.js` lie alike. */
function subject(path: string): string {
  return path
    .split('/')
    .slice(0, -1)
    .filter((folder) => !KEEPING.has(folder))
    .join('/');
}
