/** Which sources of the repository a test imports: by paths, by the package's own name, as modules of Python, as the package of Go. */
import { posix } from 'node:path';
import { foldersUpwards } from '../../common/folders-upwards.ts';
import { isTestPath } from '../test-files.ts';
import { languageOf } from './mask-code.ts';

const ENDINGS = ['', '.ts', '.tsx', '.js', '.mjs', '.cjs', '.jsx', '.mts', '.cts', '/index.ts', '/index.js', '/index.tsx', '/index.mjs'];
/** What a built or transpiled file is made from. */
const SOURCES: readonly (readonly [RegExp, string])[] = [
  [/\.js$/, '.ts'],
  [/\.jsx?$/, '.tsx'],
  [/\.mjs$/, '.mts'],
  [/\.cjs$/, '.cts'],
];
const BUILT = /(^|\/)(dist|build|lib|out)\/((commonjs|cjs|esm?|mjs)\/)?/;

export interface Manifest {
  /** Where it stands, relative to the root; '' = there. */
  readonly folder: string;
  /** '' = it has none. */
  readonly name: string;
  /** What its name, and its folder, lead to. */
  readonly entries: readonly string[];
}

/** @param paths all files of the repository */
export function importedFiles(file: string, text: string, paths: ReadonlySet<string>, manifests: readonly Manifest[] = []): string[] {
  const language = languageOf(file);
  const found =
    language === 'js'
      ? ofScript(file, text, paths, manifests)
      : language === 'py'
        ? ofPython(file, text, paths)
        : language === 'go'
          ? ofGo(file, paths)
          : language === null
            ? []
            : byNames(file, text, paths);
  return [...new Set(found)].filter(
    (path) => (path !== file || file.endsWith('.rs')) && !isTestPath(path) && languageOf(path) === language,
  );
}

const MOST_FILES = 40;

/** Rust: the sources of the crate. PHP, Ruby: those whose names a test has in its own, or takes in. */
function byNames(file: string, text: string, paths: ReadonlySet<string>): string[] {
  if (file.endsWith('.rs')) {
    const crate = foldersUpwards(posix.dirname(file)).find((folder) => paths.has(posix.join(folder, 'Cargo.toml')));
    if (crate === undefined) return [];
    const sources = posix.join(crate, 'src/');
    return [...paths].filter((path) => path.startsWith(sources) && path.endsWith('.rs')).slice(0, MOST_FILES);
  }
  const ending = posix.extname(file);
  const own = posix.basename(file, ending).replace(/^test_|_(?:test|spec)$|Test$/, '');
  const taken = [...text.matchAll(/\brequire(?:_relative|_once)?\b[^'"\n]{0,40}['"]([^'"\n]{1,200})['"]|^use +([\w\\]{1,200});/gm)].map(
    ([, path, name]) => posix.basename((path ?? name ?? '').replaceAll('\\', '/'), ending),
  );
  const names = new Set([own, ...taken]);
  return [...paths].filter((path) => path.endsWith(ending) && names.has(posix.basename(path, ending))).slice(0, MOST_FILES);
}

function ofScript(file: string, text: string, paths: ReadonlySet<string>, manifests: readonly Manifest[]): string[] {
  const named = [...text.matchAll(/(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['"]([^'"\n]{1,200})['"]/g)].map(([, name]) => name!);
  return named.flatMap((name) => {
    if (name.startsWith('.')) {
      const path = posix.join(posix.dirname(file), name).replace(/\/$/, '');
      const whole = manifests.find(({ folder }) => (folder || '.') === path);
      return whole ? entryOf(whole, paths) : resolved(path, paths);
    }
    const own = manifests.find((one) => one.name !== '' && (name === one.name || name.startsWith(`${one.name}/`)));
    if (own) {
      const inside = name.slice(own.name.length + 1);
      if (inside === '') return entryOf(own, paths);
      return [inside, `src/${inside}`].flatMap((entry) => resolved(posix.join(own.folder, entry), paths)).slice(0, 1);
    }
    // Usual aliases of the folder of sources.
    return [/^[@~#]\//.test(name) ? `src/${name.slice(2)}` : name]
      .filter((path) => path.startsWith('src/'))
      .flatMap((path) => resolved(path, paths));
  });
}

function entryOf({ folder, entries }: Manifest, paths: ReadonlySet<string>): string[] {
  return [...entries, 'src/index', 'index', 'lib/index'].flatMap((entry) => resolved(posix.join(folder, entry), paths)).slice(0, 1);
}

function resolved(path: string, paths: ReadonlySet<string>): string[] {
  const forms = [path, ...(BUILT.test(path) ? [path.replace(BUILT, '$1src/')] : [])];
  const candidates = forms.flatMap((form) => [
    ...ENDINGS.map((ending) => form + ending),
    ...SOURCES.flatMap(([ending, source]) => (ending.test(form) ? [form.replace(ending, source)] : [])),
  ]);
  const found = candidates.find((candidate) => paths.has(candidate));
  return found === undefined ? [] : [found];
}

function ofPython(file: string, text: string, paths: ReadonlySet<string>): string[] {
  const folder = posix.dirname(file);
  const roots = [...new Set(['', 'src', ...upwards(folder)])];
  const modules = (name: string, from: readonly string[]) => {
    const path = name.replaceAll('.', '/');
    return from
      .flatMap((root) => [`${path}.py`, `${path}/__init__.py`].map((end) => posix.join(root, end)))
      .filter((one) => paths.has(one))
      .slice(0, 1);
  };
  const plain = [...text.matchAll(/^[\t ]*import +([\w., ]{1,200})/gm)].flatMap(([, list]) =>
    list!.split(',').flatMap((one) => modules(one.trim().split(' ')[0]!, roots)),
  );
  const from = [...text.matchAll(/^[\t ]*from +(?! )(\.*)(?!\.)([\w.]*) +import +(?:\(([\w*, \n]{1,1000})|([\w*, ]{1,300}))/gm)].flatMap(
    ([, dots, module, several, one]) => {
      const base = dots === '' ? roots : [posix.join(folder, ...Array<string>(dots!.length - 1).fill('..'))];
      const names = (several ?? one ?? '').split(',').map((one) => one.trim().split(' ')[0]!);
      const inside = names.flatMap((name) => (/^\w+$/.test(name) ? modules(module ? `${module}.${name}` : name, base) : []));
      return [...inside, ...(module ? modules(module, base) : [])];
    },
  );
  return [...plain, ...from];
}

function upwards(folder: string): string[] {
  return folder === '.' || folder === '' ? [''] : [folder, ...upwards(posix.dirname(folder))];
}

function ofGo(file: string, paths: ReadonlySet<string>): string[] {
  const folder = posix.dirname(file);
  return [...paths].filter((path) => path.endsWith('.go') && posix.dirname(path) === folder && !path.endsWith('_test.go'));
}
