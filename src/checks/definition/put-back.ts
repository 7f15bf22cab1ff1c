/**
 * Puts what the base says about checks back into a file of the result, and leaves alone what says nothing about them, so that an added
 * dependency is no alarm. What is known to be harmless is named, part by part: whatever is not named counts.
 */

/** What the base says elsewhere. */
export interface Known {
  /** The names of package scripts that a check runs. */
  readonly reached: ReadonlySet<string>;
  /** Those that its command may name itself. */
  readonly asked: ReadonlySet<string>;
  /** Packages that manifests depend on. */
  readonly packages: ReadonlySet<string>;
}

/**
 * @param base the file's text there, null where there was none; the same for the result
 * @returns the text to check with; that of the result where nothing that counts was changed. null = no such file
 */
export type PutBack = (base: string | null, result: string | null, known: Known) => string | null;

export const whole: PutBack = (base) => base;

type Json = Record<string, unknown>;

/** A manifest whose `scripts` count only where a check runs them. */
export const packageJson = (harmless: readonly string[], grows: readonly string[] = []): PutBack => {
  const put = manifestWith(harmless, grows);
  // A new one by the name of a package that is there comes in its place where workspaces are linked.
  return (base, result, known) => (base === null && known.packages.has(nameIn(result)) ? null : put(base, result, known));
};

const nameIn = (manifest: string | null) => /"name"\s*:\s*"([^"]*)"/.exec(manifest ?? '')?.[1] ?? '';

const manifestWith = (harmless: readonly string[], grows: readonly string[]): PutBack =>
  json((base, result, known) => {
    const before = asObject(base['scripts']);
    const isNew = (name: string) => Object.keys(base).length > 0 && known.asked.has(name) && !(name in before);
    const fresh = Object.entries(asObject(result['scripts'])).filter(([name]) => isNew(name));
    const running = new Set([...known.reached].filter((name) => !isNew(name)));
    const counting = (manifest: Json) => ({ ...relevant(manifest, harmless), scripts: pick(manifest['scripts'], running) });
    const sent = sentElsewhere(base, result);
    const isSame = same(withoutGrowth(counting(base), counting(result), grows), counting(base)) && same(sent, result);
    if (isSame && fresh.length === 0) return result;
    const added = fresh.length > 0 ? { scripts: { ...Object.fromEntries(fresh), ...before } } : {};
    return { ...pickKeys(sent, harmless), ...relevant(base, harmless), ...added };
  });

export const composerJson = (harmless: readonly string[]): PutBack => {
  const put = packageJson([...harmless, 'autoload', 'autoload-dev']);
  const putAll = packageJson(harmless);
  return (base, result, known) => (loadsAtStart(base) === loadsAtStart(result) ? put : putAll)(base, result, known);
};

/** Within a long string anything can look like a section. */
function hasSectionInText(text: string): boolean {
  const marks = [...text.matchAll(/"""|'''/g)].map(({ index }) => index);
  return marks.length > 1 && /^[ \t]*\[/m.test(text.slice(marks[0], marks.at(-1)));
}

/** What Composer loads before anything else, and classes of the tools that run tests. */
function loadsAtStart(manifest: string | null): string {
  return (manifest?.match(/"files"\s*:\s*\[[^\]]*\]?|"(PHPUnit|Pest|Mockery|Prophecy|Webmozart)\b[^"]*"\s*:\s*[^,}]*/g) ?? []).join();
}

/** Overrides may lie in each other. */
const leadsElsewhere = (from: unknown): boolean =>
  typeof from === 'string' ? ELSEWHERE.test(from) : Object.values(asObject(from)).some(leadsElsewhere);

const ELSEWHERE = /^(?:file|link|portal|npm|git|github|git\+\w+|https?):|^[./~]/;

/** The manifest, but packages that the base had come from where they came from there: an assertion library can be forged in a folder. */
function sentElsewhere(base: Json, result: Json): Json {
  const isForced = (key: string) => /^(overrides|resolutions)$/.test(key);
  const isList = (key: string) => /dependencies$/i.test(key) || isForced(key);
  const everywhere = Object.assign({}, ...Object.entries(base).flatMap(([key, list]) => (isList(key) ? [asObject(list)] : []))) as Json;
  const put = Object.entries(result)
    .filter(([key]) => isList(key))
    .map(([key, list]): [string, unknown] => {
      const known = asObject(base[key]);
      const entries = Object.entries(asObject(list)).flatMap(([name, from]): [string, unknown][] => {
        const isSent = leadsElsewhere(from) && !same(from, known[name]) && (isForced(key) || name in everywhere);
        if (!isSent) return [[name, from]];
        return name in known ? [[name, known[name]]] : [];
      });
      return [key, Array.isArray(list) ? list : Object.fromEntries(entries)];
    });
  return { ...result, ...Object.fromEntries(put), ...mapped(base, result), ...exported(base, result) };
}

/** A package can import itself by its name, so what tests share may come from there: what was exported leads where it led. */
function exported(base: Json, result: Json): Json {
  const [before, now] = [base['exports'], result['exports']];
  if (before === undefined || same(before, now)) return {};
  if (typeof before !== 'object' || typeof now !== 'object') return { exports: before };
  const known = { ...asObject(now), ...asObject(before) };
  return same(known, now) ? {} : { exports: known };
}

/** Names by which files are imported (`#assert`, `@std/assert`) lead where they led. A manifest that is nearer to tests would hide all of them. */
function mapped(base: Json, result: Json): Json {
  const [before, now] = [asObject(base['imports']), asObject(result['imports'])];
  if (Object.keys(base).length === 0 && Object.keys(now).length > 0) return { imports: {} };
  const isSent = Object.keys(now).some((name) => (name in before ? !same(before[name], now[name]) : TEST_PACKAGES.test(name)));
  return isSent ? { imports: { ...Object.fromEntries(Object.entries(now).filter(([name]) => !TEST_PACKAGES.test(name))), ...before } } : {};
}

const HARMLESS_OPTIONS = [
  ...['paths', 'lib', 'target', 'module', 'moduleResolution', 'moduleDetection', 'jsx', 'jsxFactory', 'jsxImportSource'],
  ...['outFile', 'rootDir', 'rootDirs', 'declaration', 'declarationMap', 'sourceMap', 'inlineSources'],
  ...['esModuleInterop', 'allowSyntheticDefaultImports', 'resolveJsonModule', 'experimentalDecorators', 'emitDecoratorMetadata'],
  ...['allowImportingTsExtensions', 'verbatimModuleSyntax', 'isolatedModules', 'useDefineForClassFields', 'importHelpers', 'composite'],
];

/** What tests are written with: sent elsewhere, it passes anything. */
const TEST_PACKAGES = /^(?:node:|@std\/|assert|chai|expect|vitest|jest|@jest|mocha|sinon|should|tape|ava|uvu|test$|\*)/;

/**
 * How strict the compiler is and what it looks at counts (it passes over its `outDir` by itself), and where it looks for packages; what it makes of
 * them does not.
 */
export const tsconfig: PutBack = json((base, result, { packages }) => {
  const options = (config: Json) => {
    const all = asObject(config['compilerOptions']);
    const isSent = (key: string) => TEST_PACKAGES.test(key) || packages.has(key.replace(/\/\*$/, ''));
    return Object.keys(asObject(all['paths'])).some(isSent) ? { ...all, counts: all['paths'] } : all;
  };
  const counting = (config: Json) => ({ ...config, compilerOptions: relevant(options(config), HARMLESS_OPTIONS) });
  if (same(withoutGrowth(counting(base), counting(result), ['include', 'files', 'references']), counting(base))) return result;
  return { ...base, compilerOptions: { ...pickKeys(options(result), HARMLESS_OPTIONS), ...relevant(options(base), HARMLESS_OPTIONS) } };
});

function json(put: (base: Json, result: Json, known: Known) => Json): PutBack {
  return (base, result, known) => {
    if (result === null) return base;
    try {
      const [from, to] = [base === null ? {} : parseObject(base), parseObject(result)];
      const made = put(from, to, known);
      if (made === to) return result;
      const text = `${JSON.stringify(made, null, 2)}\n`;
      return text === result ? `${text}\n` : text; // a script that the base has not stays, but counts
    } catch {
      return base; // comments, or no JSON at all: then the whole file counts
    }
  };
}

function parseObject(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not an object');
  return value as Json;
}

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const pickKeys = (object: Json, keys: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([k]) => keys.includes(k)));
const relevant = (object: Json, harmless: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !harmless.includes(key)));
const pick = (value: unknown, names: ReadonlySet<string>): Json =>
  Object.fromEntries(Object.entries(asObject(value)).filter(([name]) => names.has(name)));

/** Lists that only became longer are as they were: more is looked at, not less. */
function withoutGrowth(base: Json, result: Json, keys: readonly string[]): Json {
  const copy = { ...result };
  for (const key of keys) {
    const [before, now] = [base[key], result[key]];
    if (Array.isArray(before) && Array.isArray(now) && before.every((item) => now.some((other) => same(item, other)))) copy[key] = before;
  }
  return copy;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

interface Section {
  /** `tool.pytest.ini_options`; '' for what stands before the first. */
  readonly name: string;
  readonly text: string;
}

/**
 * TOML and INI, by their sections.
 * @param harmlessLines lines that count in no section
 * @param growing harmless sections in which only new keys are: those of the base stay as they were
 */
export function sections(harmless: RegExp, harmlessLines: RegExp = /^\s*([#;]|$)/, growing: RegExp = /^$(?=x)/): PutBack {
  const counting = (all: readonly Section[]) => all.filter(({ name }) => !harmless.test(name));
  const said = (all: readonly Section[]) =>
    counting(all)
      .map(({ name, text }) =>
        [
          name,
          ...text
            .split('\n')
            .slice(name ? 1 : 0)
            .filter((line) => !harmlessLines.test(line)),
        ]
          .join('\n')
          .trim(),
      )
      .filter((text) => text.includes('\n') || !/^[\w.-]*$/.test(text))
      .sort();
  return (base, result) => {
    if (result === null) return base;
    if ([base ?? '', result].some(hasSectionInText)) return base;
    const [from, to] = [split(base ?? ''), split(result)];
    const kept = to
      .filter(({ name }) => harmless.test(name))
      .map((section) => withoutRedirects(section, from))
      .map((section) => (growing.test(section.name) ? withKeysOf(section, from) : section));
    if (same(said(from), said(to)) && kept.every(({ text }) => to.some((section) => section.text === text))) return result;
    return [...counting(from), ...kept].map(({ text }) => text).join('\n');
  };
}

/** `name = { path = "fake" }`, or the same as a section, for a package that the base had from elsewhere. */
function withoutRedirects(section: Section, base: readonly Section[]): Section {
  const known = packageLines(base);
  const own = /(?:^|\.)(?:dev-|build-)?dependencies\.([\w-]+)$/.exec(section.name)?.[1];
  const before = base.find(({ name }) => name === section.name);
  if (own !== undefined && PLACE.test(section.text) && placeOf(section.text) !== placeOf(before?.text ?? '')) {
    if (before) return before;
    const line = known.get(own);
    if (line) return { ...section, text: `[${section.name.slice(0, -own.length - 1)}]\n${line}` };
  }
  const lines = section.text.split('\n').map((line) => {
    const place = placeOf(line);
    const was = known.get(nameOf(line) ?? '');
    return place === undefined || was === undefined || was.includes(place) ? line : was;
  });
  return { ...section, text: lines.join('\n') };
}

function withKeysOf(section: Section, base: readonly Section[]): Section {
  const before = base.find(({ name }) => name === section.name);
  if (!before || section.text.split('\n').some((line) => /[^\]]$/.test(line.trim()) && nameOf(line) !== undefined))
    return before ?? section;
  const known = new Map(before.text.split('\n').flatMap((line) => (nameOf(line) ? [[nameOf(line)!, line] as const] : [])));
  return {
    ...section,
    text: section.text
      .split('\n')
      .map((line) => known.get(nameOf(line) ?? '') ?? line)
      .join('\n'),
  };
}

const PLACE = /\b(?:path|git|url|file|index|registry|package)\s*=\s*("[^"]*"|'[^']*')/;
const placeOf = (text: string) => PLACE.exec(text)?.[1];
const nameOf = (line: string) => /^\s*["']?([\w-]+)["']?(?:\.\w+)?\s*=/.exec(line)?.[1];

/** The lines that name packages, by name, in whatever section. */
function packageLines(all: readonly Section[]): Map<string, string> {
  const lines = all.filter(({ name }) => /dependencies|sources/.test(name)).flatMap(({ text }) => text.split('\n'));
  return new Map(lines.flatMap((line) => (nameOf(line) ? [[nameOf(line)!, line] as const] : [])));
}

function split(text: string): Section[] {
  const found: { name: string; lines: string[] }[] = [{ name: '', lines: [] }];
  for (const line of text.split('\n')) {
    const header = /^\s*\[\[?([^[\]]+)\]\]?\s*(?:[#;].*)?$/.exec(line)?.[1];
    if (header !== undefined) found.push({ name: header.replaceAll(/[\s"']/g, ''), lines: [] });
    found.at(-1)!.lines.push(line);
  }
  return found.map(({ name, lines }) => ({ name, text: lines.join('\n') }));
}

/** A lock file by which a package that came from a registry comes from a folder. */
export const packageLock: PutBack = (base, result) => {
  const linked = (text: string | null) => {
    const packages = asObject(text === null ? {} : (JSON.parse(text) as Json)['packages']);
    return new Map(
      Object.entries(packages).map(([name, one]) => [
        name,
        asObject(one)['link'] === true || /^(file|git)/.test(String(asObject(one)['resolved'] ?? '')),
      ]),
    );
  };
  try {
    const [before, now] = [linked(base), linked(result)];
    return [...now].some(([name, isLinked]) => isLinked && name.includes('node_modules/') && before.get(name) === false) ? base : result;
  } catch {
    return base;
  }
};

/** Build files whose lines say both what is built and how it is tested: they count as a whole where a changed line speaks of tests. */
export function linesThatSay(telling: RegExp): PutBack {
  return (base, result) => {
    const [from, to] = [(base ?? '').split('\n'), (result ?? '').split('\n')];
    const [known, kept] = [new Set(from), new Set(to)];
    const changed = [...from.filter((line) => !kept.has(line)), ...to.filter((line) => !known.has(line))];
    return changed.some((line) => telling.test(line)) ? base : result;
  };
}

/**
 * `replace` sends a package elsewhere, `ignore` passes over folders, `godebug` changes how tests run; what is required does not count, so that a
 * dependency may come.
 */
export const goMod: PutBack = (base, result) => {
  if (base === null || result === null) return base;
  const [from, to] = [directives(base), directives(result)];
  const said = (all: readonly string[]) => all.filter((line) => !/^(module|go|require|retract|exclude)\b/.test(line)).sort();
  const now = said(to);
  if (same(said(from), now)) return result;
  const counts = new Set(now);
  return [...to.filter((line) => !counts.has(line)), ...said(from), ''].join('\n');
};

/** One a line, those in brackets too. */
function directives(text: string): string[] {
  let block = '';
  return text.split('\n').flatMap((line) => {
    const plain = line.replace(/(?<=^|\s)\/\/.*/, '').trim();
    const opened = /^(\w+)\s*\($/.exec(plain)?.[1];
    if (opened !== undefined) block = `${opened} `;
    else if (plain === ')') block = '';
    else if (plain !== '') return [block + line.trim()];
    return [];
  });
}

/** `SRC = a.c b.c` */
const SOURCES = /^(?!\w*(?:TEST|SPEC|CHECK))(?=\w*(?:SRC|SOURCE|OBJ|HDR|HEADER|FILE|MODULE|DEP))\w+ *[:+?]?= *[\w./$(){}% -]*$/i;

/** What is compiled: without it nothing can be linked. Anything else that is left out of a list could be a test, or what a linter looks at. */
const COMPILED = /\.(c|cc|cpp|cxx|m|mm|h|hh|hpp|o|obj|s|asm|f90|f|go|rs|java|kt|d|a|so)$/i;

/** The lists of what is built do not count where they grow, everything else does: a variable can stand for the program that runs the tests. */
export const makefile: PutBack = (base, result) => {
  if (base === null || result === null) return base;
  const [from, to] = [logicalLines(base), logicalLines(result)];
  const now = new Map(to.filter((line) => SOURCES.test(line)).map((line) => [listName(line), new Set(line.split(/\s+/))]));
  const grew = (line: string) =>
    SOURCES.test(line) && line.split(/\s+/).every((word) => COMPILED.test(word) || now.get(listName(line))?.has(word));
  const grown = new Set(from.filter(grew).map(listName));
  const isList = (line: string) => SOURCES.test(line) && grown.has(listName(line));
  const said = (lines: readonly string[]) => lines.filter((line) => !isList(line) && !/^\s*(#.*)?$/.test(line));
  if (same(said(from), said(to))) return result;
  return [...to.filter(isList), ...from.filter((line) => !isList(line)), ...newRules(from, to)].join('\n');
};

const listName = (line: string) => line.split(/[ :+?=]/, 1)[0]!;
const targetOf = (line: string) => /^([\w-]+) *:(?![:=])/.exec(line)?.[1];

/** Of goals that the base has not, a check may ask for too. */
function newRules(from: readonly string[], to: readonly string[]): string[] {
  const known = new Set(from.map(targetOf));
  let isNew = false;
  return to.filter((line) => {
    if (!line.startsWith('\t')) isNew = targetOf(line) !== undefined && !known.has(targetOf(line));
    return isNew;
  });
}

const logicalLines = (text: string): string[] => text.replaceAll(/\\\n[\t ]*/g, ' ').split('\n');
