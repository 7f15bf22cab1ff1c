import assert from 'node:assert/strict';
import path from 'node:path';
import { build, type Metafile } from 'esbuild';

const ROOT = path.join(import.meta.dirname, '..', '..');
const ENTRY = 'src/extension.ts';
/** Minified. VS Code reads and compiles all of it, at every start of every window, before the extension can be used. */
const MOST_BYTES = 53_000;

/** How many bytes each module that loads with a file takes, with the imports by which it came. */
interface Loaded {
  readonly file: string;
  readonly bytes: number;
  readonly chain: string;
}

describe('what VS Code loads before the window can be used', () => {
  let loaded: readonly Loaded[];
  before(async () => {
    loaded = await loadedWith(ENTRY);
  });
  const none = (unwanted: (file: string) => boolean) =>
    assert.deepEqual(
      loaded.filter(({ file }) => unwanted(file)).map(({ chain }) => chain),
      [],
    );

  it('is found at all', () => {
    const files = loaded.map(({ file }) => file);
    assert.ok(files.includes(ENTRY) && files.includes('src/vscode/tree/tree.ts'), files.join('\n'));
    assert.ok(!files.includes('src/vscode/feed/window-feed.ts'), 'what is imported later counts as loaded');
  });

  it('holds no package: each is more than all of the window', () => none((file) => file.startsWith('node_modules/')));

  it('holds no table of messages', () => none((file) => file.startsWith('src/messages/')));

  it('stays small', () => {
    const sum = loaded.reduce((total, { bytes }) => total + bytes, 0);
    const largest = loaded.toSorted((a, b) => b.bytes - a.bytes).slice(0, 15);
    assert.ok(
      sum <= MOST_BYTES,
      `${sum} bytes. Load what an action needs with that action. The largest:\n${largest.map(({ bytes, chain }) => `${bytes} ${chain}`).join('\n')}`,
    );
  });
});

/** Nobody sees in a file of its own how much a single import brings in. */
async function loadedWith(entry: string): Promise<Loaded[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    minify: true,
    outdir: 'dist',
    write: false,
    metafile: true,
    external: ['vscode'],
    define: { __VERSION__: '"1"' },
    logLevel: 'error',
  });
  const cameBy = new Map<string, string | null>([[entry, null]]);
  for (const file of cameBy.keys()) {
    for (const { path: to, kind, external } of metafile.inputs[file]!.imports)
      if (kind !== 'dynamic-import' && !external && !cameBy.has(to)) cameBy.set(to, file);
  }
  const chain = (file: string): string => {
    const by = cameBy.get(file);
    return by ? `${file} <- ${chain(by)}` : file;
  };
  return [...cameBy.keys()].map((file) => ({ file, bytes: bytesOf(file, metafile), chain: chain(file) }));
}

const bytesOf = (file: string, { outputs }: Metafile) =>
  Object.values(outputs).reduce((sum, { inputs }) => sum + (inputs[file]?.bytesInOutput ?? 0), 0);
