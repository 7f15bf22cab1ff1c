/** Files that tools write and nobody reads line by line, told by their paths. */

const LOCK =
  /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|packages\.lock\.json|Package\.resolved|bun\.lockb|go\.sum|gradle\.lockfile|[\w.-]+\.lock)$/i;
const GENERATED = /\.min\.(js|css)$|\.(js|css)\.map$|(_pb2(_grpc)?\.pyi?|\.pb\.(go|cc|h)|\.g\.dart|\.designer\.cs|\.generated\.\w+)$/i;

export const isLockFile = (path: string): boolean => LOCK.test(path);

/** Minified or generated, as its name says. */
export const isGeneratedName = (path: string): boolean => GENERATED.test(path);

/** Folders that compilers write into which compare times with those of sources: names, as a part of a pattern. */
export const COMPILED_FOLDERS = 'target|build|builddir|cmake-build-[\\w-]+|_build|obj|\\.build';
/** All that builds and tests write into. */
export const BUILD_FOLDERS = `${COMPILED_FOLDERS}|out|dist|deps|coverage`;
