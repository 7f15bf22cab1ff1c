import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { writeJson } from '../common/json-file.ts';
import { namesIn } from '../common/list-names.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import { removeOwn } from '../common/remove-own.ts';
import { writeWhole } from '../common/write-atomic.ts';
import { type Message, message } from '../messages/message.ts';
import type { Runtime } from './choose-runtime.ts';
import { type InstalledServer, installedServers } from './installed-servers.ts';
import { SHELL_SCRIPT } from './shell-script.ts';

export interface LauncherOptions {
  readonly stateDir: string;
  /** Folder of the built program: holds `server.cjs` and `launch.cjs`. */
  readonly dist: string;
  readonly version: string;
  /** What shall run the server; see chooseRuntime. */
  readonly runtime: Runtime;
  readonly platform: NodeJS.Platform;
  readonly now: () => number;
}

/** What is registered with Claude Code: it stays the same over updates. */
export interface LaunchCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Never a secret: other programs put it into command lines. */
  readonly env: Readonly<Record<string, string>>;
}

const SHELL = 'kimi-agent';
const SCRIPT = 'launch.cjs';
/** Where a program lies that would not stay where it is. */
const PROGRAM = 'program';
/** Which version wrote the files in `bin`. */
const WRITTEN_BY = 'version';
/** What is to run it. */
const RUNTIME = 'runtime';

/**
 * Records this version beside the others and makes the launcher ready. The launcher's own files are replaced only by the newest
 * version's; each write is atomic, so that Claude Code can start the server at any moment.
 * @throws Error when the state directory cannot be written
 */
export function installLauncher(options: LauncherOptions): void {
  const { stateDir, version, runtime } = options;
  const dist = lastingProgram(options);
  const bin = path.join(stateDir, 'bin');
  const servers = path.join(stateDir, 'servers');
  for (const folder of [stateDir, bin, servers]) makePrivateFolder(folder);
  const record: InstalledServer = {
    version,
    server: path.join(dist, 'server.cjs'),
    runtime: runtime.program,
    electron: runtime.electron,
    installedAt: new Date(options.now()).toISOString(),
  };
  const file = path.join(servers, `${version}.json`);
  if (!sameRecord(file, record)) writeJson(file, record);
  removeForgotten(stateDir);

  const newest = installedServers(stateDir)[0];
  const lacks = [SCRIPT, ...(options.platform === 'win32' ? [] : [SHELL])].some((name) => !existsSync(path.join(bin, name)));
  const mine = newest?.version === version;
  if (mine || lacks) {
    writeIfDifferent(path.join(bin, SCRIPT), readFileSync(path.join(dist, SCRIPT), 'utf8'), 0o600);
    if (options.platform !== 'win32') writeIfDifferent(path.join(bin, SHELL), SHELL_SCRIPT, 0o700);
    writeIfDifferent(path.join(bin, WRITTEN_BY), `${version}\n`, 0o600);
  }
  rememberRuntime(bin, runtime);
}

/** What npx fetched lies in npm's cache, which is cleared without a word: it is copied, in place of what an earlier npx brought. */
function lastingProgram({ stateDir, dist, version }: LauncherOptions): string {
  if (!dist.split(path.sep).includes('_npx')) return dist;
  const folder = path.join(stateDir, PROGRAM);
  const target = path.join(folder, version);
  if (!existsSync(target)) {
    makePrivateFolder(folder);
    const copy = `${target}.${process.pid}`;
    cpSync(dist, copy, { recursive: true });
    renameSync(copy, target);
  }
  removeOwn(folder, (name) => name !== version && isProgram(folder, name));
  return target;
}

/** What Claude Code is told to start. On Windows a program of its own: neither a shell script nor a `.cmd` can be started safely there. */
export function launchCommand(stateDir: string, platform: NodeJS.Platform, runtime: Runtime): LaunchCommand {
  const bin = path.join(stateDir, 'bin');
  if (platform !== 'win32') return { command: path.join(bin, SHELL), args: [], env: {} };
  return { command: runtime.program, args: [path.join(bin, SCRIPT)], env: runtime.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {} };
}

/** Whether a registered command is the launcher: then it must be there, whatever else is known. A project's entry begins with `${HOME}`. */
export function startsLauncher(
  registered: Pick<LaunchCommand, 'command' | 'args'> | null,
  { stateDir, home }: { stateDir: string; home: string },
): boolean {
  const bin = path.join(stateDir, 'bin');
  const isOurs = (word: string) => path.dirname(word.replace('${HOME}', home)) === bin;
  return registered !== null && [registered.command, ...registered.args].some(isOurs);
}

export type LauncherState =
  | { readonly ok: true; readonly newest: InstalledServer; readonly versions: readonly string[]; readonly runtime: string | null }
  | { readonly ok: false; readonly problem: Message };

/** Whether what is registered would start, and what. */
export function launcherState(stateDir: string, platform: NodeJS.Platform): LauncherState {
  const bin = path.join(stateDir, 'bin');
  const missing = [SCRIPT, ...(platform === 'win32' ? [] : [SHELL])].filter((name) => !isFile(path.join(bin, name)));
  if (missing.length > 0) return { ok: false, problem: missingFiles(missing.map((name) => path.join(bin, name))) };
  const all = installedServers(stateDir);
  if (!all[0]) return { ok: false, problem: message('launcher.noServer') };
  return { ok: true, newest: all[0], versions: all.map(({ version }) => version), runtime: readRuntime(bin)?.program ?? null };
}

function missingFiles([file = '', other]: readonly string[]): Message {
  return other === undefined ? message('launcher.missing.one', { file }) : message('launcher.missing.two', { file, other });
}

/** Removes the launcher and all records; the delegations stay. */
export function removeLauncher(stateDir: string): void {
  const at = (name: string) => path.join(stateDir, name);
  removeOwn(at('bin'), (name) => [SHELL, SCRIPT, WRITTEN_BY, RUNTIME].includes(name.replace(DRAFT, '')));
  removeOwn(at('servers'), (name) => isRecord(name.replace(DRAFT, '')));
  removeOwn(at(PROGRAM), (name) => isProgram(at(PROGRAM), name));
}

/** What a write that was killed leaves beside the file. */
const DRAFT = /\.[0-9a-f]{12}\.new$/;

/** A Node that is still there is kept: VS Code's own program moves with its updates, and starts more slowly. */
function rememberRuntime(bin: string, runtime: Runtime): void {
  const known = readRuntime(bin);
  if (known && !known.electron && runtime.electron && isFile(known.program)) return;
  writeIfDifferent(path.join(bin, RUNTIME), `${runtime.electron ? 'electron' : 'node'}\n${runtime.program}\n`, 0o600);
}

function readRuntime(bin: string): Runtime | null {
  try {
    const [kind, program] = readFileSync(path.join(bin, RUNTIME), 'utf8').split('\n');
    return program ? { program, electron: kind === 'electron' } : null;
  } catch {
    return null;
  }
}

/** Records of servers that are gone (the extension was updated or removed) help nobody. */
function removeForgotten(stateDir: string): void {
  const folder = path.join(stateDir, 'servers');
  const present = new Set(installedServers(stateDir).map(({ version }) => `${version}.json`));
  for (const name of namesIn(folder))
    if (isRecord(name) && !present.has(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
}

const isRecord = (name: string) => /^\d+\.\d+\.\d.*\.json$/.test(name);

/** A copy of ours by its version, one that was broken off too. */
const isProgram = (folder: string, name: string) =>
  /^\d+\.\d+\.\d/.test(name) && [SCRIPT, 'server.cjs'].some((file) => existsSync(path.join(folder, name, file)));

function sameRecord(file: string, record: InstalledServer): boolean {
  try {
    const old = JSON.parse(readFileSync(file, 'utf8')) as InstalledServer;
    return old.server === record.server && old.runtime === record.runtime && old.electron === record.electron;
  } catch {
    return false;
  }
}

function writeIfDifferent(file: string, text: string, mode: number): void {
  const same = isFile(file) && readFileSync(file, 'utf8') === text;
  if (!same) writeWhole(file, text, mode);
  else if ((statSync(file).mode & 0o777) !== mode) chmodSync(file, mode);
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
