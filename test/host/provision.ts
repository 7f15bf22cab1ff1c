import { type StdioOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findChromium, installDebianPackages } from './system-packages.ts';

/** The npm package `code-server` carries a whole VS Code (here 1.139.1), which a registry can deliver where Microsoft's download cannot. */
const CODE_SERVER = '4.139.1';
/** Raise it when the steps below change, so that hosts made by the old steps are made again. */
const RECIPE = 1;

const REPOSITORY = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

const FONTS = {
  '/usr/share/fonts/opentype/noto': 'fonts-noto-cjk',
  '/usr/share/fonts/truetype/dejavu': 'fonts-dejavu-core',
  '/usr/share/fonts/opentype/inter': 'fonts-inter',
};

const HostRecord = z.object({ recipe: z.literal(RECIPE), codeVersion: z.string(), spdlog: z.boolean() });

/** Everything that is needed to start the VS Code of these tests; all paths are absolute. */
export interface HostInstall {
  /** Version of the VS Code inside, as `vscode.version` tells it. */
  readonly codeVersion: string;
  /** Folder of the VS Code server: `out/`, `extensions/`, `node_modules/`. */
  readonly root: string;
  readonly serverMain: string;
  /** Node 24, which this VS Code insists on. */
  readonly node: string;
  readonly chromium: string;
  /** False: the logging library could not be built, so log channels stay empty on screen and on disk. */
  readonly logsWork: boolean;
}

export interface ProvisionOptions {
  /** Folder that keeps hosts from run to run. Default: `.cache/host` in the repository (git-ignored). */
  readonly cache?: string;
  readonly log?: (line: string) => void;
}

/**
 * Makes the VS Code of the host tests, once for each version; later calls answer in milliseconds. It is built in a folder of its own and
 * renamed at the end, so a killed or a second, simultaneous run never leaves half a host behind.
 * @throws Error that says what is missing and how to get it
 */
export async function provisionHost({
  cache = path.join(REPOSITORY, '.cache', 'host'),
  log = () => {},
}: ProvisionOptions = {}): Promise<HostInstall> {
  if (platform() === 'win32') throw new Error('This host runs on Linux and macOS only. Use `npm run test:electron` here.');
  const node = findNode24();
  const chromium = await provideChromium(log);
  const folder = path.join(cache, CODE_SERVER);
  const record = (await readRecord(folder)) ?? (await build(folder, node, log));
  const root = path.join(folder, 'package', 'lib', 'vscode');
  return {
    codeVersion: record.codeVersion,
    root,
    serverMain: path.join(root, 'out', 'server-main.js'),
    node,
    chromium,
    logsWork: record.spdlog,
  };
}

async function build(folder: string, node: string, log: (line: string) => void): Promise<z.infer<typeof HostRecord>> {
  await mkdir(path.dirname(folder), { recursive: true });
  await removeLeftovers(folder);
  const temp = `${folder}.${process.pid}`;
  await mkdir(temp);
  try {
    log(`Installing a VS Code for tests (code-server ${CODE_SERVER}), once; about a minute...`);
    const run = (cwd: string, program: string, ...args: string[]) => runProgram(program, args, cwd, pathWith(node));
    // `npm pack` and not `npm install`: the wrapper around VS Code and its 165 packages are not used here.
    await run(temp, 'npm', 'pack', '--silent', `code-server@${CODE_SERVER}`);
    await run(temp, 'tar', '-xzf', `code-server-${CODE_SERVER}.tgz`);
    await rm(path.join(temp, `code-server-${CODE_SERVER}.tgz`));
    const root = path.join(temp, 'package', 'lib', 'vscode');
    // `npm install` and not `npm ci`, which refuses the lock file that the package ships.
    const install = ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    await run(root, 'npm', ...install);
    await run(path.join(root, 'extensions'), 'npm', ...install);
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));
    const record = { recipe: RECIPE, codeVersion: version, spdlog: await buildSpdlog(root, node, log) } as const;
    await writeFile(path.join(temp, 'host.json'), JSON.stringify(record));
    await moveIntoPlace(temp, folder);
    return record;
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

/** The one native module that matters: VS Code writes every log channel with it. */
async function buildSpdlog(root: string, node: string, log: (line: string) => void): Promise<boolean> {
  const headers = path.dirname(path.dirname(node));
  const nodeGyp = await findNodeGyp();
  if (!existsSync(path.join(headers, 'include', 'node', 'node_api.h')) || !nodeGyp) {
    log(
      `No Node headers beside ${node}${nodeGyp ? '' : ', no node-gyp in npm'}: going on without logs. Run \`npm ci\` to get them, then remove .cache/host.`,
    );
    return false;
  }
  try {
    await installDebianPackages({ python3: 'python3', make: 'make', 'g++': 'g++' }, log);
    log('Building the logging library of VS Code...');
    const cwd = path.join(root, 'node_modules', '@vscode', 'spdlog');
    await runProgram(node, [nodeGyp, 'rebuild', `--nodedir=${headers}`], cwd, pathWith(node));
    return true;
  } catch (error) {
    log(
      `The logging library did not build: going on without logs. Install python3, make and g++, then remove .cache/host.\n${String(error)}`,
    );
    return false;
  }
}

/** npm brings its own node-gyp; which npm depends on how we were started. */
async function findNodeGyp(): Promise<string | undefined> {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'npm'));
  const programs = [process.env['npm_execpath'], ...onPath].filter((file) => file !== undefined && existsSync(file));
  const real = await Promise.all(programs.map((file) => realpath(file!)));
  const bundled = real.map((file) => path.join(path.dirname(file), '..', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'));
  return [process.env['npm_config_node_gyp'], ...bundled].find((file) => file !== undefined && existsSync(file));
}

/** Node 24 exactly: this one, or the one that stands beside the project. */
function findNode24(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const packaged = path.join(REPOSITORY, 'scripts', 'node', 'node_modules', `node-${platform()}-${arch()}`, 'bin', 'node');
  if (existsSync(packaged)) return packaged;
  throw new Error(
    `VS Code's server needs Node 24; this is ${process.version}. Run \`npm ci --prefix scripts/node\`, or install Node 24 from https://nodejs.org.`,
  );
}

async function provideChromium(log: (line: string) => void): Promise<string> {
  if (!findChromium()) await installDebianPackages({ '/usr/bin/chromium': 'chromium' }, log);
  // Without them Chinese is drawn as boxes and the rest in a wide font, which spoils pictures but no test.
  await installDebianPackages(FONTS, log).catch((error: unknown) => log(String(error)));
  const chromium = findChromium();
  if (chromium) return chromium;
  throw new Error('No Chromium was found. Install it (Debian: apt-get install chromium fonts-noto-cjk), or set CHROMIUM to its path.');
}

async function readRecord(folder: string): Promise<z.infer<typeof HostRecord> | undefined> {
  const text = await readFile(path.join(folder, 'host.json'), 'utf8').catch(() => undefined);
  try {
    return HostRecord.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined; // none, an older recipe's, or cut off by a crash: built anew
  }
}

/** Another run may have been faster: then its host is as good as ours. What is there but broken is moved away first, in one step. */
async function moveIntoPlace(temp: string, folder: string): Promise<void> {
  const broken = `${temp}.broken`;
  if (!(await readRecord(folder))) await rename(folder, broken).catch(() => {});
  try {
    await rename(temp, folder);
  } catch (error) {
    if (!(await readRecord(folder))) throw error;
  } finally {
    await rm(broken, { recursive: true, force: true });
  }
}

/** Half-built folders of runs that were killed. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(path.dirname(folder))) {
    const pid = name.startsWith(`${path.basename(folder)}.`) ? name.slice(path.basename(folder).length + 1) : '';
    if (pid && !isAlive(Number(pid))) await rm(path.join(path.dirname(folder), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch {
    return false;
  }
}

function pathWith(node: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env['PATH'] ?? ''}` };
}

/** @returns what it printed on stdout. @throws Error with the end of what it printed when it fails. */
function runProgram(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio });
    let output = '';
    let errors = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      errors = `${errors}${chunk}`.slice(-4_000);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ${args.join(' ')} failed (${code}):\n${output.slice(-2_000)}${errors}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const install = await provisionHost({ log: (line) => console.error(line) });
  console.log(JSON.stringify(install, null, 2));
}
