import * as vscode from 'vscode';
import type { WindowContext } from '../window-context.ts';

/** Files as a commit holds them; they never change, so what was read once is kept. */
export const COMMIT_SCHEME = 'kimi-delegate';

/** One file in one commit of one repository. */
export interface CommitFile {
  readonly gitDir: string;
  readonly commit: string;
  /** Relative to the repository. */
  readonly path: string;
}

/** A diff of more helps nobody, and VS Code opens every file of a review at once. */
const LARGEST_FILE = 16 * 1024 * 1024;
const KEPT_BYTES = 64 * 1024 * 1024;

export interface CommitFiles extends vscode.Disposable {
  uri(file: CommitFile): vscode.Uri;
  /** Reads many files of a commit with few processes, before an editor asks for each by itself: as many as are kept. */
  preload(gitDir: string, commit: string, paths: readonly string[]): Promise<void>;
}

/** A read-only file system, not a text provider: so images and other binary files are shown as what they are. */
export function createCommitFiles(window: Pick<WindowContext, 'ready' | 'delegations'>): CommitFiles {
  const kept = createCache();

  async function preload(gitDir: string, commit: string, paths: readonly string[]): Promise<void> {
    const [{ readFirstBlobs }, { asUtf8 }] = await readers();
    const missing = paths.filter((path) => !kept.get({ gitDir, commit, path }));
    for (const [path, bytes] of await readFirstBlobs({ gitDir }, commit, missing, KEPT_BYTES))
      if (bytes.length <= LARGEST_FILE) kept.add({ gitDir, commit, path }, asUtf8(bytes));
  }

  /** VS Code takes what others give it for UTF-8. */
  async function load(file: CommitFile): Promise<'tooLarge' | undefined> {
    const [{ readSizedBlobs }, { asUtf8 }] = await readers();
    const { gitDir, commit, path } = file;
    const found = (await readSizedBlobs({ gitDir }, commit, [path], LARGEST_FILE)).get(path);
    if (found?.bytes) kept.add(file, asUtf8(found.bytes));
    return found && !found.bytes ? 'tooLarge' : undefined;
  }

  /** A repository can bring an address of its own (`$schema` in a file), with any folder as the git dir. */
  async function isDelegated(gitDir: string): Promise<boolean> {
    await window.ready;
    return window.delegations().some(({ identity }) => identity.commonDir === gitDir);
  }

  async function read(uri: vscode.Uri): Promise<Uint8Array> {
    const file = fileOf(uri);
    if (!file || !(await isDelegated(file.gitDir))) throw vscode.FileSystemError.FileNotFound(uri);
    const problem = kept.get(file) ? undefined : await load(file).catch(() => undefined);
    if (problem) throw vscode.FileSystemError.Unavailable(tooLargeText(file));
    const bytes = kept.get(file);
    if (!bytes) throw vscode.FileSystemError.FileNotFound(uri);
    return bytes;
  }

  const registration = vscode.workspace.registerFileSystemProvider(COMMIT_SCHEME, readOnlyFiles(read), {
    isReadonly: true,
    isCaseSensitive: true,
  });
  return {
    uri: ({ gitDir, commit, path }) =>
      vscode.Uri.from({ scheme: COMMIT_SCHEME, path: `/${path}`, query: JSON.stringify({ gitDir, commit }) }),
    preload,
    dispose: () => registration.dispose(),
  };
}

const readers = () => Promise.all([import('../../workspace/read-objects.ts'), import('../../common/text-codec.ts')]);

function tooLargeText({ commit, path }: CommitFile): string {
  const megabytes = LARGEST_FILE / 2 ** 20;
  return vscode.l10n.t('{0} has more than {1} MB, too much to be shown. It is in commit {2}.', path, megabytes, commit.slice(0, 12));
}

/** What was read last, up to `KEPT_BYTES`; the oldest goes first. */
function createCache(): { get(file: CommitFile): Uint8Array | undefined; add(file: CommitFile, bytes: Uint8Array): void } {
  const kept = new Map<string, Uint8Array>();
  let keptBytes = 0;
  const keyOf = ({ gitDir, commit, path }: CommitFile) => `${gitDir}\0${commit}\0${path}`;
  return {
    get: (file) => kept.get(keyOf(file)),
    add(file, bytes) {
      if (kept.has(keyOf(file))) return;
      kept.set(keyOf(file), bytes);
      keptBytes += bytes.length;
      for (const [key, old] of kept) {
        if (keptBytes <= KEPT_BYTES || kept.size === 1) return;
        kept.delete(key);
        keptBytes -= old.length;
      }
    },
  };
}

function readOnlyFiles(readFile: (uri: vscode.Uri) => Promise<Uint8Array>): vscode.FileSystemProvider {
  const refuse = () => {
    throw vscode.FileSystemError.NoPermissions(vscode.l10n.t('A commit cannot be edited.'));
  };
  return {
    onDidChangeFile: () => new vscode.Disposable(() => {}), // a commit never changes
    watch: () => new vscode.Disposable(() => {}),
    stat: async (uri) => ({ type: vscode.FileType.File, ctime: 0, mtime: 0, size: (await readFile(uri)).length }),
    readFile,
    readDirectory: () => [],
    createDirectory: refuse,
    writeFile: refuse,
    delete: refuse,
    rename: refuse,
  };
}

/** Addresses outlive the window (an editor is restored); what does not have our form is nothing. */
export function fileOf(uri: vscode.Uri): CommitFile | null {
  try {
    const { gitDir, commit } = JSON.parse(uri.query) as Record<string, unknown>;
    if (typeof gitDir !== 'string' || typeof commit !== 'string' || !/^[0-9a-f]{40,64}$/.test(commit)) return null;
    return { gitDir, commit, path: uri.path.slice(1) };
  } catch {
    return null;
  }
}
