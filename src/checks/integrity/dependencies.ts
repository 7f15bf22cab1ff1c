/** Packages that a manifest asks for and no changed manifest of the base did: one row a kind of manifest. */
import { basename } from 'node:path';
import { message, shortList } from '../../messages/message.ts';
import { type ChangedText, linesOf, quote } from './changed-text.ts';
import { note, type Rule } from './rule.ts';

/** Name -> version, as it is written; '' where none is. */
type Packages = ReadonlyMap<string, string>;
type Read = (text: string) => Iterable<readonly [name: string, version: string]>;

const MANIFESTS: readonly (readonly [name: RegExp, read: Read])[] = [
  [/^package\.json$/, jsonKeys(['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])],
  [/^composer\.json$/, jsonKeys(['require', 'require-dev'])],
  [/^deno\.jsonc?$/, jsonKeys(['imports'])],
  [/^Cargo\.toml$/, tomlKeys(/^(.*\.)?((dev|build)-)?dependencies$/)],
  [/^Pipfile$/, tomlKeys(/^(dev-)?packages$/)],
  [/^pyproject\.toml$/, pyproject],
  [/^(requirements|constraints)[^/]*\.(txt|in)$/, each(/^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*([~=!<>]=?=?[^;#\s]*)?/)],
  [/^go\.mod$/, each(/^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/\S+)\s+(v\S+)\s*$/)],
  [/^(Gemfile|gems\.rb|[^/]+\.gemspec)$/, each(/^\s*(?:gem|\w+\.add_(?:\w+_)?dependency)[\s(]+['"]([\w-]+)['"](?:,\s*['"]([^'"]+)['"])?/)],
  [/^pom\.xml$/, mavenDependencies],
  [
    /\.gradle(\.kts)?$/,
    each(/^\s*\w*(?:[iI]mplementation|[aA]pi|[cC]ompile|Only|classpath|ksp|kapt)\b[\s(]*['"]([\w.-]+:[\w.-]+)(?::([\w.-]+))?['"]/),
  ],
  [/\.(csproj|fsproj|vbproj|props)$/, each(/<Package(?:Reference|Version)\s[^>]*Include="([^"]+)"(?:[^>]*Version="([^"]+)")?/)],
  [/^mix\.exs$/, each(/\{:(\w+),\s*"([^"]+)"/)],
  [/^Package\.swift$/, each(/\.package\([^)]*url:\s*"([^"]+)"(?:[^)]*"([^"]+)")?/)],
  [/^pubspec\.yaml$/, pubspec],
];

export const dependencies: Rule = (files) => {
  const manifests = files.flatMap((file) => {
    const read = MANIFESTS.find(([name]) => name.test(basename(file.path)))?.[1];
    return read && file.after !== null ? [{ file, old: packagesOf(read, file.before), now: packagesOf(read, file.after) }] : [];
  });
  const known = new Set(manifests.flatMap(({ old }) => [...old.keys()]));
  return manifests.flatMap(({ file, now }) => {
    const fresh = [...now].filter(([name]) => !known.has(name));
    const first = fresh[0];
    if (!first) return [];
    const names = fresh.map(([name, version]) => quote(`${name} ${version}`, 60));
    return [note(message('integrity.dependencies', { names: shortList(names, 5) }), file.path, lineOf(file, first[0]))];
  });
};

function packagesOf(read: Read, text: string | null): Packages {
  return new Map(text === null ? [] : read(text));
}

function lineOf({ added }: ChangedText, name: string): number | undefined {
  return added.find(({ text }) => text.includes(name))?.line;
}

/** Keys of objects in a JSON file; one that cannot be read asks for nothing. */
function jsonKeys(keys: readonly string[]): Read {
  return (text) => {
    try {
      const manifest = JSON.parse(text) as Record<string, unknown> | null;
      return keys.flatMap((key) => {
        const packages: unknown = manifest && Object.hasOwn(manifest, key) ? manifest[key] : null;
        if (typeof packages !== 'object' || packages === null) return [];
        return Object.entries(packages).map(([name, version]) => [name, typeof version === 'string' ? version : ''] as const);
      });
    } catch {
      return [];
    }
  };
}

function each(line: RegExp): Read {
  return (text) =>
    linesOf(text).flatMap((one) => {
      const found = line.exec(one);
      return found?.[1] ? [[found[1], found[2] ?? ''] as const] : [];
    });
}

/** `name = "1"`, `name = { version = "1" }`, `[dependencies.name]` in the sections of a name. */
function tomlKeys(section: RegExp): Read {
  return function* (text) {
    let isOpen = false;
    for (const line of linesOf(text)) {
      const header = /^\s*\[\[?([^\]]+)\]/.exec(line)?.[1]?.trim();
      if (header !== undefined) {
        isOpen = section.test(header);
        const dot = header.lastIndexOf('.');
        if (dot > 0 && section.test(header.slice(0, dot))) yield [header.slice(dot + 1), ''];
        continue;
      }
      const found = isOpen ? /^\s*["']?([\w.-]+)["']?\s*=\s*(.*)$/.exec(line) : null;
      if (found?.[1])
        yield [
          found[1].replace(/\.workspace$/, ''),
          /"([^"]*)"/.exec(/version\s*=\s*(.*)/.exec(found[2] ?? '')?.[1] ?? found[2] ?? '')?.[1] ?? '',
        ];
    }
  };
}

const POETRY = tomlKeys(/^tool\.poetry\.(group\.[^.]+\.)?(dev-)?dependencies$/);

function* pyproject(text: string): Iterable<readonly [string, string]> {
  yield* POETRY(text);
  let section = '';
  let isList = false;
  for (const line of linesOf(text)) {
    section = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1]?.trim() ?? section;
    const key = /^\s*([\w-]+)\s*=\s*\[/.exec(line)?.[1];
    if (key !== undefined)
      isList =
        /^(project\.optional-dependencies|dependency-groups)$/.test(section) || /^(dependencies|requires|dev-dependencies)$/.test(key);
    if (isList)
      for (const [, name = '', version = ''] of line.matchAll(/["']([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*([~=!<>][^"';]*)?[^"']*["']/g))
        yield [name, version.trim()];
    if (/\]\s*(#.*)?$/.test(line)) isList = false;
  }
}

function* mavenDependencies(text: string): Iterable<readonly [string, string]> {
  for (const block of text.split('<dependency>').slice(1)) {
    const own = block.slice(0, 2000);
    const tag = (name: string) => new RegExp(`<${name}>\\s*([^<\\s]+)`).exec(own)?.[1] ?? '';
    yield [`${tag('groupId')}:${tag('artifactId')}`, tag('version')];
  }
}

function* pubspec(text: string): Iterable<readonly [string, string]> {
  let isOpen = false;
  for (const line of linesOf(text)) {
    if (/^\S/.test(line)) isOpen = /^(dev_)?dependencies:/.test(line);
    const found = isOpen ? /^ {2}(\w+):\s*(\S*)/.exec(line) : null;
    if (found?.[1]) yield [found[1], found[2] ?? ''];
  }
}
