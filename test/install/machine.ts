import { execFile } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { foldersOnPath, isProgram } from '../../src/common/find-program.ts';
import { runsOn } from '../../src/common/node-version.ts';

export interface Node {
  readonly version: string;
  readonly program: string;
}

/** The Nodes of this machine that can run the program: the one that runs the tests, and an older one where PATH has it. */
export async function installedNodes(): Promise<Node[]> {
  const others = foldersOnPath(process.env, process.platform).map((folder) => path.join(folder, 'node'));
  const found = new Map<string, Node>();
  for (const program of [process.execPath, ...others.filter(isProgram)]) {
    const { stdout } = await run(program, ['-p', 'process.versions.node'], {});
    const version = stdout.trim();
    const major = version.split('.')[0]!;
    if (runsOn(version) && !found.has(major)) found.set(major, { version, program });
  }
  return [...found.values()];
}

/** A folder for PATH with one Node and this machine's npm and npx, which it runs. */
export function makeBin(folder: string, node: Node): string {
  const bin = path.join(folder, `node-${node.version}`);
  mkdirSync(bin, { recursive: true });
  symlinkSync(node.program, path.join(bin, 'node'));
  for (const name of ['npm', 'npx']) {
    const found = foldersOnPath(process.env, process.platform)
      .map((each) => path.join(each, name))
      .find(isProgram);
    if (!found) throw new Error(`${name} is not on PATH; install it with Node`);
    symlinkSync(realpathSync(found), path.join(bin, name));
  }
  return bin;
}

/** What npm needs to stay in one folder and to ask only one registry. */
export function npmVariables(folder: string, registry: string): Record<string, string> {
  return {
    npm_config_registry: registry,
    npm_config_cache: path.join(folder, 'npm-cache'),
    npm_config_prefix: path.join(folder, 'npm-global'),
    npm_config_update_notifier: 'false',
    npm_config_userconfig: path.join(folder, 'no-npmrc'),
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export function run(
  program: string,
  words: readonly string[],
  { env = process.env, cwd, input }: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string },
): Promise<Ran> {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = execFile(program, [...words], { env, cwd, timeout: 240_000, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ code, stdout, stderr, ms: performance.now() - began });
    });
    child.stdin?.end(input ?? '');
  });
}
