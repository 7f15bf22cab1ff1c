import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire, SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const INSIDE = '.inside.ts';

export interface InsideBundles {
  /** The file that VS Code is given as `extensionTestsPath`. */
  readonly entry: string;
  /** Replaces places in the bundles by places in the tests; VS Code's extension host has its own stack format, so Node can not do it. */
  withSourceLines(stack: string): string;
}

/**
 * Bundles tests for the extension host and writes the entry that VS Code asks for as `extensionTestsPath`. Bundled, because the editor's
 * own Node may be too old for TypeScript; and named `*.inside.ts`, so that the mocha outside does not take them for its own.
 * @param options.testsPath one test file, or a folder whose `*.inside.ts` are all taken
 * @param options.folder where the bundles go
 * @param options.grep regular expression on the full titles
 * @param options.timeoutMs for each test; default 20 s
 */
export async function bundleInsideTests(options: {
  testsPath: string;
  folder: string;
  grep?: string | undefined;
  timeoutMs?: number | undefined;
}): Promise<InsideBundles> {
  const { testsPath, folder, grep, timeoutMs = 20_000 } = options;
  const sources = await findTests(testsPath);
  if (sources.length === 0) throw new Error(`No test for the extension host in ${testsPath}. Their names end in ${INSIDE}.`);
  await mkdir(folder, { recursive: true });
  const out = await mkdtemp(path.join(folder, 'run-'));
  const entryPoints = sources.map((file) => ({ in: file, out: path.basename(file, '.ts') }));
  await build({
    entryPoints,
    outdir: out,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['vscode'],
    sourcemap: true,
    logLevel: 'warning',
  });
  const files = entryPoints.map((entry) => path.join(out, `${entry.out}.cjs`));
  const run = { files, mocha: createRequire(import.meta.url).resolve('mocha'), grep, timeout: timeoutMs };
  const entry = path.join(out, 'index.cjs');
  await writeFile(
    entry,
    `exports.run = () => require(${JSON.stringify(path.join(HERE, 'run-mocha.cjs'))}).runMocha(${JSON.stringify(run)});\n`,
  );
  return { entry, withSourceLines: await sourceLines(files) };
}

async function sourceLines(bundles: readonly string[]): Promise<(stack: string) => string> {
  const maps = new Map<string, SourceMap>();
  for (const file of bundles) maps.set(file, new SourceMap(JSON.parse(await readFile(`${file}.map`, 'utf8')) as SourceMapPayload));
  return (stack) =>
    stack.replace(/(\/[^\s():]+\.cjs):(\d+):(\d+)/g, (place, file: string, line: string, column: string) => {
      const origin = maps.get(file)?.findOrigin(Number(line), Number(column));
      if (!origin || !('fileName' in origin)) return place;
      return `${path.resolve(path.dirname(file), origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
    });
}

async function findTests(testsPath: string): Promise<string[]> {
  if ((await stat(testsPath)).isFile()) return [testsPath];
  const names = await readdir(testsPath, { recursive: true });
  return names
    .filter((name) => name.endsWith(INSIDE))
    .sort()
    .map((name) => path.join(testsPath, name));
}
