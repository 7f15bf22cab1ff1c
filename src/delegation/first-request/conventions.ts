/** What a repository says of how to work in it: its rule files, its scripts, the build files that it has. */
import { posix } from 'node:path';
import type { NamedFile } from '../../agent/prompt/first-message.ts';
import type { PathIndex } from '../../agent/prompt/path-index.ts';
import { isLockOfManager, packageManager } from '../../checks/package-manager.ts';
import { cutText } from '../../common/cut-text.ts';
import { foldersUpwards } from '../../common/folders-upwards.ts';
import { packageScripts } from '../../common/package-scripts.ts';
import type { Text } from './texts-of.ts';

const RULE_FILES = ['AGENTS.md', 'CLAUDE.md', '.claude/CLAUDE.md'];
/** The block that setup writes into CLAUDE.md tells Claude to delegate; the worker must not. */
const OWN_BLOCK = /<!-- claude-kimi-mcp:begin[\s\S]*?claude-kimi-mcp:end -->\n?/g;

/** Stands in the place of a path. */
export const BUILT = 'how it is built and tested';
const MANIFEST = 'package.json';
/** Files of a folder by which one sees how the rest is built and tested. */
const BUILD_FILES =
  /^(GNUmakefile|Makefile|[Jj]ustfile|Taskfile\.ya?ml|CMakeLists\.txt|meson\.build|(MODULE|WORKSPACE)(\.bazel)?|pyproject\.toml|setup\.(py|cfg)|tox\.ini|noxfile\.py|pytest\.ini|requirements[\w.-]*\.txt|uv\.lock|poetry\.lock|Cargo\.toml|go\.mod|pom\.xml|mvnw|build\.gradle(\.kts)?|gradlew|Gemfile|Rakefile|composer\.json|phpunit\.xml(\.dist)?|mix\.exs|deno\.jsonc?|Package\.swift|[\w.-]+\.sln|tsconfig\.json|biome\.jsonc?|eslint\.config\.\w+)$/;
/** Scripts that tell whether the work is right. */
const CHECKING = /test|spec|lint|check|type|tsc|build|compile|format|fmt|style|coverage|unit|e2e|verify|\bci\b/i;
const MOST_SCRIPT_BYTES = 1024;
const MOST_NAMES_BYTES = 300;
const MOST_BUILD_FILES = 12;

/** The rule files that hold in a folder, of those that there are: the root's first. */
export function ruleFiles({ all }: PathIndex, folder: string): string[] {
  return foldersUpwards(folder)
    .reverse()
    .flatMap((at) => RULE_FILES.map((name) => posix.join(at, name)))
    .filter((path) => all.has(path));
}

/** The nearest `package.json` upwards from a folder. */
export function manifestOf({ all }: PathIndex, folder: string): string | undefined {
  return foldersUpwards(folder)
    .map((at) => posix.join(at, MANIFEST))
    .find((path) => all.has(path));
}

/** The files that `conventions` wants to see, of those that there are. */
export function conventionFiles(index: PathIndex, folder: string): string[] {
  const manifest = manifestOf(index, folder);
  return [...ruleFiles(index, folder), ...(manifest ? [manifest] : [])];
}

/**
 * @param index all files of the repository
 * @param folder the one that the task is about
 * @param texts the content of `conventionFiles`, where it could be read
 * @param oneTest how one test file is run
 */
export function conventions(
  index: PathIndex,
  folder: string,
  texts: Pick<ReadonlyMap<string, Text>, 'get'>,
  oneTest: string | null,
): NamedFile[] {
  const rules: NamedFile[] = [];
  for (const path of ruleFiles(index, folder)) {
    const whole = texts.get(path)?.content;
    const content = whole?.replace(OWN_BLOCK, '');
    // One of them is often a link to the other.
    if (content?.trim() && !rules.some((rule) => rule.content === content)) rules.push({ path, content, isExcerpt: content !== whole });
  }
  const manifest = manifestOf(index, folder);
  const built = [
    manifest ? scripts(manifest, texts.get(manifest)?.content, index, folder) : '',
    oneTest === null ? '' : `One test file: ${oneTest}`,
    buildFiles(index, folder),
  ]
    .filter((text) => text !== '')
    .join('\n');
  return built === '' ? rules : [{ path: BUILT, content: built, isExcerpt: true }, ...rules];
}

/** Those that check or build, each whole or not at all; of the others the names. */
function scripts(manifest: string, text: string | undefined, { all }: PathIndex, folder: string): string {
  const found = Object.entries(packageScripts(text)).map(([name, command]) => ({ name: onLine(name), command: onLine(command) }));
  if (found.length === 0) return '';
  const manager = packageManager((name) => foldersUpwards(folder).some((at) => all.has(posix.join(at, name))), text);
  let left = MOST_SCRIPT_BYTES;
  const shown = found.filter(({ name, command }) => {
    const bytes = CHECKING.test(name) ? Buffer.byteLength(`  ${name}: ${command}\n`) : Number.POSITIVE_INFINITY;
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
  const others = found.filter((one) => !shown.includes(one)).map(({ name }) => name);
  const lines = shown.map(({ name, command }) => `  ${name}: ${command}`);
  if (others.length > 0) lines.push(`  and ${cutText(others.join(', '), MOST_NAMES_BYTES)}`);
  return [`Scripts of ${posix.relative(folder, manifest)} (${manager} run NAME):`, ...lines].join('\n');
}

function onLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function buildFiles({ all }: PathIndex, folder: string): string {
  const lines = foldersUpwards(folder).map((at) => {
    const names = namesIn(all, at).filter((name) => BUILD_FILES.test(name) || isLockOfManager(name));
    const where = at === '' ? 'At the root' : at === folder ? 'In the folder' : `In ${posix.relative(folder, at)}`;
    return names.length > 0 ? `${where}: ${names.slice(0, MOST_BUILD_FILES).join(', ')}` : '';
  });
  return lines.filter((text) => text !== '').join('\n');
}

/** The files that lie right in a folder. */
function namesIn(paths: Iterable<string>, folder: string): string[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  return [...paths]
    .filter((path) => path.startsWith(prefix) && !path.includes('/', prefix.length))
    .map((path) => path.slice(prefix.length));
}
