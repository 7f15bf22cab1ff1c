/** What a repository says of how to work in it: its rule files, its scripts, the build files that it has. */
import type { PathIndex } from '../../agent/prompt/path-index.ts';
import type { NamedFile } from '../../agent/prompt/prompt.ts';
import { cutText } from '../../common/cut-text.ts';

export const RULE_FILES = ['AGENTS.md', 'CLAUDE.md', '.claude/CLAUDE.md'];
/** The block that setup writes into CLAUDE.md tells Claude to delegate; the worker must not. */
const OWN_BLOCK = /<!-- claude-kimi-mcp:begin[\s\S]*?claude-kimi-mcp:end -->\n?/g;

const MANIFEST = 'package.json';
/** Each with what runs a script of package.json where it stands. */
const LOCK_FILES: Readonly<Record<string, string>> = {
  'pnpm-lock.yaml': 'pnpm run',
  'yarn.lock': 'yarn run',
  'bun.lock': 'bun run',
  'bun.lockb': 'bun run',
};
/** Files at the root by which one sees how the rest is built and tested. */
const BUILD_FILES =
  /^(GNUmakefile|Makefile|[Jj]ustfile|Taskfile\.ya?ml|CMakeLists\.txt|meson\.build|(MODULE|WORKSPACE)(\.bazel)?|pyproject\.toml|setup\.(py|cfg)|tox\.ini|noxfile\.py|pytest\.ini|requirements[\w.-]*\.txt|uv\.lock|poetry\.lock|Cargo\.toml|go\.mod|pom\.xml|mvnw|build\.gradle(\.kts)?|gradlew|Gemfile|Rakefile|composer\.json|phpunit\.xml(\.dist)?|mix\.exs|deno\.jsonc?|Package\.swift|[\w.-]+\.sln|tsconfig\.json|biome\.jsonc?|eslint\.config\.\w+)$/;
const MOST_SCRIPTS = 30;
const MOST_COMMAND = 120;
const MOST_SCRIPT_BYTES = 2048;
const MOST_BUILD_FILES = 20;

/** The files that `conventions` wants to see, of those that there are. */
export function conventionFiles({ all }: PathIndex): string[] {
  return [...RULE_FILES, MANIFEST].filter((path) => all.has(path));
}

/**
 * @param paths all files of the repository
 * @param texts the content of `conventionFiles`, where it could be read
 */
export function conventions(paths: readonly string[], texts: ReadonlyMap<string, Pick<NamedFile, 'content' | 'note'>>): NamedFile[] {
  const rules: NamedFile[] = [];
  for (const path of RULE_FILES) {
    const content = texts.get(path)?.content.replace(OWN_BLOCK, '');
    // One of them is often a link to the other.
    if (content?.trim() && !rules.some((rule) => rule.content === content)) rules.push({ path, content });
  }
  const built = [scripts(texts.get(MANIFEST)?.content, paths), buildFiles(paths)].filter((text) => text !== '').join('\n');
  return built === '' ? rules : [{ path: 'how it is built and tested', content: built }, ...rules];
}

function scripts(manifest: string | undefined, paths: readonly string[]): string {
  const found = Object.entries(scriptsOf(manifest));
  if (found.length === 0) return '';
  const lock = Object.keys(LOCK_FILES).find((name) => paths.includes(name));
  const lines = found.slice(0, MOST_SCRIPTS).map(([name, command]) => `  ${line(name)}: ${line(command)}`);
  while (Buffer.byteLength(lines.join('\n')) > MOST_SCRIPT_BYTES) lines.pop();
  if (found.length > lines.length) lines.push(`  and ${found.length - lines.length} more`);
  return [`Scripts of ${MANIFEST} (${lock ? LOCK_FILES[lock] : 'npm run'} NAME):`, ...lines].join('\n');
}

function scriptsOf(manifest: string | undefined): Record<string, string> {
  try {
    const { scripts: found } = JSON.parse(manifest ?? '{}') as { scripts?: unknown };
    if (typeof found !== 'object' || found === null) return {};
    return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

function line(text: string): string {
  return cutText(text.replace(/\s+/g, ' ').trim(), MOST_COMMAND);
}

function buildFiles(paths: readonly string[]): string {
  const found = paths.filter((path) => !path.includes('/') && (BUILD_FILES.test(path) || path in LOCK_FILES)).slice(0, MOST_BUILD_FILES);
  return found.length > 0 ? `At the root: ${found.join(', ')}` : '';
}
