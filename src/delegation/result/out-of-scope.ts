import path from 'node:path';
import { isTestPath } from '../../checks/test-files.ts';
import { compileRootGlob } from '../../common/glob.ts';
import type { TaskKind } from '../../common/task-kind.ts';

/** What a test tool may need so that it is installed and finds the tests. */
const TEST_MANIFESTS: readonly RegExp[] = [
  /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|tsconfig[^/]*\.json|[^/]+\.lock)$/,
  /(^|\/)((jest|vitest|vite|karma|mocha|cypress|playwright|babel)[^/]*\.(config|conf)\.[cm]?[jt]s|\.mocharc\.[a-z]+)$/,
  /(^|\/)(pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|noxfile\.py|requirements[^/]*\.txt)$/,
  /(^|\/)(Cargo\.toml|go\.mod|go\.sum|Gemfile|composer\.json|phpunit\.xml(\.dist)?|mix\.exs|pubspec\.yaml|Package\.swift)$/,
  /(^|\/)(pom\.xml|build\.gradle(\.kts)?|build\.sbt|[^/]+\.(csproj|fsproj|sln)|CMakeLists\.txt)$/,
];

interface Task {
  readonly kind: TaskKind;
  readonly scope: readonly string[];
  readonly folder?: string | undefined;
}

/**
 * The changed paths that the caller did not allow. Without a scope everything is allowed, except that write_tests keeps to tests
 * (and to the manifests that a test tool needs). A scope may be given from the folder that the task is about, or from the root.
 */
export function outOfScope({ kind, scope, folder = '' }: Task, paths: readonly string[]): string[] {
  if (scope.length > 0) return paths.filter((file) => !scope.some((glob) => isIn(folder, file, glob)));
  if (kind !== 'tests') return [];
  return paths.filter((file) => !isTestPath(file) && !TEST_MANIFESTS.some((pattern) => pattern.test(file)));
}

/** The paths that changed files stand for; a renamed one counts at both ends. */
export function pathsOf(files: readonly { readonly path: string; readonly from?: string | undefined }[]): string[] {
  return files.flatMap((file) => (file.from ? [file.from, file.path] : [file.path]));
}

function isIn(folder: string, file: string, glob: string): boolean {
  if (folder === '') return matches(file, glob);
  if (/^(\.?\/?)$/.test(glob)) return file.startsWith(`${folder}/`);
  return matches(path.posix.relative(folder, file), glob) || matches(file, glob);
}

/** A glob, or a folder or file name that stands for everything below it. */
function matches(stored: string, glob: string): boolean {
  const file = stored.normalize('NFC');
  const plain = glob.normalize('NFC').replace(/^\.\//, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.') return true;
  return file === plain || file.startsWith(`${plain}/`) || compileRootGlob(plain)?.(file) === true;
}
